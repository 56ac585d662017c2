//! The contract: the keys that each document had when this program was built, and of what type they were. Neither service
//! promises us anything: the portal's API is undocumented, and Microsoft Graph may add keys at any time. A key that is new is
//! kept; a document of which a key is gone or of another type is read and not written any more.
//!
//! Where the lists come from: public captures of the portal's documents, the same 29 keys in all of them, and Microsoft
//! Graph v1.0's reference. This is the only place that knows them all.

use serde_json::Value;

use crate::tenant::document::Document;
use crate::tenant::kept;
use crate::tenant::surface::{Manner, Surface};
use crate::tenant::trouble::{Access, Trouble, TroubleKind};

/// The type of a value in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
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

impl Type {
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
pub struct Known {
    /// The key on the wire; `Entry.key` for a key inside an entry.
    pub key: &'static str,
    /// The types it may have; none where nothing hangs on its type.
    pub types: &'static [Type],
    /// Whether a document without it is not understood.
    pub needed: bool,
}

/// A key that nobody knew when this program was built.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NewKey {
    /// The document.
    pub surface: Surface,
    /// The key on the wire: untrusted text.
    pub key: String,
    /// The type of its value.
    pub found: Type,
}

/// A key that is not as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The key.
    pub known: Known,
    /// The type it has; `None` when it is missing.
    pub found: Option<Type>,
}

const fn needed(key: &'static str, types: &'static [Type]) -> Known {
    Known { key, types, needed: true }
}

/// A key that nothing hangs on.
const fn seen(key: &'static str) -> Known {
    Known { key, types: &[], needed: false }
}

const SWITCH: &[Type] = &[Type::Switch];
const NUMBER: &[Type] = &[Type::Number];
const TEXT: &[Type] = &[Type::Text];
const LIST: &[Type] = &[Type::List];
const OBJECT: &[Type] = &[Type::Object];
const OBJECT_OR_NULL: &[Type] = &[Type::Object, Type::Null];
const TEXT_OR_NULL: &[Type] = &[Type::Text, Type::Null];

/// Written as a whole, so that every key must be as it was.
const PASSWORD_RESET: &[Known] = &[
    needed("objectId", TEXT),
    needed("enablementType", NUMBER),
    needed("numberOfAuthenticationMethodsRequired", NUMBER),
    needed("emailOptionEnabled", SWITCH),
    needed("mobilePhoneOptionEnabled", SWITCH),
    needed("officePhoneOptionEnabled", SWITCH),
    needed("securityQuestionsOptionEnabled", SWITCH),
    needed("mobileAppNotificationEnabled", SWITCH),
    needed("mobileAppCodeEnabled", SWITCH),
    needed("numberOfQuestionsToRegister", NUMBER),
    needed("numberOfQuestionsToReset", NUMBER),
    needed("registrationRequiredOnSignIn", SWITCH),
    needed("registrationReconfirmIntevalInDays", NUMBER),
    needed("skipRegistrationAllowed", SWITCH),
    needed("skipRegistrationMaxAllowedDays", NUMBER),
    needed("customizeHelpdeskLink", SWITCH),
    needed("customHelpdeskEmailOrUrl", TEXT),
    needed("notifyUsersOnPasswordReset", SWITCH),
    needed("notifyOnAdminPasswordReset", SWITCH),
    needed("passwordResetEnabledGroupIds", LIST),
    needed("passwordResetEnabledGroupName", TEXT_OR_NULL),
    needed("securityQuestions", LIST),
    needed("registrationConditionalAccessPolicies", LIST),
    needed("emailOptionAllowed", SWITCH),
    needed("mobilePhoneOptionAllowed", SWITCH),
    needed("officePhoneOptionAllowed", SWITCH),
    needed("securityQuestionsOptionAllowed", SWITCH),
    needed("mobileAppNotificationOptionAllowed", SWITCH),
    needed("mobileAppCodeOptionAllowed", SWITCH),
];

const ON_PREMISES: &[Known] = &[
    needed("objectId", TEXT_OR_NULL),
    needed("passwordWritebackSupported", SWITCH),
    needed("accountUnlockSupported", SWITCH),
    needed("accountUnlockEnabled", SWITCH),
    needed("enablementForTenant", SWITCH),
    needed("cloudProvisioningEnablementForTenant", SWITCH),
];

/// Merged by the service, so that only what is written must be as it was.
const AUTHORIZATION: &[Known] = &[
    needed("allowedToUseSSPR", SWITCH),
    seen("id"),
    seen("deletedDateTime"),
    seen("allowInvitesFrom"),
    seen("allowedToSignUpEmailBasedSubscriptions"),
    seen("allowEmailVerifiedUsersToJoinOrganization"),
    seen("allowUserConsentForRiskyApps"),
    seen("blockMsolPowerShell"),
    seen("displayName"),
    seen("description"),
    seen("guestUserRoleId"),
    seen("defaultUserRolePermissions"),
];

