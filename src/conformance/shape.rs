//! The shape of a JSON document: which types and which published words its keys have. What is found is described by words of
//! the table alone, never by what the document holds.
//!
//! A shape is a list of entries, separated by `;`. An entry is a path and what may be there:
//!
//! - `path:types`: `s` string, `b` boolean, `i` integer, `d` number, `o` object, `l` list, `n` null, `-` absent
//! - `path=word|word`: one of these words, or the same scalar in JSON; `null` and `-` as above
//! - `path~least..most`: an integer in this range
//!
//! The parts of a path are separated by `/`: a key, `*` for every item of a list, `?key=value` for the items with this text
//! under a key. `.` alone is the document.

use std::collections::BTreeSet;

use serde_json::Value;

/// What one entry found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FoundShape {
    /// The path of the entry.
    pub(crate) path: &'static str,
    /// The types and words that were seen; empty when the tenant has nothing there.
    pub(crate) seen: BTreeSet<&'static str>,
    /// Those of them that are not as assumed.
    pub(crate) wrong: BTreeSet<&'static str>,
}

const TYPES: [(char, &str); 8] = [
    ('s', "string"),
    ('b', "boolean"),
    ('i', "integer"),
    ('d', "number"),
    ('o', "object"),
    ('l', "list"),
    ('n', "null"),
    ('-', "absent"),
];

/// Compares a document with a shape, entry by entry.
pub(crate) fn compare(document: &Value, shape: &'static str) -> Vec<FoundShape> {
    entries(shape).map(|entry| compare_entry(document, entry)).collect()
}

/// The types of the keys of a document that no entry is about. Their names are the document's, so they are not shown.
pub(crate) fn others(document: &Value, shape: &'static str) -> FoundShape {
    let known = |key: &str| entries(shape).any(|(path, ..)| path == key);
    let others = document.as_object().into_iter().flatten().filter(|(key, _)| !known(key));
    let seen: BTreeSet<&'static str> = others.map(|(_, value)| name(letter(Some(value)))).collect();
    FoundShape { path: "another key", wrong: seen.clone(), seen }
}

/// The entries of a shape: path, separator and what may be there.
pub(crate) fn entries(shape: &'static str) -> impl Iterator<Item = (&'static str, char, &'static str)> {
    shape.split(';').filter_map(|entry| {
        let entry = entry.trim();
        let at = entry.rfind([':', '=', '~'])?;
        Some((entry.get(..at)?, entry.get(at..)?.chars().next()?, entry.get(at + 1..)?))
    })
}

fn compare_entry(document: &Value, (path, kind, expected): (&'static str, char, &'static str)) -> FoundShape {
    let mut found = FoundShape { path, seen: BTreeSet::new(), wrong: BTreeSet::new() };
    let parts: Vec<&str> = path.split('/').filter(|part| *part != ".").collect();
    visit(document, &parts, &mut |value| {
        let (word, fits) = match kind {
            ':' => of_type(value, expected),
            '=' => of_words(value, expected),
            _ => of_range(value, expected),
        };
        found.seen.insert(word);
        if !fits {
            found.wrong.insert(word);
        }
    });
    found
}

/// Calls `each` with every value at a path, and with `None` where its last key is absent.
fn visit(value: &Value, path: &[&str], each: &mut dyn FnMut(Option<&Value>)) {
    let Some((first, rest)) = path.split_first() else { return each(Some(value)) };
    match (value, first.strip_prefix('?').and_then(|filter| filter.split_once('='))) {
        (Value::Array(items), Some((key, wanted))) => {
            items.iter().filter(|item| item[key].as_str() == Some(wanted)).for_each(|item| visit(item, rest, each));
        }
        (Value::Array(items), None) if *first == "*" => items.iter().for_each(|item| visit(item, rest, each)),
        (Value::Object(fields), None) => match fields.get(*first) {
            Some(inner) => visit(inner, rest, each),
            None if rest.is_empty() => each(None),
            None => {}
        },
        _ => {}
    }
}

fn letter(value: Option<&Value>) -> char {
    match value {
        None => '-',
        Some(Value::Null) => 'n',
        Some(Value::Bool(_)) => 'b',
        Some(Value::Number(number)) if number.is_i64() => 'i',
        Some(Value::Number(_)) => 'd',
        Some(Value::String(_)) => 's',
        Some(Value::Array(_)) => 'l',
        Some(Value::Object(_)) => 'o',
    }
}

fn name(letter: char) -> &'static str {
    TYPES.iter().find(|(known, _)| *known == letter).map_or("", |(_, name)| name)
}

fn of_type(value: Option<&Value>, expected: &str) -> (&'static str, bool) {
    let own = letter(value);
    (name(own), expected.contains(own) || (own == 'i' && expected.contains('d')))
}

fn of_words(value: Option<&Value>, expected: &'static str) -> (&'static str, bool) {
    let text = match value {
        None => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(_) | Value::Object(_)) => return (name(letter(value)), false),
        Some(scalar) => scalar.to_string(),
    };
    let is_text = value.is_some_and(Value::is_string);
    let words = || expected.split('|');
    match words().find(|word| **word == text) {
        Some("-") if !is_text => ("absent", true),
        Some(word) => (word, true),
        None if !is_text => (name(letter(value)), false),
        None if words().any(|word| word.eq_ignore_ascii_case(&text)) => ("a word in another case", false),
        None => ("another word", false),
    }
}

fn of_range(value: Option<&Value>, expected: &str) -> (&'static str, bool) {
    let bounds = expected.split_once("..").and_then(|(least, most)| Some((least.parse().ok()?, most.parse().ok()?)));
    match (value.and_then(Value::as_i64), bounds) {
        (Some(number), Some((least, most))) if (least..=most).contains(&number) => ("integer", true),
        (Some(_), _) => ("an integer out of range", false),
        (None, _) => (name(letter(value)), false),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn words(document: &Value, shape: &'static str) -> Vec<(Vec<&'static str>, Vec<&'static str>)> {
        let found = compare(document, shape);
        found.into_iter().map(|one| (one.seen.into_iter().collect(), one.wrong.into_iter().collect())).collect()
    }

    #[test]
    fn types_words_and_ranges_are_seen_and_judged() {
        let document = json!({"a": "secret", "b": [{"k": "On"}, {"k": "on", "n": 3}], "c": null, "d": true});
        for (shape, seen, wrong) in [
            ("a:s", vec!["string"], vec![]),
            ("a:b", vec!["string"], vec!["string"]),
            ("a=on|off", vec!["another word"], vec!["another word"]),
            ("b/*/k=on|off", vec!["a word in another case", "on"], vec!["a word in another case"]),
            ("b/?k=on/n~1..2", vec!["an integer out of range"], vec!["an integer out of range"]),
            ("b/?k=on/n~1..3", vec!["integer"], vec![]),
            ("b/*/n:i-", vec!["absent", "integer"], vec![]),
            ("b/*/n:-", vec!["absent", "integer"], vec!["integer"]),
            ("c=on|null", vec!["null"], vec![]),
            ("d=false", vec!["boolean"], vec!["boolean"]),
            ("e=on|-", vec!["absent"], vec![]),
            ("e/f:s", vec![], vec![]),
            (".:o", vec!["object"], vec![]),
        ] {
            assert_eq!(words(&document, shape), [(seen, wrong)], "{shape}");
        }
    }

    #[test]
    fn a_shape_may_have_several_entries() {
        assert_eq!(entries("a:s; b/?k=v/c=x|y").collect::<Vec<_>>(), [("a", ':', "s"), ("b/?k=v/c", '=', "x|y")]);
    }
}
