//! JSON without loss: numbers are held as they are written, and a key that occurs twice in an object is held twice.
//! `serde_json::Value` rounds long numbers and drops all but the last of such keys, so it cannot show that two texts
//! have the same content.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

/// How deep a text may nest. The reader of documents allows less.
const MAX_DEPTH: usize = 128;

/// A JSON value with the text of its numbers and strings and with every key of its objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ExactJson {
    /// A number, a string, `true`, `false` or `null`, as it is written.
    Scalar(String),
    /// The items of an array, in order.
    Array(Vec<ExactJson>),
    /// The keys of an object, as canonical tokens with their quotes, and their values, in order. The same key may occur
    /// more often than once.
    Object(Vec<(String, ExactJson)>),
}

impl ExactJson {
    /// Reads a text that is known to be valid JSON. Returns `None` when it nests deeper than 128 levels; a text that is
    /// not JSON may give `None` or any value.
    #[must_use]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        reader.skip_space();
        (reader.at == text.len()).then_some(value)
    }

    /// An object of these keys.
    #[must_use]
    pub(crate) fn object<'a>(entries: impl IntoIterator<Item = (&'a str, Self)>) -> Self {
        Self::Object(entries.into_iter().map(|(key, value)| (token(key), value)).collect())
    }

    /// The value of a key; the first one, if the key occurs more than once.
    #[must_use]
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(entries) => {
                let token = token(key);
                entries.iter().find(|(name, _)| *name == token).map(|(_, value)| value)
            }
            Self::Scalar(_) | Self::Array(_) => None,
        }
    }

    /// A key that occurs twice in one object, at any depth; `None` if there is none.
    #[must_use]
    pub(crate) fn repeated_key(&self) -> Option<String> {
        match self {
            Self::Scalar(_) => None,
            Self::Array(items) => items.iter().find_map(Self::repeated_key),
            Self::Object(entries) => {
                let mut known = HashSet::new();
                let twice = entries.iter().find(|(key, _)| !known.insert(key));
                let twice = twice.and_then(|(key, _)| serde_json::from_str(key).ok());
                twice.or_else(|| entries.iter().find_map(|(_, value)| value.repeated_key()))
            }
        }
    }

    /// The content of a string; `None` for any other value.
    #[must_use]
    pub(crate) fn as_text(&self) -> Option<String> {
        match self {
            Self::Scalar(token) => serde_json::from_str(token).ok(),
            Self::Array(_) | Self::Object(_) => None,
        }
    }

    /// The value as `serde_json` has it: with numbers rounded, and without all but the last of keys that occur twice.
    /// `None` for a number that is out of its range.
    #[must_use]
    pub(crate) fn rounded(&self) -> Option<Value> {
        serde_json::from_str(&self.text()).ok()
    }

    /// A new value in place of this one, in which every part that is also part of this one is written as it is here. The
    /// new value was made of the [rounded](ExactJson::rounded) one; what nobody changed is thereby restored.
    #[must_use]
    pub(crate) fn replaced(&self, new: &Value) -> Self {
        if self.rounded().as_ref() == Some(new) {
            return self.clone();
        }
        match (self, new) {
            (Self::Object(_), Value::Object(new)) => {
                let entries = new.iter().map(|(key, value)| {
                    let old = self.get(key);
                    (key.as_str(), old.map_or_else(|| Self::of(value), |old| old.replaced(value)))
                });
                Self::object(entries)
            }
            (Self::Array(old), Value::Array(new)) => {
                let mut known: HashMap<Option<Value>, Vec<&Self>> = HashMap::new();
                for item in old.iter().rev() {
                    known.entry(item.rounded()).or_default().push(item);
                }
                let taken = |item: &Value| known.get_mut(&Some(item.clone())).and_then(Vec::pop).cloned();
                Self::Array(
                    new.iter().map(taken).zip(new).map(|(old, item)| old.unwrap_or_else(|| Self::of(item))).collect(),
                )
            }
            (Self::Scalar(_) | Self::Array(_) | Self::Object(_), new) => Self::of(new),
        }
    }

    /// A value that was made here.
    fn of(value: &Value) -> Self {
        match value {
            Value::Array(items) => Self::Array(items.iter().map(Self::of).collect()),
            Value::Object(entries) => Self::object(entries.iter().map(|(key, value)| (key.as_str(), Self::of(value)))),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Self::Scalar(value.to_string()),
        }
    }

    /// Whether the requested value is there. A service adds keys to an object, so an object may have more keys than were
    /// requested; an array must have the same items. Where a key occurs more than once, each of its values must fit.
    #[must_use]
    pub(crate) fn contains(&self, asked: &Self) -> bool {
        match (self, asked) {
            (Self::Object(found), Self::Object(asked)) => asked.iter().all(|(key, value)| {
                let mut values = found.iter().filter(|(name, _)| name == key).map(|(_, value)| value).peekable();
                values.peek().is_some() && values.all(|found| found.contains(value))
            }),
            (Self::Array(found), Self::Array(asked)) => {
                found.len() == asked.len() && found.iter().zip(asked).all(|(found, asked)| found.contains(asked))
            }
            (found, asked) => found.canonical() == asked.canonical(),
        }
    }

    /// An object without the members that another one has; any other value as it is.
    #[must_use]
    pub(crate) fn without(self, named: &Self) -> Self {
        match (self, named) {
            (Self::Object(mut members), Self::Object(named)) => {
                members.retain(|(name, _)| named.iter().all(|(known, _)| known != name));
                Self::Object(members)
            }
            (value, _) => value,
        }
    }

    /// The value as text, with the keys in their order.
    #[must_use]
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, Form::AsRead);
        out
    }

    /// The canonical text: keys sorted, no white space, strings escaped in one way, numbers as they are written.
    #[must_use]
    pub(crate) fn canonical(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, Form::Canonical);
        out
    }

    fn write(&self, out: &mut String, form: Form) {
        match self {
            Self::Scalar(token) => out.push_str(&scalar(token, form)),
            Self::Array(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { "," });
                    item.write(out, form);
                }
                out.push(']');
            }
            Self::Object(entries) => {
                let mut entries: Vec<_> = entries.iter().collect();
                if form == Form::Canonical {
                    entries.sort_by_key(|(key, _)| key);
                }
                out.push('{');
                for (at, (key, value)) in entries.into_iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { "," });
                    out.push_str(key);
                    out.push(':');
                    value.write(out, form);
                }
                out.push('}');
            }
        }
    }
}

