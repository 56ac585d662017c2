//! JSON objects that preserve their text: the order of keys and the spelling of values such as `1.10`, `1e5` and
//! `\u00e9`.

use std::fmt;

use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// A JSON object that preserves the order of its keys and the text of its values, except for white space.
#[derive(Clone, Debug, Default)]
pub struct RawJson {
    entries: Vec<(String, Box<RawValue>)>,
}

impl RawJson {
    /// Parses an object. If a key occurs twice, its last value counts.
    ///
    /// # Errors
    /// If the text is not a JSON object.
    pub(crate) fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The text of a key's value.
    #[must_use]
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, value)| value.get())
    }

    /// The text of the value of a key in any casing. As in the portal's JSON binding, the last such key counts.
    #[must_use]
    pub(crate) fn find(&self, key: &str) -> Option<&str> {
        self.entries.iter().rev().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.get())
    }

    /// A key's value, decoded; `None` if the key is missing or its value has another type.
    #[must_use]
    pub fn read<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        self.get(key).and_then(|text| serde_json::from_str(text).ok())
    }

    /// Sets the text of a key's value; a new key is added at the end. Text that is not JSON changes nothing.
    pub(crate) fn set_text(&mut self, key: &str, text: &str) {
        let Ok(value) = RawValue::from_string(compact(text)) else { return };
        match self.entries.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => *old = value,
            None => self.entries.push((key.to_owned(), value)),
        }
    }

    /// Sets a key's value; a new key is added at the end.
    pub fn set(&mut self, key: &str, value: &Value) {
        self.set_text(key, &value.to_string());
    }

    /// The keys and the text of their values, in order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value.get()))
    }

    /// The object as JSON without white space.
    #[must_use]
    pub fn text(&self) -> String {
        let fields: Vec<String> =
            self.entries.iter().map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), value.get())).collect();
        format!("{{{}}}", fields.join(","))
    }
}

/// Removes the white space between the tokens of a JSON text.
#[must_use]
pub(crate) fn compact(text: &str) -> String {
    tokenize(text).concat()
}

/// Indents a JSON text by two spaces per level.
#[must_use]
pub(crate) fn pretty(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut depth = 0_usize;
    let tokens = tokenize(text);
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1).copied().unwrap_or_default();
        let line = |out: &mut String, depth: usize| out.extend(["\n", &"  ".repeat(depth)]);
        match *token {
            "{" | "[" => {
                out.push_str(token);
                depth += 1;
                if !matches!(next, "}" | "]") {
                    line(&mut out, depth);
                }
            }
            "}" | "]" => {
                depth = depth.saturating_sub(1);
                if !out.ends_with(['{', '[']) {
                    line(&mut out, depth);
                }
                out.push_str(token);
            }
            "," => {
                out.push(',');
                line(&mut out, depth);
            }
            ":" => out.push_str(": "),
            other => out.push_str(other),
        }
    }
    out
}

/// Splits a JSON text into punctuation, strings and other words.
fn tokenize(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let end = match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {
                at += 1;
                continue;
            }
            b'"' => end_of_string(bytes, at),
            b'{' | b'}' | b'[' | b']' | b',' | b':' => at + 1,
            _ => (at..bytes.len()).find(|&i| b" \t\r\n,:{}[]\"".contains(&bytes[i])).unwrap_or(bytes.len()),
        };
        found.push(&text[at..end]);
        at = end;
    }
    found
}

fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

impl Serialize for RawJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.entries.len()))?;
        for (key, value) in &self.entries {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for RawJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = RawJson;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawJson, A::Error> {
                let mut raw = RawJson::default();
                while let Some((key, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    raw.set_text(&key, value.get());
                }
                Ok(raw)
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_survives_and_white_space_goes() -> Result<(), serde_json::Error> {
        let raw = RawJson::parse(" { \"a\" : 1.10 , \"b c\":[ 1e5, \"x  \\\" y\" ] }\n")?;
        assert_eq!(raw.text(), r#"{"a":1.10,"b c":[1e5,"x  \" y"]}"#);
        assert_eq!(serde_json::to_string(&raw)?, raw.text());
        assert_eq!(compact(&pretty(&raw.text())), raw.text());
        Ok(())
    }

    #[test]
    fn keys_are_found_in_any_casing_and_the_last_counts() -> Result<(), serde_json::Error> {
        let raw = RawJson::parse(r#"{"Key":1,"kEY":2}"#)?;
        assert_eq!(raw.find("key"), Some("2"));
        assert_eq!(raw.get("key"), None);
        Ok(())
    }
}
