//! Every error body that is known of the two services, and the message a person gets.

use ssprctl::testing::client::TenantWriter;
use ssprctl::testing::tenant::api::{ReadTenant, WriteTenant};
use ssprctl::testing::tenant::document::Document;
use ssprctl::testing::tenant::error::{MissingAccess, TenantError, TenantErrorKind, WriteFailure};
use ssprctl::testing::tenant::surface::{Service, Surface};

use crate::harness::{Checked, Harness, Reply, error_of};

/// The portal's envelope, with everything that a real one has.
fn portal(status: u16, code: &str, exception: &str, message: &str) -> Reply {
    let body = serde_json::json!({
        "ClassName": "Microsoft.Portal.Framework.Exceptions.ClientException",
        "Message": message,
        "Data": {},
        "HResult": -2_146_233_088,
        "XMsServerRequestId": null,
        "Source": "Microsoft.ActiveDirectory.PortalExtension.ADExtension",
        "HttpStatusCode": status,
        "ClientData": {
            "errorCode": code,
            "localizedErrorDetails": null,
            "operationResults": null,
            "timeStampUtc": "2026-05-13T07:17:35.5553969Z",
            "clientRequestId": "0f8fad5b-d9cb-469f-a165-70867728950e",
            "internalTransactionId": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
            "tenantId": null,
            "userObjectId": "6fa459ea-ee8a-3ca4-894e-db77e160355e",
            "exceptionType": exception,
        },
    });
    Reply::new(status, body.to_string()).header("content-type", "application/json; charset=utf-8")
}

fn graph(status: u16, code: &str, message: &str) -> Reply {
    let inner = serde_json::json!({"date": "2026-11-22T00:00:00", "request-id": "x", "client-request-id": "y"});
    let body = serde_json::json!({"error": {"code": code, "message": message, "innerError": inner}});
    Reply::new(status, body.to_string())
}

async fn read(surface: Surface, reply: Reply) -> Result<TenantError, Box<dyn std::error::Error>> {
    let harness = Harness::replying([reply])?;
    Ok(report(error_of(harness.reader()?.read(surface).await)?))
}

async fn write(surface: Surface, reply: Reply) -> Result<TenantError, Box<dyn std::error::Error>> {
    let harness = Harness::replying([reply])?;
    Ok(report(error_of(
        TenantWriter::new(harness.reader()?)
            .write(surface, &Document::default())
            .await
            .map_err(WriteFailure::into_error),
    )?))
}

/// Checks that hold for every error that a response brings.
fn report(error_of: TenantError) -> TenantError {
    assert!(error_of.request_id.is_some(), "{error_of:?}");
    assert!(error_of.message.starts_with(|c: char| c.is_lowercase()), "{error_of:?}");
    assert!(!error_of.message.contains(['\n', '\r', '{', '<']), "{error_of:?}");
    error_of
}

fn hint(error_of: &TenantError) -> &str {
    error_of.hint.as_deref().unwrap_or_default()
}

const NO_ROLE: &str =
    r#"{"odata.error":{"code":"Unauthorized","message":{"lang":"en-US","value":"User is not in required role."}}}"#;

#[tokio::test]
async fn a_missing_request_id_is_a_refusal() -> Checked {
    let message = "Value cannot be null.\r\nParameter name: correlationId";
    let found = read(Surface::PasswordReset, portal(400, "ArgumentNull", "ArgumentNullException", message)).await?;
    assert_eq!(found.kind, TenantErrorKind::Refused);
    assert_eq!(
        found.message,
        "cannot read the password reset policy: the Entra portal API refuses (HTTP 400): ArgumentNull: \
         Value cannot be null. Parameter name: correlationId"
    );
    Ok(())
}

