//! The methods that somebody has registered, by the names of the registration report.

use crate::catalog::methods::{AUTHENTICATOR, EMAIL, SMS, SOFTWARE_OATH, VOICE};
use crate::person::policy_state::HARDWARE_OATH;
use crate::policy::document::Method;

/// A kind of registered method that may reset a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ResetMethod {
    Push,
    SoftwareCode,
    HardwareCode,
    Email,
    MobilePhone,
    OfficePhone,
    Questions,
}

/// The name of each kind in the registration report.
const KINDS: [(ResetMethod, &str); 7] = [
    (ResetMethod::Push, "microsoftAuthenticatorPush"),
    (ResetMethod::SoftwareCode, "softwareOneTimePasscode"),
    (ResetMethod::HardwareCode, "hardwareOneTimePasscode"),
    (ResetMethod::Email, "email"),
    (ResetMethod::MobilePhone, "mobilePhone"),
    (ResetMethod::OfficePhone, "officePhone"),
    (ResetMethod::Questions, "securityQuestion"),
];

/// A set of kinds has a bit for each.
const _: () = assert!(KINDS.len() <= 8);

/// The beginnings of the report's names of methods that sign people in and never reset a password
/// (concept-authentication-methods). Alternate phones are for multifactor authentication alone.
const NEVER: [&str; 10] = [
    "alternateMobilePhone",
    "fido2",
    "passKey",
    "windowsHelloForBusiness",
    "x509Certificate",
    "temporaryAccessPass",
    "macOsSecureEnclaveKey",
    "microsoftAuthenticatorPasswordless",
    "qrCode",
    "external",
];

/// What somebody registered, as far as it may count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct RegisteredMethods {
    /// The kinds that may reset a password.
    pub(crate) kinds: ResetMethods,
    /// How many methods are of a kind that nobody knows.
    pub(crate) unknown: u32,
    /// Whether nothing at all is registered.
    pub(crate) nothing: bool,
}

/// A set of kinds. It is made for each person, so it takes no memory of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct ResetMethods(u8);

impl ResetMethods {
    pub(crate) fn insert(&mut self, kind: ResetMethod) {
        self.0 |= kind.bit();
    }

    /// The kinds of both sets.
    pub(crate) fn with(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Every set of some of these kinds, the empty one among them.
    pub(crate) fn subsets(self) -> impl Iterator<Item = Self> {
        (0..=self.0).map(Self).filter(move |subset| subset.0 & !self.0 == 0)
    }

    pub(crate) fn contains(self, kind: ResetMethod) -> bool {
        self.0 & kind.bit() != 0
    }

    /// The kinds, in their order.
    pub(crate) fn iter(self) -> impl Iterator<Item = ResetMethod> {
        KINDS.iter().map(|(kind, _)| *kind).filter(move |kind| self.0 & kind.bit() != 0)
    }
}

impl RegisteredMethods {
    /// Whether a name of the report is of a method that signs people in and never resets a password.
    pub(crate) fn never_counts(name: &str) -> bool {
        NEVER.iter().any(|never| name.starts_with(never))
    }

    /// Reads the names of the report, which are an open set.
    pub(crate) fn read(names: &[String]) -> Self {
        let mut read = Self { nothing: names.is_empty(), ..Self::default() };
        for name in names {
            match ResetMethod::named(name) {
                Some(kind) => read.kinds.insert(kind),
                None if Self::never_counts(name) => {}
                None => read.unknown += 1,
            }
        }
        read
    }
}

impl ResetMethod {
    /// The bit of this kind in a set of them.
    const fn bit(self) -> u8 {
        1 << (self as u8)
    }

    pub(crate) fn all() -> impl Iterator<Item = Self> {
        KINDS.iter().map(|(kind, _)| *kind)
    }

    /// The kind with this name in the registration report.
    pub(crate) fn named(name: &str) -> Option<Self> {
        KINDS.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }

    /// The name in the registration report.
    pub(crate) fn name(self) -> &'static str {
        KINDS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// The configurations of the authentication methods policy that may allow it, by their ids.
    pub(crate) const fn configurations(self) -> &'static [&'static str] {
        match self {
            Self::Push => &[AUTHENTICATOR],
            Self::SoftwareCode => &[AUTHENTICATOR, SOFTWARE_OATH],
            Self::HardwareCode => &[HARDWARE_OATH],
            Self::Email => &[EMAIL],
            Self::MobilePhone => &[SMS, VOICE],
            Self::OfficePhone => &[VOICE],
            Self::Questions => &[],
        }
    }

    /// The method of policies that it belongs to.
    pub(crate) const fn method(self) -> Method {
        match self {
            Self::Push => Method::MobileAppNotification,
            Self::SoftwareCode | Self::HardwareCode => Method::MobileAppCode,
            Self::Email => Method::Email,
            Self::MobilePhone => Method::MobilePhone,
            Self::OfficePhone => Method::OfficePhone,
            Self::Questions => Method::SecurityQuestions,
        }
    }
}

/// The report's names of all methods that may reset a password, each with the method of policies that it belongs to.
pub(crate) fn every_name() -> impl Iterator<Item = (Method, String)> {
    KINDS.iter().map(|(kind, name)| (kind.method(), (*name).to_owned()))
}

/// The same without hardware tokens, which an administrator hands out. Policies have one method for the codes of tokens and of
/// apps, yet next to a notification the code of a token is a method of its own, and that of an app perhaps not.
pub(crate) fn own_names() -> impl Iterator<Item = (Method, String)> {
    every_name().filter(|(_, name)| name != ResetMethod::HardwareCode.name())
}
