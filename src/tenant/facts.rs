//! Facts about a tenant, other than its settings, that decide which settings take effect: its licences, its directory on
//! premises, and which policy decides its methods. A fact that could not be read is unknown, never "no".

use crate::tenant::error::TenantError;
use crate::tenant::group::FrozenGroup;

/// What is known about a tenant, other than its settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TenantFacts {
    /// Which policy decides the methods that people may use.
    pub migration: Option<Migration>,
    /// What the tenant's licences permit.
    pub licence: Option<Licence>,
    /// How the tenant is connected to a directory on premises.
    pub hybrid: Option<Hybrid>,
    /// How many administrators are in the group that a policy names, at any depth, by the registration report, which lags.
    pub administrators_among: Option<u64>,
    /// Whether the tenant has a domain of its own, besides the one that every tenant has; `None` if that was not read.
    pub custom_domain: Option<bool>,
    /// The people in scope whose password is on premises; `None` if they were not counted.
    pub synchronised_people: Option<SynchronisedPeople>,
    /// Whether a text message is a first factor of signing in for anybody.
    pub sms_sign_in: Option<bool>,
    /// The groups of the policy, and of the methods that it allows, whose members no longer change; `None` if none was read.
    pub frozen_groups: Option<Vec<FrozenGroup>>,
    /// The facts that a plan needs and that could not be read.
    pub unread: Vec<UnreadFact>,
}

/// The people in scope whose account is synchronised from on premises, where their password is, whatever role they have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SynchronisedPeople {
    /// How many they are.
    pub people: u64,
    /// How many of them cannot reset, because the new password is not written back.
    pub cannot: u64,
    /// Of how many of them it is not known whether it would be.
    pub unclear: u64,
    /// Why those cannot, as the end of a sentence about people; empty if they can.
    pub why: &'static str,
}

/// A fact that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadFact {
    /// The fact, as in "the tenant's licences".
    pub what: &'static str,
    /// Why it could not be read.
    pub why: TenantError,
}

impl TenantFacts {
    /// How many methods Microsoft's policy asks of administrators, at least and at most: one is enough in a tenant with no
    /// domain of its own and no directory on premises (concept-sspr-policy).
    #[must_use]
    pub(crate) fn needed_by_administrators(&self) -> (u32, u32) {
        match (self.custom_domain, self.hybrid.map(|hybrid| hybrid.synchronised)) {
            (_, Some(true)) | (Some(true), _) => (2, 2),
            (Some(false), Some(false)) => (1, 1),
            (None, _) | (Some(false), None) => (1, 2),
        }
    }
}

/// Which facts a policy depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FactsToRead {
    /// Whether it depends on what licences permit.
    pub licence: bool,
    /// Whether it depends on the directory on premises.
    pub hybrid: bool,
}

/// `policyMigrationState` of the authentication methods policy, read without case; `null` means complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Migration {
    /// Only the legacy policy decides about password reset.
    PreMigration,
    /// Both policies decide: what either allows is allowed.
    InProgress,
    /// Only the authentication methods policy decides; security questions stay with the legacy policy.
    Complete,
}

/// What subscriptions permit, by Microsoft's licensing table for password reset (concept-sspr-licensing).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Licence {
    /// Whether people may reset a password in the cloud.
    pub reset: ResetLicence,
    /// A reset may be written back to a directory on premises.
    pub writeback: bool,
}

/// Whether subscriptions permit a reset in the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetLicence {
    /// They do: Entra ID P1 or P2 in any bundle, Microsoft 365 Business Standard or Premium.
    Permits,
    /// Microsoft's pages disagree about these plans: Office 365 E1, E3, E5 and F3, Microsoft 365 Business Basic, and those of
    /// education, of nonprofits and others that are paid.
    NotKnown,
    /// They let people change a password and not reset it: nothing but Entra ID Free.
    ChangeOnly,
}

impl ResetLicence {
    /// Whether a reset is permitted; `None` if that is not known.
    #[must_use]
    pub(crate) fn known(self) -> Option<bool> {
        match self {
            Self::Permits => Some(true),
            Self::NotKnown => None,
            Self::ChangeOnly => Some(false),
        }
    }
}

impl From<Option<bool>> for ResetLicence {
    fn from(known: Option<bool>) -> Self {
        match known {
            Some(true) => Self::Permits,
            None => Self::NotKnown,
            Some(false) => Self::ChangeOnly,
        }
    }
}

/// How a tenant is connected to a directory on premises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hybrid {
    /// Whether the directory is synchronised from on premises.
    pub synchronised: bool,
    /// Whether a writeback client is connected; `None` if unknown. Only the portal's code for "there is none" has a publicly
    /// known meaning, so this is never `Some(true)`.
    pub writeback_up: Option<bool>,
}
