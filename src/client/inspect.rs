//! What `doctor` shows about tokens, saved sign-ins and the sign-in service.

use jiff::Timestamp;

use crate::client::auth::cache::{CacheError, CachedSignIn};
use crate::client::auth::claims::{self, TokenClaims};
use crate::client::operations::table::Operation;
use crate::client::reader::TenantReader;
use crate::client::{exchange, graph, role};
use crate::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use crate::tenant::surface::Service;

/// What is known about the token for one service, without the token itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenInfo {
    /// Where the token came from, as in "the Azure CLI".
    pub(crate) origin: &'static str,
    /// The claims; `None` if the token is not readable, which is no error.
    pub(crate) facts: Option<TokenClaims>,
    /// When the token expires, if known.
    pub(crate) expires: Option<Timestamp>,
    /// The lifetime of the saved sign-in that it came from; `None` if it came from elsewhere.
    pub(crate) life: Option<RefreshTokenLifetime>,
}

/// How long a saved sign-in lasts: 90 days from its last use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshTokenLifetime {
    /// When it was last used before this run.
    pub(crate) used: Timestamp,
    /// When it ends if this run does not use it.
    pub ends: Timestamp,
}

impl TenantReader {
    /// The token for a service and where it comes from; acquires one if there is none yet.
    ///
    /// # Errors
    /// When there is no token.
    pub(crate) async fn credential(&self, service: Service) -> Result<TokenInfo, TenantError> {
        let session = self.session();
        // Read first, because acquiring a token renews the sign-in.
        let life = self.life(service)?;
        let bearer = session.bearer(service).await?;
        Ok(TokenInfo {
            origin: session.origin(service).await,
            facts: claims::facts(bearer.token()),
            expires: bearer.expires(),
            life,
        })
    }

    /// The lifetime of the saved sign-in for a service, without using it; `None` if there is none. The controller's
    /// metrics need only this.
    ///
    /// # Errors
    /// When the token cache cannot be read or decrypted.
    pub fn life(&self, service: Service) -> Result<Option<RefreshTokenLifetime>, TenantError> {
        let session = self.session();
        let sign_in = session.credentials.cached(&session.token_request(service)?);
        let sign_in = sign_in.map_err(|CacheError { why, hint }| {
            TenantError::new(TenantErrorKind::NoAccess(MissingAccess::Credential(service)), why).hint(hint)
        })?;
        Ok(sign_in.map(|sign_in: CachedSignIn| RefreshTokenLifetime { used: sign_in.used, ends: sign_in.ends() }))
    }

    /// Sends a request to the sign-in service that needs no credential; returns the service's clock, if it says.
    ///
    /// # Errors
    /// When it cannot be reached, or knows no such tenant.
    pub(crate) async fn sign_in_service(&self) -> Result<Option<Timestamp>, TenantError> {
        let session = self.session();
        let request = graph::tenant_of(session.endpoints.login(), &session.tenant.to_string());
        exchange::read_with_retries(session, Operation::Domain, &request).await.map(|response| response.date)
    }
}

impl TokenClaims {
    /// The names of the directory roles in the token. Roles that this program does not know are left out.
    #[must_use]
    pub(crate) fn role_names(&self) -> Vec<&'static str> {
        self.roles.iter().filter_map(|id| role::name(*id)).collect()
    }
}
