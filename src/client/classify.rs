//! Turns a failed request into an error that says what a person can do.
//!
//! A write is judged more strictly than a read. Unless the response proves that nothing was changed, its outcome is unknown
//! ([`TenantErrorKind::OutcomeUnknown`]), and only a later read shows it. Proof is a connection that was never established, a
//! refusal (400 to 499), or throttling: 429, and 503 with `Retry-After`. Any other 5xx may come from a gateway whose backend
//! did its work, and so proves nothing.

use reqwest::StatusCode;

use crate::client::auth::sign_in_errors::{self, SignInProblem};
use crate::client::connect_error;
use crate::client::error_body::{ErrorBody, TEMPORARILY_UNAVAILABLE};
use crate::client::operations::spec::{LicenceError, OperationSpec};
use crate::client::operations::table::Operation;
use crate::client::transport::{HttpResponse, RequestError, RequestErrorCause};
use crate::tenant::document::DecodeError;
use crate::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use crate::tenant::surface::Service;

/// The error for a failed request.
pub(crate) fn tenant_error(operation: Operation, error: &RequestError) -> TenantError {
    let RequestError { request, host, cause } = error;
    let what = operation.spec().action;
    let error = match cause {
        RequestErrorCause::Unsent(error) => {
            let message = format!("cannot {what}: {host} cannot be reached: {}", error.why);
            unavailable(host, message, error.hint())
        }
        RequestErrorCause::NoAnswer(why) if operation.is_write() => {
            outcome_unknown(operation, &format!("{host} did not answer: {why}"))
        }
        RequestErrorCause::NoAnswer(why) => {
            unavailable(host, format!("cannot {what}: {host} did not answer: {why}"), connect_error::CHECK)
        }
        RequestErrorCause::Unreadable(why) if operation.is_write() => {
            outcome_unknown(operation, &format!("the answer of {host} {why}"))
        }
        RequestErrorCause::Unreadable(why) => unexpected_response(operation, why),
        RequestErrorCause::Redirect(target) => redirected(operation, host, target),
        RequestErrorCause::Status(response) => status(operation, response),
    };
    error.request(*request)
}

/// Whether the service rejected the token, so that a new one may help. The portal says so with a 400.
pub(crate) fn is_token_rejected(operation: Operation, error: &RequestError) -> bool {
    let RequestErrorCause::Status(response) = &error.cause else { return false };
    operation.spec().service.is_some_and(|service| refuses_token(service, response, &ErrorBody::parse(response)))
}

/// The error for a successful response that is not of the known shape; `why` follows "the response of X".
pub(crate) fn unexpected_response(operation: Operation, why: impl std::fmt::Display) -> TenantError {
    let message = format!("cannot {}: the answer of {} {why}", operation.spec().action, operation.service_name());
    TenantError::new(TenantErrorKind::UnexpectedResponse, message)
        .hint("a proxy may be answering in its place, or the service has changed; `-vv` shows which host answered")
}

/// The error for a response of Microsoft Graph that leaves out what the token may not read, instead of refusing.
pub(crate) fn permission_missing(operation: Operation) -> TenantError {
    let message =
        format!("may not {}: the answer of {} leaves it out", operation.spec().action, operation.service_name());
    TenantError::new(TenantErrorKind::NoAccess(MissingAccess::Scope(Service::Graph)), message).hint(scope(operation))
}

/// The error for several objects with the marker of one, so that none is known to be the managed object.
pub(crate) fn ambiguous_marker(operation: Operation, error: &DecodeError) -> TenantError {
    TenantError::new(TenantErrorKind::UnexpectedResponse, format!("cannot {}: {error}", operation.spec().action))
        .hint("leave the marker in the name of the object that you mean, and remove it from the other names")
}

/// The error for a write that may or may not have taken effect.
pub(crate) fn outcome_unknown(operation: Operation, why: &str) -> TenantError {
    let message = format!("it is not known whether the attempt to {} took effect: {why}", operation.spec().action);
    TenantError::new(TenantErrorKind::OutcomeUnknown, message)
        .hint("read the tenant again before anything else is written")
}

