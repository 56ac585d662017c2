//! Reads the claims of a token. They are not verified and grant nothing: they only let this program refuse a token early, with
//! a better reason than the service would give. A token that cannot be read is sent as it is.

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::client::auth::source::TokenRequest;
use crate::client::sanitize;
use crate::client::token::Token;
use crate::tenant::surface::Service;

/// Why the portal accepts no application's token.
pub(crate) const PERSON_ONLY: &str = "the Entra portal API takes only a person's token; an application's own token (client secret, certificate, managed \
     identity) cannot reach it";

/// The claims of a token: untrusted text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenClaims {
    /// Whether the token is an application's own; otherwise it is a person's.
    pub(crate) application: bool,
    /// The sign-in name of the person, or the application's id.
    pub(crate) who: Option<String>,
    /// The object id of the person, or of the application's service principal.
    pub(crate) object: Option<String>,
    pub(crate) tenant: Option<String>,
    /// The resources that the token is for.
    pub(crate) audience: Vec<String>,
    /// Delegated scopes, or an application's permissions.
    pub(crate) scopes: Vec<String>,
    /// The template ids of the directory roles.
    pub(crate) roles: Vec<Uuid>,
}

/// The claims of a token; `None` if it is not readable, which is no error.
pub(crate) fn facts(token: &Token) -> Option<TokenClaims> {
    let claims = token.payload()?;
    let text = |key: &str| claims.get(key).and_then(Value::as_str).map(str::to_owned);
    let application = is_application(&claims);
    let scopes = match text("scp") {
        Some(scopes) if !application => scopes.split_whitespace().map(str::to_owned).collect(),
        _ => strings(claims.get("roles")),
    };
    let person = || text("upn").or_else(|| text("unique_name")).or_else(|| text("preferred_username"));
    Some(TokenClaims {
        application,
        who: if application { text("appid").or_else(|| text("azp")) } else { person() },
        object: text("oid"),
        tenant: text("tid"),
        audience: strings(claims.get("aud")),
        scopes,
        roles: strings(claims.get("wids")).iter().filter_map(|id| Uuid::parse_str(id).ok()).collect(),
    })
}

/// Checks expiry, audience and kind of a token.
///
/// # Errors
/// Why the token cannot be used, as it follows the name of its source.
pub(crate) fn checked(text: &str, request: &TokenRequest<'_>) -> Result<Token, String> {
    let token = Token::new(text);
    let Some(claims) = token.payload() else { return Ok(token) };
    let expires = claims.get("exp").and_then(Value::as_i64).and_then(|exp| Timestamp::from_second(exp).ok());
    if let Some(expires) = expires.filter(|expires| *expires <= request.clock.now()) {
        return Err(format!("expired at {expires:.0}"));
    }
    let audiences = strings(claims.get("aud"));
    if !audiences.is_empty() && !audiences.iter().any(|aud| request.cloud.accepts(request.service, aud)) {
        let found = sanitize::single_line(&audiences.join(", "));
        return Err(format!(
            "is for {found}, but {} in the {} cloud needs {}",
            request.service.display_name(),
            request.cloud.cloud.name(),
            request.audience
        ));
    }
    if request.service == Service::Portal && is_application(&claims) {
        return Err(format!("is an application's own: {PERSON_ONLY}"));
    }
    Ok(token.expiring(expires))
}

fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// A person's token has scopes (`scp`); an application's has at most roles. `idtyp` says it outright where it is there.
fn is_application(claims: &Value) -> bool {
    match claims.get("idtyp").and_then(Value::as_str) {
        Some(kind) => kind == "app",
        None => claims.get("scp").is_none() && (claims.get("roles").is_some() || claims.get("appid").is_some()),
    }
}
