//! Edits inside `[…]` and `{…}`. Between their values are only blanks, commas, comments, anchors and tags; the last three
//! are never removed.

use std::ops::Range;

use serde_json::Value as Json;

use crate::policy::edit::emit;
use crate::policy::edit::error::EditError;
use crate::policy::edit::text::{Splice, Text, has_anchor};
use crate::policy::tree::{MapEntry, Node, NodeBody};

pub(super) fn replace(text: &Text<'_>, entry: &MapEntry, value: &Json) -> Result<Vec<Splice>, EditError> {
    let by = emit::flow(value)?;
    if bytes(&entry.value).is_empty() {
        let colon = text.after_colon(entry).ok_or(EditError::NotInPlace("its key has no value"))?;
        return Ok(vec![Splice::insert(colon, format!(" {by}"))]);
    }
    replace_bytes(text, &entry.value, by)
}

/// Replaces the text of a value.
pub(super) fn replace_bytes(text: &Text<'_>, old: &Node, by: String) -> Result<Vec<Splice>, EditError> {
    check_item(text, old)?;
    Ok(vec![Splice { range: bytes(old), by }])
}

/// Adds a key after the others.
pub(super) fn add(text: &Text<'_>, map: &Node, key: &str, value: &Json) -> Result<Vec<Splice>, EditError> {
    let NodeBody::Map(entries) = &map.body else { return Err(EditError::Otherwise) };
    let entry = emit::flow_entry(key, value)?;
    Ok(vec![match entries.last() {
        Some(last) => Splice::insert(text.entry_end(last), format!(", {entry}")),
        None => Splice::insert(map.at.start as usize + 1, entry),
    }])
}

/// Removes a key with its value and one comma.
pub(super) fn remove(text: &Text<'_>, map: &Node, entry: &MapEntry) -> Result<Vec<Splice>, EditError> {
    let NodeBody::Map(entries) = &map.body else { return Err(EditError::Otherwise) };
    check_item(text, &entry.value)?;
    check_gap(text, text.after_colon(entry).unwrap_or(entry.key_at.end as usize)..entry.value.at.start as usize)?;
    let spans: Vec<_> = entries.iter().map(|entry| entry.key_at.start as usize..text.entry_end(entry)).collect();
    let stays: Vec<_> = entries.iter().map(|other| !std::ptr::eq(other, entry)).collect();
    removals(text, map, &spans, &stays)
}

/// Removes the items that do not stay, and adds new ones after those that do.
pub(super) fn set_items(
    text: &Text<'_>,
    list: &Node,
    stays: &[bool],
    added: &[&Json],
) -> Result<Vec<Splice>, EditError> {
    let NodeBody::List(items) = &list.body else { return Err(EditError::Otherwise) };
    if text.is_alias(list) {
        return Err(EditError::NotInPlace("its value is an alias"));
    }
    for (item, _) in items.iter().zip(stays).filter(|(_, stays)| !**stays) {
        check_item(text, item)?;
    }
    let spans: Vec<_> = items.iter().map(bytes).collect();
    let mut splices = removals(text, list, &spans, stays)?;
    if !added.is_empty() {
        let added = added.iter().map(|item| emit::flow(item)).collect::<Result<Vec<_>, _>>()?.join(", ");
        splices.push(match stays.iter().rposition(|stays| *stays).and_then(|last| spans.get(last)) {
            Some(last) => Splice::insert(last.end, format!(", {added}")),
            None => Splice::insert(list.at.start as usize + 1, added),
        });
    }
    Ok(splices)
}

/// Removes each run of values that do not stay, together with the commas before it, or after it if
/// nothing before it stays.
fn removals(
    text: &Text<'_>,
    collection: &Node,
    spans: &[Range<usize>],
    stays: &[bool],
) -> Result<Vec<Splice>, EditError> {
    let (open, close) = (collection.at.start as usize + 1, collection.at.end as usize - 1);
    let mut splices = Vec::new();
    let mut index = 0;
    while index < spans.len() {
        let run = stays[index..].iter().take_while(|stays| !**stays).count();
        if run == 0 {
            index += 1;
            continue;
        }
        let next = spans.get(index + run);
        let range = match (index.checked_sub(1).and_then(|before| spans.get(before)), next) {
            (Some(before), _) => before.end..spans[index + run - 1].end,
            (None, Some(next)) => spans[index].start..next.start,
            (None, None) => open..close,
        };
        if index == 0 && has_anchor(text.slice(open..range.start)) {
            // The anchor would become that of the next value.
            return Err(EditError::NotInPlace("its value has an anchor or a tag"));
        }
        let mut from = range.start;
        for span in &spans[index..index + run] {
            check_gap(text, from..span.start)?;
            from = span.end;
        }
        check_gap(text, from..range.end)?;
        splices.push(Splice::remove(range));
        index += run;
    }
    Ok(splices)
}

/// Refuses a removal that would also remove a comment, an anchor or a tag.
fn check_gap(text: &Text<'_>, gap: Range<usize>) -> Result<(), EditError> {
    match text.slice(gap).bytes().find(|byte| matches!(byte, b'#' | b'&' | b'!')) {
        Some(b'#') => Err(EditError::NotInPlace("what would change contains a comment")),
        Some(_) => Err(EditError::NotInPlace("what would change contains an anchor or a tag")),
        None => Ok(()),
    }
}

/// A list or mapping in brackets that is removed or replaced must have no comment, anchor or tag in it.
pub(super) fn check_item(text: &Text<'_>, item: &Node) -> Result<(), EditError> {
    let mut from = item.at.start as usize;
    match &item.body {
        _ if text.is_alias(item) => return Ok(()),
        NodeBody::List(items) => {
            for item in &**items {
                check_gap(text, from..item.at.start as usize)?;
                check_item(text, item)?;
                from = item.at.end as usize;
            }
        }
        NodeBody::Map(entries) => {
            for MapEntry { key_at, value, .. } in &**entries {
                check_gap(text, from..key_at.start as usize)?;
                check_gap(text, key_at.end as usize..value.at.start as usize)?;
                check_item(text, value)?;
                from = value.at.end.max(key_at.end) as usize;
            }
        }
        NodeBody::Null | NodeBody::Switch(_) | NodeBody::Number(_) | NodeBody::Text(_) => return Ok(()),
    }
    check_gap(text, from..item.at.end as usize)
}

fn bytes(node: &Node) -> Range<usize> {
    node.at.start as usize..node.at.end as usize
}
