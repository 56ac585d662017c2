//! The errors of the portal: tokens, headers, roles, licences, routes.

use entra_sandbox::{Audience, Person, Role};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{
    Answer, CONTOSO, Emulator, FABRIKAM, NORTHWIND, ON_PREMISES, Outcome, POLICY, REQUEST_ID, answer, json as sending,
};

/// Checks an error reply byte for byte; the two random ids come from the reply itself.
fn assert_envelope(
    refused: &Answer,
    status: u16,
    code: &str,
    exception: &str,
    message: &str,
    request: Option<&str>,
) -> Outcome {
    let body = refused.json()?;
    let (transaction, user) = (&body["ClientData"]["internalTransactionId"], &body["ClientData"]["userObjectId"]);
    for id in [transaction, user] {
        uuid::Uuid::parse_str(id.as_str().unwrap_or_default())?;
    }
    let expected = format!(
        "{{\"ClassName\":\"Microsoft.Portal.Framework.Exceptions.ClientException\",\"Message\":{},\"Data\":{{}},\
         \"HResult\":-2146233088,\"XMsServerRequestId\":null,\
         \"Source\":\"Microsoft.ActiveDirectory.PortalExtension.ADExtension\",\"HttpStatusCode\":{status},\
         \"ClientData\":{{\"errorCode\":\"{code}\",\"localizedErrorDetails\":null,\"operationResults\":null,\
         \"timeStampUtc\":\"2026-05-13T07:17:35.5553969Z\",\"clientRequestId\":{},\"internalTransactionId\":{transaction},\
         \"tenantId\":null,\"userObjectId\":{user},\"exceptionType\":\"{exception}\"}}}}",
        json!(message),
        json!(request),
    );
    assert_eq!(refused.body, expected);
    assert_eq!(refused.status.as_u16(), status);
    assert_eq!(refused.kind, "application/json; charset=utf-8");
    Ok(())
}

#[tokio::test]
async fn a_missing_request_id_is_a_null_argument() -> Outcome {
    let emulator = Emulator::start()?;
    let token = emulator.token(CONTOSO, Audience::Portal, &Person::Administrator)?;
    let message = "Value cannot be null.\r\nParameter name: correlationId";
    let refused = answer(emulator.bare(Method::GET, POLICY).bearer_auth(&token)).await?;
    assert_envelope(&refused, 400, "ArgumentNull", "ArgumentNullException", message, None)?;
    let zero = emulator.bare(Method::GET, POLICY).bearer_auth(&token);
    let zero = zero.header("X-Ms-Client-Request-Id", "00000000-0000-0000-0000-000000000000");
    assert_eq!(answer(zero).await?.status, StatusCode::OK, "any id will do");
    Ok(())
}

#[tokio::test]
async fn an_expired_token_is_a_bad_request() -> Outcome {
    let emulator = Emulator::start()?;
    let token = emulator.token(CONTOSO, Audience::Portal, &Person::Expired)?;
    for method in [Method::GET, Method::PUT] {
        let refused = answer(sending(emulator.portal(method, POLICY, &token), "{}")).await?;
        let message = refused.json()?["Message"].as_str().unwrap_or_default().to_owned();
        let start = "AADSTS500133: Assertion is not within its valid time range. Ensure that the access token is not \
                     expired before using it for user assertion";
        assert!(message.starts_with(start), "{message}");
        let code = "msalautherror_invalid_grant";
        assert_envelope(&refused, 400, code, "MsalUiRequiredException", &message, Some(REQUEST_ID))?;
    }
    Ok(())
}

#[tokio::test]
async fn other_tokens_get_a_page() -> Outcome {
    let emulator = Emulator::start()?;
    let graph = emulator.token(CONTOSO, Audience::Graph, &Person::Administrator)?;
    let app = emulator.token(CONTOSO, Audience::Portal, &Person::App)?;
    let forged = emulator.token(CONTOSO, Audience::Portal, &Person::Administrator)? + "x";
    for token in [&graph, &app, &forged, ""] {
        let refused = answer(emulator.portal(Method::GET, POLICY, token)).await?;
        assert_eq!((refused.status, refused.kind.as_str()), (StatusCode::UNAUTHORIZED, "text/html"));
        assert!(refused.body.starts_with("<!DOCTYPE html"), "{}", refused.body);
    }
    assert_eq!(answer(emulator.bare(Method::GET, POLICY)).await?.status, StatusCode::UNAUTHORIZED);
    Ok(())
}

#[tokio::test]
async fn a_person_of_another_tenant_sees_that_tenant() -> Outcome {
    let emulator = Emulator::start()?;
    let token = emulator.token(CONTOSO, Audience::Portal, &Person::Elsewhere)?;
    let seen = answer(emulator.portal(Method::GET, "/api/Directories/Properties", &token)).await?.json()?;
    assert_eq!(seen["objectId"], "55bc0002-0000-4000-8000-000000000001");
    Ok(())
}

