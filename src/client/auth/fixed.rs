//! A token that the caller already has, such as the one of the embedded tenant. Nothing is checked.

use futures::future::BoxFuture;

use crate::client::auth::source::{TokenRequest, TokenSource, TokenUnavailable};
use crate::client::token::Token;

/// One token, or none.
pub(crate) struct FixedTokens(pub(crate) Option<Token>);

impl TokenSource for FixedTokens {
    fn acquire<'a>(&'a self, _: &'a TokenRequest<'a>) -> BoxFuture<'a, Result<Token, TokenUnavailable>> {
        Box::pin(async {
            self.0.clone().ok_or_else(|| TokenUnavailable::NotFound("no token was handed over".to_owned()))
        })
    }

    fn name(&self) -> &'static str {
        "what it was started with"
    }

    fn renewal_hint(&self, _: &TokenRequest<'_>) -> Option<String> {
        None
    }
}
