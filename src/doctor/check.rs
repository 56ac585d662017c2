//! The checks of `doctor`, and the observations that they are made from.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::base::ids::TenantId;
use crate::client::TokenInfo;
use crate::tenant::document::Document;
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::facts::Licence;
use crate::tenant::identity::Identity;
use crate::tenant::surface::{Service, Surface};

/// The result of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CheckState {
    /// Everything is as it should be.
    Good,
    /// The result is not certain, or will not be good for long.
    Warning,
    /// Something that the policy needs is missing.
    Missing,
    /// The check failed, because something does not work.
    Failed,
}

/// One check, which is one line of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    /// The part that was checked, as in "Microsoft Graph".
    pub(crate) about: &'static str,
    /// The property that was checked, as in "token".
    pub(crate) name: &'static str,
    /// The result of the check.
    pub(crate) state: CheckState,
    /// The result in words.
    pub(crate) says: String,
    /// What to do; `None` if nothing needs to be done.
    pub(crate) fix: Option<String>,
}

impl Check {
    /// A check after which nothing needs to be done.
    #[must_use]
    pub(crate) fn new(about: &'static str, name: &'static str, state: CheckState, says: impl Into<String>) -> Self {
        Self { about, name, state, says: says.into(), fix: None }
    }

    /// The same check with what to do.
    #[must_use]
    pub(crate) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// The check of something that could not be read.
    #[must_use]
    pub(crate) fn from_error(about: &'static str, name: &'static str, error: &TenantError) -> Self {
        let state =
            if matches!(error.kind, TenantErrorKind::NoAccess(_)) { CheckState::Missing } else { CheckState::Failed };
        let request = error.request_id.map(|id| format!(" (request {id})")).unwrap_or_default();
        Self { about, name, state, says: format!("{}{request}", error.message), fix: error.hint.clone() }
    }
}

/// What was observed of one service.
#[derive(Clone, Debug)]
pub(crate) struct ServiceObservation {
    /// The token for the service.
    pub(crate) credential: Result<TokenInfo, TenantError>,
    /// The tenant for which the service answers.
    pub(crate) identity: Result<Identity, TenantError>,
}

/// What was observed of a tenant and of the services on the way to it.
#[derive(Clone, Debug)]
pub(crate) struct Observations {
    /// The time of the observations, by this machine's clock.
    pub(crate) now: Timestamp,
    /// The time by the clock of the sign-in service, if it states one; an error if it cannot be reached.
    pub(crate) service: Result<Option<Timestamp>, TenantError>,
    /// The tenant's id; the sign-in service resolves a domain to it.
    pub(crate) id: Result<TenantId, TenantError>,
    /// The token and the tenant of each service.
    pub(crate) services: BTreeMap<Service, ServiceObservation>,
    /// The documents that the policy depends on.
    pub(crate) documents: BTreeMap<Surface, Result<Document, TenantError>>,
    /// What the tenant's licences permit; `None` when the policy does not depend on it.
    pub(crate) licence: Option<Result<Licence, TenantError>>,
    /// Whether the directory is synchronised; `None` when the policy does not depend on it.
    pub(crate) synchronised: Option<Result<bool, TenantError>>,
    /// Whether a writeback client is connected; `None` when the policy does not depend on it.
    pub(crate) writeback: Option<Result<Option<bool>, TenantError>>,
}
