//! Values as a person types them in the portal, and the errors of the portal.

use serde_json::Value;
use uuid::Uuid;

use crate::state::folder::StateError;
use crate::state::tenant::Tenant;

/// Why the portal rejects an edit.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// There is no such setting.
    #[error(
        "the sandbox has no setting `{name}`; its settings are {settings}, authenticationMethods.policyMigrationState \
         and authenticationMethods.<Id>.state"
    )]
    UnknownSetting {
        /// The name that was given.
        name: String,
        /// The names of all settings, separated by commas.
        settings: String,
    },
    /// The value is not of the setting's type.
    #[error("`{value}` is not a value of {setting}: {expected}")]
    Value {
        /// The setting, by its name.
        setting: String,
        /// The value that was given.
        value: String,
        /// The values that are valid.
        expected: String,
    },
    /// The value breaks a rule of the portal.
    #[error("the portal refuses {setting}: {reason}")]
    Rule {
        /// The setting, by its name.
        setting: String,
        /// The rule, in the portal's words.
        reason: String,
    },
    /// The tenant has no such person.
    #[error("the tenant has no person `{name}` who can sign in, under any of its domains; it has {people}")]
    NoPerson {
        /// The sign-in name that was given.
        name: String,
        /// The sign-in names of the people who can sign in.
        people: String,
    },
    /// The state of the sandbox cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
}

/// A setting with the value that a person typed.
pub(crate) struct TypedSetting<'a> {
    pub(crate) setting: &'a str,
    pub(crate) value: &'a str,
}

impl TypedSetting<'_> {
    pub(crate) fn boolean(&self) -> Result<bool, EditError> {
        self.value.parse().map_err(|_| self.invalid("true or false"))
    }

    pub(crate) fn number(&self) -> Result<Value, EditError> {
        self.value.parse::<u32>().map(Value::from).map_err(|_| self.invalid("a whole number"))
    }

    pub(crate) fn invalid(&self, expected: &str) -> EditError {
        let (setting, value) = (self.setting.to_owned(), self.value.to_owned());
        EditError::Value { setting, value, expected: expected.to_owned() }
    }

    pub(crate) fn rule_violation(&self, reason: &str) -> EditError {
        EditError::Rule { setting: self.setting.to_owned(), reason: reason.to_owned() }
    }

    /// The group with this name or id, which must be unique.
    pub(crate) fn group(&self, tenant: &Tenant, text: &str) -> Result<Uuid, EditError> {
        let id = Uuid::parse_str(text).ok();
        let named = |name: &str| name.to_lowercase() == text.to_lowercase();
        let mut found = tenant.groups.iter().filter(|group| id.map_or(named(&group.display_name), |id| id == group.id));
        match (found.next(), found.next()) {
            (Some(group), None) => Ok(group.id),
            (None, _) => Err(self.invalid("the name or id of a group of this tenant")),
            (Some(_), Some(_)) => Err(self.invalid("several groups have this name, give the id of one")),
        }
    }

    /// The items of a comma-separated list; `none` is the empty list.
    pub(crate) fn list(&self) -> Vec<&str> {
        let parts = self.value.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.filter(|part| *part != "none").collect()
    }
}
