//! Changes single values of a policy file at the places that the parser reports. Everything else is unchanged to the
//! byte, comments above all, because people write their reasons there.

mod block;
mod emit;
mod error;
mod flow;
mod text;

use serde_json::{Map, Value as Json};

use crate::policy::edit::emit::object;
pub(crate) use crate::policy::edit::error::EditError;
use crate::policy::edit::text::{Splice, Text, is_flow};
use crate::policy::tree::{MapEntry, Node, NodeBody};
use crate::policy::yaml;

/// One value to change.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// The keys that lead to it, as in `methods`, `required`; never empty.
    pub path: Vec<String>,
    /// The new value; `None` removes the key.
    pub value: Option<Json>,
}

/// The text with every edit made. New items of a list come after those that stay, in the order of the file.
///
/// A comment on a line of its own stays, also above a key or an item that is removed. With a key or an item, the
/// comments inside of it and the one at the end of its last line are removed.
///
/// # Errors
/// When the file cannot be edited in place, as with anchors or comments inside of a changed value. The result
///   is parsed again and compared with the intended content, so a returned text always has exactly this content.
pub fn edit(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let mut meant = yaml::parse(text, 0)?.to_json();
    let mut edited = text.to_owned();
    for Edit { path, value } in edits {
        let root = yaml::parse(&edited, 0).map_err(|_| EditError::Otherwise)?;
        let splices = splices(&Text(&edited), &root, path, value.as_ref())?;
        edited = text::apply(&edited, splices).ok_or(EditError::Otherwise)?;
        match value {
            Some(value) => put(&mut meant, path, value),
            None => take(&mut meant, path),
        }
    }
    let read = yaml::parse(&edited, 0).map_err(|_| EditError::Otherwise)?.to_json();
    if read == meant { Ok(edited) } else { Err(EditError::Otherwise) }
}

/// The text without sections that have no key left.
///
/// # Errors
/// When the text cannot be edited, as those of [`edit`].
pub(crate) fn without_empty_sections(text: &str) -> Result<String, EditError> {
    let mut text = text.to_owned();
    loop {
        let root = yaml::parse(&text, 0)?.to_json();
        let Some(path) = empty_section(&root) else { return Ok(text) };
        text = edit(&text, &[Edit { path, value: None }])?;
    }
}

/// The keys that lead to a section without keys.
fn empty_section(root: &Json) -> Option<Vec<String>> {
    root.as_object()?.iter().find_map(|(key, value)| match value {
        Json::Object(keys) if keys.is_empty() => Some(vec![key.clone()]),
        value => empty_section(value).map(|below| std::iter::once(key.clone()).chain(below).collect()),
    })
}

/// The changes of the text; empty if the file already has the value.
fn splices(text: &Text<'_>, root: &Node, path: &[String], value: Option<&Json>) -> Result<Vec<Splice>, EditError> {
    let (mut section, mut owner) = (root, None);
    let mut rest = path;
    while let Some((key, below)) = rest.split_first() {
        let Some(entry) = entries(text, section)?.iter().find(|entry| *entry.key == **key) else {
            let Some(value) = value else { return Ok(Vec::new()) };
            let value = below.iter().rev().fold(value.clone(), |value, key| object(key, value));
            let add = if is_flow(section) { flow::add } else { block::add };
            return add(text, section, key, &value);
        };
        if below.is_empty() {
            return match value {
                None if is_flow(section) => flow::remove(text, section, entry),
                None => block::remove(text, section, owner, entry),
                Some(value) => set(text, section, entry, value),
            };
        }
        (section, owner) = (&entry.value, Some(entry));
        rest = below;
    }
    Err(EditError::NotInPlace("no key leads to it"))
}

fn set(text: &Text<'_>, section: &Node, entry: &MapEntry, value: &Json) -> Result<Vec<Splice>, EditError> {
    match (entry.value.to_json(), value) {
        (old, new) if old == *new => Ok(Vec::new()),
        (Json::Array(old), Json::Array(new)) => {
            let stays: Vec<bool> = old.iter().map(|item| new.contains(item)).collect();
            let added: Vec<&Json> = new.iter().filter(|item| !old.contains(item)).collect();
            if is_flow(&entry.value) {
                flow::set_items(text, &entry.value, &stays, &added)
            } else {
                block::set_items(text, entry, &stays, &added)
            }
        }
        _ if is_flow(section) => flow::replace(text, entry, value),
        _ => block::replace(text, entry, value),
    }
}

/// The keys of a section on the way to the value.
fn entries<'a>(text: &Text<'_>, section: &'a Node) -> Result<&'a [MapEntry], EditError> {
    match &section.body {
        NodeBody::Map(_) if text.is_alias(section) => Err(EditError::NotInPlace("its section is an alias")),
        NodeBody::Map(entries) => Ok(entries),
        _ => Err(EditError::NotInPlace("its section is not a mapping of keys")),
    }
}

/// The items of a list in the order in which they come out: those that stay where they were, new ones after them.
fn in_order(old: &[Json], new: &[Json]) -> Vec<Json> {
    let stay = old.iter().filter(|item| new.contains(item));
    stay.chain(new.iter().filter(|item| !old.contains(item))).cloned().collect()
}

fn put(whole: &mut Json, path: &[String], value: &Json) {
    let mut at = whole;
    for key in path {
        let Json::Object(map) = at else { return };
        at = map.entry(key.as_str()).or_insert_with(|| Json::Object(Map::new()));
    }
    *at = match (&at, value) {
        (Json::Array(old), Json::Array(new)) => Json::Array(in_order(old, new)),
        _ => value.clone(),
    };
}

fn take(whole: &mut Json, path: &[String]) {
    let Some((key, above)) = path.split_last() else { return };
    let above = above.iter().try_fold(whole, |at, key| at.get_mut(key));
    if let Some(Json::Object(map)) = above {
        map.shift_remove(key);
    }
}
