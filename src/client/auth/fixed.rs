//! A token that the caller already has, such as the one of the embedded tenant. Nothing is checked.

use futures::future::BoxFuture;

use crate::client::auth::source::{NoToken, TokenSource, Want};
use crate::client::token::Token;

/// One token, or none.
pub(crate) struct Fixed(pub(crate) Option<Token>);

impl TokenSource for Fixed {
    fn acquire<'a>(&'a self, _: &'a Want<'a>) -> BoxFuture<'a, Result<Token, NoToken>> {
        Box::pin(async { self.0.clone().ok_or_else(|| NoToken::Absent("no token was handed over".to_owned())) })
    }

    fn name(&self) -> &'static str {
        "what it was started with"
    }

    fn way(&self, _: &Want<'_>) -> Option<String> {
        None
    }
}
