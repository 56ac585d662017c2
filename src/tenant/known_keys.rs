//! The keys that each document had when this program was built, and of what type they were.
//!
//! Sources: public captures of the portal's documents, which have the same 29 keys in all of them, and the reference of
//! Microsoft Graph v1.0. What is done with the lists is in [`wire_schema`](crate::tenant::wire_schema).

use serde_json::Value;

/// The type of a value in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum JsonType {
    /// The JSON value `null`.
    Null,
    /// A JSON boolean, `true` or `false`.
    Switch,
    /// A JSON number of any form.
    Number,
    /// A JSON string of any length.
    Text,
    /// A JSON array of any content.
    List,
    /// A JSON object with any keys.
    Object,
}

impl JsonType {
    /// The type that a value has.
    #[must_use]
    pub(crate) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Switch,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::Text,
            Value::Array(_) => Self::List,
            Value::Object(_) => Self::Object,
        }
    }

    /// The type of a value by its text, which is valid JSON.
    #[must_use]
    pub(crate) fn of_text(raw: &str) -> Self {
        match raw.trim_start().as_bytes().first() {
            Some(b'{') => Self::Object,
            Some(b'[') => Self::List,
            Some(b'"') => Self::Text,
            Some(b't' | b'f') => Self::Switch,
            Some(b'n') => Self::Null,
            _ => Self::Number,
        }
    }

    /// The name that JSON has for the type, for messages.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Switch => "boolean",
            Self::Number => "number",
            Self::Text => "string",
            Self::List => "array",
            Self::Object => "object",
        }
    }
}

/// A key that a document is known to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownKey {
    /// The key on the wire; `Entry.key` for a key inside an entry.
    pub key: &'static str,
    /// The types that its value may have; empty where any type will do.
    pub types: &'static [JsonType],
    /// Whether a document that lacks it, or has it with another type, must not be written.
    pub needed: bool,
    /// Whether it switches one method of password reset on and off.
    pub switches_method: bool,
}

/// A key without which the document is not written.
const fn required(key: &'static str, types: &'static [JsonType]) -> KnownKey {
    KnownKey { key, types, needed: true, switches_method: false }
}

/// A key that may be missing, and may have any type.
const fn optional(key: &'static str) -> KnownKey {
    KnownKey { key, types: &[], needed: false, switches_method: false }
}

/// A required key that switches one method of password reset on and off.
const fn method(key: &'static str) -> KnownKey {
    KnownKey { key, types: SWITCH, needed: true, switches_method: true }
}

const SWITCH: &[JsonType] = &[JsonType::Switch];
const NUMBER: &[JsonType] = &[JsonType::Number];
const TEXT: &[JsonType] = &[JsonType::Text];
const LIST: &[JsonType] = &[JsonType::List];
/// A list whose absence some tenants have as null.
const LIST_OR_NULL: &[JsonType] = &[JsonType::List, JsonType::Null];
const OBJECT: &[JsonType] = &[JsonType::Object];
const OBJECT_OR_NULL: &[JsonType] = &[JsonType::Object, JsonType::Null];
const TEXT_OR_NULL: &[JsonType] = &[JsonType::Text, JsonType::Null];

/// Every write replaces the whole document, so all 29 keys must have the type that they are known to have.
pub(crate) const PASSWORD_RESET: &[KnownKey] = &[
    required("objectId", TEXT),
    required("enablementType", NUMBER),
    required("numberOfAuthenticationMethodsRequired", NUMBER),
    method("emailOptionEnabled"),
    method("mobilePhoneOptionEnabled"),
    method("officePhoneOptionEnabled"),
    method("securityQuestionsOptionEnabled"),
    method("mobileAppNotificationEnabled"),
    method("mobileAppCodeEnabled"),
    required("numberOfQuestionsToRegister", NUMBER),
    required("numberOfQuestionsToReset", NUMBER),
    required("registrationRequiredOnSignIn", SWITCH),
    required("registrationReconfirmIntevalInDays", NUMBER),
    required("skipRegistrationAllowed", SWITCH),
    required("skipRegistrationMaxAllowedDays", NUMBER),
    required("customizeHelpdeskLink", SWITCH),
    required("customHelpdeskEmailOrUrl", TEXT_OR_NULL),
    required("notifyUsersOnPasswordReset", SWITCH),
    required("notifyOnAdminPasswordReset", SWITCH),
    required("passwordResetEnabledGroupIds", LIST_OR_NULL),
    required("passwordResetEnabledGroupName", TEXT_OR_NULL),
    required("securityQuestions", LIST_OR_NULL),
    required("registrationConditionalAccessPolicies", LIST_OR_NULL),
    required("emailOptionAllowed", SWITCH),
    required("mobilePhoneOptionAllowed", SWITCH),
    required("officePhoneOptionAllowed", SWITCH),
    required("securityQuestionsOptionAllowed", SWITCH),
    required("mobileAppNotificationOptionAllowed", SWITCH),
    required("mobileAppCodeOptionAllowed", SWITCH),
];

