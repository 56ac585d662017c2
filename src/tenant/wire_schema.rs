//! The contract: the keys that each document had when this program was built, and of what type they were. Neither service
//! promises us anything: the portal's API is undocumented, and Microsoft Graph may add keys at any time. A key that is new is
//! kept; a document of which a key is gone or of another type is read and not written any more.
//!
//! Where the lists come from: public captures of the portal's documents, the same 29 keys in all of them, and Microsoft
//! Graph v1.0's reference. This is the only place that knows them all.

use serde_json::Value;

use crate::tenant::document::Document;
use crate::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use crate::tenant::managed_object;
use crate::tenant::surface::{Surface, WriteMode};

/// The type of a value in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum JsonType {
    /// `null`.
    Null,
    /// `true` or `false`.
    Switch,
    /// A number.
    Number,
    /// A text.
    Text,
    /// A list.
    List,
    /// An object.
    Object,
}

impl JsonType {
    /// The type of a value.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Switch,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::Text,
            Value::Array(_) => Self::List,
            Value::Object(_) => Self::Object,
        }
    }

    /// The word in messages and in reports to the project: JSON's own.
    #[must_use]
    pub fn name(self) -> &'static str {
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
    /// The types it may have; none where nothing hangs on its type.
    pub types: &'static [JsonType],
    /// Whether a document without it is not understood.
    pub needed: bool,
}

/// A key that nobody knew when this program was built.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnknownKey {
    /// The document.
    pub surface: Surface,
    /// The key on the wire: untrusted text.
    pub key: String,
    /// The type of its value.
    pub found: JsonType,
}

/// A key that is not as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaMismatch {
    /// The key.
    pub known: KnownKey,
    /// The type it has; `None` when it is missing.
    pub found: Option<JsonType>,
}

const fn required(key: &'static str, types: &'static [JsonType]) -> KnownKey {
    KnownKey { key, types, needed: true }
}

/// A key that nothing hangs on.
const fn optional(key: &'static str) -> KnownKey {
    KnownKey { key, types: &[], needed: false }
}

const SWITCH: &[JsonType] = &[JsonType::Switch];
const NUMBER: &[JsonType] = &[JsonType::Number];
const TEXT: &[JsonType] = &[JsonType::Text];
const LIST: &[JsonType] = &[JsonType::List];
const OBJECT: &[JsonType] = &[JsonType::Object];
const OBJECT_OR_NULL: &[JsonType] = &[JsonType::Object, JsonType::Null];
const TEXT_OR_NULL: &[JsonType] = &[JsonType::Text, JsonType::Null];

/// Written as a whole, so that every key must be as it was.
const PASSWORD_RESET: &[KnownKey] = &[
    required("objectId", TEXT),
    required("enablementType", NUMBER),
    required("numberOfAuthenticationMethodsRequired", NUMBER),
    required("emailOptionEnabled", SWITCH),
    required("mobilePhoneOptionEnabled", SWITCH),
    required("officePhoneOptionEnabled", SWITCH),
    required("securityQuestionsOptionEnabled", SWITCH),
    required("mobileAppNotificationEnabled", SWITCH),
    required("mobileAppCodeEnabled", SWITCH),
    required("numberOfQuestionsToRegister", NUMBER),
    required("numberOfQuestionsToReset", NUMBER),
    required("registrationRequiredOnSignIn", SWITCH),
    required("registrationReconfirmIntevalInDays", NUMBER),
    required("skipRegistrationAllowed", SWITCH),
    required("skipRegistrationMaxAllowedDays", NUMBER),
    required("customizeHelpdeskLink", SWITCH),
    required("customHelpdeskEmailOrUrl", TEXT),
    required("notifyUsersOnPasswordReset", SWITCH),
    required("notifyOnAdminPasswordReset", SWITCH),
    required("passwordResetEnabledGroupIds", LIST),
    required("passwordResetEnabledGroupName", TEXT_OR_NULL),
    required("securityQuestions", LIST),
    required("registrationConditionalAccessPolicies", LIST),
    required("emailOptionAllowed", SWITCH),
    required("mobilePhoneOptionAllowed", SWITCH),
    required("officePhoneOptionAllowed", SWITCH),
    required("securityQuestionsOptionAllowed", SWITCH),
    required("mobileAppNotificationOptionAllowed", SWITCH),
    required("mobileAppCodeOptionAllowed", SWITCH),
];

