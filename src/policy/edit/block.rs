//! Edits of keys and list items that have lines of their own.

use std::ops::Range;

use serde_json::{Map, Value as Json};

use crate::policy::edit::error::EditError;
use crate::policy::edit::text::{Splice, Text, has_anchor, is_flow};
use crate::policy::edit::{emit, flow};
use crate::policy::tree::{MapEntry, Node, NodeBody};

pub(super) fn replace(text: &Text<'_>, entry: &MapEntry, value: &Json) -> Result<Vec<Splice>, EditError> {
    let colon = colon(text, entry)?;
    let old = &entry.value;
    if is_collection(old) && !is_flow(old) {
        return replace_lines(text, entry, value);
    }
    let (start, end) = (old.at.start as usize, old.at.end as usize);
    let before = text.slice(colon..start);
    if before.trim_start().starts_with(['|', '>']) {
        return replace_block_scalar(text, entry, value);
    }
    if !has_lines(value) {
        let by = emit::inline(value)?;
        return match start == end {
            true => Ok(vec![Splice::insert(colon, format!(" {by}"))]),
            false => flow::replace_bytes(text, old, by),
        };
    }
    // A list or section goes below the key; the line of the old value has the key and a comment.
    if before.trim_start_matches([' ', '\t']).is_empty() && !text.slice(start..end).contains('\n') {
        flow::check_item(text, old)?;
        return Ok(vec![Splice::remove(colon..end.max(colon)), below(text, entry, text.line_end(end), value)?]);
    }
    flow::replace_bytes(text, old, emit::flow(value)?)
}

/// Adds a key after the others.
pub(super) fn add(text: &Text<'_>, map: &Node, key: &str, value: &Json) -> Result<Vec<Splice>, EditError> {
    let NodeBody::Map(entries) = &map.body else { return Err(EditError::Otherwise) };
    let last = entries.last().ok_or(EditError::Otherwise)?;
    let indent = indent(text, last.key_at.start as usize)?;
    let lines = emit::block_entry(text, indent, key, value)?;
    Ok(vec![insert_lines(text, text.block_end(text.entry_end(last), indent), lines)])
}

/// Removes a key with its value. A section that has no other becomes `{}`.
pub(super) fn remove(
    text: &Text<'_>,
    section: &Node,
    owner: Option<&MapEntry>,
    entry: &MapEntry,
) -> Result<Vec<Splice>, EditError> {
    let NodeBody::Map(entries) = &section.body else { return Err(EditError::Otherwise) };
    match (entries.len(), owner) {
        (1, Some(owner)) => replace_lines(text, owner, &Json::Object(Map::new())),
        (1, None) => Err(EditError::NotInPlace("it is the only key of the file")),
        _ => Ok(vec![remove_lines(text, entry.key_at.start as usize, text.entry_end(entry))?]),
    }
}

/// Removes the items that do not stay, and adds new ones below the last.
pub(super) fn set_items(
    text: &Text<'_>,
    entry: &MapEntry,
    stays: &[bool],
    added: &[&Json],
) -> Result<Vec<Splice>, EditError> {
    if added.is_empty() && !stays.contains(&true) {
        return replace_lines(text, entry, &Json::Array(Vec::new()));
    }
    let children = children(text, entry)?;
    let (first, last) = (children.first().ok_or(EditError::Otherwise)?, children.last().ok_or(EditError::Otherwise)?);
    let indent = indent(text, first.start)?;
    let lines = emit::block_items(text, indent, added)?;
    let removed = children.iter().zip(stays).filter(|(_, stays)| !**stays);
    let mut splices =
        removed.map(|(item, _)| remove_lines(text, item.start, item.end)).collect::<Result<Vec<_>, _>>()?;
    splices.push(insert_lines(text, text.block_end(last.end, indent), lines));
    Ok(splices)
}

/// Replaces a list or section and removes its lines; comments on lines of their own stay.
fn replace_lines(text: &Text<'_>, entry: &MapEntry, value: &Json) -> Result<Vec<Splice>, EditError> {
    let colon = colon(text, entry)?;
    let children = children(text, entry)?;
    let first = children.first().ok_or(EditError::Otherwise)?;
    if has_anchor(text.slice(colon..first.start)) {
        return Err(EditError::NotInPlace("its value has an anchor or a tag"));
    }
    let mut splices =
        children.iter().map(|child| remove_lines(text, child.start, child.end)).collect::<Result<Vec<_>, _>>()?;
    splices.push(if has_lines(value) {
        below(text, entry, text.line_start(first.start), value)?
    } else {
        Splice::insert(colon, format!(" {}", emit::inline(value)?))
    });
    Ok(splices)
}

