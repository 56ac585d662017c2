//! What `explain` says of names that are no setting and no code: keys of files, words of results and of files, names in the
//! portal and in Microsoft Graph, and the terms of ARCHITECTURE.md. Each is read from the table that has it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::catalog;
use crate::catalog::methods::Configurations;
use crate::policy::document::Method;
use crate::policy::{located_tests, schema};
use crate::render::text::capital::capitalized;
use crate::render::text::style::{HEADING, paint};

/// The terms of the project, in the table of its section "Words".
const TERMS: &str = include_str!("../../../ARCHITECTURE.md");
/// How deep keys are followed; no file has more levels.
const DEEPEST: usize = 8;

/// A published schema with the name of its document in sentences.
#[derive(Clone, Debug)]
pub(crate) struct NamedSchema {
    /// What the document is, as in `a policy`.
    pub(crate) document: String,
    pub(crate) schema: Json,
}

/// A key of a file.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// Its path, with dots.
    pub(crate) path: String,
    /// What it is, in sentences.
    pub(crate) description: String,
    /// Labels with facts: where it is, its values, its default, an example.
    facts: Vec<(&'static str, String)>,
}

impl Key {
    /// All that is known of it.
    pub(crate) fn text(&self) -> String {
        let rows: Vec<_> = self.facts.iter().map(|(label, text)| format!("  {label:11}{text}")).collect();
        format!("{}\n\n{}\n\n{}\n", paint(HEADING, &self.path), self.description, rows.join("\n"))
    }
}

/// The settings that the portal, Microsoft Graph or the audit log calls so, whatever the case.
pub(crate) fn settings_called(name: &str) -> Vec<&'static str> {
    let is = |known: &str| known.eq_ignore_ascii_case(name) || last(known).eq_ignore_ascii_case(name);
    let rows = catalog::ALL.iter();
    let found = rows.filter(|row| {
        row.keys.iter().chain(row.audit_names).any(|known| is(known)) || row.portal.eq_ignore_ascii_case(name)
    });
    let mut found: Vec<_> = found.map(|row| row.name).collect();
    let of_methods = Method::ALL.iter().map(|method| method.spec()).any(|method| match method.configurations {
        Configurations::None => false,
        Configurations::Own(id) => is(id),
        Configurations::Shared(ids) => ids.iter().any(|id| is(id)),
    });
    if of_methods && !found.contains(&catalog::methods::ALLOWED.name) {
        found.push(catalog::methods::ALLOWED.name);
    }
    found
}

/// Every name that is known here, for suggestions.
pub(crate) fn names(files: &[NamedSchema], results: &[NamedSchema]) -> BTreeSet<String> {
    let keys = files.iter().flat_map(keys).flat_map(|key| [last(&key.path).to_owned(), key.path]);
    let words = files.iter().chain(results).flat_map(described_words).map(|(word, _)| word);
    let terms = terms().into_iter().map(|(term, _)| term);
    let others = catalog::ALL.iter().flat_map(|row| row.keys.iter().chain(row.audit_names).chain([&row.portal]));
    keys.chain(words).chain(terms).chain(others.map(|name| (*name).to_owned())).collect()
}

/// The keys with this path, or else those whose last part it is.
pub(crate) fn keys_of(name: &str, files: &[NamedSchema]) -> Vec<Key> {
    let all: Vec<_> = files.iter().flat_map(keys).collect();
    let of = |is: &dyn Fn(&str) -> bool| all.iter().filter(|key| is(&key.path)).cloned().collect::<Vec<_>>();
    let exact = of(&|path| path == name);
    if exact.is_empty() { of(&|path| last(path) == name) } else { exact }
}

fn facts(document: &str, root: &Json, node: &Json) -> Vec<(&'static str, String)> {
    let text = |json: &Json| json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    let default = node.get("default").map(&text);
    let examples = node.get("examples").and_then(Json::as_array).map(|all| all.iter().map(&text).collect::<Vec<_>>());
    let facts = [
        ("in", Some(document.to_owned())),
        ("values", Some(values(root, node))),
        ("default", default),
        ("example", examples.map(|examples| examples.join("; "))),
    ];
    facts.into_iter().filter_map(|(label, text)| Some((label, text?))).collect()
}

/// The values that a part of a schema takes, in words.
fn values(root: &Json, node: &Json) -> String {
    let names =
        |key: &str| node.get(key).and_then(Json::as_object).map(|keys| keys.keys().cloned().collect::<Vec<_>>());
    let kind = node.get("type").and_then(Json::as_str).unwrap_or_default();
    let known: Vec<_> = described(node).into_iter().map(|(word, _)| word).collect();
    let [min, max] = ["minimum", "maximum"].map(|key| node.get(key).filter(|bound| !bound.is_null()));
    match (kind, min, max) {
        _ if !known.is_empty() => format!("one of {}", known.join(", ")),
        ("boolean", ..) => "true or false".to_owned(),
        ("integer", Some(min), Some(max)) => format!("a whole number from {min} to {max}"),
        ("integer", ..) => "a whole number".to_owned(),
        ("number", ..) => "a number".to_owned(),
        ("array", ..) => match node.get("items").map(|items| values(root, resolve(root, items))) {
            Some(each) => format!("a list, each item {each}"),
            None => "a list".to_owned(),
        },
        ("string", ..) => "a text".to_owned(),
        _ => match names("properties") {
            Some(keys) if !keys.is_empty() => format!("with the keys {}", keys.join(", ")),
            Some(_) | None => "see `ssprctl schema`".to_owned(),
        },
    }
}

