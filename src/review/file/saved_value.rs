//! Values of settings in the form in which a review file saves them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::ids::ObjectId;
use crate::base::value::{Question, Value};

/// The value of a setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Value")]
pub(crate) enum SavedValue {
    /// No group, or no link.
    Nothing,
    /// Whether the setting is on.
    Switch(bool),
    /// A count, or a number of days.
    Number(u32),
    /// A word of a fixed list, or an address.
    Text(String),
    /// Words of a fixed list, sorted.
    Words(Vec<String>),
    /// Security questions, sorted.
    Questions(Vec<SavedQuestion>),
    /// A group, by id.
    Group(#[schemars(with = "String", extend("format" = "uuid"))] ObjectId),
    /// Groups, by id, sorted.
    Groups(#[schemars(with = "Vec<String>")] Vec<ObjectId>),
}

/// A security question, Microsoft's own or the organisation's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Question")]
pub(crate) enum SavedQuestion {
    /// One of Microsoft's own questions, in English.
    Predefined(String),
    /// A question that the organisation wrote.
    Custom(String),
}

impl From<&Value> for SavedValue {
    fn from(value: &Value) -> Self {
        match value {
            Value::Unset => Self::Nothing,
            Value::Bool(on) => Self::Switch(*on),
            Value::Number(number) => Self::Number(*number),
            // A plan has no names of groups, because they are resolved to ids before anything is compared.
            Value::Text(text) | Value::GroupName(text) => Self::Text(text.clone()),
            Value::Set(words) | Value::GroupNames(words) => Self::Words(words.iter().cloned().collect()),
            Value::Groups(ids) => Self::Groups(ids.iter().copied().collect()),
            Value::Questions(questions) => Self::Questions(questions.iter().map(SavedQuestion::from).collect()),
            Value::Group(id) => Self::Group(*id),
        }
    }
}

impl From<&SavedValue> for Value {
    fn from(saved: &SavedValue) -> Self {
        match saved {
            SavedValue::Nothing => Self::Unset,
            SavedValue::Switch(on) => Self::Bool(*on),
            SavedValue::Number(number) => Self::Number(*number),
            SavedValue::Text(text) => Self::Text(text.clone()),
            SavedValue::Words(words) => Self::Set(words.iter().cloned().collect()),
            SavedValue::Questions(questions) => Self::Questions(questions.iter().map(Question::from).collect()),
            SavedValue::Group(id) => Self::Group(*id),
            SavedValue::Groups(ids) => Self::Groups(ids.iter().copied().collect()),
        }
    }
}

impl From<&Question> for SavedQuestion {
    fn from(question: &Question) -> Self {
        match question {
            Question::Predefined(text) => Self::Predefined(text.clone()),
            Question::Custom(text) => Self::Custom(text.clone()),
        }
    }
}

impl From<&SavedQuestion> for Question {
    fn from(saved: &SavedQuestion) -> Self {
        match saved {
            SavedQuestion::Predefined(text) => Self::Predefined(text.clone()),
            SavedQuestion::Custom(text) => Self::Custom(text.clone()),
        }
    }
}
