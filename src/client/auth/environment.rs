//! A token that was put into a variable of the environment.

use futures::future::BoxFuture;

use crate::client::auth::claims;
use crate::client::auth::source::{NoToken, TokenSource, Want};
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

    fn token(&self, want: &Want<'_>) -> Result<Token, NoToken> {
        let Self { variable, value } = self;
        let Some(value) = value else { return Err(NoToken::Absent(format!("{variable} is not set"))) };
        let refused = |why: String| {
            let trouble = want.trouble(format!("the token in {variable} {why}"));
            NoToken::Failed(match self.way(want) {
                Some(way) => trouble.hint(way),
                None => trouble,
            })
        };
        if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refused("holds characters that no token has".to_owned()));
        }
        claims::checked(value, want).map_err(refused)
    }
}

impl TokenSource for Environment {
    fn acquire<'a>(&'a self, want: &'a Want<'a>) -> BoxFuture<'a, Result<Token, NoToken>> {
        Box::pin(async { self.token(want) })
    }

    fn name(&self) -> &'static str {
        self.variable
    }

    fn way(&self, want: &Want<'_>) -> Option<String> {
        Some(format!(
            "set {} to a new token, for example from `az account get-access-token --resource {} --tenant {} \
             --query accessToken --output tsv`",
            self.variable, want.audience, want.tenant
        ))
    }
}