fn unavailable(host: &str, message: String, hint: &str) -> TenantError {
    let here = host == "localhost" || host == "[::1]" || host.starts_with("127.");
    TenantError::new(TenantErrorKind::Unavailable, message).hint(if here {
        "an address was replaced by one on this machine: see whether something serves there"
    } else {
        hint
    })
}

fn redirected(operation: Operation, host: &str, target: &str) -> TenantError {
    let why = format!("{host} sends the request on to {target}, which is not followed");
    if operation.is_write() {
        return outcome_unknown(operation, &why);
    }
    TenantError::new(TenantErrorKind::UnexpectedResponse, format!("cannot {}: {why}", operation.spec().action))
        .hint("a proxy may want a sign-in of its own, or an address was replaced by a wrong one")
}

fn status(operation: Operation, response: &HttpResponse) -> TenantError {
    let body = ErrorBody::parse(response);
    let said = body.summary();
    let (what, whom, code) = (operation.spec().action, operation.service_name(), response.status.as_u16());
    if let Some(service) = operation.spec().service {
        if refuses_token(service, response, &body) {
            return token(operation, service, code, &said);
        }
        if let Some(error) = forbidden(operation, service, response, &body) {
            return error;
        }
    }
    match response.status {
        // For a group, 404 is an ordinary answer, so a 404 of some other server must not be taken for it.
        StatusCode::NOT_FOUND if operation == Operation::Groups && body.code.is_empty() => {
            unexpected_response(operation, "is HTTP 404 without an error of Microsoft Graph's")
        }
        // Only the sign-in service's own word says that no tenant has a domain; anything else says nothing about the domain.
        StatusCode::BAD_REQUEST if operation == Operation::Domain && says_no_tenant(response, &body) => {
            TenantError::new(
                TenantErrorKind::NotFound,
                format!("cannot {what}: {whom} knows no such tenant (HTTP {code}){said}"),
            )
        }
        StatusCode::NOT_FOUND if operation == Operation::Domain => {
            unexpected_response(operation, "is HTTP 404, which says nothing about the domain")
        }
        StatusCode::NOT_FOUND => TenantError::new(
            TenantErrorKind::NotFound,
            format!("cannot {what}: {whom} has nothing there (HTTP 404){said}"),
        )
        .hint("check the cloud of the policy, and any replaced address; the service may also have changed"),
        status if is_busy(response) || body.has(TEMPORARILY_UNAVAILABLE) => TenantError::new(
            TenantErrorKind::Unavailable,
            format!("cannot {what}: {whom} is busy (HTTP {}){said}", status.as_u16()),
        )
        .hint(match response.retry_after {
            Some(wait) => format!("the service asks to be left alone for {} s; try again then", wait.as_secs()),
            None => "try again later".to_owned(),
        }),
        status if status.is_server_error() && operation.is_write() => {
            outcome_unknown(operation, &format!("{whom} failed (HTTP {code}){said}"))
        }
        status if status.is_server_error() => {
            TenantError::new(TenantErrorKind::Unavailable, format!("cannot {what}: {whom} failed (HTTP {code}){said}"))
                .hint("try again later")
        }
        _ => TenantError::new(TenantErrorKind::Refused, format!("cannot {what}: {whom} refuses (HTTP {code}){said}"))
            .hint("the request itself is not accepted; quote the request id to support"),
    }
}

fn says_no_tenant(response: &HttpResponse, body: &ErrorBody) -> bool {
    body.has("invalid_tenant")
        || sign_in_errors::problem(&sign_in_errors::numbers(response)) == Some(SignInProblem::NoTenant)
}

/// Whether the service is throttling or not ready, which proves that nothing was changed.
fn is_busy(response: &HttpResponse) -> bool {
    match response.status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => true,
        StatusCode::SERVICE_UNAVAILABLE => response.retry_after.is_some(),
        _ => false,
    }
}

fn refuses_token(service: Service, response: &HttpResponse, body: &ErrorBody) -> bool {
    match (service, response.status) {
        // The portal exchanges the caller's token for one of its own, and passes on the error of that exchange.
        (Service::Portal, StatusCode::BAD_REQUEST) => body.code.to_ascii_lowercase().starts_with("msalautherror"),
        (Service::Portal, StatusCode::UNAUTHORIZED) => !lacks_role(body),
        (Service::Graph, StatusCode::UNAUTHORIZED) => true,
        _ => false,
    }
}

