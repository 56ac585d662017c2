//! Values in the words people read.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::ids::ObjectId;
use crate::base::value::{Question, Value};
use crate::catalog::setting::{Kind, Setting};
use crate::render::text::safe;

/// Display names of groups.
pub type Names = BTreeMap<ObjectId, String>;

/// A setting's value on one line.
#[must_use]
pub fn words(setting: &Setting, value: &Value, names: &Names) -> String {
    match value {
        // Policies write `none` for a link; for a group there is no word, because they leave the key out.
        Value::Nothing if setting.kind == Kind::Group => "–".to_owned(),
        Value::Nothing => "none".to_owned(),
        Value::Switch(on) => on.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) | Value::GroupName(text) => safe(text).into_owned(),
        Value::Words(words) if words.is_empty() => "nothing".to_owned(),
        Value::Words(words) => words.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
        Value::Questions(questions) if questions.is_empty() => "nothing".to_owned(),
        Value::Questions(questions) => questions.iter().map(question).collect::<Vec<_>>().join(", "),
        Value::Group(id) => names.get(id).map_or_else(|| id.to_string(), |name| safe(name).into_owned()),
    }
}

/// How one value becomes another: `before → after` on one line, or a line for each member that a set gains or loses.
#[must_use]
pub fn change(setting: &Setting, before: &Value, after: &Value, names: &Names) -> Vec<String> {
    match (before, after) {
        (Value::Words(before), Value::Words(after)) => members(before, after, String::clone),
        (Value::Questions(before), Value::Questions(after)) => members(before, after, question),
        _ => vec![format!("{} → {}", words(setting, before, names), words(setting, after, names))],
    }
}

fn members<T: Ord>(before: &BTreeSet<T>, after: &BTreeSet<T>, show: impl Fn(&T) -> String) -> Vec<String> {
    let gained = after.difference(before).map(|member| format!("+ {}", show(member)));
    let lost = before.difference(after).map(|member| format!("− {}", show(member)));
    gained.chain(lost).collect()
}

fn question(question: &Question) -> String {
    match question {
        Question::Predefined(text) => safe(text).into_owned(),
        Question::Custom(text) => format!("{} (custom)", safe(text)),
    }
}
