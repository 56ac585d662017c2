//! What a tenant keeps of its authentication methods policy.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::state::raw_json::RawJson;

/// The policy and its configurations, each as the service's own JSON, so that what nobody knows stays as it is spelled.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MethodsPolicy {
    /// Everything but the configurations.
    pub(crate) policy: RawJson,
    /// One object a method.
    pub(crate) configurations: Vec<RawJson>,
}

/// `policyMigrationState`: how far the method flags have moved here from the password reset policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Migration {
    /// The password reset policy's own method flags count.
    PreMigration,
    /// Both count.
    MigrationInProgress,
    /// The method flags of the password reset policy are ignored.
    MigrationComplete,
}

impl MethodsPolicy {
    /// The state of migration; a service that says `null` means complete.
    #[must_use]
    pub(crate) fn migration(&self) -> Migration {
        self.policy.read("policyMigrationState").unwrap_or(Migration::MigrationComplete)
    }

    /// Sets the state of migration; `None` is the `null` of new tenants.
    pub(crate) fn set_migration(&mut self, state: Option<Migration>) {
        self.policy.set("policyMigrationState", &json!(state));
    }

    /// The configuration with this id, in any casing.
    #[must_use]
    pub(crate) fn configuration(&self, id: &str) -> Option<&RawJson> {
        self.configurations.iter().find(|one| has_id(one, id))
    }

    /// The same, to change it.
    pub(crate) fn configuration_mut(&mut self, id: &str) -> Option<&mut RawJson> {
        self.configurations.iter_mut().find(|one| has_id(one, id))
    }

    /// Sets one property of a configuration, as seeds and the portal do; an unknown id changes nothing.
    pub(crate) fn set(&mut self, id: &str, key: &str, value: &Value) {
        if let Some(one) = self.configuration_mut(id) {
            one.set(key, value);
        }
    }

    /// Whether a method is switched on.
    #[must_use]
    pub(crate) fn enabled(&self, id: &str) -> bool {
        self.configuration(id).and_then(|one| one.read::<String>("state")).as_deref() == Some("enabled")
    }

    /// Notes when the policy was last changed.
    pub(crate) fn set_modified(&mut self, now: Timestamp) {
        self.policy.set("lastModifiedDateTime", &json!(format!("{now:.7}")));
    }

    /// The whole as one text; equal texts are equal policies.
    #[must_use]
    pub(crate) fn text(&self) -> String {
        let configurations: Vec<String> = self.configurations.iter().map(RawJson::text).collect();
        format!("{}{}", self.policy.text(), configurations.join(","))
    }
}

/// The id of a configuration.
#[must_use]
pub(crate) fn id_of(configuration: &RawJson) -> String {
    configuration.read("id").unwrap_or_default()
}

fn has_id(configuration: &RawJson, id: &str) -> bool {
    id_of(configuration).eq_ignore_ascii_case(id)
}
