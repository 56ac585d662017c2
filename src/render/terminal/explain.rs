//! Settings, finding codes and every other name in words: `explain`, and the pages made from it.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value as Json;

use crate::catalog;
use crate::catalog::setting::{Setting, ValueKind};
use crate::policy::{schema, suggest};
use crate::render::codes;
use crate::render::codes::CodeEntry;
use crate::render::terminal::words::{self, NamedSchema};
use crate::render::text::style::{HEADING, paint};

/// The list of settings, codes, other keys and terms that can be explained.
#[must_use]
pub(crate) fn list() -> String {
    let settings = catalog::ALL.iter().map(|setting| format!("  {:40}{}", setting.name, setting.portal));
    let codes = codes::entries();
    let codes = codes.iter().map(|entry| format!("  {:40}{}", entry.code, first_sentence(entry.means)));
    let line = |name: &str, text: &str| format!("  {name:39} {}", first_sentence(text)).trim_end().to_owned();
    let heading = |title: &str| [String::new(), paint(HEADING, title)];
    let mut lines: Vec<String> = [paint(HEADING, "Settings")].into_iter().chain(settings).collect();
    lines.extend(heading("Codes").into_iter().chain(codes));
    for file in words::files() {
        // The keys below these two are the codes and the dates of the calendar.
        let keys = words::keys(&file).into_iter().filter(|key| {
            catalog::find(&key.path).is_none() && !["rules.", "calendar."].iter().any(|list| key.path.starts_with(list))
        });
        lines.extend(heading(&format!("Keys of {}", file.document)));
        lines.extend(keys.map(|key| line(&key.path, &key.description)));
    }
    lines.extend(heading("Terms"));
    lines.extend(words::terms().iter().map(|(term, means)| line(term, means)));
    lines.join("\n") + OTHERS
}

/// What ends the list.
const OTHERS: &str = "

The words of results and files are explained as well, such as `answer-lost`, and what the portal, Microsoft Graph and \
the audit log call a setting.
";

/// Everything that is called `name`: a setting, a section, a code, a key, a word of a result, a term, or another name of a
/// setting; `None` where nothing is. A space is as good as a hyphen.
#[must_use]
pub(crate) fn everything(name: &str, results: &[NamedSchema]) -> Option<String> {
    let files = words::files();
    let name = name.trim();
    let spellings = BTreeSet::from([name.to_owned(), name.replace(' ', "-"), name.replace('-', " ")]);
    let mut texts: Vec<String> = words::term(name).into_iter().collect();
    texts.extend(spellings.iter().flat_map(|name| called(name, &files, results)));
    let mut seen = HashSet::new();
    texts.retain(|text| seen.insert(text.clone()));
    (!texts.is_empty()).then(|| texts.join("\n"))
}

/// What has exactly this name, without the terms.
fn called(name: &str, files: &[NamedSchema], results: &[NamedSchema]) -> Vec<String> {
    let mut texts: Vec<String> = setting(name).or_else(|| section(name, files)).into_iter().collect();
    let is_key = !texts.is_empty();
    texts.extend(code(name));
    if !is_key {
        let keys = words::keys_of(name, files);
        texts.extend(keys.iter().map(|key| setting(&key.path).unwrap_or_else(|| key.text())));
    }
    texts.extend(words::words(name, files, results));
    if !is_key {
        let called = words::settings_called(name).into_iter().filter_map(setting);
        texts.extend(called);
    }
    texts
}

/// A setting: its meaning, values, default, name in the portal, place in the tenant, and the source of these facts.
#[must_use]
pub(crate) fn setting(name: &str) -> Option<String> {
    let setting = catalog::find(name)?;
    let default = if setting.default.is_empty() { "depends on the tenant" } else { setting.default };
    let rows = [
        ("values", values(setting.kind)),
        ("default", default.to_owned()),
        ("portal", format!("{}: {}", setting.page.menu(), setting.portal)),
        ("stored in", format!("{} ({})", setting.surface.name(), setting.keys.join(", "))),
        ("source", setting.source.to_owned()),
    ];
    let rows: Vec<_> = rows.iter().map(|(label, text)| format!("  {label:11}{text}")).collect();
    Some(format!("{}\n\n{}\n\n{}\n", paint(HEADING, name), description(setting), rows.join("\n")))
}

