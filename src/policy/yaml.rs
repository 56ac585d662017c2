//! Parses YAML text to a tree. YAML 1.2: `no`, `on` and `yes` are texts, `017` is not octal, there are no merge keys.
//! Everything is bounded, so that no text can exhaust the stack, the memory or the time.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};
use serde_saphyr::{Location, NonFiniteFloatPolicy, Options, Spanned};

use crate::policy::tree::{ByteRange, MapEntry, Node, NodeBody};

/// The most levels of nested mappings and lists.
pub(crate) const MAX_DEPTH: usize = 64;
/// The most values in one file. The largest sensible policy has a hundred.
pub(crate) const MAX_NODES: usize = 20_000;
/// The most values that the aliases of one file expand to.
pub(crate) const MAX_EXPANDED: usize = 10_000;
/// The most anchors in one file.
pub(crate) const MAX_ANCHORS: usize = 64;
/// The most aliases in one file.
pub(crate) const MAX_ALIASES: usize = 256;

/// Reads one document. A file of comments alone is an empty null value.
pub(crate) fn parse(text: &str, file: u32) -> Result<Node, serde_saphyr::Error> {
    let raw: Raw = serde_saphyr::from_str_with_options(text, options())?;
    Ok(Places { text, file }.node(raw))
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            max_nodes: MAX_NODES,
            max_anchors: MAX_ANCHORS,
            max_aliases: MAX_ALIASES,
            max_documents: 2,
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MAX_EXPANDED },
        // Duplicate keys are allowed here, so that each of them becomes a finding of its own.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        strict_booleans: true,
        legacy_octal_numbers: false,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        non_finite_float_policy: NonFiniteFloatPolicy::Reject,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

/// A value as the parser returns it, with the parser's places.
struct Raw(Spanned<RawBody>);

enum RawBody {
    Scalar(NodeBody),
    List(Vec<Raw>),
    Map(Vec<(Spanned<String>, Raw)>),
}

/// Converts the parser's places to ours.
struct Places<'a> {
    text: &'a str,
    file: u32,
}

impl Places<'_> {
    fn node(&self, raw: Raw) -> Node {
        let mut at = place(raw.0.referenced, self.file);
        let body = match raw.0.value {
            RawBody::Scalar(body) => body,
            RawBody::List(items) => NodeBody::List(items.into_iter().map(|item| self.node(item)).collect()),
            RawBody::Map(entries) => {
                NodeBody::Map(entries.into_iter().map(|(key, value)| self.entry(key, value)).collect())
            }
        };
        at.end = self.closing(at, &body).unwrap_or(at.end);
        Node { at, body }
    }

    fn entry(&self, key: Spanned<String>, value: Raw) -> MapEntry {
        let key_at = place(key.referenced, self.file);
        MapEntry { key_at, key: key.value.into_boxed_str(), value: self.node(value) }
    }

    /// Finds the closing bracket, because the parser gives only the place of `[` and `{`. After the last item there are
    /// only blanks, commas and comments.
    fn closing(&self, at: ByteRange, body: &NodeBody) -> Option<u32> {
        let open = *self.text.as_bytes().get(at.start as usize)?;
        let (close, last) = match (open, body) {
            (b'[', NodeBody::List(items)) => (b']', items.last().map(|item| item.at.end)),
            (b'{', NodeBody::Map(entries)) => {
                (b'}', entries.last().map(|entry| entry.value.at.end.max(entry.key_at.end)))
            }
            _ => return None,
        };
        let from = last.unwrap_or_default().max(at.end);
        let mut comment = false;
        let found = self.text.as_bytes().get(from as usize..)?.iter().position(|byte| {
            comment = if comment { *byte != b'\n' } else { *byte == b'#' };
            !comment && *byte == close
        })?;
        from.checked_add(u32::try_from(found).ok()?)?.checked_add(1)
    }
}

/// The byte range of the parser's place; the parser counts a byte order mark as bytes of the text.
pub(crate) fn place(location: Location, file: u32) -> ByteRange {
    let span = location.span();
    let narrow = |bytes: u64| u32::try_from(bytes).unwrap_or(u32::MAX);
    let start = span.byte_offset().unwrap_or_default();
    ByteRange { file, start: narrow(start), end: narrow(start.saturating_add(span.byte_len().unwrap_or_default())) }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spanned::deserialize(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for RawBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = RawBody;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<RawBody, E> {
        Ok(RawBody::Scalar(NodeBody::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<RawBody, E> {
        Ok(RawBody::Scalar(NodeBody::Switch(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<RawBody, E> {
        Ok(RawBody::Scalar(NodeBody::Number(value.into())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<RawBody, E> {
        Ok(RawBody::Scalar(NodeBody::Number(value.into())))
    }

    /// JSON Schema calls `2.0` an integer, so the tree does too.
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<RawBody, E> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let number = if value.fract() == 0.0 && value.abs() < EXACT {
            format!("{value:.0}").parse::<i64>().ok().map(Number::from)
        } else {
            Number::from_f64(value)
        };
        number.map(|number| RawBody::Scalar(NodeBody::Number(number))).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<RawBody, E> {
        Ok(RawBody::Scalar(NodeBody::Text(value.into())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<RawBody, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(RawBody::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<RawBody, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = access.next_key::<Spanned<String>>()? {
            entries.push((key, access.next_value()?));
        }
        Ok(RawBody::Map(entries))
    }
}