#[tokio::test]
async fn roles_decide_who_reads_and_who_writes() -> Outcome {
    let emulator = Emulator::start()?;
    let policy = emulator.get(FABRIKAM, POLICY).await?.body;
    let cases = [
        (Role::GlobalAdministrator, true, true, true, true),
        (Role::AuthenticationPolicyAdministrator, true, true, true, false),
        (Role::HybridIdentityAdministrator, true, false, true, true),
        (Role::PrivilegedRoleAdministrator, false, false, false, false),
        (Role::GlobalReader, true, false, true, false),
        (Role::SecurityReader, true, false, false, false),
        (Role::SecurityAdministrator, true, false, false, false),
        (Role::UserAdministrator, true, false, false, false),
        (Role::HelpdeskAdministrator, false, false, false, false),
        (Role::ReportsReader, false, false, false, false),
        (Role::ConditionalAccessAdministrator, false, false, false, false),
        (Role::IntuneAdministrator, false, false, false, false),
    ];
    assert_eq!(cases.map(|(role, ..)| role), Role::ALL);
    for (role, reads, writes, reads_on_premises, writes_on_premises) in cases {
        let token = emulator.token(FABRIKAM, Audience::Portal, &Person::Holding(vec![role]))?;
        let get = |path| answer(emulator.portal(Method::GET, path, &token));
        let put = |path, body| answer(sending(emulator.portal(Method::PUT, path, &token), body));
        assert_eq!(get(POLICY).await?.status.is_success(), reads, "{role:?}");
        assert_eq!(put(POLICY, &policy).await?.status.is_success(), writes, "{role:?}");
        assert_eq!(get(ON_PREMISES).await?.status.is_success(), reads_on_premises, "{role:?}");
        let body = r#"{"accountUnlockEnabled":true}"#;
        assert_eq!(put(ON_PREMISES, body).await?.status.is_success(), writes_on_premises, "{role:?}");
    }
    let nobody = emulator.token(FABRIKAM, Audience::Portal, &Person::Holding(vec![]))?;
    let message =
        r#"{"odata.error":{"code":"Unauthorized","message":{"lang":"en-US","value":"User is not in required role."}}}"#;
    for method in [Method::GET, Method::PUT] {
        let refused = answer(sending(emulator.portal(method, POLICY, &nobody), &policy)).await?;
        assert_envelope(&refused, 401, "Unauthorized", "HttpException", message, Some(REQUEST_ID))?;
    }
    Ok(())
}

#[tokio::test]
async fn on_premises_without_licence_or_role_is_not_available() -> Outcome {
    let emulator = Emulator::start()?;
    let reader = emulator.token(FABRIKAM, Audience::Portal, &Person::Holding(vec![Role::SecurityReader]))?;
    let free = emulator.token(NORTHWIND, Audience::Portal, &Person::Administrator)?;
    for token in [&reader, &free] {
        let refused = answer(emulator.portal(Method::GET, ON_PREMISES, token)).await?;
        let message = "Get on premises password reset policy forbidden";
        assert_envelope(&refused, 403, "FeatureNotAvailable", "AuthenticationException", message, Some(REQUEST_ID))?;
        let body = r#"{"passwordWriteBackSupported":true}"#;
        let refused = answer(sending(emulator.portal(Method::PUT, ON_PREMISES, token), body)).await?;
        assert_eq!(refused.json()?["ClientData"]["errorCode"], "FeatureNotAvailable");
        let status = "/api/PasswordReset/CheckWritebackConnectivityStatus";
        let refused = answer(emulator.portal(Method::GET, status, token)).await?;
        assert_eq!((refused.status, refused.body.as_str()), (StatusCode::FORBIDDEN, ""));
    }
    Ok(())
}

