//! A JSON document as a service sends it. Values are held as text and never rewritten, so unknown keys survive a round trip
//! byte for byte.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use serde::de::{self, DeserializeOwned, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::base::exact_json::{self, ExactJson};
use crate::tenant::known_keys::JsonType;

/// A document of at most so many keys has no index: it is searched as fast.
const SMALL: usize = 64;

/// A JSON object with the order of its keys and the text of its values.
#[derive(Debug, Default)]
pub struct Document {
    entries: Vec<(String, Box<RawValue>)>,
    /// The place of the first key of each spelling in lower case; made when a key of a large document is looked up.
    index: OnceLock<HashMap<String, usize>>,
}

impl Clone for Document {
    fn clone(&self) -> Self {
        Self::new(self.entries.clone())
    }
}

/// A new value for a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// The key, as the service writes it.
    pub key: &'static str,
    /// The value that replaces the current one.
    pub value: serde_json::Value,
}

/// A document does not have the known shape. The message has no value of the document: a value of an unknown shape may be a
/// secret or be about a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` is {found}, not {expected}")]
pub struct DecodeError {
    /// The key, as the service writes it.
    pub key: String,
    /// What is there: "missing", or the type of the value and what is wrong about it.
    pub(crate) found: String,
    /// What is expected, as in "a list".
    pub(crate) expected: &'static str,
}