#[tokio::test]
async fn an_expired_token_comes_as_400() -> Checked {
    let message = "AADSTS500133: Assertion is not within its valid time range.";
    let reply = portal(400, "msalautherror_invalid_grant", "MsalUiRequiredException", message);
    let found = read(Surface::PasswordReset, reply.clone()).await?;
    assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Portal)));
    assert!(found.message.contains("has expired"), "{found}");
    let found = write(Surface::PasswordReset, reply).await?;
    assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Portal)));
    Ok(())
}

#[tokio::test]
async fn a_missing_role_is_named_for_what_was_tried() -> Checked {
    let reply = portal(401, "Unauthorized", "HttpException", NO_ROLE);
    let role = TenantErrorKind::NoAccess(MissingAccess::Role(Service::Portal));
    let found = read(Surface::PasswordReset, reply.clone()).await?;
    assert_eq!(found.kind, role);
    assert!(found.message.ends_with("(HTTP 401): Unauthorized: User is not in required role."), "{found}");
    assert!(hint(&found).contains("Global Reader"));
    let found = write(Surface::PasswordReset, reply.clone()).await?;
    assert_eq!(found.kind, role);
    assert!(hint(&found).contains("Authentication Policy Administrator or Global Administrator"));
    let found = write(Surface::OnPremisesPasswordReset, reply).await?;
    assert!(hint(&found).contains("Hybrid Identity Administrator or Global Administrator"));
    Ok(())
}

#[tokio::test]
async fn a_401_with_a_web_page_or_nothing_means_the_token() -> Checked {
    for reply in [Reply::html(401), Reply::new(401, "")] {
        let found = read(Surface::PasswordReset, reply).await?;
        assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Portal)));
        assert!(found.message.contains("is not accepted (HTTP 401)"), "{found}");
    }
    Ok(())
}

#[tokio::test]
async fn a_feature_that_is_not_available_may_be_licence_or_role() -> Checked {
    let message = "Get on premises password reset policy forbidden";
    let reply = portal(403, "FeatureNotAvailable", "AuthenticationException", message);
    let found = read(Surface::OnPremisesPasswordReset, reply).await?;
    assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Licence));
    assert!(found.message.contains(message), "{found}");
    for word in ["P1", "P2", "Business Premium", "Hybrid Identity Administrator"] {
        assert!(hint(&found).contains(word), "{word}: {found:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_empty_403_means_the_role() -> Checked {
    let found = read(Surface::OnPremisesPasswordReset, Reply::new(403, "")).await?;
    assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Role(Service::Portal)));
    assert_eq!(found.message, "may not read the on-premises password reset policy (HTTP 403)");
    Ok(())
}

#[tokio::test]
async fn unknown_routes_and_wrong_verbs_are_distinguished() -> Checked {
    let body = r#"{"message":"No HTTP resource was found that matches the request URI 'https://main.iam.ad.ext.azure.com/api/x'."}"#;
    let found = read(Surface::PasswordReset, Reply::new(404, body)).await?;
    assert_eq!(found.kind, TenantErrorKind::NotFound);
    assert!(found.message.contains("No HTTP resource was found"), "{found}");
    assert_eq!(write(Surface::PasswordReset, Reply::new(405, "")).await?.kind, TenantErrorKind::Refused);
    Ok(())
}

#[tokio::test]
async fn graph_is_judged_by_its_codes() -> Checked {
    let surface = Surface::AuthorizationPolicy;
    let denied = graph(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
    let found = read(surface, denied.clone()).await?;
    assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Scope(Service::Graph)));
    assert!(hint(&found).contains("Policy.Read.All"));
    let found = write(surface, denied).await?;
    assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Scope(Service::Graph)));
    assert!(hint(&found).contains("Policy.ReadWrite.Authorization"));
    assert!(hint(&found).contains("Privileged Role Administrator"));

    let found = read(surface, graph(401, "InvalidAuthenticationToken", "Lifetime validation failed.")).await?;
    assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Graph)));
    let found = read(surface, graph(403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", "No.")).await?;
    assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Licence));
    let found = read(surface, graph(403, "AccessDenied", "")).await?;
    assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Scope(Service::Graph)));
    assert_eq!(read(surface, graph(404, "Request_ResourceNotFound", "x")).await?.kind, TenantErrorKind::NotFound);
    assert_eq!(read(surface, graph(400, "Request_BadRequest", "x")).await?.kind, TenantErrorKind::Refused);
    assert_eq!(read(surface, graph(429, "TooManyRequests", "x")).await?.kind, TenantErrorKind::Unavailable);
    assert_eq!(read(surface, graph(503, "serviceNotAvailable", "x")).await?.kind, TenantErrorKind::Unavailable);
    assert_eq!(read(surface, graph(500, "UnknownError", "")).await?.kind, TenantErrorKind::Unavailable);
    Ok(())
}