/// Each key is written by a request of its own.
pub(crate) const ON_PREMISES: &[KnownKey] = &[
    required("objectId", TEXT_OR_NULL),
    required("passwordWritebackSupported", SWITCH),
    required("accountUnlockSupported", SWITCH),
    required("accountUnlockEnabled", SWITCH),
    required("enablementForTenant", SWITCH),
    required("cloudProvisioningEnablementForTenant", SWITCH),
];

/// The service merges what is sent, so only the key that is written must have its known type.
pub(crate) const AUTHORIZATION: &[KnownKey] = &[
    required("allowedToUseSSPR", SWITCH),
    optional("id"),
    optional("deletedDateTime"),
    optional("allowInvitesFrom"),
    optional("allowedToSignUpEmailBasedSubscriptions"),
    optional("allowEmailVerifiedUsersToJoinOrganization"),
    optional("allowUserConsentForRiskyApps"),
    optional("blockMsolPowerShell"),
    optional("displayName"),
    optional("description"),
    optional("guestUserRoleId"),
    optional("defaultUserRolePermissions"),
];

/// The keys of the policy itself, and one for each method configuration (`Email`, `Sms` and so on).
pub(crate) const METHODS: &[KnownKey] = &[
    required("policyMigrationState", TEXT_OR_NULL),
    required("Email", OBJECT),
    required("Email.state", TEXT),
    required("Sms", OBJECT),
    required("Sms.state", TEXT),
    required("Voice", OBJECT),
    required("Voice.state", TEXT),
    required("Voice.isOfficePhoneAllowed", SWITCH),
    required("MicrosoftAuthenticator", OBJECT),
    required("MicrosoftAuthenticator.state", TEXT),
    required("MicrosoftAuthenticator.isSoftwareOathEnabled", SWITCH),
    required("SoftwareOath", OBJECT),
    required("SoftwareOath.state", TEXT),
    optional("id"),
    optional("displayName"),
    optional("description"),
    optional("lastModifiedDateTime"),
    optional("policyVersion"),
    optional("reconfirmationInDays"),
    optional("registrationEnforcement"),
    optional("reportSuspiciousActivitySettings"),
    optional("systemCredentialPreferences"),
    optional("Fido2"),
    optional("TemporaryAccessPass"),
    optional("HardwareOath"),
    optional("X509Certificate"),
    optional("QRCodePin"),
    optional("VerifiableCredentials"),
    optional("FederatedIdentityCredential"),
];

/// The keys of one Conditional Access policy; the service merges what is sent.
pub(crate) const CONDITIONAL_ACCESS: &[KnownKey] = &[
    required("id", TEXT),
    required("state", TEXT),
    required("conditions", OBJECT),
    required("grantControls", OBJECT_OR_NULL),
    optional("templateId"),
    optional("displayName"),
    optional("createdDateTime"),
    optional("modifiedDateTime"),
    optional("deletedDateTime"),
    optional("sessionControls"),
    optional("partialEnablementStrategy"),
];

/// The keys of one Intune configuration; the service merges what is sent.
pub(crate) const DEVICE_CONFIGURATION: &[KnownKey] = &[
    required("id", TEXT),
    required("omaSettings", LIST),
    required("assignments", LIST),
    optional("displayName"),
    optional("description"),
    optional("createdDateTime"),
    optional("lastModifiedDateTime"),
    optional("version"),
    optional("roleScopeTagIds"),
    optional("supportsScopeTags"),
    optional("deviceManagementApplicabilityRuleOsEdition"),
    optional("deviceManagementApplicabilityRuleOsVersion"),
    optional("deviceManagementApplicabilityRuleDeviceMode"),
];