impl Document {
    /// Reads a JSON object.
    ///
    /// # Errors
    /// When the text is not one JSON object, or a key occurs twice.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    fn new(entries: Vec<(String, Box<RawValue>)>) -> Self {
        Self { entries, index: OnceLock::new() }
    }

    /// A document of these keys alone.
    #[must_use]
    pub(crate) fn of(patches: &[Patch]) -> Self {
        Self::default().patched(patches)
    }

    /// The value of a key, as text.
    #[must_use]
    pub fn raw(&self, key: &str) -> Option<&str> {
        // A key that differs in case alone may come first.
        let from = self.entries.get(self.place(key)?..)?;
        from.iter().find(|(name, _)| name == key).map(|(_, value)| value.get())
    }

    /// The value of a key, decoded.
    ///
    /// # Errors
    /// When the key is missing or its value has another type. `expected` describes the type for the message.
    pub fn get<T: DeserializeOwned>(&self, key: &str, expected: &'static str) -> Result<T, DecodeError> {
        let error = |found: &str| DecodeError { key: key.to_owned(), found: found.to_owned(), expected };
        let raw = self.raw(key).ok_or_else(|| error("missing"))?;
        serde_json::from_str(raw).map_err(|_| error(other_form(JsonType::of_text(raw))))
    }

    /// The value of a key, decoded; null, which some tenants have in place of an empty text or list, is the empty value.
    ///
    /// # Errors
    /// When the key is missing or its value has another type. `expected` describes the type for the message.
    pub(crate) fn get_or_empty<T: DeserializeOwned + Default>(
        &self,
        key: &str,
        expected: &'static str,
    ) -> Result<T, DecodeError> {
        self.get::<Option<T>>(key, expected).map(Option::unwrap_or_default)
    }

    /// The value of a key without any loss; `None` when the key is missing.
    #[must_use]
    pub(crate) fn exact(&self, key: &str) -> Option<ExactJson> {
        self.raw(key).and_then(ExactJson::parse)
    }

    /// The same document with some keys changed in place; new keys come last. Keys match without case, as both services
    /// match them, and the document's spelling of a key stays.
    #[must_use]
    pub fn patched(&self, patches: &[Patch]) -> Self {
        let mut document = self.clone();
        for Patch { key, value } in patches {
            document.set(key, value);
        }
        document
    }

    /// The same document with one key set; a new key comes last.
    #[must_use]
    pub fn with(&self, key: &str, value: &serde_json::Value) -> Self {
        let mut document = self.clone();
        document.set(key, value);
        document
    }

    /// The same document without a key.
    #[must_use]
    pub fn without(&self, key: &str) -> Self {
        Self::new(self.entries.iter().filter(|(name, _)| name != key).cloned().collect())
    }

    /// The same document with one key as another document has it, to the byte. Keys are found without case; a key that the
    /// other one lacks stays as it is.
    #[must_use]
    pub(crate) fn copy_key(mut self, key: &str, from: &Self) -> Self {
        if let Some((_, raw)) = from.entry(key) {
            self.set_raw(key, raw.clone());
        }
        self
    }

    /// Whether two documents hold the same under a key, by meaning; keys are found without case. A key that both
    /// lack is the same.
    #[must_use]
    pub(crate) fn key_equals(&self, key: &str, other: &Self) -> bool {
        match (self.entry(key), other.entry(key)) {
            (Some((_, ours)), Some((_, theirs))) => exact_json::same(ours.get(), theirs.get()),
            (ours, theirs) => ours.is_none() && theirs.is_none(),
        }
    }

    /// The same document with one key set to another document, to the byte; a new key comes last.
    #[must_use]
    pub(crate) fn with_document(&self, key: &str, value: &Self) -> Self {
        let mut document = self.clone();
        // Every document serialises; a failure would leave the key as it is.
        if let Ok(raw) = serde_json::value::to_raw_value(value) {
            document.set_raw(key, raw);
        }
        document
    }

    /// The same document with one key set to a value, to the byte; a new key comes last.
    #[must_use]
    pub(crate) fn with_exact(mut self, key: &str, value: &ExactJson) -> Self {
        // The text of a value is JSON; a failure would leave the key as it is.
        if let Ok(raw) = RawValue::from_string(value.text()) {
            self.set_raw(key, raw);
        }
        self
    }

    /// The whole document without any loss; `None` when it nests too deep.
    #[must_use]
    pub(crate) fn whole(&self) -> Option<ExactJson> {
        let entries = self.entries().map(|(key, raw)| Some((key, ExactJson::parse(raw)?)));
        Some(ExactJson::object(entries.collect::<Option<Vec<_>>>()?))
    }

    fn entry(&self, key: &str) -> Option<&(String, Box<RawValue>)> {
        self.entries.get(self.place(key)?)
    }

    /// The place of the first key of this name, in any case.
    fn place(&self, key: &str) -> Option<usize> {
        if self.entries.len() <= SMALL {
            return self.entries.iter().position(|(name, _)| name.eq_ignore_ascii_case(key));
        }
        let index = self.index.get_or_init(|| {
            let mut index = HashMap::with_capacity(self.entries.len());
            for (place, (name, _)) in self.entries.iter().enumerate() {
                index.entry(name.to_ascii_lowercase()).or_insert(place);
            }
            index
        });
        index.get(&key.to_ascii_lowercase()).copied()
    }

    /// Sets a key. What the new value has in common with the current one is written as it is now, to the byte.
    fn set(&mut self, key: &str, value: &serde_json::Value) {
        let old = self.entry(key).and_then(|(_, raw)| ExactJson::parse(raw.get()));
        let text = old.map_or_else(|| value.to_string(), |old| old.replaced(value).text());
        // The text of a value is JSON; a failure would leave the key as it is, and verification would say so.
        if let Ok(raw) = RawValue::from_string(text) {
            self.set_raw(key, raw);
        }
    }

    fn set_raw(&mut self, key: &str, raw: Box<RawValue>) {
        let place = self.place(key);
        match place.and_then(|place| self.entries.get_mut(place)) {
            Some((_, old)) => *old = raw,
            None => {
                if let Some(index) = self.index.get_mut() {
                    index.insert(key.to_ascii_lowercase(), self.entries.len());
                }
                self.entries.push((key.to_owned(), raw));
            }
        }
    }

    /// Keys whose values differ between two documents, in the order of `self` and then of `other`. The order of keys and
    /// white space do not count; the text of numbers does, and so does a nested key that occurs twice. Keys in `noise` do
    /// not count at all. Takes linear time.
    #[must_use]
    pub fn differing_keys(&self, other: &Self, noise: &[&str]) -> Vec<String> {
        let [ours, theirs] = [self, other].map(|document| document.entries().collect::<HashMap<_, _>>());
        let differs = |key: &str, raw: &str| theirs.get(key).is_none_or(|other| !exact_json::same(raw, other));
        let changed = self.entries().filter(|(key, raw)| differs(key, raw));
        let added = other.entries().filter(|(key, _)| !ours.contains_key(key));
        changed.chain(added).map(|(key, _)| key).filter(|key| !noise.contains(key)).map(str::to_owned).collect()
    }

    /// Every key, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries().map(|(key, _)| key)
    }

    /// Every key with the text of its value, in order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|(key, raw)| (key.as_str(), raw.get()))
    }
}