/// The parser gives the place of a block scalar's content; `|` or `>` with its options is before it, on the line of the key.
fn replace_block_scalar(text: &Text<'_>, entry: &MapEntry, value: &Json) -> Result<Vec<Splice>, EditError> {
    let colon = colon(text, entry)?;
    let header = text.slice(colon..entry.value.at.start as usize);
    let blank = header.len() - header.trim_start().len();
    let length = header[blank..].find([' ', '\t', '\r', '\n']).unwrap_or(header.len() - blank);
    let content = text.line_end(colon)..text.end(&entry.value).max(text.line_end(colon));
    let header = colon..colon + blank + length;
    Ok(if has_lines(value) {
        vec![Splice::remove(header), below(text, entry, content.start, value)?, Splice::remove(content)]
    } else {
        let by = format!(" {}", emit::inline(value)?);
        vec![Splice { range: header, by }, Splice::remove(content)]
    })
}

/// A list or section in lines of its own below its key.
fn below(text: &Text<'_>, entry: &MapEntry, at: usize, value: &Json) -> Result<Splice, EditError> {
    let indent = format!("{}  ", indent(text, entry.key_at.start as usize)?);
    Ok(insert_lines(text, at, emit::block(text, &indent, value)?))
}

/// Where the items or keys of a block collection begin, dashes included, and where their values end.
fn children(text: &Text<'_>, entry: &MapEntry) -> Result<Vec<Range<usize>>, EditError> {
    match &entry.value.body {
        NodeBody::Map(entries) => {
            Ok(entries.iter().map(|entry| entry.key_at.start as usize..text.entry_end(entry)).collect())
        }
        NodeBody::List(items) => {
            let first = first_dash(text, colon(text, entry)?)?;
            let dash = format!("{}-", indent(text, first)?);
            let mut children: Vec<Range<usize>> = Vec::with_capacity(items.len());
            for item in &**items {
                let start = match children.last() {
                    None => first,
                    Some(before) => next_dash(text, &dash, text.line_end(before.end), item)?,
                };
                children.push(start..text.end(item).max(start + 1));
            }
            Ok(children)
        }
        NodeBody::Null | NodeBody::Switch(_) | NodeBody::Number(_) | NodeBody::Text(_) => Err(EditError::Otherwise),
    }
}

/// The first `-` below a key, behind blank lines and comments.
fn first_dash(text: &Text<'_>, colon: usize) -> Result<usize, EditError> {
    let mut at = colon;
    loop {
        let rest = text.slice(at..text.0.len());
        let blank = rest.len() - rest.trim_start().len();
        match rest[blank..].chars().next() {
            Some('-') => return Ok(at + blank),
            Some('#') => at = text.next_line(at + blank),
            _ => return Err(EditError::NotInPlace("its value has an anchor or a tag")),
        }
    }
}

/// The `-` of an item, behind the item before it: at the start of a line, in the column of the first.
fn next_dash(text: &Text<'_>, dash: &str, from: usize, item: &Node) -> Result<usize, EditError> {
    let mut line = from;
    while line <= item.at.start as usize && line < text.0.len() {
        if text.slice(line..text.0.len()).starts_with(dash) {
            return Ok(line + dash.len() - 1);
        }
        line = text.next_line(line);
    }
    Err(EditError::Otherwise)
}

fn colon(text: &Text<'_>, entry: &MapEntry) -> Result<usize, EditError> {
    text.after_colon(entry).ok_or(EditError::NotInPlace("its key is not followed by a colon"))
}

fn indent<'a>(text: &Text<'a>, at: usize) -> Result<&'a str, EditError> {
    text.indent(at).ok_or(EditError::NotInPlace("it does not begin its line"))
}

/// Whole lines, from the one with `start` to the one with `end`, and the deeper comments below them. At the end of a
/// file without a final line break, the line break before the removed lines is removed as well.
fn remove_lines(text: &Text<'_>, start: usize, end: usize) -> Result<Splice, EditError> {
    let (mut from, to) = (text.line_start(start), text.block_end(end, indent(text, start)?));
    if to == text.0.len() && !text.0.ends_with('\n') && text.slice(0..from).ends_with(text.newline()) {
        from -= text.newline().len();
    }
    Ok(Splice::remove(from..to))
}

/// Lines at the start of a line, or at the end of a file that ends without a line break.
fn insert_lines(text: &Text<'_>, at: usize, lines: String) -> Splice {
    if at == text.0.len() && !lines.is_empty() && !text.0.ends_with('\n') {
        return Splice::insert(at, format!("{}{}", text.newline(), lines.trim_end_matches(['\r', '\n'])));
    }
    Splice::insert(at, lines)
}

fn is_collection(node: &Node) -> bool {
    matches!(node.body, NodeBody::List(_) | NodeBody::Map(_))
}

/// Whether a value takes lines of its own, below its key.
fn has_lines(value: &Json) -> bool {
    match value {
        Json::Array(items) => !items.is_empty(),
        Json::Object(map) => !map.is_empty(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
    }
}
