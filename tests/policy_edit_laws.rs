//! Changing single values of generated policy files: whatever the way of writing, what comes back says what was meant,
//! and nothing else has changed.

use std::error::Error;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Map, Value, json};
use ssprctl::testing::policy::edit::{Edit, edit};

/// A generated file: what it says, its text by sections, and its line break.
struct File {
    says: Value,
    sections: Vec<(&'static str, String)>,
    newline: &'static str,
}

impl File {
    fn text(&self) -> String {
        self.sections.iter().map(|(_, text)| text.replace('\n', self.newline)).collect()
    }
}

/// Decides what is written, and how, by bytes that proptest chooses and makes smaller.
struct Writer {
    choices: std::vec::IntoIter<u8>,
    comments: usize,
    section: &'static str,
}

impl Writer {
    fn new(choices: Vec<u8>) -> Self {
        Self { choices: choices.into_iter(), comments: 0, section: "" }
    }

    fn one_of(&mut self, count: usize) -> usize {
        usize::from(self.choices.next().unwrap_or_default()) % count
    }

    fn sometimes(&mut self) -> bool {
        self.one_of(3) == 1
    }

    fn text(&mut self) -> &'static str {
        TEXTS[self.one_of(TEXTS.len())]
    }

    fn file(&mut self) -> File {
        let newline = if self.sometimes() { "\r\n" } else { "\n" };
        let mut says = Map::new();
        let mut sections = Vec::new();
        for &(name, keys) in SECTIONS {
            if self.one_of(4) == 3 {
                continue;
            }
            self.section = name;
            let mut text = if self.sometimes() { "\n".to_owned() } else { String::new() };
            text += &self.comment_line(0);
            let value = if keys.is_empty() {
                let value = self.value(name);
                text += &self.entry(name, &value, 0);
                value
            } else {
                let (value, written) = self.section(name, keys);
                text += &written;
                value
            };
            says.insert(name.to_owned(), value);
            sections.push((name, text));
        }
        File { says: Value::Object(says), sections, newline }
    }

    fn section(&mut self, name: &str, keys: &[&str]) -> (Value, String) {
        let mut map = Map::new();
        for key in keys {
            if self.one_of(4) != 3 {
                map.insert((*key).to_owned(), self.value(key));
            }
        }
        let value = Value::Object(map);
        if value == json!({}) || self.sometimes() {
            let text = format!("{name}: {}{}\n", self.flow(&value), self.comment_behind());
            return (value, text);
        }
        let mut text = format!("{name}:{}\n", self.comment_behind());
        let indent = 2 + self.one_of(3);
        for (key, value) in value.as_object().into_iter().flatten() {
            text += &self.comment_line(indent);
            text += &self.entry(key, value, indent);
        }
        (value, text + &self.comment_line(indent))
    }

    fn value(&mut self, key: &str) -> Value {
        match key {
            "required" => json!(self.one_of(9)),
            "administrators" => json!(self.sometimes()),
            "allowed" | "extends" => {
                let mut words = TEXTS.to_vec();
                words.retain(|_| self.sometimes());
                json!(words)
            }
            "questions" => (0..self.one_of(4)).map(|at| json!({ "custom": TEXTS[at], "also": self.text() })).collect(),
            _ => json!(self.text()),
        }
    }

    /// A key and its value on lines of their own.
    fn entry(&mut self, key: &str, value: &Value, indent: usize) -> String {
        let blank = " ".repeat(indent);
        match value {
            Value::Array(items) if !items.is_empty() && !self.sometimes() => {
                let deeper = indent + 2 * self.one_of(2);
                let mut text = format!("{blank}{key}:{}\n", self.comment_behind());
                for item in items {
                    text += &self.comment_line(deeper);
                    text += &self.item(item, deeper);
                }
                text
            }
            Value::String(words) if !words.is_empty() && self.one_of(5) == 4 => {
                format!("{blank}{key}: |-{}\n{blank}  {words}\n", self.comment_behind())
            }
            value => format!("{blank}{key}: {}{}\n", self.flow(value), self.comment_behind()),
        }
    }

