//! What a token says of itself. Nothing is trusted for it: a token is looked at only in order to refuse it early, with a
//! better reason than the service would give. A token that cannot be read is left to the service.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::Value;

use crate::client::auth::source::Want;
use crate::client::quote;
use crate::client::token::Token;
use crate::tenant::surface::System;

/// Why the portal takes no application's token.
pub(crate) const PERSON_ONLY: &str = "the Entra portal API takes only a person's token; an application's own token (client secret, certificate, managed \
     identity) cannot reach it";

/// Reads a token and refuses it if it cannot serve.
///
/// # Errors
/// The reason, to follow the name of where the token came from.
pub(crate) fn checked(text: &str, want: &Want<'_>) -> Result<Token, String> {
    let Some(claims) = claims(text) else { return Ok(Token::new(text)) };
    let expires = claims.get("exp").and_then(Value::as_i64).and_then(|exp| Timestamp::from_second(exp).ok());
    if let Some(expires) = expires.filter(|expires| *expires <= want.clock.now()) {
        return Err(format!("expired at {expires:.0}"));
    }
    let audiences = strings(claims.get("aud"));
    if !audiences.is_empty() && !audiences.iter().any(|aud| want.cloud.accepts(want.system, aud)) {
        let found = quote::line(&audiences.join(", "));
        return Err(format!(
            "is for {found}, but {} in the {} cloud needs {}",
            want.system.title(),
            want.cloud.cloud.name(),
            want.audience
        ));
    }
    if want.system == System::Portal && is_application(&claims) {
        return Err(format!("is an application's own: {PERSON_ONLY}"));
    }
    Ok(Token::new(text).expiring(expires))
}

/// The payload of a JSON Web Token; `None` when it is none.
fn claims(text: &str) -> Option<Value> {
    let mut parts = text.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice::<Value>(&bytes).ok().filter(Value::is_object)
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