/// The keys of a file, each with its path, outer ones first.
pub(crate) fn keys(file: &NamedSchema) -> Vec<Key> {
    let mut found = Vec::new();
    collect(file, &file.schema, "", DEEPEST, &mut found);
    found
}

fn collect(file: &NamedSchema, node: &Json, path: &str, depth: usize, found: &mut Vec<Key>) {
    let root = &file.schema;
    let node = resolve(root, node);
    if depth == 0 {
        return;
    }
    for (name, child) in node.get("properties").and_then(Json::as_object).into_iter().flatten() {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let mut whole = resolve(root, child).clone();
        // What is written next to a reference is about this key, and comes before what it leads to.
        if let (Some(into), Some(own)) = (whole.as_object_mut(), child.as_object()) {
            into.extend(own.iter().filter(|(key, _)| *key != "$ref").map(|(key, value)| (key.clone(), value.clone())));
        }
        let description = whole.get("description").and_then(Json::as_str).unwrap_or_default().to_owned();
        let facts = facts(&file.document, root, &whole);
        found.push(Key { path: path.clone(), description, facts });
        collect(file, child, &path, depth - 1, found);
    }
    for inner in ["items", "additionalProperties"].iter().filter_map(|key| node.get(key)) {
        collect(file, inner, path, depth - 1, found);
    }
}

/// The words of results and files that are described, with this name: each description once, with the documents that have it.
pub(crate) fn words(name: &str, files: &[NamedSchema], results: &[NamedSchema]) -> Vec<String> {
    let mut found: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for schema in files.iter().chain(results) {
        for (_, description) in described_words(schema).into_iter().filter(|(word, _)| word == name) {
            let documents = found.entry(description).or_default();
            if !documents.contains(&schema.document.as_str()) {
                documents.push(&schema.document);
            }
        }
    }
    let text = |(description, documents): (String, Vec<&str>)| {
        format!("{}\n\n{description}\n\n  {:11}{}\n", paint(HEADING, name), "in", documents.join(", "))
    };
    found.into_iter().map(text).collect()
}

fn described_words(schema: &NamedSchema) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![&schema.schema];
    while let Some(node) = open.pop() {
        found.extend(described(node));
        match node {
            Json::Object(keys) => open.extend(keys.values()),
            Json::Array(items) => open.extend(items),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
        }
    }
    found
}

/// The words of one part of a schema that are listed with a description each.
fn described(node: &Json) -> Vec<(String, String)> {
    let one = |one: &Json| {
        let description = one.get("description").and_then(Json::as_str)?;
        let word = one.get("const")?;
        Some((word.as_str().map_or_else(|| word.to_string(), str::to_owned), description.to_owned()))
    };
    let listed = ["oneOf", "anyOf"].iter().filter_map(|key| node.get(key).and_then(Json::as_array));
    listed.flatten().filter_map(one).collect()
}

/// The meaning of a term, with it.
pub(crate) fn term(name: &str) -> Option<String> {
    let name = name.replace('-', " ");
    let (term, means) = terms().into_iter().find(|(term, _)| term.replace('-', " ").eq_ignore_ascii_case(&name))?;
    Some(format!("{}\n\n{means}\n\n  {:11}{}\n", paint(HEADING, &term), "in", "the terms of ARCHITECTURE.md"))
}

/// The terms in the table, in lower case; a row of several terms has as many meanings, divided alike.
pub(crate) fn terms() -> Vec<(String, String)> {
    let rows = TERMS.lines().skip_while(|line| *line != "## Words").take_while(|line| *line != "## Floors");
    let mut terms = Vec::new();
    for row in rows.filter_map(|line| line.strip_prefix("| **")) {
        let mut cells = row.split(" | ").map(|cell| cell.replace("**", ""));
        let (Some(names), Some(means)) = (cells.next(), cells.next()) else { continue };
        let parts = |text: &str| text.replace(" · ", " / ").split(" / ").map(str::to_owned).collect::<Vec<_>>();
        let (names, means) = (parts(&names.to_lowercase()), parts(&means));
        terms.extend(names.into_iter().zip(means).map(|(name, means)| (name, format!("{}.", capitalized(&means)))));
    }
    terms
}

fn last(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(_, last)| last)
}

fn resolve<'a>(root: &'a Json, node: &'a Json) -> &'a Json {
    let target = node.get("$ref").and_then(Json::as_str).and_then(|path| root.pointer(path.strip_prefix('#')?));
    target.unwrap_or(node)
}

/// The schemas of the files that people write, which this floor knows.
pub(crate) fn files() -> Vec<NamedSchema> {
    let named =
        |(document, text): (&str, &str)| NamedSchema { document: document.to_owned(), schema: schema::parse(text) };
    [
        ("a policy", schema::POLICY),
        ("ssprctl.yaml", schema::REPOSITORY),
        ("a file of policy tests", located_tests::TEST),
    ]
    .map(named)
    .into()
}