    fn item(&mut self, item: &Value, indent: usize) -> String {
        let blank = " ".repeat(indent);
        match item.as_object() {
            Some(map) if !self.sometimes() => {
                let keys = map.iter().map(|(key, value)| self.entry(key, value, indent + 2)).collect::<String>();
                format!("{blank}- {}", &keys[indent + 2..])
            }
            _ if self.one_of(5) == 4 => format!("{blank}-\n{blank}  {}{}\n", self.flow(item), self.comment_behind()),
            _ => format!("{blank}- {}{}\n", self.flow(item), self.comment_behind()),
        }
    }

    /// A value in brackets or quotes, or plain where that is safe.
    fn flow(&mut self, value: &Value) -> String {
        let gap = [" ", "", "\n        "][self.one_of(3)];
        match value {
            Value::Array(items) => {
                let items: Vec<_> = items.iter().map(|item| self.flow(item)).collect();
                format!("[{gap}{}{gap}]", items.join(", "))
            }
            Value::Object(map) => {
                let keys: Vec<_> = map.iter().map(|(key, value)| format!("{key}: {}", self.flow(value))).collect();
                format!("{{{gap}{}{gap}}}", keys.join(","))
            }
            Value::String(text) if text.bytes().all(|byte| byte.is_ascii_lowercase()) && !text.is_empty() => {
                text.clone()
            }
            Value::String(text) if self.sometimes() => format!("'{}'", text.replace('\'', "''")),
            value => value.to_string(),
        }
    }

    fn comment_line(&mut self, indent: usize) -> String {
        if !self.sometimes() {
            return String::new();
        }
        self.comments += 1;
        format!("{}# line {} of {}\n", " ".repeat(indent), self.comments, self.section)
    }

    fn comment_behind(&mut self) -> String {
        if !self.sometimes() {
            return String::new();
        }
        self.comments += 1;
        format!("  # behind {};", self.comments)
    }

    fn edits(&mut self) -> Vec<Edit> {
        (0..=self.one_of(4))
            .map(|_| {
                let (name, keys) = SECTIONS[self.one_of(SECTIONS.len())];
                let key = (!keys.is_empty()).then(|| keys[self.one_of(keys.len())]);
                let path = std::iter::once(name).chain(key).map(str::to_owned).collect();
                let value = match self.one_of(6) {
                    0 => None,
                    1 => Some(json!("none")),
                    _ => Some(self.value(key.unwrap_or(name))),
                };
                Edit { path, value }
            })
            .collect()
    }
}

/// What a file says after an edit, by other means than those of the program.
fn meant(says: &mut Value, Edit { path, value }: &Edit) {
    let (Some(section), key) = (path.first(), path.get(1)) else { return };
    match (key, value) {
        (None, Some(value)) => says[section] = value.clone(),
        (Some(key), Some(value)) => says[section][key] = value.clone(),
        (None, None) => drop(says.as_object_mut().map(|map| map.remove(section))),
        (Some(key), None) => drop(says[section].as_object_mut().map(|map| map.remove(key))),
    }
    if says[section].is_null() {
        says.as_object_mut().map(|map| map.remove(section));
    }
}

/// The order of a list does not count.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items = items.clone();
            items.sort_by_key(Value::to_string);
            items.into()
        }
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), sorted(value))).collect(),
        value => value.clone(),
    }
}

/// As the program reads policies: `yes` is a text.
fn read(text: &str) -> Result<Value, Box<dyn Error>> {
    Ok(serde_saphyr::from_str_with_options(text, serde_saphyr::options! { strict_booleans: true })?)
}

