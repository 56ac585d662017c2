//! What every kind of sign-in has in common.

use futures::future::BoxFuture;

use crate::base::clock::Clock;
use crate::base::ids::TenantName;
use crate::client::cloud::CloudRow;
use crate::client::endpoints::Endpoints;
use crate::client::http::HttpClient;
use crate::client::token::Token;
use crate::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use crate::tenant::surface::Service;

/// Hands out tokens. It is asked when the first one is needed, and again when the service no longer accepts that one.
pub(crate) trait TokenSource: Send + Sync {
    /// A token for what is wanted.
    fn acquire<'a>(&'a self, want: &'a TokenRequest<'a>) -> BoxFuture<'a, Result<Token, TokenUnavailable>>;

    /// What it is, as in "from the Azure CLI".
    fn name(&self) -> &'static str;

    /// How a person gets a new token from here, to follow "hint:"; `None` when nothing from here can serve.
    fn renewal_hint(&self, want: &TokenRequest<'_>) -> Option<String>;
}

/// The token that is wanted, and the means to get it.
#[derive(Clone, Copy)]
pub(crate) struct TokenRequest<'a> {
    /// The system it is for.
    pub(crate) system: Service,
    /// What the token is minted for, as a resource.
    pub(crate) audience: &'static str,
    /// The permissions that the command needs, by name; empty for everything that was consented to.
    pub(crate) scopes: &'a [&'static str],
    /// The tenant it must belong to.
    pub(crate) tenant: &'a TenantName,
    /// The cloud.
    pub(crate) cloud: &'static CloudRow,
    /// Where tokens are issued.
    pub(crate) endpoints: &'a Endpoints,
    /// The connections to use.
    pub(crate) http: &'a HttpClient,
    /// The clock to judge expiry by.
    pub(crate) clock: &'a Clock,
}

impl TokenRequest<'_> {
    /// The scope that stands for everything the caller has consented to.
    pub(crate) fn scope(&self) -> String {
        format!("{}/.default", self.audience)
    }

    /// Trouble with a credential.
    pub(crate) fn error(&self, message: impl Into<String>) -> TenantError {
        TenantError::new(TenantErrorKind::NoAccess(MissingAccess::Credential(self.system)), message)
    }
}

/// Why a source brings no token.
pub(crate) enum TokenUnavailable {
    /// Nothing is set up there: the next source is asked. Says why, as in "SSPRCTL_GRAPH_TOKEN is not set".
    NotFound(String),
    /// Nothing is set up there, and nothing points at it: not worth a word.
    NotConfigured,
    /// Something is set up and does not work: the person meant it, so no other source is asked.
    Failed(TenantError),
}
