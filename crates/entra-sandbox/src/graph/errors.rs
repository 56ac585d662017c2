//! The error replies of Graph.

use axum::http::{Method, StatusCode};
use serde_json::json;
use uuid::Uuid;

use crate::http::message::{Reply, Request};

/// An error reply. `add_headers` repeats the ids of its body.
pub(super) fn error(request: &Request, status: StatusCode, code: &str, message: &str) -> Reply {
    let id = Uuid::new_v4().to_string();
    let client = super::reply::client_request_id(request, &id);
    let body = json!({
        "error": {
            "code": code,
            "message": message,
            "innerError": {
                "date": request.now.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
                "request-id": id,
                "client-request-id": client,
            },
        },
    });
    Reply::value(status, &body).with_header("request-id", id)
}

/// The token is not valid (401).
pub(super) fn invalid_token(request: &Request, message: &str) -> Reply {
    let challenge = "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", \
                     client_id=\"00000003-0000-0000-c000-000000000000\"";
    error(request, StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message)
        .with_header("www-authenticate", challenge)
}

/// A scope or a role is missing (403).
pub(super) fn insufficient_privileges(request: &Request) -> Reply {
    let message = "Insufficient privileges to complete the operation.";
    error(request, StatusCode::FORBIDDEN, "Authorization_RequestDenied", message)
}

/// A role is missing (403), in the words of Conditional Access and the authentication methods policy.
pub(super) fn access_denied(request: &Request) -> Reply {
    error(request, StatusCode::FORBIDDEN, "AccessDenied", "Request Authorization failed")
}

/// The licence is missing (403).
pub(super) fn missing_licence(request: &Request) -> Reply {
    let message = "Neither tenant is B2C or tenant doesn't have premium license";
    error(request, StatusCode::FORBIDDEN, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", message)
}

/// The query or the body is not valid (400).
pub(super) fn bad_request(request: &Request, message: &str) -> Reply {
    error(request, StatusCode::BAD_REQUEST, "Request_BadRequest", message)
}

/// The path has an unknown segment (400).
pub(super) fn unknown_segment(request: &Request, segment: &str) -> Reply {
    let message = format!("Resource not found for the segment '{segment}'.");
    error(request, StatusCode::BAD_REQUEST, "BadRequest", &message)
}

/// The object does not exist (404).
pub(super) fn unknown_object(request: &Request, id: &str) -> Reply {
    let message =
        format!("Resource '{id}' does not exist or one of its queried reference-property objects are not present.");
    error(request, StatusCode::NOT_FOUND, "Request_ResourceNotFound", &message)
}

/// The resource does not support the method (405).
pub(super) fn method_not_allowed(request: &Request) -> Reply {
    let message = "Specified HTTP method is not allowed for the request target.";
    error(request, StatusCode::METHOD_NOT_ALLOWED, "Request_BadRequest", message)
}

/// Refuses every method but GET.
pub(super) fn require_get(request: &Request) -> Result<(), Reply> {
    if request.method == Method::GET { Ok(()) } else { Err(method_not_allowed(request)) }
}
