//! The people that policy tests begin with, one row for each.

use uuid::Uuid;

use crate::person::roles::{AUTHENTICATION_ADMINISTRATOR, GLOBAL_ADMINISTRATOR};
use crate::policy::test_file::{Persona, RegisteredMethod};

/// What is known of a persona before a test says otherwise.
pub(crate) struct PersonaSpec {
    /// The word in test files.
    pub(crate) word: &'static str,
    /// Who it is, for the documentation.
    pub(crate) who: &'static str,
    /// What they have registered.
    pub(crate) methods: &'static [RegisteredMethod],
    /// Whether their account comes from a directory on premises, where their password then is.
    pub(crate) synchronised: bool,
    /// Whether their account is in another tenant.
    pub(crate) external: bool,
    /// The role that they have; `None` for somebody without one.
    pub(crate) role: Option<Uuid>,
}

/// Somebody with a cloud account of this tenant, without a role, who has registered nothing.
const MEMBER: PersonaSpec =
    PersonaSpec { word: "", who: "", methods: &[], synchronised: false, external: false, role: None };

impl Persona {
    #[must_use]
    pub(crate) const fn spec(self) -> PersonaSpec {
        use RegisteredMethod::{Email, MobileAppCode, MobileAppNotification, MobilePhone, Passkey};
        match self {
            Self::NewHire => {
                PersonaSpec { word: "newHire", who: "has just begun, and has registered nothing", ..MEMBER }
            }
            Self::Frontline => PersonaSpec {
                word: "frontline",
                who: "has no phone, and has registered a private mail address",
                methods: &[Email],
                ..MEMBER
            },
            Self::Remote => PersonaSpec {
                word: "remote",
                who: "works elsewhere, with Microsoft Authenticator and a mobile phone",
                methods: &[MobileAppNotification, MobileAppCode, MobilePhone],
                ..MEMBER
            },
            Self::Synchronised => PersonaSpec {
                word: "synchronised",
                who: "has an account and a password from a directory on premises",
                methods: &[MobileAppNotification, MobileAppCode, Email],
                synchronised: true,
                ..MEMBER
            },
            Self::Guest => PersonaSpec {
                word: "guest",
                who: "has an account in another tenant, whose policy decides",
                methods: &[MobileAppCode, Email],
                external: true,
                ..MEMBER
            },
            Self::BreakGlass => PersonaSpec {
                word: "breakGlass",
                who: "is a global administrator for emergencies, with a security key alone",
                methods: &[Passkey],
                role: Some(GLOBAL_ADMINISTRATOR),
                ..MEMBER
            },
            Self::Administrator => PersonaSpec {
                word: "administrator",
                who: "has a role to which Microsoft's policy for administrators applies",
                methods: &[MobileAppNotification, MobileAppCode, Email],
                role: Some(AUTHENTICATION_ADMINISTRATOR),
                ..MEMBER
            },
        }
    }
}

impl RegisteredMethod {
    /// The word in test files.
    #[must_use]
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::MobileAppNotification => "mobileAppNotification",
            Self::MobileAppCode => "mobileAppCode",
            Self::Email => "email",
            Self::MobilePhone => "mobilePhone",
            Self::OfficePhone => "officePhone",
            Self::SecurityQuestions => "securityQuestions",
            Self::Passkey => "passkey",
            Self::WindowsHello => "windowsHello",
            Self::AlternatePhone => "alternatePhone",
        }
    }

    /// The name in the registration report.
    #[must_use]
    pub(crate) const fn reported(self) -> &'static str {
        match self {
            Self::MobileAppNotification => "microsoftAuthenticatorPush",
            Self::MobileAppCode => "softwareOneTimePasscode",
            Self::Email => "email",
            Self::MobilePhone => "mobilePhone",
            Self::OfficePhone => "officePhone",
            Self::SecurityQuestions => "securityQuestion",
            Self::Passkey => "fido2SecurityKey",
            Self::WindowsHello => "windowsHelloForBusiness",
            Self::AlternatePhone => "alternateMobilePhone",
        }
    }
}
