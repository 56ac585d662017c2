//! What a write does to a document, by the simulation's own rules and not by those of the program.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use ssprctl::testing::tenant::document::Document;
use ssprctl::testing::tenant::surface::{Surface, WriteMode};

use super::documents::Content;

/// Values by the path to them: a key, or `key.member` where a document consists of objects.
pub(crate) type Leaves = BTreeMap<String, Value>;

/// Whether the values of a document are objects whose members are written each for itself.
fn is_nested(surface: Surface) -> bool {
    match surface.spec().write_mode {
        WriteMode::PerEntry | WriteMode::ManagedObject => true,
        WriteMode::Replace | WriteMode::PerKey | WriteMode::Patch => false,
    }
}

/// The values of a document that somebody can change; what the service itself counts and dates is not among them.
pub(crate) fn leaves(surface: Surface, content: &Content) -> Leaves {
    let volatile = surface.spec().volatile_keys;
    let mut leaves = Leaves::new();
    for (key, value) in content {
        if volatile.contains(&key.as_str()) || key.starts_with("ssprctl.") {
            continue;
        }
        match value {
            Value::Object(members) if is_nested(surface) => {
                leaves.extend(members.iter().map(|(name, value)| (format!("{key}.{name}"), value.clone())));
            }
            value => {
                leaves.insert(key.clone(), value.clone());
            }
        }
    }
    leaves
}

/// The values that a body asks for, of a document that was `before`.
pub(crate) fn asked(surface: Surface, before: &Content, body: &Content) -> Leaves {
    match surface.spec().write_mode {
        WriteMode::Replace => {
            let old = leaves(surface, before);
            leaves(surface, body).into_iter().filter(|(path, value)| old.get(path) != Some(value)).collect()
        }
        WriteMode::PerKey | WriteMode::Patch => {
            leaves(surface, body).into_iter().map(|(key, value)| (spelled(before, &key), value)).collect()
        }
        WriteMode::PerEntry => {
            let id = body.get("id").and_then(Value::as_str).unwrap_or_default();
            let keys = body.iter().filter(|(key, _)| !["id", "@odata.type"].contains(&key.as_str()));
            keys.map(|(key, value)| (format!("{id}.{key}"), value.clone())).collect()
        }
        WriteMode::ManagedObject => {
            let mut asked = leaves(surface, body);
            asked.retain(|path, _| !["id", "@odata.type", "displayName"].contains(&path.as_str()));
            asked
        }
    }
}

/// A key as a document spells it: the services compare keys without case.
fn spelled(content: &Content, key: &str) -> String {
    content.keys().find(|known| known.eq_ignore_ascii_case(key)).map_or(key, String::as_str).to_owned()
}

/// Whether a document has all of these values.
pub(crate) fn shows(leaves: &Leaves, asked: &Leaves) -> bool {
    asked.iter().all(|(path, value)| leaves.get(path) == Some(value))
}

/// The content after a write of `body`; with `part`, only the first of the values that it changes are taken.
pub(crate) fn written(surface: Surface, old: &Content, body: &Content, part: bool, number: usize) -> Content {
    let mut new = old.clone();
    let stamp = json!(format!("write {number}"));
    match surface.spec().write_mode {
        WriteMode::Replace => {
            new.clone_from(body);
            if part {
                let changed = asked(surface, old, body);
                for path in changed.keys().skip(1) {
                    new[path] = old.get(path).cloned().unwrap_or_default();
                }
            }
        }
        WriteMode::PerKey | WriteMode::Patch => {
            let taken = body.iter().take(if part { 1 } else { usize::MAX });
            new.extend(taken.map(|(key, value)| (spelled(old, key), value.clone())));
        }
        WriteMode::PerEntry => {
            let id = body.get("id").and_then(Value::as_str).unwrap_or_default();
            if let Some(Value::Object(entry)) = new.get_mut(id) {
                let taken = body.iter().filter(|(key, _)| !["id", "@odata.type"].contains(&key.as_str()));
                let taken = taken.take(if part { 1 } else { usize::MAX });
                entry.extend(taken.map(|(key, value)| (key.clone(), value.clone())));
            }
            new.insert("lastModifiedDateTime".to_owned(), stamp);
        }
        WriteMode::ManagedObject => return object_written(surface, new, body, part, number),
    }
    new
}

fn object_written(surface: Surface, old: Content, body: &Content, part: bool, number: usize) -> Content {
    let is_new = !old.contains_key("id");
    let mut new = Content::new();
    if is_new {
        // A request that names an object which does not exist is refused before.
        new.insert("id".to_owned(), json!(format!("55bc0001-0fff-4000-8000-{number:012}")));
        if surface == Surface::DeviceConfiguration {
            new.insert("assignments".to_owned(), json!([]));
            new.insert("version".to_owned(), json!(1));
        } else {
            new.insert("sessionControls".to_owned(), Value::Null);
        }
    }
    new.extend(old);
    let mut taken = 0;
    for (key, value) in body.iter().filter(|(key, _)| *key != "id") {
        let counts = !["@odata.type", "displayName"].contains(&key.as_str());
        if part && !is_new && counts && taken > 0 {
            continue;
        }
        taken += usize::from(counts);
        match (new.get_mut(key), value) {
            (Some(Value::Object(members)), Value::Object(changed)) => members.extend(changed.clone()),
            _ => {
                new.insert(key.clone(), value.clone());
            }
        }
    }
    let stamp = json!(format!("write {number}"));
    let key = if surface == Surface::DeviceConfiguration { "lastModifiedDateTime" } else { "modifiedDateTime" };
    new.insert(key.to_owned(), stamp);
    new
}

/// A document of the program with this content.
pub(crate) fn document(content: &Content) -> Document {
    // Every object is a document.
    serde_json::to_string(content).ok().and_then(|text| Document::parse(&text).ok()).unwrap_or_default()
}

/// The content of a document of the program.
pub(crate) fn content(document: &Document) -> Content {
    serde_json::to_value(document).ok().and_then(|value| value.as_object().cloned()).unwrap_or_default()
}
