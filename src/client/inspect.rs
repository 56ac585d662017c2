//! What a person who looks for the reason of a failure wants to know of the way to a tenant.

use jiff::Timestamp;

use crate::client::auth::cache::{CacheError, CachedSignIn};
use crate::client::auth::claims::{self, TokenClaims};
use crate::client::operations::table::Operation;
use crate::client::reader::TenantReader;
use crate::client::{exchange, graph, role};
use crate::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use crate::tenant::surface::Service;

/// What is known of the token for one system. The token itself is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenInfo {
    /// What brought it, as in "the Azure CLI".
    pub origin: &'static str,
    /// What it says of itself; `None` when it cannot be read, which is no fault.
    pub facts: Option<TokenClaims>,
    /// When the service refuses it, if known.
    pub expires: Option<Timestamp>,
    /// The kept sign-in that it came from.
    pub life: Option<RefreshTokenLifetime>,
}

/// How long a kept sign-in lives: 90 days from its last use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshTokenLifetime {
    /// When it was last used before now.
    pub used: Timestamp,
    /// When it would have ended without this use.
    pub ends: Timestamp,
}

impl TenantReader {
    /// What the token for a system is and where it comes from; asks for one if there is none yet.
    ///
    /// # Errors
    /// When there is no token.
    pub async fn credential(&self, system: Service) -> Result<TokenInfo, TenantError> {
        let session = self.session();
        // Asked first: the use that follows renews it.
        let life = self.life(system)?;
        let bearer = session.bearer(system).await?;
        Ok(TokenInfo {
            origin: session.origin(system).await,
            facts: claims::facts(bearer.token()),
            expires: bearer.expires(),
            life,
        })
    }

    /// How long the kept sign-in for a system lives, without using it; `None` when none is kept. A run whose metrics tell of
    /// it needs nothing else.
    ///
    /// # Errors
    /// When what is kept cannot be opened.
    pub fn life(&self, system: Service) -> Result<Option<RefreshTokenLifetime>, TenantError> {
        let session = self.session();
        let kept = session.credentials.cached(&session.token_request(system)?);
        let kept = kept.map_err(|CacheError { why, hint: way }| {
            TenantError::new(TenantErrorKind::NoAccess(MissingAccess::Credential(system)), why).hint(way)
        })?;
        Ok(kept.map(|kept: CachedSignIn| RefreshTokenLifetime { used: kept.used, ends: kept.ends() }))
    }

    /// Asks the sign-in service who it is, which takes no credential; returns the time by its clock.
    ///
    /// # Errors
    /// When it cannot be reached, or knows no such tenant.
    pub async fn sign_in_service(&self) -> Result<Option<Timestamp>, TenantError> {
        let session = self.session();
        let call = graph::tenant_of(session.endpoints.login(), &session.tenant.to_string());
        exchange::read_with_retries(session, Operation::Domain, &call).await.map(|answer| answer.date)
    }
}

impl TokenClaims {
    /// The names of the roles that the token tells of; those that are not known by name are left out.
    #[must_use]
    pub fn role_names(&self) -> Vec<&'static str> {
        self.roles.iter().filter_map(|id| role::name(*id)).collect()
    }
}
