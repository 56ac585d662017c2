//! Changes single values of a policy file. Everything else stays as it is, comments above all: people's reasons stand there.

use serde_json::{Map, Value as Json};
use thiserror::Error;
use yaml_serde::Value as Yaml;
use yamlpatch::{Op, Patch, Style};
use yamlpath::{Component, Document, Route};

use crate::policy::yaml;

/// One value to change.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// The keys that lead to it, as in `methods`, `required`; never empty.
    pub path: Vec<String>,
    /// What it says from now on; `None` takes the key out.
    pub value: Option<Json>,
}

/// Why a file could not be changed; its text is as it was.
#[derive(Debug, Error)]
pub enum NotEdited {
    /// The file is no YAML, or of a shape that cannot be followed.
    #[error("the file cannot be followed: {0}")]
    Unreadable(#[from] yamlpath::QueryError),
    /// The way the file is written leaves no way to change it in place.
    #[error("it is written in a way that cannot be changed in place: {0}")]
    Unpatchable(#[from] yamlpatch::Error),
    /// A value has no form in YAML.
    #[error("the new value cannot be written: {0}")]
    Unwritable(#[from] yaml_serde::Error),
    /// What came out does not say what it should, so it is not used.
    #[error("changing it in place would say something else than is meant")]
    Otherwise,
}

/// The text with every edit made.
///
/// # Errors
/// When the file is written in a way that leaves no room for it, as with anchors across what changes. The result is read
/// again and compared with what was meant, so that a text that comes back says exactly that.
pub fn edit(text: &str, edits: &[Edit]) -> Result<String, NotEdited> {
    let read = |text: &str| yaml::parse(text, 0).map(|node| node.to_json()).map_err(|_| NotEdited::Otherwise);
    let mut meant = read(text)?;
    let mut document = Document::new(text)?;
    for Edit { path, value } in edits {
        match value {
            Some(value) => {
                document = set(document, &meant, path, value)?;
                put(&mut meant, path, value);
            }
            None => {
                if meant.pointer(&pointer(path)).is_some() {
                    document = patched(&document, route(path), Op::Remove)?;
                }
                take(&mut meant, path);
            }
        }
    }
    let edited = document.source().to_owned();
    if read(&edited)? == meant { Ok(edited) } else { Err(NotEdited::Otherwise) }
}

fn set(document: Document, now: &Json, path: &[String], value: &Json) -> Result<Document, NotEdited> {
    match (now.pointer(&pointer(path)), value) {
        (Some(old), new) if old == new => Ok(document),
        (Some(Json::Array(old)), Json::Array(new)) => set_list(document, path, old, new),
        (Some(_), _) => replace(&document, path, &yaml_serde::to_value(value)?),
        (None, _) => add(&document, now, path, value),
    }
}

fn replace(document: &Document, path: &[String], value: &Yaml) -> Result<Document, NotEdited> {
    let above = path.split_last().map(|(_, above)| route(above)).unwrap_or_default();
    let inside =
        yamlpatch::route_to_feature_exact(&above, document)?.map(|above| Style::from_feature(&above, document));
    match inside {
        Some(Style::FlowMapping | Style::MultilineFlowMapping) => rewrite(document, route(path), value),
        _ => patched(document, route(path), Op::Replace(value.clone())),
    }
}

/// Puts a value in the place of the text of another, on one line.
fn rewrite(document: &Document, here: Route<'_>, value: &Yaml) -> Result<Document, NotEdited> {
    let feature = yamlpatch::route_to_feature_exact(&here, document)?.ok_or(NotEdited::Otherwise)?;
    let written = document.extract(&feature);
    if written.contains('#') {
        // A comment could be in it.
        return Err(NotEdited::Otherwise);
    }
    let to = yamlpatch::serialize_flow(value)?.into();
    patched(document, here, Op::RewriteFragment { from: subfeature::Subfeature::new(0, written), to })
}

/// Keeps the items that stay, with their comments, where each has a line of its own.
fn set_list(document: Document, path: &[String], old: &[Json], new: &[Json]) -> Result<Document, NotEdited> {
    let here = route(path);
    let whole = yaml_serde::to_value(in_order(old, new))?;
    let written = yamlpatch::route_to_feature_exact(&here, &document)?.ok_or(NotEdited::Otherwise)?;
    if Style::from_feature(&written, &document) != Style::BlockSequence {
        return rewrite(&document, here, &whole);
    }
    if new.is_empty() {
        // A block list cannot be empty; what was said about its items goes with them.
        let (key, above) = path.split_last().ok_or(NotEdited::Otherwise)?;
        let document = patched(&document, here, Op::Remove)?;
        return patched(&document, route(above), Op::Add { key: key.clone(), value: whole });
    }
    let mut document = document;
    // New ones first, so that the list is never empty.
    for item in new.iter().filter(|item| !old.contains(item)) {
        document = patched(&document, here.clone(), Op::Append { value: yaml_serde::to_value(item)? })?;
    }
    for (index, _) in old.iter().enumerate().rev().filter(|(_, item)| !new.contains(item)) {
        document = patched(&document, here.with_key(index), Op::Remove)?;
    }
    Ok(document)
}

/// A key that is not there yet, with the sections that lead to it.
fn add(document: &Document, now: &Json, path: &[String], value: &Json) -> Result<Document, NotEdited> {
    let there = (1..path.len()).take_while(|length| now.pointer(&pointer(&path[..*length])).is_some()).count();
    let (above, missing) = path.split_at(there);
    let Some((key, below)) = missing.split_first() else { return Err(NotEdited::Otherwise) };
    let value =
        below.iter().rev().fold(value.clone(), |value, key| Json::Object(Map::from_iter([(key.clone(), value)])));
    let value: Yaml = yaml_serde::to_value(value)?;
    patched(document, route(above), Op::Add { key: key.clone(), value })
}

fn patched<'a>(document: &Document, route: Route<'a>, operation: Op<'a>) -> Result<Document, NotEdited> {
    Ok(yamlpatch::apply_yaml_patches(document, &[Patch { route, operation }])?)
}

fn route(path: &[String]) -> Route<'_> {
    Route::from(path.iter().map(|key| Component::from(key.as_str())).collect::<Vec<_>>())
}

fn pointer(path: &[String]) -> String {
    path.iter().map(|key| format!("/{key}")).collect()
}

/// The items of a list in the order in which they come out: those that stay where they were, new ones after them.
fn in_order(old: &[Json], new: &[Json]) -> Vec<Json> {
    let stay = old.iter().filter(|item| new.contains(item));
    stay.chain(new.iter().filter(|item| !old.contains(item))).cloned().collect()
}

fn put(whole: &mut Json, path: &[String], value: &Json) {
    let mut at = whole;
    for key in path {
        if !at.is_object() {
            *at = Json::Object(Map::new());
        }
        let Json::Object(map) = at else { return };
        at = map.entry(key.as_str()).or_insert(Json::Null);
    }
    *at = match (&at, value) {
        (Json::Array(old), Json::Array(new)) => Json::Array(in_order(old, new)),
        _ => value.clone(),
    };
}

fn take(whole: &mut Json, path: &[String]) {
    let Some((key, above)) = path.split_last() else { return };
    if let Some(Json::Object(map)) = whole.pointer_mut(&pointer(above)) {
        map.shift_remove(key);
    }
}
