//! What all token sources have in common.

use futures::future::BoxFuture;
use tokio::sync::OnceCell;

use crate::base::clock::Clock;
use crate::base::cloud::Cloud;
use crate::base::ids::TenantName;
use crate::client::cloud::CloudRow;
use crate::client::endpoints::Endpoints;
use crate::client::http::HttpClient;
use crate::client::token::Token;
use crate::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use crate::tenant::surface::Service;

/// A source of tokens. It gives the first token, and another one when the service no longer accepts the first.
pub(crate) trait TokenSource: Send + Sync {
    fn acquire<'a>(&'a self, request: &'a TokenRequest<'a>) -> BoxFuture<'a, Result<Token, TokenUnavailable>>;

    /// The name of the source, as in "the Azure CLI".
    fn name(&self) -> &'static str;

    /// How a person gets a new token from this source, as it follows "hint:"; `None` if the source cannot serve the request.
    fn renewal_hint(&self, request: &TokenRequest<'_>) -> Option<String>;
}

/// The token that is requested, and what a source needs to acquire it.
#[derive(Clone, Copy)]
pub(crate) struct TokenRequest<'a> {
    /// The service it is for.
    pub(crate) service: Service,
    /// The resource that the token is issued for.
    pub(crate) audience: &'static str,
    /// The permissions that the command needs, by name; empty for everything that was consented to.
    pub(crate) scopes: &'a [&'static str],
    /// The tenant it must belong to.
    pub(crate) tenant: &'a TenantName,
    pub(crate) cloud: &'static CloudRow,
    /// Where tokens are issued.
    pub(crate) endpoints: &'a Endpoints,
    /// The connections to use.
    pub(crate) http: &'a HttpClient,
    /// The clock to judge expiry by.
    pub(crate) clock: &'a Clock,
    /// The clouds that the tenant may be in, once the sign-in service was asked.
    pub(crate) clouds: &'a OnceCell<&'static [Cloud]>,
}

impl TokenRequest<'_> {
    /// The scope that means everything that was consented to.
    pub(crate) fn scope(&self) -> String {
        format!("{}/.default", self.audience)
    }

    /// An error about the credential for this request.
    pub(crate) fn error(&self, message: impl Into<String>) -> TenantError {
        TenantError::new(TenantErrorKind::NoAccess(MissingAccess::Credential(self.service)), message)
    }
}

/// Why a source has no token.
pub(crate) enum TokenUnavailable {
    /// The source is not set up, so the next one is asked. The text says why, as in "SSPRCTL_GRAPH_TOKEN is not set".
    NotFound(String),
    /// The source is not set up, and nothing suggests that it should be, so no message mentions it.
    NotConfigured,
    /// The source is set up but fails. Because a person chose it, no other source is asked.
    Failed(TenantError),
}
