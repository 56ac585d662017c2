//! When people are asked to register and to confirm: the portal's Registration page.

use crate::base::value::Value;
use crate::catalog::scalar::{decode_number, decode_switch, encode_number, encode_switch, in_section};
use crate::catalog::setting::{NoEffectReason, PortalPage, Setting, ValueKind};
use crate::tenant::surface::Surface;

const REQUIRED_KEY: &str = "registrationRequiredOnSignIn";
/// The service misspells the key, and accepts no other spelling.
const RECONFIRM_KEY: &str = "registrationReconfirmIntevalInDays";

/// Whether people who have not registered are asked to at sign-in.
pub(crate) static REQUIRED_AT_SIGN_IN: Setting = Setting {
    name: "registration.requiredAtSignIn",
    page: PortalPage::Registration,
    portal: "Require users to register when signing in?",
    surface: Surface::PasswordReset,
    keys: &[REQUIRED_KEY],
    kind: ValueKind::Switch,
    default: "true",
    needs: &[],
    source: "How it works: self-service password reset (concept-sspr-howitworks)",
    audit_names: &["EnforcedRegistrationEnablementForUsers", "EnableEnforcedRegistrationOnSignin"],
    audit: None,
    delay_minutes: None,
    off_value: None,
    no_effect: &[NoEffectReason::NoLicence, NoEffectReason::NobodyInScope],
    desired: |policy| in_section(&policy.registration, |r| &r.required_at_sign_in, |on| Value::Bool(*on)),
    decode: |document| decode_switch(document, REQUIRED_KEY),
    encode: |value, _| encode_switch(value, REQUIRED_KEY),
};

/// The number of days after which people are asked to confirm their registration; 0 means never.
pub(crate) static RECONFIRM_AFTER_DAYS: Setting = Setting {
    name: "registration.reconfirmAfterDays",
    page: PortalPage::Registration,
    portal: "Number of days before users are asked to re-confirm their authentication information",
    surface: Surface::PasswordReset,
    keys: &[RECONFIRM_KEY],
    kind: ValueKind::Number { min: 0, max: 730 },
    default: "180",
    needs: &[],
    source: "How it works: self-service password reset (concept-sspr-howitworks): 0 to 730 days, 0 is never",
    audit_names: &["EnforcedRegistrationIntervalInDaysForUsers"],
    audit: None,
    delay_minutes: None,
    off_value: None,
    no_effect: &[NoEffectReason::NoLicence, NoEffectReason::NobodyInScope, NoEffectReason::RegistrationNotRequired],
    desired: |policy| in_section(&policy.registration, |r| &r.reconfirm_after_days, |days| Value::Number(*days)),
    decode: |document| decode_number(document, RECONFIRM_KEY),
    encode: |value, _| encode_number(value, RECONFIRM_KEY),
};