const ON_PREMISES: &[KnownKey] = &[
    required("objectId", TEXT_OR_NULL),
    required("passwordWritebackSupported", SWITCH),
    required("accountUnlockSupported", SWITCH),
    required("accountUnlockEnabled", SWITCH),
    required("enablementForTenant", SWITCH),
    required("cloudProvisioningEnablementForTenant", SWITCH),
];

/// Merged by the service, so that only what is written must be as it was.
const AUTHORIZATION: &[KnownKey] = &[
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

/// The policy's own keys, and a key for each configuration.
const METHODS: &[KnownKey] = &[
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

/// The object that is kept, where there is one; the service merges what is sent.
const CONDITIONAL_ACCESS: &[KnownKey] = &[
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

/// The object that is kept, where there is one; the service merges what is sent.
const DEVICE_CONFIGURATION: &[KnownKey] = &[
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

/// Every key that a document is known to have.
#[must_use]
pub fn known(surface: Surface) -> &'static [KnownKey] {
    match surface {
        Surface::PasswordReset => PASSWORD_RESET,
        Surface::OnPremisesPasswordReset => ON_PREMISES,
        Surface::AuthorizationPolicy => AUTHORIZATION,
        Surface::AuthenticationMethods => METHODS,
        Surface::ConditionalAccess => CONDITIONAL_ACCESS,
        Surface::DeviceConfiguration => DEVICE_CONFIGURATION,
    }
}

/// The keys of a document that are new, sorted. Annotations of the protocol and keys of our own are none.
#[must_use]
pub fn unknown_keys(surface: Surface, document: &Document) -> Vec<UnknownKey> {
    let ours = |key: &str| key.contains('@') || key.starts_with(managed_object::OWN);
    let new = document.keys().filter(|key| !ours(key) && !known(surface).iter().any(|known| known.key == *key));
    let mut new: Vec<_> = new
        .filter_map(|key| {
            Some(UnknownKey { surface, key: key.to_owned(), found: JsonType::of(&value(document, key)?) })
        })
        .collect();
    new.sort();
    new
}

/// The keys of a document that are not as they were.
#[must_use]
pub fn mismatches(surface: Surface, document: &Document) -> Vec<SchemaMismatch> {
    // What a tenant does not have yet has no shape.
    let absent = surface.write_mode() == WriteMode::ManagedObject && !managed_object::exists(document);
    let broken = known(surface).iter().filter(|_| !absent).filter(|known| known.needed).filter_map(|known| {
        let (entry, key) = known.key.split_once('.').unwrap_or((known.key, ""));
        let found = value(document, entry);
        let found = if key.is_empty() {
            found
        } else {
            // An entry that is none is told itself.
            let Value::Object(mut entry) = found? else { return None };
            entry.remove(key)
        };
        let found = found.as_ref().map(JsonType::of);
        let fits = found.is_some_and(|found| known.types.contains(&found));
        (!fits).then_some(SchemaMismatch { known: *known, found })
    });
    broken.collect()
}

/// Passes a document on that may be written.
///
/// # Errors
/// What is not as it was, in words that can be pasted into a report: names of keys and types, never a value.
pub fn writable(surface: Surface, document: &Document) -> Result<&Document, TenantError> {
    let broken = mismatches(surface, document);
    if broken.is_empty() {
        return Ok(document);
    }
    let told: Vec<_> = broken.iter().map(describe).collect();
    let message = format!(
        "{} has another shape than this version knows, and is not written: {}",
        surface.name(),
        told.join(", ")
    );
    Err(TenantError::new(TenantErrorKind::NoAccess(MissingAccess::UnknownShape(surface.service())), message)
        .hint("look for a newer version; if there is none, report this line to the project: it names keys and types, and no value"))
}

fn describe(broken: &SchemaMismatch) -> String {
    let SchemaMismatch { known: KnownKey { key, types, needed: _ }, found } = broken;
    let types = types.iter().map(|known| known.name()).collect::<Vec<_>>().join(" or ");
    match found {
        None => format!("`{key}` ({types}) is missing"),
        Some(found) => format!("`{key}` is {} instead of {types}", found.name()),
    }
}

/// The value of a key in any casing, as the services bind them.
fn value(document: &Document, key: &str) -> Option<Value> {
    let key = document.keys().find(|known| known.eq_ignore_ascii_case(key))?;
    serde_json::from_str(document.raw(key)?).ok()
}
