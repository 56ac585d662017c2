//! The authentication methods policy of a tenant.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::state::raw_json::RawJson;

/// The policy and its configurations as the service's own JSON, so that unknown keys are preserved.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MethodsPolicy {
    /// The policy without its configurations.
    pub(crate) policy: RawJson,
    pub(crate) configurations: Vec<RawJson>,
}

/// `policyMigrationState`: which policy decides about the methods of password reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Migration {
    /// The password reset policy decides.
    PreMigration,
    /// Both policies decide about methods.
    MigrationInProgress,
    /// The authentication methods policy decides.
    MigrationComplete,
}

impl MethodsPolicy {
    /// The migration state. The service means complete by `null`.
    #[must_use]
    pub(crate) fn migration(&self) -> Migration {
        self.policy.read("policyMigrationState").unwrap_or(Migration::MigrationComplete)
    }

    /// Sets the migration state; `None` is the `null` of new tenants.
    pub(crate) fn set_migration(&mut self, state: Option<Migration>) {
        self.policy.set("policyMigrationState", &json!(state));
    }

    /// The configuration with this id, in any casing.
    #[must_use]
    pub(crate) fn configuration(&self, id: &str) -> Option<&RawJson> {
        self.configurations.iter().find(|one| has_id(one, id))
    }

    pub(crate) fn configuration_mut(&mut self, id: &str) -> Option<&mut RawJson> {
        self.configurations.iter_mut().find(|one| has_id(one, id))
    }

    /// Sets a property of a configuration; an unknown id changes nothing.
    pub(crate) fn set(&mut self, id: &str, key: &str, value: &Value) {
        if let Some(one) = self.configuration_mut(id) {
            one.set(key, value);
        }
    }

    #[must_use]
    pub(crate) fn enabled(&self, id: &str) -> bool {
        self.configuration(id).and_then(|one| one.read::<String>("state")).as_deref() == Some("enabled")
    }

    /// Sets the date of the last change.
    pub(crate) fn set_modified(&mut self, now: Timestamp) {
        self.policy.set("lastModifiedDateTime", &json!(format!("{now:.7}")));
    }

    /// The whole policy as text, which is equal for equal policies.
    #[must_use]
    pub(crate) fn text(&self) -> String {
        let configurations: Vec<String> = self.configurations.iter().map(RawJson::text).collect();
        format!("{}{}", self.policy.text(), configurations.join(","))
    }
}

#[must_use]
pub(crate) fn id_of(configuration: &RawJson) -> String {
    configuration.read("id").unwrap_or_default()
}

fn has_id(configuration: &RawJson, id: &str) -> bool {
    id_of(configuration).eq_ignore_ascii_case(id)
}