/// Every setting of a section of the policy, such as `methods`, then its other keys.
#[must_use]
fn section(name: &str, files: &[NamedSchema]) -> Option<String> {
    let inside = |path: &str| path.split_once('.').is_some_and(|(section, _)| section == name);
    let settings = catalog::ALL.iter().filter(|setting| inside(setting.name));
    let settings: Vec<_> = settings.filter_map(|known| setting(known.name)).collect();
    let holds_settings = |path: &str| catalog::ALL.iter().any(|setting| setting.name.starts_with(path));
    let keys = files.iter().take(1).flat_map(words::keys);
    let keys = keys.filter(|key| inside(&key.path) && key.path.matches('.').count() == 1 && !holds_settings(&key.path));
    let others: Vec<_> = keys.map(|key| key.text()).collect();
    (!settings.is_empty()).then(|| [settings, others].concat().join("\n"))
}

/// Every setting, code, key, word and term that [`everything`] explains and that is one word.
pub(crate) fn names(results: &[NamedSchema]) -> Vec<String> {
    let mut names = words::names(&words::files(), results);
    names.extend(catalog::ALL.iter().map(|setting| setting.name.to_owned()));
    names.extend(codes::entries().into_iter().map(|entry| entry.code.to_owned()));
    names.into_iter().filter(|name| !name.contains(' ')).collect()
}

/// The name that somebody who wrote `name` probably meant; of several that are as near, a setting or a code.
#[must_use]
pub(crate) fn nearest(name: &str, results: &[NamedSchema]) -> Option<String> {
    let settings = catalog::ALL.iter().map(|setting| setting.name);
    let first = settings.chain(codes::entries().into_iter().map(|entry| entry.code));
    let others = words::names(&words::files(), results);
    suggest::nearest(name, first.chain(others.iter().map(String::as_str))).map(str::to_owned)
}

/// A finding code: what it means and what to do.
#[must_use]
pub fn code(name: &str) -> Option<String> {
    let entry = codes::find(name)?;
    let rows: Vec<_> = entry.facts().iter().map(|(label, text)| format!("  {label:10}{text}")).collect();
    let example = |title: &str, text: &str| format!("\n{title}\n\n{}\n", indent(text));
    let broken = entry.broken.map(|text| example("Breaks it:", text)).unwrap_or_default();
    let fixed = entry.rule.map(|rule| example("Follows it:", rule.fixed)).unwrap_or_default();
    let CodeEntry { means, fix, rule, .. } = entry;
    let means = if rule.is_some() { format!("The rule asks for this: {means}") } else { means.to_owned() };
    Some(format!("{}\n\n{means}\n\n{fix}\n\n{}\n{broken}{fixed}", paint(HEADING, name), rows.join("\n")))
}

/// What a setting means: the description of its key in the policy's schema, so that editors and this say the same.
#[must_use]
pub fn description(setting: &Setting) -> String {
    let schema = schema::parse(schema::POLICY);
    let mut node = Some(&schema);
    for key in setting.name.split('.') {
        node = node.map(|node| resolve(&schema, node)).and_then(|node| node.pointer(&format!("/properties/{key}")));
    }
    node.and_then(|node| node.get("description")).and_then(Json::as_str).unwrap_or_default().to_owned()
}

fn resolve<'a>(schema: &'a Json, node: &'a Json) -> &'a Json {
    let target = node.get("$ref").and_then(Json::as_str).and_then(|path| schema.pointer(path.strip_prefix('#')?));
    target.unwrap_or(node)
}

/// The values that a kind of setting takes, in words.
#[must_use]
pub(crate) fn values(kind: ValueKind) -> String {
    match kind {
        ValueKind::Switch => "true or false".to_owned(),
        ValueKind::Number { min, max } => format!("a whole number from {min} to {max}"),
        ValueKind::Choice(words) => format!("one of {}", words.join(", ")),
        ValueKind::Words(words) => format!("any of {}", words.join(", ")),
        ValueKind::Questions => "a list of `predefined:` and `custom:` questions".to_owned(),
        ValueKind::Group => "the display name or object id of one security group".to_owned(),
        ValueKind::Groups => "a list of groups, each by display name or object id".to_owned(),
        ValueKind::Locations => "a list of named locations, each by display name or id, or allTrusted".to_owned(),
        ValueKind::Link => "an http or https address, an e-mail address, or none".to_owned(),
    }
}

/// The first of several sentences, without its full stop.
pub(crate) fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
