//! The lines of a checkup, and what they are made from.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::base::ids::TenantId;
use crate::client::TokenInfo;
use crate::tenant::document::Document;
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::facts::Licence;
use crate::tenant::identity::Identity;
use crate::tenant::surface::{Service, Surface};

/// How it stands with one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckState {
    /// As it should be.
    Good,
    /// Not certain, or not good for long.
    Warning,
    /// Something that the policy needs is missing.
    Missing,
    /// It cannot be told, because something does not work.
    Failed,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What it is about, as in "Microsoft Graph".
    pub about: &'static str,
    /// What was looked at, as in "token".
    pub name: &'static str,
    /// How it stands.
    pub state: CheckState,
    /// What was found.
    pub says: String,
    /// What to do; only where something is to be done.
    pub fix: Option<String>,
}

impl Check {
    /// A line without anything to do.
    #[must_use]
    pub fn new(about: &'static str, name: &'static str, state: CheckState, says: impl Into<String>) -> Self {
        Self { about, name, state, says: says.into(), fix: None }
    }

    /// The same with what to do.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// A line about something that could not be had.
    #[must_use]
    pub fn from_error(about: &'static str, name: &'static str, trouble: &TenantError) -> Self {
        let state =
            if matches!(trouble.kind, TenantErrorKind::NoAccess(_)) { CheckState::Missing } else { CheckState::Failed };
        let request = trouble.request_id.map(|id| format!(" (request {id})")).unwrap_or_default();
        Self { about, name, state, says: format!("{}{request}", trouble.message), fix: trouble.hint.clone() }
    }
}

/// What was seen of one system.
#[derive(Clone, Debug)]
pub struct ServiceObservation {
    /// Its token.
    pub credential: Result<TokenInfo, TenantError>,
    /// The tenant that it answers for.
    pub identity: Result<Identity, TenantError>,
}

/// What was seen on the way to a tenant.
#[derive(Clone, Debug)]
pub struct Observations {
    /// When, by this machine's clock.
    pub now: Timestamp,
    /// Whether the sign-in service can be reached, and the time by its clock.
    pub service: Result<Option<Timestamp>, TenantError>,
    /// The tenant's id, for a domain by the word of the sign-in service.
    pub id: Result<TenantId, TenantError>,
    /// The token of each system, and whom it is for.
    pub systems: BTreeMap<Service, ServiceObservation>,
    /// The documents.
    pub documents: BTreeMap<Surface, Result<Document, TenantError>>,
    /// What the tenant's licences permit; `None` when the policy does not depend on it.
    pub licence: Option<Result<Licence, TenantError>>,
    /// Whether the directory is synchronised; `None` when the policy does not depend on it.
    pub synchronised: Option<Result<bool, TenantError>>,
    /// Whether a writeback client is connected; `None` when the policy does not depend on it.
    pub writeback: Option<Result<Option<bool>, TenantError>>,
}
