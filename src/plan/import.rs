//! Makes a policy from a tenant, for `import`.

use serde_json::{Map, Value as Json, json};

use crate::base::cloud::Cloud;
use crate::base::ids::TenantName;
use crate::base::value::Value;
use crate::catalog::setting::{Setting, ValueKind};
use crate::catalog::{self, allowed_from, methods};
use crate::plan::actual;
use crate::plan::actual::document_value;
use crate::policy::document::PolicyFile;
use crate::policy::managed::Managed;
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::facts::Migration;
use crate::tenant::managed_object;
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::{Surface, WriteMode};
use crate::tenant::wire_schema;

/// Why a value is left out that no policy can hold.
pub(crate) const UNSUITABLE: &str = "a policy cannot hold the tenant's value";

/// A setting that the policy had to leave out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedSetting {
    /// The name of the setting.
    pub setting: &'static str,
    /// Why it was left out. The text may contain untrusted text from the tenant.
    pub(crate) reason: String,
}

/// A policy that is not yet validated.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyDraft {
    tenant: String,
    cloud: Cloud,
    values: Vec<(&'static Setting, Json)>,
}

/// The policy that describes the tenant as it is, and the settings that it had to leave out. `objection` names the
/// first setting of a draft that is not valid, with the reason; that setting is left out, and the rest is checked again
/// until the draft is valid.
#[must_use]
pub fn import_policy(
    snapshot: &Snapshot,
    tenant: &TenantName,
    cloud: Cloud,
    objection: impl Fn(&PolicyDraft) -> Option<(&'static str, String)>,
) -> (Option<PolicyFile>, Vec<SkippedSetting>) {
    let mut draft = PolicyDraft { tenant: tenant.to_string(), cloud, values: Vec::new() };
    let mut left_out = Vec::new();
    for setting in catalog::ALL.iter().filter(|setting| is_there(setting, snapshot)) {
        match comparable(setting, snapshot).and_then(|()| found(setting, snapshot)) {
            Ok(value) => {
                if let Some(json) = written(setting, &value) {
                    draft.values.push((*setting, json));
                    if !reads_back(&draft, setting, &value) {
                        draft.values.pop();
                        left_out.push(SkippedSetting { setting: setting.name, reason: UNSUITABLE.to_owned() });
                    }
                }
            }
            Err(error) => left_out.push(SkippedSetting { setting: setting.name, reason: error.message }),
        }
    }
    while let Some((setting, reason)) = objection(&draft) {
        let before = draft.values.len();
        draft.values.retain(|(known, _)| known.name != setting);
        left_out.push(SkippedSetting { setting, reason });
        if draft.values.len() == before {
            return (None, left_out);
        }
    }
    (serde_json::from_value(draft.to_json()).ok(), left_out)
}

/// Passes a setting whose documents a plan compares: those of an unknown shape are compared in no part.
fn comparable(setting: &Setting, snapshot: &Snapshot) -> Result<(), TenantError> {
    wire_schema::writable(setting.surface, snapshot.document(setting.surface)?)?;
    if setting.name == methods::ALLOWED.name {
        let document = actual::converged(snapshot)?;
        if actual::migration(document)? != Migration::PreMigration {
            wire_schema::writable(Surface::AuthenticationMethods, document)?;
            // A plan also compares a configuration that reaches nobody.
            actual::modern(document)?;
        }
    }
    Ok(())
}

/// The actual value of a setting, as a policy would ask for it.
pub(crate) fn found(setting: &Setting, snapshot: &Snapshot) -> Result<Value, TenantError> {
    if setting.name == methods::ALLOWED.name {
        methods_of_everybody(snapshot)
    } else {
        document_value(setting, snapshot)
    }
}

/// The methods that people may use. It is an error if they are not the same for everybody in the scope, which
/// a policy cannot express.
fn methods_of_everybody(snapshot: &Snapshot) -> Result<Value, TenantError> {
    let methods = actual::allowed_methods(snapshot)?;
    let document = actual::converged(snapshot)?;
    if actual::migration(document)? == Migration::Complete
        && let Some(people) = actual::scope_target(|setting| document_value(setting, snapshot).ok())
    {
        let missing = actual::missing_targets(&methods, document, &people)?;
        if !missing.is_empty() {
            let missing = missing.into_iter().collect::<Vec<_>>().join(", ");
            let message = format!("only some people in the scope may use the allowed methods; {missing} is missing");
            return Err(TenantError::new(TenantErrorKind::Refused, message));
        }
    }
    Ok(Value::Set(methods))
}

impl PolicyDraft {
    #[must_use]
    pub(crate) fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The settings that the draft has values for.
    pub(crate) fn settings(&self) -> impl Iterator<Item = &'static Setting> {
        self.values.iter().map(|(setting, _)| *setting)
    }

    #[must_use]
    pub(crate) fn to_json(&self) -> Json {
        self.assemble(|_| true)
    }

    /// The policy with one setting alone.
    #[must_use]
    pub(crate) fn only(&self, setting: &str) -> Json {
        self.assemble(|name| name == setting)
    }

    fn assemble(&self, include: impl Fn(&str) -> bool) -> Json {
        let mut policy = Map::from_iter([("version".to_owned(), json!(1)), ("tenant".to_owned(), json!(self.tenant))]);
        if self.cloud != Cloud::default() {
            policy.insert("cloud".to_owned(), json!(self.cloud));
        }
        for (setting, value) in self.values.iter().filter(|(setting, _)| include(setting.name)) {
            let keys: Vec<_> = setting.name.split('.').collect();
            insert(&mut policy, &keys, value);
        }
        policy.into()
    }
}

