//! A token that was put into a variable of the environment.

use futures::future::BoxFuture;

use crate::client::auth::claims;
use crate::client::auth::source::{TokenRequest, TokenSource, TokenUnavailable};
use crate::client::token::Token;

/// One variable and what it held.
pub(crate) struct Environment {
    variable: &'static str,
    value: Option<String>,
}

impl Environment {
    /// A variable with its value. Pasted white space and a leading `Bearer` do not count.
    pub(crate) fn new(variable: &'static str, value: Option<String>) -> Self {
        let value = value.map(|value| {
            let value = value.trim();
            value.strip_prefix("Bearer ").unwrap_or(value).trim().to_owned()
        });
        Self { variable, value: value.filter(|value| !value.is_empty()) }
    }

    fn token(&self, request: &TokenRequest<'_>) -> Result<Token, TokenUnavailable> {
        let Self { variable, value } = self;
        let Some(value) = value else { return Err(TokenUnavailable::NotFound(format!("{variable} is not set"))) };
        let refused = |why: String| {
            let error = request.error(format!("the token in {variable} {why}"));
            TokenUnavailable::Failed(match self.renewal_hint(request) {
                Some(hint) => error.hint(hint),
                None => error,
            })
        };
        if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refused("holds characters that no token has".to_owned()));
        }
        claims::checked(value, request).map_err(refused)
    }
}

impl TokenSource for Environment {
    fn acquire<'a>(&'a self, request: &'a TokenRequest<'a>) -> BoxFuture<'a, Result<Token, TokenUnavailable>> {
        Box::pin(async { self.token(request) })
    }

    fn name(&self) -> &'static str {
        self.variable
    }

    fn renewal_hint(&self, request: &TokenRequest<'_>) -> Option<String> {
        Some(format!(
            "set {} to a new token, for example from `az account get-access-token --resource {} --tenant {} \
             --query accessToken --output tsv`",
            self.variable, request.audience, request.tenant
        ))
    }
}