/// The canonical text of valid JSON, as [`ExactJson::canonical`] writes it. A text that nests too deep is returned as it
/// is, in place of a canonical one.
#[must_use]
pub(crate) fn canonical(text: &str) -> String {
    ExactJson::parse(text).map_or_else(|| text.to_owned(), |value| value.canonical())
}

/// Whether two valid JSON texts have the same content: they may differ only in white space, in the order of keys and in
/// the escapes of strings.
#[must_use]
pub(crate) fn same(left: &str, right: &str) -> bool {
    left == right || canonical(left) == canonical(right)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    AsRead,
    Canonical,
}

/// A scalar in a form. A string that is no Unicode text, such as half of a surrogate pair, stays as it is.
fn scalar(token: &str, form: Form) -> String {
    match form {
        Form::Canonical if token.contains('\\') => {
            serde_json::from_str::<String>(token).map_or_else(|_| token.to_owned(), |text| self::token(&text))
        }
        Form::Canonical | Form::AsRead => token.to_owned(),
    }
}

/// A text as a JSON string with its quotes.
fn token(text: &str) -> String {
    Value::from(text).to_string()
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// The next byte that is no white space.
    fn next_token(&mut self) -> Option<u8> {
        self.skip_space();
        self.peek()
    }

    fn value(&mut self, depth: usize) -> Option<ExactJson> {
        if depth > MAX_DEPTH {
            return None;
        }
        match self.next_token()? {
            b'{' => {
                let mut entries = Vec::new();
                self.items(b'}', |reader| {
                    reader.skip_space();
                    let key = scalar(reader.string()?, Form::Canonical);
                    if reader.next_token()? != b':' {
                        return None;
                    }
                    reader.at += 1;
                    entries.push((key, reader.value(depth + 1)?));
                    Some(())
                })?;
                Some(ExactJson::Object(entries))
            }
            b'[' => {
                let mut items = Vec::new();
                self.items(b']', |reader| {
                    items.push(reader.value(depth + 1)?);
                    Some(())
                })?;
                Some(ExactJson::Array(items))
            }
            b'"' => Some(ExactJson::Scalar(self.string()?.to_owned())),
            _ => {
                let rest = self.text.get(self.at..)?;
                let end = rest.find([',', ']', '}', ' ', '\t', '\r', '\n']);
                let token = rest.get(..end.unwrap_or(rest.len())).filter(|token| !token.is_empty())?;
                self.at += token.len();
                Some(ExactJson::Scalar(token.to_owned()))
            }
        }
    }

    /// Reads what is between brackets, separated by commas, and the closing bracket.
    fn items(&mut self, close: u8, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.at += 1;
        if self.next_token()? == close {
            self.at += 1;
            return Some(());
        }
        loop {
            item(self)?;
            let separator = self.next_token()?;
            self.at += 1;
            match separator {
                b',' => {}
                other => return (other == close).then_some(()),
            }
        }
    }

    /// Reads a string, and returns it with its quotes.
    fn string(&mut self) -> Option<&'a str> {
        let start = self.at;
        if self.peek()? != b'"' {
            return None;
        }
        self.at += 1;
        loop {
            match self.peek()? {
                b'\\' => self.at += 2,
                b'"' => break,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        self.text.get(start..self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::{ExactJson, canonical, same};

    #[test]
    fn only_space_order_and_escapes_are_free() {
        assert!(same(r#"{"a":[1, 2],"b":{"x":1,"y":"\u00e9"}}"#, "{ \"b\":{\"y\":\"é\",\"x\":1},\n\"a\":[1,2] }"));
        for (left, right) in [
            ("9007199254740992", "9007199254740993"),
            ("0.1234567890123456789", "0.1234567890123456780"),
            ("1e400", "2e400"),
            (r#"{"a":1,"a":2}"#, r#"{"a":3,"a":2}"#),
            (r#"{"a":1,"a":2}"#, r#"{"a":2}"#),
            (r#"[{"b":[{"a":1,"a":2}]}]"#, r#"[{"b":[{"a":2,"a":1}]}]"#),
            ("[1,2]", "[2,1]"),
            (r#""1""#, "1"),
            (r#""\ud800""#, r#""\ud801""#),
            (r#"{"\ud800":1}"#, r#"{"\ud801":1}"#),
            (r#"{"\ud800":1}"#, r#"{"\"\\ud800\"":1}"#),
            ("{}", "[]"),
            ("[]", "null"),
        ] {
            assert!(!same(left, right) && same(left, left), "{left} {right}");
        }
    }

    #[test]
    fn what_nobody_changed_is_written_as_it_was() -> Result<(), &'static str> {
        let old = r#"{"a":[{"n":9007199254740993,"x":1,"x":2},{"n":1.10}],"b":{"c":1e2,"d":12345678901234567890123}}"#;
        let old = ExactJson::parse(old).ok_or("it is JSON")?;
        let mut new = old.rounded().unwrap_or_default();
        new["b"]["e"] = 1.into();
        new["a"].as_array_mut().ok_or("it is a list")?.reverse();
        assert_eq!(
            old.replaced(&new).text(),
            r#"{"a":[{"n":1.10},{"n":9007199254740993,"x":1,"x":2}],"b":{"c":1e2,"d":12345678901234567890123,"e":1}}"#
        );
        assert_eq!(old.replaced(&serde_json::json!([1])).text(), "[1]");
        Ok(())
    }

    #[test]
    fn what_nests_too_deep_is_compared_as_text() {
        let deep = |space: &str| format!("{}{space}{}", "[".repeat(200_000), "]".repeat(200_000));
        assert!(same(&deep(""), &deep("")) && !same(&deep(""), &deep(" ")));
        assert_eq!(ExactJson::parse(&deep("")), None);
    }

    #[test]
    fn broken_texts_are_refused_without_a_panic() {
        for text in [
            "",
            " ",
            "{",
            "[",
            "[1",
            "[1,",
            "{\"a\"",
            "{\"a\":",
            "{\"a\" 1}",
            "\"",
            "\"\\",
            "[1}",
            "{1:2}",
            "1 2",
            "\"é\\",
        ] {
            assert_eq!(ExactJson::parse(text), None, "{text}");
            assert_eq!(canonical(text), text);
        }
    }
}
