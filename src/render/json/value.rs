//! Values of settings.

use schemars::JsonSchema;
use serde::Serialize;

use crate::base::ids::ObjectId;
use crate::base::value::{Question, Value};
use crate::render::text::value::GroupNames;

/// The value of a setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "Value")]
pub(crate) enum ValueJson {
    /// `null`: no group, or no link.
    Nothing(()),
    /// A setting that is on or off.
    Switch(bool),
    /// A count, or a number of days.
    Number(u32),
    /// A word of a fixed list, or an address.
    Text(String),
    /// Words of a fixed list, or names, sorted.
    Words(Vec<String>),
    /// Security questions, in a fixed order.
    Questions(Vec<QuestionJson>),
    /// One group of the directory.
    Group(GroupJson),
    /// Groups, sorted by id.
    Groups(Vec<GroupJson>),
}

/// A security question, Microsoft's own or the organisation's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Question")]
pub(crate) enum QuestionJson {
    /// One of Microsoft's own questions, in English.
    Predefined(String),
    /// A question that the organisation wrote.
    Custom(String),
}

/// A group of the tenant's directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Group")]
pub(crate) struct GroupJson {
    /// Its object id in the directory.
    #[schemars(extend("format" = "uuid"))]
    id: String,
    /// Its display name, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

pub(crate) fn value(value: &Value, names: &GroupNames) -> ValueJson {
    match value {
        Value::Unset => ValueJson::Nothing(()),
        Value::Bool(on) => ValueJson::Switch(*on),
        Value::Number(number) => ValueJson::Number(*number),
        // A plan holds no names of groups: they are pinned to ids before anything is compared.
        Value::Text(text) | Value::GroupName(text) => ValueJson::Text(text.clone()),
        Value::Set(words) | Value::GroupNames(words) => ValueJson::Words(words.iter().cloned().collect()),
        Value::Questions(questions) => ValueJson::Questions(questions.iter().map(question).collect()),
        Value::Group(id) => ValueJson::Group(group(*id, names)),
        Value::Groups(ids) => ValueJson::Groups(ids.iter().map(|id| group(*id, names)).collect()),
    }
}

fn group(id: ObjectId, names: &GroupNames) -> GroupJson {
    GroupJson { id: id.to_string(), name: names.get(&id).cloned() }
}

fn question(question: &Question) -> QuestionJson {
    match question {
        Question::Predefined(text) => QuestionJson::Predefined(text.clone()),
        Question::Custom(text) => QuestionJson::Custom(text.clone()),
    }
}
