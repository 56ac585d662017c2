//! The part of Microsoft Graph that password reset needs: `/v1.0`, and the same resources below `/beta`.
//!
//! A new resource is one file and one arm of [`handle`].

mod authentication_methods;
mod authorization_policy;
pub(super) mod batch;
pub(super) mod conditional_access;
pub(super) mod device_configurations;
mod directory_audits;
mod errors;
mod filter;
mod groups;
mod on_premises_synchronization;
mod organization;
mod query;
mod registration_reports;
mod reply;
mod secure_scores;
mod subscribed_skus;
mod users;
mod versions;

use axum::http::StatusCode;
use uuid::Uuid;

use crate::http::message::{Answer, Caller, Reply, Request};
use crate::oauth::token::{self, Audience, Claims};
use crate::state::tenant::Tenant;

/// The caller of a request. `expired` treats a valid token as an expired one.
pub(super) fn authenticate(request: &Request, expired: bool) -> Result<Caller, Reply> {
    let bad = |message: &str| errors::invalid_token(request, message);
    let sent = request.bearer_token().filter(|token| !token.is_empty()).ok_or_else(|| bad("Access token is empty."))?;
    if !sent.contains('.') {
        return Err(bad("IDX14100: JWT is not well formed, there are no dots (.)."));
    }
    let claims: Claims = token::decode(sent).ok_or_else(|| bad("Invalid access token: signature is invalid."))?;
    if !Audience::Graph.accepts(&claims.aud) {
        return Err(bad("Access token validation failure. Invalid audience."));
    }
    if expired || claims.exp <= request.now.as_second() {
        return Err(bad("Lifetime validation failed, the token is expired."));
    }
    let delegated = claims.scp.iter().flat_map(|scp| scp.split(' ')).map(str::to_owned);
    Ok(Caller {
        tenant: claims.tid,
        object: claims.oid,
        client: claims.appid,
        name: claims.name,
        upn: claims.upn,
        wids: claims.wids,
        scopes: delegated.chain(claims.roles).collect(),
        app: claims.idtyp.as_deref() == Some("app"),
    })
}

/// The reply if the token's tenant does not exist.
pub(super) fn unknown_tenant(request: &Request) -> Reply {
    errors::invalid_token(request, "The identity of the calling application could not be established.")
}

/// The reply to a request above a rate limit.
pub(super) fn too_many_requests(request: &Request, retry_after: Option<i64>) -> Reply {
    let reply = errors::error(request, StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", "Too many requests.");
    retry_after.into_iter().fold(reply, |reply, seconds| reply.with_header("retry-after", seconds.to_string()))
}

/// Answers a request of an authenticated caller.
pub(super) fn handle(request: &Request, caller: &Caller, tenant: &mut Tenant) -> Answer {
    let lower: Vec<String> = request.segments.iter().map(|part| part.to_ascii_lowercase()).collect();
    let path: Vec<&str> = lower.iter().map(String::as_str).collect();
    match *path.as_slice() {
        [_] => Err(errors::unknown_segment(request, "")),
        ["v1.0", "policies", "authorizationpolicy"] => authorization_policy::handle(request, caller, tenant),
        ["beta", "policies", "authorizationpolicy", ..] => authorization_policy::beta(request, caller, tenant),
        [_, "policies", "authenticationmethodspolicy", ..] => authentication_methods::handle(request, caller, tenant),
        [_, "policies", other, ..] => Err(errors::unknown_segment(request, as_sent(request, other))),
        [_, "organization", ..] => organization::handle(request, caller, tenant),
        [_, "subscribedskus", ..] => subscribed_skus::handle(request, caller, tenant),
        [_, "directory", "onpremisessynchronization", ..] => {
            on_premises_synchronization::handle(request, caller, tenant)
        }
        [_, "directory", other, ..] => Err(errors::unknown_segment(request, as_sent(request, other))),
        [_, "auditlogs", "directoryaudits", ..] => directory_audits::handle(request, caller, tenant),
        [_, "auditlogs", other, ..] => Err(errors::unknown_segment(request, as_sent(request, other))),
        [_, "reports", "authenticationmethods", ..] => registration_reports::handle(request, caller, tenant),
        [_, "security", "securescores" | "securescorecontrolprofiles", ..] => {
            secure_scores::handle(request, caller, tenant)
        }
        [_, "reports" | "security", other, ..] => Err(errors::unknown_segment(request, as_sent(request, other))),
        [_, "identity", "conditionalaccess", ..] => conditional_access::handle(request, caller, tenant),
        [_, "identity", other, ..] => Err(errors::unknown_segment(request, as_sent(request, other))),
        [_, "devicemanagement", "deviceconfigurations", ..] => device_configurations::handle(request, caller, tenant),
        [_, "devicemanagement", other, ..] => Err(errors::unknown_segment(request, as_sent(request, other))),
        [_, "groups", ..] => groups::handle(request, caller, tenant),
        [_, "users", ..] => users::handle(request, caller, tenant),
        [_, other, ..] => Err(errors::unknown_segment(request, as_sent(request, other))),
        [] => Err(errors::unknown_segment(request, "")),
    }
}

/// Adds the headers that every reply of Graph has.
pub(super) fn add_headers(request: &Request, reply: Reply) -> Reply {
    let known = reply.headers.iter().find(|(name, _)| name == "request-id").map(|(_, id)| id.clone());
    let id = known.clone().unwrap_or_else(|| Uuid::new_v4().to_string());
    let client = reply::client_request_id(request, &id);
    let reply = if known.is_some() { reply } else { reply.with_header("request-id", id) };
    reply
        .with_header("client-request-id", client)
        .with_header("cache-control", "no-cache")
        .with_header("vary", "Accept-Encoding")
        .with_header("strict-transport-security", "max-age=31536000")
        .with_header("x-ms-resource-unit", "1")
        .with_header("odata-version", "4.0")
}

/// A segment as the client spelled it.
fn as_sent<'a>(request: &'a Request, lower: &'a str) -> &'a str {
    request.segments.iter().find(|segment| segment.eq_ignore_ascii_case(lower)).map_or(lower, String::as_str)
}
