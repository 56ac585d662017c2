//! An application's token for Graph, from the sign-in service.

use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::client::{ConnectOptions, Credentials, connect};
use ssprctl::testing::tenant::api::ReadTenant;
use ssprctl::testing::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use ssprctl::testing::tenant::surface::{Service, Surface};

use crate::harness::{Checked, Harness, Reply, Seen, error_of};

const SECRET: &str = "se~cret+that/nobody=may&see";

fn application(harness: &Harness, tenant: Option<&'static str>) -> ConnectOptions {
    let mut options = harness.options();
    options.credentials = Credentials::from_env_and_cli(
        move |name| match name {
            "AZURE_TENANT_ID" => tenant.map(str::to_owned),
            "AZURE_CLIENT_ID" => Some("22222222-2222-4222-8222-222222222222".to_owned()),
            "AZURE_CLIENT_SECRET" => Some(SECRET.to_owned()),
            _ => None,
        },
        Some("/nonexistent/az".into()),
    );
    options
}

fn is_token(seen: &Seen) -> bool {
    seen.target.ends_with("/oauth2/v2.0/token")
}

#[tokio::test]
async fn the_token_is_asked_for_as_documented_and_used() -> Checked {
    let harness = Harness::new(|seen| {
        Reply::new(
            200,
            if is_token(seen) { r#"{"token_type":"Bearer","expires_in":3599,"access_token":"granted"}"# } else { "{}" },
        )
    })?;
    connect(application(&harness, Some("fabrikam.com")))?.read(Surface::AuthorizationPolicy).await?;
    let seen = harness.seen();
    assert_eq!(
        (seen.len(), seen[0].method.as_str(), seen[0].target.as_str()),
        (2, "POST", "/fabrikam.com/oauth2/v2.0/token")
    );
    assert_eq!(seen[0].header("content-type"), "application/x-www-form-urlencoded");
    assert!(seen[0].header("authorization").is_empty());
    let form: Vec<_> = url::form_urlencoded::parse(seen[0].body.as_bytes()).into_owned().collect();
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        form,
        [
            field("grant_type", "client_credentials"),
            field("client_id", "22222222-2222-4222-8222-222222222222"),
            field("scope", "https://graph.microsoft.com/.default"),
            field("client_secret", SECRET),
        ]
    );
    assert_eq!(seen[1].header("authorization"), "Bearer granted");
    Ok(())
}

#[tokio::test]
async fn without_a_tenant_the_policys_own_is_signed_in_to_and_the_scope_is_the_clouds() -> Checked {
    let harness =
        Harness::new(|seen| Reply::new(200, if is_token(seen) { r#"{"access_token":"granted"}"# } else { "{}" }))?;
    let mut options = application(&harness, None);
    options.cloud = Cloud::UsGovDod;
    connect(options)?.read(Surface::AuthorizationPolicy).await?;
    assert_eq!(harness.seen()[0].target, "/contoso.onmicrosoft.com/oauth2/v2.0/token");
    assert!(harness.seen()[0].body.contains("scope=https%3A%2F%2Fdod-graph.microsoft.us%2F.default"));
    Ok(())
}

async fn refused(reply: Reply) -> Result<(TenantError, usize), Box<dyn std::error::Error>> {
    let harness = Harness::replying([reply])?;
    let found = error_of(connect(application(&harness, None))?.read(Surface::AuthorizationPolicy).await)?;
    assert!(harness.seen().iter().all(is_token), "nothing else is asked without a token");
    assert!(found.request_id.is_some());
    assert!(!format!("{found:?}").contains(SECRET));
    Ok((found, harness.seen().len()))
}

#[tokio::test]
async fn known_refusals_have_their_own_way_out() -> Checked {
    for (code, status, hint) in [
        (7_000_215, 401, "AZURE_CLIENT_SECRET is wrong"),
        (7_000_222, 401, "the secret has expired"),
        (700_016, 400, "the application is not known in contoso.onmicrosoft.com"),
        (90_002, 400, "there is no such tenant in the global cloud"),
        (9_999_999, 400, "check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"),
    ] {
        let said = format!("AADSTS{code}: No, not with {SECRET}. Trace ID: x\\r\\nTimestamp: y");
        let error = format!(r#""error":"invalid_client","error_description":"{said}""#);
        // The numbers are read from the list, or from the description when there is no list.
        for body in [format!(r#"{{{error},"error_codes":[{code}]}}"#), format!("{{{error}}}")] {
            let (found, count) = refused(Reply::new(status, body)).await?;
            assert_eq!((found.kind, count), (TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Graph)), 1));
            assert!(found.message.contains(&format!("AADSTS{code}: No, not with [secret].")), "{found}");
            assert!(found.hint.unwrap_or_default().starts_with(hint), "{hint}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_sign_in_service_that_is_busy_or_strange_is_not_a_wrong_secret() -> Checked {
    let (found, count) = refused(Reply::new(503, "")).await?;
    assert_eq!((found.kind, count), (TenantErrorKind::Unavailable, 3));
    let (found, count) = refused(Reply::new(429, "").header("retry-after", "3600")).await?;
    assert_eq!((found.kind, count), (TenantErrorKind::Unavailable, 1));
    for reply in
        [Reply::html(200), Reply::new(200, "{}"), Reply::new(302, "").header("location", "http://localhost:1/")]
    {
        let (found, count) = refused(reply).await?;
        assert_eq!((found.kind, count), (TenantErrorKind::UnexpectedResponse, 1));
    }
    Ok(())
}
