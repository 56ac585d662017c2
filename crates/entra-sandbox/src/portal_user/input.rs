//! What a person types in the portal, and why it does not take it.

use serde_json::Value;
use uuid::Uuid;

use crate::state::folder::StateError;
use crate::state::tenant::Tenant;

/// Every setting that can be set.
pub const SETTINGS: [&str; 20] = [
    "scope.users",
    "scope.group",
    "scope.administrators",
    "methods.required",
    "methods.allowed",
    "securityQuestions.toRegister",
    "securityQuestions.toReset",
    "securityQuestions.questions",
    "registration.requiredAtSignIn",
    "registration.reconfirmAfterDays",
    "registration.allowedFrom.locations",
    "registration.allowedFrom.excludedGroups",
    "registration.allowedFrom.state",
    "notifications.users",
    "notifications.administrators",
    "helpdesk.link",
    "writeback.passwords",
    "writeback.unlockWithoutReset",
    "windowsSignIn.resetLink",
    "windowsSignIn.group",
];

/// Why the portal does not take a value.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// No such setting.
    #[error(
        "the sandbox knows no setting `{0}`; settings are {list}, authenticationMethods.policyMigrationState and \
         authenticationMethods.<Id>.state",
        list = SETTINGS.join(", ")
    )]
    UnknownSetting(String),
    /// The value cannot be read.
    #[error("`{value}` is not a value of {setting}: {expected}")]
    Value {
        /// The setting.
        setting: String,
        /// What was given.
        value: String,
        /// What would do.
        expected: String,
    },
    /// The portal's own rules are against it.
    #[error("the portal refuses {setting}: {reason}")]
    Rule {
        /// The setting.
        setting: String,
        /// The rule, in the portal's words.
        reason: String,
    },
    /// The tenant has no such person.
    #[error("nobody here signs in as `{name}`; people are {people}")]
    NoPerson {
        /// Who was named.
        name: String,
        /// Who could have been.
        people: String,
    },
    /// The sandbox itself cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
}

/// A setting with the value a person typed.
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

    /// The one group of this name or id.
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

    /// The parts of a list that commas part; `none` is the empty one.
    pub(crate) fn list(&self) -> Vec<&str> {
        let parts = self.value.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.filter(|part| *part != "none").collect()
    }
}