#[tokio::test]
async fn unknown_routes_and_wrong_verbs() -> Outcome {
    let emulator = Emulator::start()?;
    for path in ["/api/PasswordReset/Nothing", "/api", "/api/PasswordReset/IsResetPasswordByUpnAllowed?x=1"] {
        let refused = emulator.get(CONTOSO, path).await?;
        assert_eq!(refused.status, StatusCode::NOT_FOUND);
        let says =
            format!("No HTTP resource was found that matches the request URI '{}{path}'.", emulator.server.url());
        assert_eq!(refused.body, json!({"message": says}).to_string());
    }
    let token = emulator.token(CONTOSO, Audience::Portal, &Person::Administrator)?;
    for (method, path) in
        [(Method::POST, POLICY), (Method::DELETE, POLICY), (Method::PUT, "/api/Directories/ADConnectStatus")]
    {
        let refused = answer(sending(emulator.portal(method, path, &token), "{}")).await?;
        assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED);
    }
    let lower = emulator.get(CONTOSO, "/API/passwordreset/PASSWORDRESETPOLICIES/").await?;
    assert_eq!(lower.status, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn every_answer_carries_the_portals_headers() -> Outcome {
    let emulator = Emulator::start()?;
    let token = emulator.token(CONTOSO, Audience::Portal, &Person::Administrator)?;
    for path in [POLICY, "/api/Nothing"] {
        let sent = emulator.portal(Method::GET, path, &token).header("x-ms-correlation-id", REQUEST_ID).send().await?;
        let header = |name: &str| sent.headers().get(name).and_then(|value| value.to_str().ok());
        assert_eq!(header("x-ms-correlation-id"), Some(REQUEST_ID));
        for name in ["cache-control", "x-content-type-options", "strict-transport-security", "x-ms-version", "date"] {
            assert!(header(name).is_some(), "{name}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn on_premises_takes_one_field_at_a_time() -> Outcome {
    let emulator = Emulator::start()?;
    let before = emulator.get(FABRIKAM, ON_PREMISES).await?;
    let keys = "objectId passwordWritebackSupported accountUnlockSupported accountUnlockEnabled enablementForTenant \
                cloudProvisioningEnablementForTenant";
    let fields: serde_json::Map<String, Value> = serde_json::from_str(&before.body)?;
    assert_eq!(fields.keys().map(String::as_str).collect::<Vec<_>>(), keys.split_whitespace().collect::<Vec<_>>());
    assert_eq!((&fields["passwordWritebackSupported"], &fields["accountUnlockEnabled"]), (&json!(true), &json!(true)));

    // Of two fields at once, the second is ignored.
    let both = r#"{"accountUnlockEnabled":false,"passwordWriteBackSupported":false}"#;
    let written = emulator.put(FABRIKAM, ON_PREMISES, both).await?;
    assert_eq!((written.status, written.body.as_str()), (StatusCode::OK, "true"));
    let after = emulator.get(FABRIKAM, ON_PREMISES).await?.json()?;
    assert_eq!((&after["passwordWritebackSupported"], &after["accountUnlockEnabled"]), (&json!(false), &json!(true)));
    emulator.put(FABRIKAM, ON_PREMISES, r#"{"ACCOUNTUNLOCKENABLED":"False"}"#).await?;
    assert_eq!(emulator.get(FABRIKAM, ON_PREMISES).await?.json()?["accountUnlockEnabled"], json!(false));

    let bad = emulator.put(FABRIKAM, ON_PREMISES, r#"{"accountUnlockEnabled":"maybe"}"#).await?;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    let cloud_only = emulator.put(CONTOSO, ON_PREMISES, r#"{"passwordWritebackSupported":true}"#).await?;
    assert_eq!(cloud_only.status, StatusCode::BAD_REQUEST);
    let cloud_only = emulator.get(CONTOSO, ON_PREMISES).await?.json()?;
    assert_eq!((&cloud_only["objectId"], &cloud_only["enablementForTenant"]), (&Value::Null, &json!(false)));
    Ok(())
}

#[tokio::test]
async fn status_endpoints_describe_the_tenant() -> Outcome {
    let emulator = Emulator::start()?;
    let available = "/api/PasswordReset/IsOnPremisesPasswordResetAvailable";
    let status = "/api/PasswordReset/CheckWritebackConnectivityStatus";
    let sync = "/api/Directories/GetPasswordSyncStatus";
    for (tenant, has, code) in [(CONTOSO, "false", 5), (FABRIKAM, "true", 0)] {
        assert_eq!(emulator.get(tenant, available).await?.body, has);
        assert_eq!(emulator.get(tenant, sync).await?.body, has);
        let expected = format!("{{\"checkWritebackConnectivityStatusResponseEnum\":{code}}}");
        assert_eq!(emulator.get(tenant, status).await?.body, expected);
    }
    let cloud_only = "{\"verifiedDomainCount\":2,\"verifiedCustomDomainCount\":1,\"federatedDomainCount\":0,\
                      \"numberOfHoursFromLastSync\":null,\"dirSyncEnabled\":false,\"dirSyncConfigured\":false,\
                      \"passThroughAuthenticationEnabled\":null,\"seamlessSingleSignOnEnabled\":null}";
    assert_eq!(emulator.get(CONTOSO, "/api/Directories/ADConnectStatus").await?.body, cloud_only);
    for (tenant, p1, p2) in [(CONTOSO, true, false), (FABRIKAM, true, true), (NORTHWIND, false, false)] {
        let skus = emulator.get(tenant, "/api/TenantSkuInfo").await?.json()?;
        assert_eq!((&skus["aadPremium"], &skus["aadPremiumP2"]), (&json!(p1), &json!(p2)));
        assert_eq!(skus.as_object().map(serde_json::Map::len), Some(9));
    }
    let properties = emulator.get(CONTOSO, "/api/Directories/Properties").await?;
    assert!(properties.body.starts_with(
        "{\"objectId\":\"55bc0001-0000-4000-8000-000000000001\",\"displayName\":\"Contoso\",\"usersCanRegisterApps\":true"
    ));
    assert_eq!(emulator.get(CONTOSO, "/api/PasswordReset/ListConditionalAccessPolicyInfo").await?.body, "[]");
    let token = emulator.token(CONTOSO, Audience::Portal, &Person::Holding(vec![Role::SecurityReader]))?;
    let roles = answer(emulator.portal(Method::GET, "/api/Permissions/GetUserSystemRoleTemplateIds", &token)).await?;
    assert_eq!(roles.body, "[\"5d6b6bb7-de71-4623-b4af-96380a352509\",\"b79fbf4d-3ef9-4689-8143-76b194e85509\"]");
    Ok(())
}
