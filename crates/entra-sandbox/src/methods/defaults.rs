//! The authentication methods policy of a new tenant, in which every method is disabled.

use crate::methods::policy::MethodsPolicy;
use crate::state::raw_json::RawJson;

/// The policy without its configurations. The description is Microsoft's.
const POLICY: &str = r#"{"id":"authenticationMethodsPolicy","displayName":"Authentication Methods Policy","description":"The tenant-wide policy that controls which authentication methods are allowed in the tenant, authentication method registration requirements, and self-service password reset settings","lastModifiedDateTime":null,"policyVersion":"1.5","policyMigrationState":null,"registrationEnforcement":{"authenticationMethodsRegistrationCampaign":{"snoozeDurationInDays":1,"state":"default","excludeTargets":[],"includeTargets":[{"id":"all_users","targetType":"group","targetedAuthenticationMethod":"microsoftAuthenticator"}]}}}"#;

const PLAIN: &str = r#"[{"targetType":"group","id":"all_users","isRegistrationRequired":false}]"#;
const SMS: &str =
    r#"[{"targetType":"group","id":"all_users","isRegistrationRequired":false,"isUsableForSignIn":true}]"#;
const APP: &str =
    r#"[{"targetType":"group","id":"all_users","isRegistrationRequired":false,"authenticationMode":"any"}]"#;
/// The service writes an empty exclusion of a feature as a group with the zero id.
const FEATURES: &str = r#"{"displayAppInformationRequiredState":{"state":"default","includeTarget":{"targetType":"group","id":"all_users"},"excludeTarget":{"targetType":"group","id":"00000000-0000-0000-0000-000000000000"}},"displayLocationInformationRequiredState":{"state":"default","includeTarget":{"targetType":"group","id":"all_users"},"excludeTarget":{"targetType":"group","id":"00000000-0000-0000-0000-000000000000"}}}"#;
const CERTIFICATE: &str = r#"{"x509CertificateAuthenticationDefaultMode":"x509CertificateSingleFactor","rules":[]}"#;

/// A configuration: its id, the stem of its type, its own properties, and its targets.
type Row = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);

/// The configurations of every tenant, in the service's order. Only beta has hardware tokens.
const CONFIGURATIONS: [Row; 10] = [
    ("Fido2", "fido2", &[("isSelfServiceRegistrationAllowed", "true"), ("isAttestationEnforced", "false")], PLAIN),
    ("MicrosoftAuthenticator", "microsoftAuthenticator", &[("isSoftwareOathEnabled", "true"), FEATURE], APP),
    ("Sms", "sms", &[], SMS),
    (
        "TemporaryAccessPass",
        "temporaryAccessPass",
        &[
            ("defaultLifetimeInMinutes", "60"),
            ("defaultLength", "8"),
            ("minimumLifetimeInMinutes", "60"),
            ("maximumLifetimeInMinutes", "480"),
            ("isUsableOnce", "false"),
        ],
        PLAIN,
    ),
    ("HardwareOath", "hardwareOath", &[], PLAIN),
    ("SoftwareOath", "softwareOath", &[], PLAIN),
    ("Voice", "voice", &[("isOfficePhoneAllowed", "false")], PLAIN),
    ("Email", "email", &[("allowExternalIdToUseEmailOtp", "\"default\"")], PLAIN),
    (
        "X509Certificate",
        "x509Certificate",
        &[("certificateUserBindings", "[]"), ("authenticationModeConfiguration", CERTIFICATE)],
        PLAIN,
    ),
    ("QRCodePin", "qrCodePin", &[("standardQRCodeLifetimeInDays", "365"), ("pinLength", "8")], PLAIN),
];
const FEATURE: (&str, &str) = ("featureSettings", FEATURES);

pub(crate) fn ids() -> impl Iterator<Item = &'static str> {
    CONFIGURATIONS.iter().map(|(id, ..)| *id)
}

/// A configuration as a new tenant has it. The id matches in any casing.
#[must_use]
pub(crate) fn configuration(id: &str) -> Option<RawJson> {
    let (id, stem, own, targets) = CONFIGURATIONS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(id))?;
    let mut raw = RawJson::default();
    raw.set("@odata.type", &format!("#microsoft.graph.{stem}AuthenticationMethodConfiguration").into());
    raw.set("id", &(*id).into());
    raw.set("state", &"disabled".into());
    raw.set_text("excludeTargets", "[]");
    own.iter().for_each(|(key, text)| raw.set_text(key, text));
    raw.set_text("includeTargets", targets);
    Some(raw)
}

/// The policy of a new tenant.
#[must_use]
pub(crate) fn policy() -> MethodsPolicy {
    // The constants of this file are valid JSON; tests read each of them.
    MethodsPolicy {
        policy: RawJson::parse(POLICY).unwrap_or_default(),
        configurations: ids().filter_map(configuration).collect(),
    }
}
