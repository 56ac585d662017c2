//! The normalised value of one setting. Two values that mean the same are equal: this is the one normaliser that diff,
//! verification, drift and reports share.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::base::ids::ObjectId;

/// A security question; two are the same when kind and text are the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// One of Microsoft's own questions, in English.
    Predefined(String),
    /// A question the organisation wrote.
    Custom(String),
}

/// The value of a setting, independent of the forms in policy files and on the wire.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// "No group", "no link".
    Unset,
    /// A switch that is on or off.
    Bool(bool),
    /// A count, or a number of days.
    Number(u32),
    /// One word of a fixed list, or an address.
    Text(String),
    /// Words of a fixed list, or names from the tenant, without order.
    Set(BTreeSet<String>),
    /// Security questions, without order.
    Questions(BTreeSet<Question>),
    /// A group, by id.
    Group(ObjectId),
    /// A group by the name a person wrote; resolved to an id before anything is compared.
    GroupName(String),
    /// Groups by id, without order.
    Groups(BTreeSet<ObjectId>),
    /// Groups as a person wrote them, by name or id; resolved to ids before anything is compared.
    GroupNames(BTreeSet<String>),
}

impl Value {
    /// The value as JSON, in the form in which policies write it: `null` when unset, groups by id, sets sorted.
    #[must_use]
    pub(crate) fn to_json(&self) -> Json {
        match self {
            Self::Unset => Json::Null,
            Self::Bool(on) => json!(on),
            Self::Number(number) => json!(number),
            Self::Text(text) | Self::GroupName(text) => json!(text),
            Self::Set(words) | Self::GroupNames(words) => json!(words),
            Self::Questions(questions) => questions.iter().map(Question::to_json).collect(),
            Self::Group(id) => json!(id.to_string()),
            Self::Groups(ids) => ids.iter().map(ToString::to_string).collect(),
        }
    }

    /// The value as JSON, in the form that is hashed: the same in every release, and different for different values. No
    /// name of this program is part of it, so that renaming a variant changes no hash. Sets are sorted.
    #[must_use]
    pub(crate) fn canonical(&self) -> Json {
        let kind = match self {
            Self::Unset | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::Set(_) => return self.to_json(),
            Self::Questions(_) => "questions",
            Self::Group(_) => "group",
            Self::GroupName(_) => "groupName",
            Self::Groups(_) => "groups",
            Self::GroupNames(_) => "groupNames",
        };
        json!({ kind: self.to_json() })
    }
}

impl Question {
    fn to_json(&self) -> Json {
        match self {
            Self::Predefined(text) => json!({ "predefined": text }),
            Self::Custom(text) => json!({ "custom": text }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{ObjectId, Question, Value};
    use crate::base::digest::hash_json;

    /// Drift states on disk hold these digests: whoever changes one changes the format's version with it.
    #[test]
    fn every_variant_has_the_digest_that_is_on_disk() -> Result<(), uuid::Error> {
        let [first, second]: [ObjectId; 2] =
            ["0C9E1B7A-0000-4000-8000-000000000001".parse()?, "f00d0000-0000-4000-8000-000000000002".parse()?];
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let color = || Question::Custom("Welche Farbe hatte Ihr erstes Fahrrad?".to_owned());
        let pet = || Question::Predefined("What was the name of your first pet?".to_owned());
        let pinned = [
            (Value::Unset, "74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b"),
            (Value::Bool(false), "fcbcf165908dd18a9e49f7ff27810176db8e9f63b4352213741664245224f8aa"),
            (Value::Bool(true), "b5bea41b6c623f7c09f1bf24dcae58ebab3c0cdd90ad966bc43a45b44867e12b"),
            (Value::Number(0), "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"),
            (Value::Number(180), "7b69759630f869f2723875f873935fed29d2d12b10ef763c1c33b8e0004cb405"),
            (Value::Text(String::new()), "12ae32cb1ec02d01eda3581b127c1fee3b0dc53572ed6baf239721a03d82e126"),
            (
                Value::Text("mailto:it@contoso.com".to_owned()),
                "8c966fe183d4904d53b91b4ae293b32bcf91a331ed4856ecf54db7cad52d0280",
            ),
            (Value::Set(words(&[])), "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"),
            (
                Value::Set(words(&["mobilePhone", "email"])),
                "31b788a2420118dc89cba548ebf24f6c5fbf0aa801d3bb69ea345e96665f98f3",
            ),
            (Value::Questions([].into()), "5c9253d29ca1fc9c4f7683bfe5dadd87e2dbce3e46af6ee80404bc7259b41e1e"),
            (
                Value::Questions([pet(), color()].into()),
                "71419475f0bbcb33dda1b72969f807145b058767200fdfc7e9c0709708899858",
            ),
            (
                Value::Questions([Question::Custom("What was the name of your first pet?".to_owned())].into()),
                "79b50a8462aa762864099f8979e20446fc786af0ec25a3c39bc5f60570c6eedb",
            ),
            (Value::Group(first), "b07a28a605a5fd1dc86fba31cf09feafc41711150c9435b15122a1b9e40129fa"),
            (Value::GroupName("Pilot".to_owned()), "4c10f566921e447566ed979555d897522cc226fdac221b7f945057dc23432f6b"),
            (Value::Groups([].into()), "47aec4b16657492be8ea01cac39a2b54a0485f848fdc1bae4e70dd6bad83abd8"),
            (Value::Groups([second, first].into()), "dd8f3c0db237f87c8831ec34407fc1e8455546e2d34a7feb6751bf24040a1876"),
            (Value::GroupNames(words(&[])), "810f5833e645d6eed79b7b617a00f51e8109934c9f3911cb7716222290614424"),
            (
                Value::GroupNames(words(&["Pilot", "All staff"])),
                "6ea1d7173ecde7b695694fb92e94a3a6c968a1dd0bdc562ba841e660bba8fc5e",
            ),
        ];
        let mut known = BTreeMap::new();
        for (value, digest) in pinned {
            assert_eq!(hash_json(&value.canonical()), digest, "{value:?}");
            assert_eq!(known.insert(digest, value.clone()), None, "{value:?}");
        }
        Ok(())
    }
}