#[tokio::test]
async fn a_deeper_code_counts_under_either_spelling() -> Checked {
    for key in ["innerError", "innererror"] {
        let deepest = serde_json::json!({"code": "Authentication_RequestFromNonPremiumTenantOrB2CTenant"});
        let body =
            serde_json::json!({"error": {"code": "forbidden", "message": "m", key: {"code": "x", key: deepest}}});
        let found = read(Surface::AuthorizationPolicy, Reply::new(403, body.to_string())).await?;
        assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Licence), "{key}");
    }
    Ok(())
}

#[tokio::test]
async fn text_of_the_service_is_one_short_line() -> Checked {
    let message = format!("a\r\nb\u{1b}]0;x\u{7}\u{202e}{}", "long ".repeat(5_000));
    let found = read(Surface::PasswordReset, portal(400, "Odd", "Odd", &message)).await?;
    assert!(found.message.chars().count() < 400, "{}", found.message.len());
    assert!(!found.message.contains(|c: char| c.is_control() || c == '\u{202e}'), "{:?}", found.message);
    assert!(found.message.contains("a b]0;x"), "{found}");
    Ok(())
}

#[tokio::test]
async fn errors_of_any_shape_are_survived() -> Checked {
    let odd = [
        "null",
        "[]",
        "7",
        "\"x\"",
        "{}",
        r#"{"error":null}"#,
        r#"{"error":{"code":7}}"#,
        r#"{"Message":{}}"#,
        "{",
        "\u{0}",
    ];
    for body in odd {
        assert_eq!(read(Surface::PasswordReset, Reply::new(418, body)).await?.kind, TenantErrorKind::Refused, "{body}");
        assert_eq!(
            read(Surface::AuthorizationPolicy, Reply::new(418, body)).await?.kind,
            TenantErrorKind::Refused,
            "{body}"
        );
    }
    assert_eq!(read(Surface::PasswordReset, Reply::html(500)).await?.kind, TenantErrorKind::Unavailable);
    Ok(())
}

#[tokio::test]
async fn a_success_that_is_no_document_is_not_understood() -> Checked {
    for (reply, says) in [
        (Reply::new(200, ""), "is empty"),
        (Reply::html(200), "is a web page, not JSON"),
        (Reply::new(200, "{"), "is not JSON"),
        (Reply::new(200, "[1]"), "is JSON of another shape"),
        (Reply::new(200, r#"{"a":1,"a":2}"#), "is JSON of another shape"),
        (Reply::new(200, vec![0xff, 0xfe]), "is not UTF-8"),
    ] {
        let found = read(Surface::PasswordReset, reply).await?;
        assert_eq!(found.kind, TenantErrorKind::UnexpectedResponse);
        assert!(found.message.contains(says), "{says}: {found}");
    }
    Ok(())
}

#[tokio::test]
async fn a_byte_order_mark_is_no_obstacle() -> Checked {
    let harness = Harness::replying([Reply::new(200, "\u{feff}{\"a\":1}")])?;
    assert_eq!(harness.reader()?.read(Surface::PasswordReset).await?.raw("a"), Some("1"));
    Ok(())
}