impl IntoIterator for Document {
    type Item = (String, Box<RawValue>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl FromIterator<(String, Box<RawValue>)> for Document {
    /// The document of these keys, which must all be different.
    fn from_iter<I: IntoIterator<Item = (String, Box<RawValue>)>>(entries: I) -> Self {
        Self::new(entries.into_iter().collect())
    }
}

/// A value that has not the form that is expected.
fn other_form(found: JsonType) -> &'static str {
    match found {
        JsonType::Null => "null",
        JsonType::Switch => "a boolean",
        JsonType::Number => "a number",
        JsonType::Text => "a string",
        JsonType::List => "an array of another form",
        JsonType::Object => "an object of another form",
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.differing_keys(other, &[]).is_empty()
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.entries.len()))?;
        for (key, value) in &self.entries {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Document;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Document, A::Error> {
                let mut document = Document::default();
                let mut known = HashSet::new();
                while let Some((key, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    if !known.insert(key.clone()) {
                        return Err(de::Error::custom(format!("the key `{key}` occurs twice")));
                    }
                    document.entries.push((key, value));
                }
                Ok(document)
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ODD: &str = r#"{"a":1.10,"zz":{"y":1e5,"x":"\u00e9"},"big":123456789012345678901234567890,"b":true}"#;

    #[test]
    fn unknown_keys_survive_byte_for_byte() -> Result<(), serde_json::Error> {
        let document = Document::parse(ODD)?;
        assert_eq!(serde_json::to_string(&document)?, ODD);
        let patched = document.patched(&[Patch { key: "b", value: false.into() }]);
        assert_eq!(serde_json::to_string(&patched)?, ODD.replace("true", "false"));
        Ok(())
    }

    #[test]
    fn differences_are_by_meaning() -> Result<(), serde_json::Error> {
        let left = Document::parse(r#"{"a":[1, 2],"b":{"x":1,"y":2},"n":1}"#)?;
        let right = Document::parse(r#"{"b":{"y":2,"x":1},"a":[1,2],"n":2,"new":null}"#)?;
        assert_eq!(left.differing_keys(&right, &[]), ["n", "new"]);
        assert_eq!(left.differing_keys(&right, &["n"]), ["new"]);
        Ok(())
    }

    /// A large document has an index, with which every key is found that is found without.
    #[test]
    fn keys_of_a_large_document_are_found() -> Result<(), serde_json::Error> {
        let more: String = (0..2 * SMALL).map(|key| format!(",\"key{key}\":{key}")).collect();
        let document = Document::parse(&format!("{{\"A\":1,\"a\":2,\"b\":3{more}}}"))?;
        assert_eq!([document.raw("A"), document.raw("a"), document.raw("B")], [Some("1"), Some("2"), None]);
        let other = Document::parse(r#"{"a":5,"B":4,"new":6}"#)?;
        let copied = ["a", "b", "new", "NEW", "none"].iter().fold(document, |copied, key| copied.copy_key(key, &other));
        assert_eq!(["A", "a", "b", "new"].map(|key| copied.raw(key)), [Some("5"), Some("2"), Some("4"), Some("6")]);
        assert_eq!(copied.keys().count(), 4 + 2 * SMALL);
        Ok(())
    }

    #[test]
    fn a_doubled_key_is_refused() {
        assert!(Document::parse(r#"{"a":1,"a":2}"#).is_err());
    }
}
