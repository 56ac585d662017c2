//! Client assertions (RFC 7523), which an application sends instead of a secret. Signature, audience, time and subject
//! are checked as the sign-in service documents it.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use rustls_pki_types::CertificateDer;
use serde::Deserialize;
use webpki::EndEntityCert;

use crate::http::message::Request;
use crate::oauth::form::OAuthError;
use crate::state::tenant::App;

#[derive(Deserialize)]
struct AssertionHeader {
    alg: String,
    #[serde(rename = "x5t#S256")]
    thumbprint: Option<String>,
}

#[derive(Deserialize)]
struct AssertionClaims {
    iss: String,
    sub: String,
    aud: String,
    exp: i64,
    nbf: Option<i64>,
}

struct Assertion<'a> {
    header: AssertionHeader,
    claims: AssertionClaims,
    /// The signed text: header and claims as they were sent.
    text: &'a str,
    signature: Vec<u8>,
}

/// Checks that an assertion was issued for this application, by its certificate or a federated identity provider.
pub(crate) fn check(app: &App, assertion: &str, request: &Request) -> Result<(), OAuthError> {
    let parsed = parse(assertion).ok_or_else(|| error(50_027, "JWT token is invalid or malformed."))?;
    let id = app.client_id.to_string();
    if parsed.claims.iss.eq_ignore_ascii_case(&id) {
        certificate(app, &parsed, request)?
    } else {
        federated(app, &parsed)?
    }
    let now = request.now.as_second();
    // The service tolerates a clock difference of five minutes.
    if parsed.claims.exp <= now || parsed.claims.nbf.is_some_and(|nbf| nbf > now + 300) {
        let text = format!("Client assertion is not within its valid time range. Current time: {}.", request.now);
        return Err(error(700_024, text));
    }
    Ok(())
}

fn certificate(app: &App, read: &Assertion<'_>, request: &Request) -> Result<(), OAuthError> {
    let Assertion { header, claims, text, signature } = read;
    if !claims.sub.eq_ignore_ascii_case(&claims.iss) {
        let text = "Client assertion application identifier doesn't match 'client_id' parameter.";
        return Err(error(700_021, text));
    }
    let endpoint = format!("{}/{}", request.base, request.segments.join("/"));
    if claims.aud != endpoint {
        let text = format!("Client assertion audience claim does not match Realm issuer. Expected: {endpoint}.");
        return Err(error(700_023, text));
    }
    let thumbprint = header.thumbprint.as_deref().unwrap_or_default();
    let known = app.certificates.iter().filter_map(|text| STANDARD.decode(text).ok());
    let known = known.map(CertificateDer::from).find(|der| URL_SAFE_NO_PAD.encode(digest(&SHA256, der)) == thumbprint);
    let signed = header.alg == "PS256"
        && known.is_some_and(|der| {
            EndEntityCert::try_from(&der).is_ok_and(|certificate| {
                let algorithm = webpki::ring::RSA_PSS_2048_8192_SHA256_LEGACY_KEY;
                certificate.verify_signature(algorithm, text.as_bytes(), signature).is_ok()
            })
        });
    let text = format!(
        "Client assertion failed signature validation. [Reason - The key was not found., Thumbprint of key used by client: \
         '{thumbprint}']"
    );
    if signed { Ok(()) } else { Err(error(700_027, text)) }
}

fn federated(app: &App, read: &Assertion<'_>) -> Result<(), OAuthError> {
    let Assertion { header, claims, text, signature } = read;
    let AssertionClaims { iss, sub, aud, .. } = claims;
    let none = |code, what, value| {
        let text = format!("No matching federated identity record found for presented assertion {what} '{value}'.");
        error(code, text)
    };
    let of_issuer: Vec<_> = app.federated.iter().filter(|trusted| trusted.issuer == *iss).collect();
    if of_issuer.is_empty() {
        return Err(none(700_211, "issuer", iss));
    }
    let of_audience: Vec<_> = of_issuer.into_iter().filter(|trusted| trusted.audience == *aud).collect();
    if of_audience.is_empty() {
        return Err(none(700_212, "audience", aud));
    }
    let trusted = of_audience.into_iter().find(|trusted| trusted.subject == *sub);
    let trusted = trusted.ok_or_else(|| none(700_213, "subject", sub))?;
    let key = STANDARD.decode(&trusted.key).unwrap_or_default();
    let signed = header.alg == "RS256"
        && UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key).verify(text.as_bytes(), signature).is_ok();
    if signed { Ok(()) } else { Err(error(50_013, "Assertion failed signature validation.")) }
}

fn parse(assertion: &str) -> Option<Assertion<'_>> {
    let (text, signature) = assertion.rsplit_once('.')?;
    let (header, claims) = text.split_once('.')?;
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    Some(Assertion {
        header: serde_json::from_slice(&decoded(header)?).ok()?,
        claims: serde_json::from_slice(&decoded(claims)?).ok()?,
        text,
        signature: decoded(signature)?,
    })
}

fn error(code: u32, text: impl Into<String>) -> OAuthError {
    OAuthError { status: StatusCode::UNAUTHORIZED, ..OAuthError::new("invalid_client", code, text) }
}
