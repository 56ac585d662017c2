//! Access tokens. To stay out of logs and messages, they implement neither `Debug` nor `Display` nor `Serialize`.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::Value;
use url::{Origin, Url};

/// An access token, which cannot be shown, written or compared.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    text: String,
    expires: Option<Timestamp>,
}

impl Token {
    /// A token of which only the text is known.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), expires: None }
    }

    /// The same token with its expiry.
    #[must_use]
    pub(crate) fn expiring(mut self, at: Option<Timestamp>) -> Self {
        self.expires = at;
        self
    }

    /// The claims, without a check of the signature; `None` if it is no JSON Web Token.
    pub(crate) fn payload(&self) -> Option<Value> {
        let mut parts = self.text.split('.');
        let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
        let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
        serde_json::from_slice::<Value>(&bytes).ok().filter(Value::is_object)
    }

    /// The moment from which the service refuses it, if known.
    #[must_use]
    pub(crate) fn expires(&self) -> Option<Timestamp> {
        self.expires
    }
}

/// A token together with the only origin it may be sent to.
#[derive(Clone)]
pub(crate) struct Bearer {
    token: Arc<Token>,
    home: Origin,
}

impl Bearer {
    /// Binds a token to the service it was minted for.
    pub(crate) fn new(token: Token, home: &Url) -> Self {
        Self { token: Arc::new(token), home: home.origin() }
    }

    /// The text for the header of a request to `url`; `None` when the token was minted for another place.
    pub(crate) fn text_for(&self, url: &Url) -> Option<&str> {
        (url.origin() == self.home).then_some(&self.token.text)
    }

    /// The moment from which the service refuses it, if known.
    pub(crate) fn expires(&self) -> Option<Timestamp> {
        self.token.expires
    }

    /// The token, for reading its claims.
    pub(crate) fn token(&self) -> &Token {
        &self.token
    }

    /// Whether both come from the same acquisition.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.token, &other.token)
    }

    /// Whether `token` has the same text.
    pub(crate) fn repeats(&self, token: &Token) -> bool {
        self.token.text == token.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_a_text_for_its_own_service_alone() -> Result<(), url::ParseError> {
        let bearer = Bearer::new(Token::new("t"), &Url::parse("https://graph.microsoft.com/prefix")?);
        assert_eq!(bearer.text_for(&Url::parse("https://graph.microsoft.com:443/v1.0/me")?), Some("t"));
        for elsewhere in ["http://graph.microsoft.com/", "https://graph.microsoft.com:444/", "https://microsoft.com/"] {
            assert_eq!(bearer.text_for(&Url::parse(elsewhere)?), None, "{elsewhere}");
        }
        Ok(())
    }
}
