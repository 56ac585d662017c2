//! The tree of a YAML file, with the place of every key and value. This tree is checked and merged and has all places;
//! the typed document is made from it at the end.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Number, Value};

/// A byte range in one of the files of a run. Three words of 32 bits, because every key and value has one: files are
/// far below 4 GiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ByteRange {
    /// Which file: an index into the run's sources.
    pub(crate) file: u32,
    /// Offset of the first byte.
    pub(crate) start: u32,
    /// Offset after the last byte.
    pub(crate) end: u32,
}

/// A value and its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Node {
    /// The value's own bytes; for a collection only where it starts.
    pub(crate) at: ByteRange,
    pub(crate) body: NodeBody,
}

/// A key, its place, and its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MapEntry {
    pub(crate) key: Box<str>,
    pub(crate) key_at: ByteRange,
    pub(crate) value: Node,
}

/// The kinds of value YAML has under the core schema. Collections are shared: every policy has those that it takes over from
/// a baseline without a change.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum NodeBody {
    /// `null`, `~`, or nothing after the colon.
    #[default]
    Null,
    Switch(bool),
    Number(Number),
    /// Text, quoted or not.
    Text(Box<str>),
    List(Arc<[Node]>),
    /// A mapping, in the order of the file; a key may occur twice until `check` has refused it.
    Map(Arc<[MapEntry]>),
}

impl Node {
    /// The first entry with this key.
    pub(crate) fn entry(&self, key: &str) -> Option<&MapEntry> {
        match &self.body {
            NodeBody::Map(entries) => entries.iter().find(|entry| &*entry.key == key),
            _ => None,
        }
    }

    /// The value under this key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The same value without places, for the validator and the typed document. If a key occurs
    /// twice, the first counts.
    pub(crate) fn to_json(&self) -> Value {
        match &self.body {
            NodeBody::Null => Value::Null,
            NodeBody::Switch(value) => Value::Bool(*value),
            NodeBody::Number(number) => Value::Number(number.clone()),
            NodeBody::Text(text) => Value::String(text.to_string()),
            NodeBody::List(items) => Value::Array(items.iter().map(Self::to_json).collect()),
            NodeBody::Map(entries) => {
                let mut map = Map::new();
                for entry in &**entries {
                    map.entry(&*entry.key).or_insert_with(|| entry.value.to_json());
                }
                Value::Object(map)
            }
        }
    }

    /// Follows a JSON pointer as far as its nodes exist; the result says whether the last one exists.
    pub(crate) fn follow(&self, pointer: &str) -> PathMatch<'_> {
        let mut found = PathMatch { key: None, value: self, complete: true };
        for step in pointer.split('/').skip(1) {
            let step = unescaped(step);
            let next = match &found.value.body {
                NodeBody::Map(_) => found.value.entry(&step).map(|entry| (Some(entry), &entry.value)),
                NodeBody::List(items) => {
                    step.parse::<usize>().ok().and_then(|at| items.get(at)).map(|item| (None, item))
                }
                _ => None,
            };
            let Some((key, value)) = next else {
                return PathMatch { complete: false, ..found };
            };
            found = PathMatch { key, value, complete: true };
        }
        found
    }
}

/// A step of a JSON pointer without its escapes (RFC 6901).
fn unescaped(step: &str) -> Cow<'_, str> {
    if step.contains('~') { step.replace("~1", "/").replace("~0", "~").into() } else { step.into() }
}

/// The node that a JSON pointer leads to.
pub(crate) struct PathMatch<'a> {
    /// The entry whose value this is; `None` for the whole file and for the items of a list.
    pub(crate) key: Option<&'a MapEntry>,
    /// The value, or its nearest ancestor that exists.
    pub(crate) value: &'a Node,
    /// Whether the pointer's last step exists.
    pub(crate) complete: bool,
}

impl PathMatch<'_> {
    /// The bytes to show. A block collection and an absent value have none of their own: those of their key are used.
    pub(crate) fn span(&self) -> ByteRange {
        let at = self.value.at;
        match (&self.value.body, self.key) {
            _ if self.complete && at.start < at.end => at,
            (_, Some(key)) => key.key_at,
            (NodeBody::Map(entries), None) if self.complete => entries.first().map_or(at, |entry| entry.key_at),
            _ if self.complete => at,
            _ => ByteRange { start: at.start, end: at.start, ..at },
        }
    }
}
