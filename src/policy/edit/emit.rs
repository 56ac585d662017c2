//! New values as YAML: in brackets on one line, or in lines of their own.

use serde::Serialize;
use serde_json::{Map, Value as Json};
use serde_saphyr::{FlowMap, FlowSeq, SerializeError};

use crate::policy::edit::text::Text;
use crate::policy::write;

/// A value as it is written inside brackets.
pub(super) fn flow(value: &Json) -> Result<String, SerializeError> {
    let list = yaml(&FlowSeq([value]))?;
    Ok(inside(&list).to_owned())
}

/// A key and its value as they are written inside braces.
pub(super) fn flow_entry(key: &str, value: &Json) -> Result<String, SerializeError> {
    let map = yaml(&FlowMap(object(key, value.clone())))?;
    Ok(inside(&map).to_owned())
}

/// A value that follows a key on its line: anything but a list or mapping with content.
pub(super) fn inline(value: &Json) -> Result<String, SerializeError> {
    let entry = yaml(&object("k", value.clone()))?;
    Ok(entry.trim_start_matches("k:").trim().to_owned())
}

/// A key and its value in lines of their own, each with this indentation and a line break.
pub(super) fn block_entry(text: &Text<'_>, indent: &str, key: &str, value: &Json) -> Result<String, SerializeError> {
    Ok(lines(*text, indent, &yaml(&object(key, value.clone()))?))
}

/// A list or mapping in lines of its own, each with this indentation and a line break.
pub(super) fn block(text: &Text<'_>, indent: &str, value: &Json) -> Result<String, SerializeError> {
    Ok(lines(*text, indent, &yaml(value)?))
}

/// List items in lines of their own, each with this indentation and a line break.
pub(super) fn block_items(text: &Text<'_>, indent: &str, items: &[&Json]) -> Result<String, SerializeError> {
    Ok(if items.is_empty() { String::new() } else { lines(*text, indent, &yaml(&items)?) })
}

fn yaml(value: &impl Serialize) -> Result<String, SerializeError> {
    serde_saphyr::to_string_with_options(value, write::style())
}

/// No scalar is written over several lines, so every line can be indented.
fn lines(text: Text<'_>, indent: &str, yaml: &str) -> String {
    yaml.lines().flat_map(|line| [indent, line, text.newline()]).collect()
}

fn inside(brackets: &str) -> &str {
    let text = brackets.trim();
    text.get(1..text.len().saturating_sub(1)).unwrap_or_default()
}

/// A mapping of one key.
pub(super) fn object(key: &str, value: Json) -> Json {
    Json::Object(Map::from_iter([(key.to_owned(), value)]))
}