fn lacks_role(body: &ErrorBody) -> bool {
    // The code is a plain "Unauthorized", so the text has to decide.
    body.message.to_ascii_lowercase().contains("required role")
}

/// Whether this is the endpoint's own way to say that the tenant lacks the licence.
fn says_unlicensed(error: &LicenceError, status: StatusCode, body: &ErrorBody) -> bool {
    status.as_u16() == error.status && body.message.to_ascii_lowercase().contains(error.text)
}

fn lacks_licence(body: &ErrorBody) -> bool {
    body.message.to_ascii_lowercase().contains("not licensed")
}

fn token(operation: Operation, service: Service, code: u16, said: &str) -> TenantError {
    let expired = service == Service::Portal && code == 400;
    let state = if expired { "has expired or is no longer good" } else { "is not accepted" };
    let error = TenantError::new(
        TenantErrorKind::NoAccess(MissingAccess::Credential(service)),
        format!(
            "cannot {}: the token for {} {state} (HTTP {code}){said}",
            operation.spec().action,
            service.display_name()
        ),
    );
    // The portal passes on what the sign-in service says of the caller. A new token from the same source would not help then.
    match sign_in_errors::problem(&sign_in_errors::numbers_in(said)) {
        Some(SignInProblem::PolicyBlocks | SignInProblem::MultiFactor | SignInProblem::Device) => {
            error.hint("the tenant's Conditional Access asks for more than this sign-in had: sign in as it wants")
        }
        _ => error,
    }
}

/// The error when the service knows the caller but does not permit the request; `None` when the
/// response says something else.
fn forbidden(operation: Operation, service: Service, response: &HttpResponse, body: &ErrorBody) -> Option<TenantError> {
    let said = body.summary();
    let OperationSpec { action: what, roles, licence: unlicensed, .. } = operation.spec();
    let code = response.status.as_u16();
    let role = || {
        TenantError::new(
            TenantErrorKind::NoAccess(MissingAccess::Role(service)),
            format!("may not {what} (HTTP {code}){said}"),
        )
        .hint(format!("activate or assign the role {roles}"))
    };
    let licence = |needs: &str| {
        TenantError::new(
            TenantErrorKind::NoAccess(MissingAccess::Licence),
            format!("may not {what} (HTTP {code}){said}"),
        )
        .hint(needs.to_owned())
    };
    match (service, response.status) {
        (Service::Portal, StatusCode::UNAUTHORIZED) => Some(role()),
        (Service::Portal, StatusCode::FORBIDDEN) if body.has("FeatureNotAvailable") => Some(licence(&format!(
            "either the tenant lacks the licence (Entra ID P1 or P2, or Microsoft 365 Business Premium), \
             or the account lacks the role {roles}",
        ))),
        (Service::Portal, StatusCode::FORBIDDEN) => Some(role()),
        (Service::Graph, _) if body.has("Authentication_RequestFromNonPremiumTenantOrB2CTenant") => {
            Some(licence("the tenant needs Entra ID P1 or P2 for this, and must not be an Azure AD B2C tenant"))
        }
        (Service::Graph, status) if unlicensed.is_some_and(|error| says_unlicensed(error, status, body)) => {
            unlicensed.map(|error| licence(error.hint))
        }
        // The code is the same as for a missing permission, so the text has to decide.
        (Service::Graph, StatusCode::FORBIDDEN) if lacks_licence(body) => {
            Some(licence("the tenant needs Entra ID P1 or P2 for this"))
        }
        (Service::Graph, StatusCode::FORBIDDEN) => Some(
            TenantError::new(
                TenantErrorKind::NoAccess(MissingAccess::Scope(service)),
                format!("may not {what} (HTTP {code}){said}"),
            )
            .hint(scope(operation)),
        ),
        _ => None,
    }
}

fn scope(operation: Operation) -> String {
    let OperationSpec { graph, roles, role_beyond_scope, .. } = operation.spec();
    let permission = graph.map(|permission| permission.describe()).unwrap_or_default();
    let consent = format!("consent to the Microsoft Graph permission {permission}");
    if *role_beyond_scope { format!("{consent}; an account also needs the role {roles}") } else { consent }
}
