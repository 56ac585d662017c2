//! What decides about a tenant besides its settings: its licences, its directory on premises, and where its methods are
//! managed. Each part may be unknown: unreadable is not "no".

use crate::tenant::error::TenantError;

/// What is known of a tenant's circumstances.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TenantFacts {
    /// Where the methods people may use are decided.
    pub migration: Option<Migration>,
    /// What the tenant's licences permit.
    pub licence: Option<Licence>,
    /// How the tenant is joined to a directory on premises.
    pub hybrid: Option<Hybrid>,
    /// How many administrators are in the group that a policy names, at any depth, by the registration report, which lags.
    pub administrators_among: Option<u64>,
    /// What was asked for and is unknown, with the reason.
    pub unread: Vec<UnreadFact>,
}

/// A circumstance that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadFact {
    /// Which one, as in "the tenant's licences".
    pub what: &'static str,
    /// Why.
    pub why: TenantError,
}

/// Which circumstances a policy depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FactsToRead {
    /// What licences permit.
    pub licence: bool,
    /// How the tenant is joined to a directory on premises.
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
    /// People may reset a password in the cloud.
    pub reset: bool,
    /// A reset may be written back to a directory on premises.
    pub writeback: bool,
}

/// How a tenant is joined to a directory on premises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hybrid {
    /// Whether the directory is synchronised from on premises.
    pub synchronised: bool,
    /// Whether a writeback client is connected; `None` where nobody could say. Only "there is none" is publicly known to be
    /// told by the portal, so this is never `true` by guess.
    pub writeback_up: Option<bool>,
}
