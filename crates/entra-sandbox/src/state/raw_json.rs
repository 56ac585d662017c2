//! JSON kept as text: the order of keys and the spelling of every value (`1.10`, `1e5`, `\u00e9`) survive storing.
//!
//! This is the emulator's own: it shares nothing with the documents of the client side.

use std::fmt;

use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// A JSON object whose keys keep their order and whose values keep their text, white space aside.
#[derive(Clone, Debug, Default)]
pub struct RawJson {
    entries: Vec<(String, Box<RawValue>)>,
}

impl RawJson {
    /// Reads an object. Of a key that occurs twice, the last value counts.
    ///
    /// # Errors
    /// When the text is not one JSON object.
    pub(crate) fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The text of a key's value.
    #[must_use]
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, value)| value.get())
    }

    /// The text of a key's value, with the key in any casing, as the portal's JSON binding reads it: the last one counts.
    #[must_use]
    pub(crate) fn find(&self, key: &str) -> Option<&str> {
        self.entries.iter().rev().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.get())
    }

    /// A key's value, decoded; `None` when it is missing or of another type.
    #[must_use]
    pub fn read<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        self.get(key).and_then(|text| serde_json::from_str(text).ok())
    }

    /// Puts a value into its place; a new key comes last. Text that is not JSON changes nothing.
    pub(crate) fn set_text(&mut self, key: &str, text: &str) {
        let Ok(value) = RawValue::from_string(compact(text)) else { return };
        match self.entries.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => *old = value,
            None => self.entries.push((key.to_owned(), value)),
        }
    }

    /// Like [`RawJson::set_text`], from a value.
    pub fn set(&mut self, key: &str, value: &Value) {
        self.set_text(key, &value.to_string());
    }

    /// Every key with the text of its value, in order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value.get()))
    }

    /// The whole object as compact JSON.
    #[must_use]
    pub fn text(&self) -> String {
        let fields: Vec<String> =
            self.entries.iter().map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), value.get())).collect();
        format!("{{{}}}", fields.join(","))
    }
}

/// JSON text without the white space between its tokens; strings and numbers keep their spelling.
#[must_use]
pub(crate) fn compact(text: &str) -> String {
    tokens(text).concat()
}

/// JSON text as people read it, two spaces a level; strings and numbers keep their spelling.
#[must_use]
pub(crate) fn pretty(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut depth = 0_usize;
    let tokens = tokens(text);
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

/// Cuts JSON text into its punctuation, strings and other words.
fn tokens(text: &str) -> Vec<&str> {
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
