//! The policy and its method configurations as a new tenant has them, every method off.

use crate::methods::policy::MethodsPolicy;
use crate::state::raw_json::RawJson;

/// The policy without its configurations. The description is the service's own, although the policy controls methods alone.
const POLICY: &str = r#"{"id":"authenticationMethodsPolicy","displayName":"Authentication Methods Policy","description":"The tenant-wide policy that controls which authentication methods are allowed in the tenant, authentication method registration requirements, and self-service password reset settings","lastModifiedDateTime":null,"policyVersion":"1.5","policyMigrationState":null,"registrationEnforcement":{"authenticationMethodsRegistrationCampaign":{"snoozeDurationInDays":1,"state":"default","excludeTargets":[],"includeTargets":[{"id":"all_users","targetType":"group","targetedAuthenticationMethod":"microsoftAuthenticator"}]}}}"#;

const PLAIN: &str = r#"[{"targetType":"group","id":"all_users","isRegistrationRequired":false}]"#;
const SMS: &str =
    r#"[{"targetType":"group","id":"all_users","isRegistrationRequired":false,"isUsableForSignIn":true}]"#;
const APP: &str =
    r#"[{"targetType":"group","id":"all_users","isRegistrationRequired":false,"authenticationMode":"any"}]"#;
/// The empty exclusion of a feature is a group with the zero id.
const FEATURES: &str = r#"{"displayAppInformationRequiredState":{"state":"default","includeTarget":{"targetType":"group","id":"all_users"},"excludeTarget":{"targetType":"group","id":"00000000-0000-0000-0000-000000000000"}},"displayLocationInformationRequiredState":{"state":"default","includeTarget":{"targetType":"group","id":"all_users"},"excludeTarget":{"targetType":"group","id":"00000000-0000-0000-0000-000000000000"}}}"#;
const CERTIFICATE: &str = r#"{"x509CertificateAuthenticationDefaultMode":"x509CertificateSingleFactor","rules":[]}"#;

/// A configuration: its id, the stem of its type, and its own properties.
type Row = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);

/// In the order in which the service lists them. Hardware tokens are known to beta alone.
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

/// The ids that every tenant has a configuration of.
pub(crate) fn ids() -> impl Iterator<Item = &'static str> {
    CONFIGURATIONS.iter().map(|(id, ..)| *id)
}

/// The configuration of this id, in any casing, as a new tenant has it.
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

/// The whole policy of a new tenant.
#[must_use]
pub(crate) fn policy() -> MethodsPolicy {
    // The constants of this file parse; tests read every one of them.
    MethodsPolicy {
        policy: RawJson::parse(POLICY).unwrap_or_default(),
        configurations: ids().filter_map(configuration).collect(),
    }
}