/// Whether a policy with the value of this setting asks for what the tenant has. A helpdesk link that is the word `none`
/// does not: in a policy the word means that there is no link. What no policy can hold has an objection of its own.
fn reads_back(draft: &PolicyDraft, setting: &Setting, value: &Value) -> bool {
    let Ok(policy) = serde_json::from_value(draft.only(setting.name)) else { return true };
    match (setting.desired)(&policy) {
        Managed::Set(desired) => actual::is_asked(&desired, value),
        Managed::Unmanaged => true,
    }
}

/// Whether the tenant has the setting: an object that does not exist has none.
fn is_there(setting: &Setting, snapshot: &Snapshot) -> bool {
    setting.surface.write_mode() != WriteMode::ManagedObject
        || snapshot.document(setting.surface).map_or(true, managed_object::exists)
}

fn insert(section: &mut Map<String, Json>, keys: &[&str], value: &Json) {
    match keys {
        [] => {}
        [key] => {
            section.insert((*key).to_owned(), value.clone());
        }
        [first, rest @ ..] => {
            if let Some(inner) = section.entry(*first).or_insert_with(|| json!({})).as_object_mut() {
                insert(inner, rest, value);
            }
        }
    }
}

/// A value as a policy writes it; `None` for "no group" and for "anywhere", which a policy expresses by leaving the key out.
/// A group is written by id, because names are neither unique nor stable.
pub(crate) fn written(setting: &Setting, value: &Value) -> Option<Json> {
    match value {
        Value::Unset if setting.kind == ValueKind::Group => None,
        Value::Unset => Some(json!("none")),
        Value::Set(words) if words.contains(allowed_from::ANYWHERE) => None,
        Value::Bool(_)
        | Value::Number(_)
        | Value::Text(_)
        | Value::Set(_)
        | Value::Questions(_)
        | Value::Group(_)
        | Value::GroupName(_)
        | Value::Groups(_)
        | Value::GroupNames(_) => Some(value.to_json()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{helpdesk, scope};

    /// A policy leaves the key of a group out, and writes `none` for a link.
    #[test]
    fn no_group_is_left_out_and_no_link_is_written() {
        assert_eq!(written(&scope::GROUP, &Value::Unset), None);
        assert_eq!(written(&helpdesk::LINK, &Value::Unset), Some(json!("none")));
    }
}