/// The policy's own keys, and a key for each configuration.
const METHODS: &[Known] = &[
    needed("policyMigrationState", TEXT_OR_NULL),
    needed("Email", OBJECT),
    needed("Email.state", TEXT),
    needed("Sms", OBJECT),
    needed("Sms.state", TEXT),
    needed("Voice", OBJECT),
    needed("Voice.state", TEXT),
    needed("Voice.isOfficePhoneAllowed", SWITCH),
    needed("MicrosoftAuthenticator", OBJECT),
    needed("MicrosoftAuthenticator.state", TEXT),
    needed("MicrosoftAuthenticator.isSoftwareOathEnabled", SWITCH),
    needed("SoftwareOath", OBJECT),
    needed("SoftwareOath.state", TEXT),
    seen("id"),
    seen("displayName"),
    seen("description"),
    seen("lastModifiedDateTime"),
    seen("policyVersion"),
    seen("reconfirmationInDays"),
    seen("registrationEnforcement"),
    seen("reportSuspiciousActivitySettings"),
    seen("systemCredentialPreferences"),
    seen("Fido2"),
    seen("TemporaryAccessPass"),
    seen("HardwareOath"),
    seen("X509Certificate"),
    seen("QRCodePin"),
    seen("VerifiableCredentials"),
    seen("FederatedIdentityCredential"),
];

/// The object that is kept, where there is one; the service merges what is sent.
const CONDITIONAL_ACCESS: &[Known] = &[
    needed("id", TEXT),
    needed("state", TEXT),
    needed("conditions", OBJECT),
    needed("grantControls", OBJECT_OR_NULL),
    seen("templateId"),
    seen("displayName"),
    seen("createdDateTime"),
    seen("modifiedDateTime"),
    seen("deletedDateTime"),
    seen("sessionControls"),
    seen("partialEnablementStrategy"),
];

/// The object that is kept, where there is one; the service merges what is sent.
const DEVICE_CONFIGURATION: &[Known] = &[
    needed("id", TEXT),
    needed("omaSettings", LIST),
    needed("assignments", LIST),
    seen("displayName"),
    seen("description"),
    seen("createdDateTime"),
    seen("lastModifiedDateTime"),
    seen("version"),
    seen("roleScopeTagIds"),
    seen("supportsScopeTags"),
    seen("deviceManagementApplicabilityRuleOsEdition"),
    seen("deviceManagementApplicabilityRuleOsVersion"),
    seen("deviceManagementApplicabilityRuleDeviceMode"),
];

/// Every key that a document is known to have.
#[must_use]
pub fn known(surface: Surface) -> &'static [Known] {
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
pub fn new_keys(surface: Surface, document: &Document) -> Vec<NewKey> {
    let ours = |key: &str| key.contains('@') || key.starts_with(kept::OWN);
    let new = document.keys().filter(|key| !ours(key) && !known(surface).iter().any(|known| known.key == *key));
    let mut new: Vec<_> = new
        .filter_map(|key| Some(NewKey { surface, key: key.to_owned(), found: Type::of(&value(document, key)?) }))
        .collect();
    new.sort();
    new
}

/// The keys of a document that are not as they were.
#[must_use]
pub fn broken(surface: Surface, document: &Document) -> Vec<Broken> {
    // What a tenant does not have yet has no shape.
    let absent = surface.manner() == Manner::Object && !kept::exists(document);
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
        let found = found.as_ref().map(Type::of);
        let fits = found.is_some_and(|found| known.types.contains(&found));
        (!fits).then_some(Broken { known: *known, found })
    });
    broken.collect()
}

/// Passes a document on that may be written.
///
/// # Errors
/// What is not as it was, in words that can be pasted into a report: names of keys and types, never a value.
pub fn writable(surface: Surface, document: &Document) -> Result<&Document, Trouble> {
    let broken = broken(surface, document);
    if broken.is_empty() {
        return Ok(document);
    }
    let told: Vec<_> = broken.iter().map(tell).collect();
    let message = format!(
        "{} has another shape than this version knows, and is not written: {}",
        surface.name(),
        told.join(", ")
    );
    Err(Trouble::new(TroubleKind::NoAccess(Access::Shape(surface.system())), message)
        .hint("look for a newer version; if there is none, report this line to the project: it names keys and types, and no value"))
}

fn tell(broken: &Broken) -> String {
    let Broken { known: Known { key, types, needed: _ }, found } = broken;
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
