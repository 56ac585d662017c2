//! Values in the words people read.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::ids::ObjectId;
use crate::base::value::{Question, Value};
use crate::render::text::safe::safe;

/// Display names of groups.
pub(crate) type GroupNames = BTreeMap<ObjectId, String>;

/// The word for a value that is not there and for a set without members: policies write it for a link, and the portal too.
pub(crate) const NONE: &str = "none";

/// How one output writes the parts of a value.
pub(crate) struct Wording<'a> {
    /// Writes a word, a name or an address.
    pub(crate) text: fn(&str) -> String,
    /// Writes a security question.
    pub(crate) question: fn(&Question) -> String,
    pub(crate) group: &'a dyn Fn(ObjectId) -> String,
}

/// A value in words.
pub(crate) enum Words {
    /// A value that is no set.
    One(String),
    /// The members of a set, sorted; it may be empty.
    Members(Vec<String>),
}

impl Wording<'_> {
    /// The value in the words of this output.
    pub(crate) fn of(&self, value: &Value) -> Words {
        match value {
            Value::Unset => Words::One(NONE.to_owned()),
            Value::Bool(on) => Words::One(on.to_string()),
            Value::Number(number) => Words::One(number.to_string()),
            Value::Text(text) | Value::GroupName(text) => Words::One((self.text)(text)),
            Value::Set(words) | Value::GroupNames(words) => {
                Words::Members(words.iter().map(|word| (self.text)(word)).collect())
            }
            Value::Questions(questions) => Words::Members(questions.iter().map(self.question).collect()),
            Value::Group(id) => Words::One((self.group)(*id)),
            Value::Groups(ids) => Words::Members(ids.iter().map(|id| (self.group)(*id)).collect()),
        }
    }
}

/// A setting's value on one line.
#[must_use]
pub(crate) fn words(value: &Value, names: &GroupNames) -> String {
    let wording = Wording { text: |text| safe(text).into_owned(), question, group: &|id| group(id, names) };
    match wording.of(value) {
        Words::One(text) => text,
        Words::Members(members) if members.is_empty() => NONE.to_owned(),
        Words::Members(members) => members.join(", "),
    }
}

fn group(id: ObjectId, names: &GroupNames) -> String {
    names.get(&id).map_or_else(|| id.to_string(), |name| safe(name).into_owned())
}

/// A change of a value: `before → after` on one line, or a line for each member that a set gains or loses.
#[must_use]
pub(crate) fn change(before: &Value, after: &Value, names: &GroupNames) -> Vec<String> {
    match (before, after) {
        (Value::Set(before), Value::Set(after)) => members(before, after, |word| safe(word).into_owned()),
        (Value::Groups(before), Value::Groups(after)) => members(before, after, |id| group(*id, names)),
        (Value::Questions(before), Value::Questions(after)) => members(before, after, question),
        _ => {
            let mut texts = [before, after].map(|value| words(value, names));
            if texts[0] == texts[1] {
                texts = [before, after].map(|value| exactly(value, words(value, names)));
            }
            vec![texts.join(" → ")]
        }
    }
}

/// A value that differs from another one although both read the same: groups of one name, or texts that differ in
/// characters that are not shown.
fn exactly(value: &Value, words: String) -> String {
    match value {
        Value::Group(id) => format!("{words} ({id})"),
        Value::Text(text) | Value::GroupName(text) => safe(&text.escape_default().to_string()).into_owned(),
        Value::Unset
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Set(_)
        | Value::Questions(_)
        | Value::Groups(_)
        | Value::GroupNames(_) => words,
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

#[cfg(test)]
mod tests {
    use crate::render::text::value::*;

    #[test]
    fn what_differs_reads_differently() -> Result<(), uuid::Error> {
        let (one, other) = ("11111111-2222-4333-8444-555555555555", "b6cdb9c3-d660-4558-bcfd-82c14a986b56");
        let names = GroupNames::from([(one.parse()?, "Pilot".to_owned()), (other.parse()?, "Pilot".to_owned())]);
        assert_eq!(
            change(&Value::Group(one.parse()?), &Value::Group(other.parse()?), &names),
            [format!("Pilot ({one}) → Pilot ({other})")]
        );
        let [plain, turned] = ["https://a/\u{200b}", "https://a/\u{202e}"].map(|text| Value::Text(text.to_owned()));
        assert_eq!(change(&plain, &turned, &names), [r"https://a/\u{200b} → https://a/\u{202e}"]);
        Ok(())
    }
}