fn comment_lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| line.starts_with("# line")).collect()
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(20_261_127),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(768))]

    #[test]
    fn generated_policies_say_what_was_meant(
        choices in prop::collection::vec(any::<u8>(), 20..300),
        wanted in prop::collection::vec(any::<u8>(), 20..40),
        final_newline in prop::bool::ANY,
    ) {
        let file = Writer::new(choices).file();
        let edits = Writer::new(wanted).edits();
        let mut text = file.text();
        if !final_newline && !text.ends_with("|-\n") {
            text.truncate(text.trim_end().len());
        }
        let changed = |name: &str| edits.iter().any(|edit| edit.path[0] == name);
        let all = file.sections.iter().all(|(name, _)| changed(name));
        prop_assume!(!all);

        let edited = edit(&text, &edits).map_err(|error| TestCaseError::fail(format!("{error}\n{text}\n{edits:?}")))?;

        let mut says = file.says.clone();
        edits.iter().for_each(|edit| meant(&mut says, edit));
        let read = read(&edited).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(sorted(&read), sorted(&says), "{}\n{:?}\n{}", text, edits, edited);
        // Only what is removed whole takes the comments inside of it along.
        let whole = |line: &&str| !edits.iter().any(|edit| edit.value.is_none() && line.ends_with(&edit.path[0]));
        let lines = |text| comment_lines(text).into_iter().filter(whole).collect::<Vec<_>>();
        prop_assert_eq!(lines(&edited), lines(&text), "{}\n{:?}\n{}", text, edits, edited);
        for (name, section) in &file.sections {
            let section = section.replace('\n', file.newline);
            prop_assert!(changed(name) || edited.contains(section.trim_end()), "{}\n{:?}\n{}", text, edits, edited);
        }
        let broken = edited.replace("\r\n", "").contains(['\r', '\n']) && file.newline == "\r\n" && text.contains("\r\n");
        prop_assert!(!broken, "{:?}", edited);
        prop_assert_eq!(&edit(&edited, &edits[edits.len() - 1..]).map_err(|error| error.to_string()), &Ok(edited));
    }
}

proptest! {
    #![proptest_config(config(3072))]

    /// Most of these texts are no YAML, or written in ways that nobody would; what comes back is right all the same.
    #[test]
    fn hostile_texts_say_what_was_meant_or_are_left(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 1..16),
        nested in prop::bool::ANY,
        value in prop::option::of(prop::sample::select(vec![json!("z"), json!([]), json!(["x", "z"]), json!({"c": 1})])),
    ) {
        let text = format!("a:{}", pieces.concat());
        let path = if nested { vec!["a".to_owned(), "b".to_owned()] } else { vec!["a".to_owned()] };
        let change = Edit { path, value };
        let Ok(edited) = edit(&text, std::slice::from_ref(&change)) else { return Ok(()) };
        let (Ok(mut says), Ok(read)) = (read(&text), read(&edited)) else { return Ok(()) };
        meant(&mut says, &change);
        prop_assert_eq!(sorted(&read), sorted(&says), "{:?} {:?} {:?}", text, change, edited);
    }
}

/// Sections with their keys; one without keys is a value itself.
const SECTIONS: &[(&str, &[&str])] = &[
    ("tenant", &[]),
    ("extends", &[]),
    ("scope", &["users", "group", "administrators"]),
    ("methods", &["required", "allowed"]),
    ("securityQuestions", &["questions"]),
    ("helpdesk", &["link"]),
];

const TEXTS: &[&str] = &[
    "pilot",
    "email",
    "a, b",
    "x: [y]",
    "it's # no comment",
    "https://contoso.com/a?b=c",
    "",
    "ünï 😀",
    "- dash",
    "yes",
];

const PIECES: &[&str] = &[
    " ", "\n", "\r\n", "\n  ", "\n    ", "\n- ", "\n  - ", "- ", "b:", "b: ", "c: ", "d", "x", "é", "'y'", "\"z\"",
    "{", "}", "[", "]", ",", "#", " # why", "&m ", "*m", "!!str ", "? ", ": ", "|", ">-", "~", "\u{feff}", "\n---\n",
    "\n...\n", "\t",
];
