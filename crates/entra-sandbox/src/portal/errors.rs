//! The error replies of the portal API.

use axum::http::StatusCode;
use serde_json::json;
use uuid::Uuid;

use crate::http::message::{Caller, Reply, Request};

const NO_ROLE: &str =
    r#"{"odata.error":{"code":"Unauthorized","message":{"lang":"en-US","value":"User is not in required role."}}}"#;

/// The parts of an error that depend on its kind.
struct ErrorFields<'a> {
    status: StatusCode,
    code: &'a str,
    exception: &'a str,
    message: &'a str,
}

/// The request has no `x-ms-client-request-id`.
pub(super) fn missing_request_id(request: &Request, caller: &Caller) -> Reply {
    let message = "Value cannot be null.\r\nParameter name: correlationId";
    let fields = ErrorFields {
        status: StatusCode::BAD_REQUEST,
        code: "ArgumentNull",
        exception: "ArgumentNullException",
        message,
    };
    error_reply(request, caller, &fields)
}

/// The access token has expired. The service fails to exchange it, so the status is 400, not 401.
pub(super) fn expired_token(request: &Request, caller: &Caller) -> Reply {
    let message = "AADSTS500133: Assertion is not within its valid time range. Ensure that the access token is not \
                   expired before using it for user assertion, or request a new token.";
    let fields = ErrorFields {
        status: StatusCode::BAD_REQUEST,
        code: "msalautherror_invalid_grant",
        exception: "MsalUiRequiredException",
        message,
    };
    error_reply(request, caller, &fields)
}

/// The caller does not have a required role.
pub(super) fn missing_role(request: &Request, caller: &Caller) -> Reply {
    let fields = ErrorFields {
        status: StatusCode::UNAUTHORIZED,
        code: "Unauthorized",
        exception: "HttpException",
        message: NO_ROLE,
    };
    error_reply(request, caller, &fields)
}

/// The licence or the role for a feature is missing.
pub(super) fn feature_not_available(request: &Request, caller: &Caller, message: &str) -> Reply {
    let fields = ErrorFields {
        status: StatusCode::FORBIDDEN,
        code: "FeatureNotAvailable",
        exception: "AuthenticationException",
        message,
    };
    error_reply(request, caller, &fields)
}

/// A value is not valid. No such reply is public: code and wording are assumed.
pub(super) fn invalid_value(request: &Request, caller: &Caller, message: &str) -> Reply {
    let fields =
        ErrorFields { status: StatusCode::BAD_REQUEST, code: "BadRequest", exception: "ArgumentException", message };
    error_reply(request, caller, &fields)
}

/// The token is missing, damaged, for another audience, or an application's. The reply is a page, not JSON.
pub(super) fn not_authenticated() -> Reply {
    let page = "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" \
                \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\">\r\n<html><head><title>401 - Unauthorized: Access \
                is denied due to invalid credentials.</title></head>\r\n<body><h1>Server Error</h1>\r\n<h2>401 - \
                Unauthorized: Access is denied due to invalid credentials.</h2></body></html>";
    Reply::empty(StatusCode::UNAUTHORIZED).with_header("content-type", "text/html").with_body(page)
}

pub(super) fn unknown_route(request: &Request) -> Reply {
    let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
    let message =
        format!("No HTTP resource was found that matches the request URI '{}{}{query}'.", request.base, request.path);
    Reply::value(StatusCode::NOT_FOUND, &json!({"message": message}))
}

pub(super) fn method_not_allowed(request: &Request, allowed: &str) -> Reply {
    let message = format!("The requested resource does not support http method '{}'.", request.method);
    Reply::value(StatusCode::METHOD_NOT_ALLOWED, &json!({"message": message})).with_header("allow", allowed)
}

pub(super) fn unsupported_media_type(request: &Request) -> Reply {
    let kind = request.header("content-type").unwrap_or_default();
    let message = format!("The request entity's media type '{kind}' is not supported for this resource.");
    Reply::value(StatusCode::UNSUPPORTED_MEDIA_TYPE, &json!({"message": message}))
}

fn error_reply(request: &Request, caller: &Caller, fields: &ErrorFields<'_>) -> Reply {
    let body = json!({
        "ClassName": "Microsoft.Portal.Framework.Exceptions.ClientException",
        "Message": fields.message,
        "Data": {},
        "HResult": -2_146_233_088,
        "XMsServerRequestId": null,
        "Source": "Microsoft.ActiveDirectory.PortalExtension.ADExtension",
        "HttpStatusCode": fields.status.as_u16(),
        "ClientData": {
            "errorCode": fields.code,
            "localizedErrorDetails": null,
            "operationResults": null,
            "timeStampUtc": format!("{:.7}", request.now),
            "clientRequestId": request.header("x-ms-client-request-id"),
            "internalTransactionId": Uuid::new_v4(),
            "tenantId": null,
            "userObjectId": caller.object,
            "exceptionType": fields.exception,
        },
    });
    Reply::value(fields.status, &body)
}
