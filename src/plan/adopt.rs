//! A tenant becomes a policy: what `import` writes.

use serde_json::{Map, Value as Json, json};

use crate::base::ids::TenantName;
use crate::base::value::{Question, Value};
use crate::catalog;
use crate::catalog::setting::Setting;
use crate::plan::diff::live_value;
use crate::policy::document::Document;
use crate::tenant::snapshot::Snapshot;

/// A setting that the policy had to leave out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its name.
    pub setting: &'static str,
    /// Why: may hold text from the tenant.
    pub reason: String,
}

/// Why a policy may not say something.
pub type Objection<'a> = dyn Fn(&Json) -> Option<(String, String)> + 'a;

/// The policy that describes the tenant as it is, and what had to be left out of it. `objection` names the first setting
/// that a policy may not hold as it stands, with the reason; that setting is left out and the rest is tried again, so that
/// what comes back loads and validates.
pub fn adopt(snapshot: &Snapshot, name: &TenantName, objection: &Objection<'_>) -> (Option<Document>, Vec<LeftOut>) {
    let (mut kept, mut left_out) = readable(snapshot);
    loop {
        let policy = assemble(name, &kept);
        let Some((setting, reason)) = objection(&policy) else {
            return (serde_json::from_value(policy).ok(), left_out);
        };
        let before = kept.len();
        kept.retain(|(known, _)| {
            let stays = known.name != setting;
            if !stays {
                left_out.push(LeftOut { setting: known.name, reason: reason.clone() });
            }
            stays
        });
        if kept.len() == before {
            return (None, left_out);
        }
    }
}

/// Every setting that could be read, as a policy writes it.
fn readable(snapshot: &Snapshot) -> (Vec<(&'static Setting, Json)>, Vec<LeftOut>) {
    let mut kept = Vec::new();
    let mut left_out = Vec::new();
    for setting in catalog::ALL {
        match live_value(setting, snapshot) {
            Ok(value) => kept.extend(written(setting, &value).map(|json| (*setting, json))),
            Err(trouble) => left_out.push(LeftOut { setting: setting.name, reason: trouble.message }),
        }
    }
    (kept, left_out)
}

/// A value as a policy writes it; nothing for "no group", which a policy says by naming another scope. A group is written
/// by id: names are neither unique nor stable.
fn written(setting: &Setting, value: &Value) -> Option<Json> {
    Some(match value {
        Value::Nothing if setting.name == catalog::scope::GROUP.name => return None,
        Value::Nothing => json!("none"),
        Value::Switch(on) => json!(on),
        Value::Number(number) => json!(number),
        Value::Text(text) | Value::GroupName(text) => json!(text),
        Value::Words(words) => json!(words),
        Value::Questions(questions) => questions.iter().map(question).collect(),
        Value::Group(id) => json!(id),
    })
}

fn question(question: &Question) -> Json {
    match question {
        Question::Predefined(text) => json!({ "predefined": text }),
        Question::Custom(text) => json!({ "custom": text }),
    }
}

fn assemble(name: &TenantName, kept: &[(&'static Setting, Json)]) -> Json {
    let mut policy = Map::from_iter([("version".to_owned(), json!(1)), ("tenant".to_owned(), json!(name.to_string()))]);
    for (setting, value) in kept {
        let (section, key) = setting.name.split_once('.').unwrap_or((setting.name, ""));
        if let Some(section) = policy.entry(section).or_insert_with(|| json!({})).as_object_mut() {
            section.insert(key.to_owned(), value.clone());
        }
    }
    policy.into()
}
