//! Tokens from the environment: what is refused before anything is sent, and how the refusal names the way out.

use serde_json::{Value, json};
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::client::{Credentials, connect};
use ssprctl::testing::tenant::api::ReadTenant;
use ssprctl::testing::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use ssprctl::testing::tenant::surface::{Service, Surface};

use crate::harness::{Checked, Harness, PORTAL_AUDIENCE, Reply, error_of, jwt};

/// The clock of the tests is always at 0.
const LATER: i64 = 3_600;
const NOWHERE: &str = "/nonexistent/az";

fn only(name: &'static str, value: &str) -> Credentials {
    let value = value.to_owned();
    Credentials::from_env_and_cli(move |asked| (asked == name).then(|| value.clone()), Some(NOWHERE.into()))
}

/// Reads the portal with this in `SSPRCTL_PORTAL_TOKEN`; the authorization header that arrived, or the error.
async fn portal(value: &str) -> Result<Result<String, TenantError>, Box<dyn std::error::Error>> {
    let harness = Harness::replying([Reply::new(200, "{}")])?;
    let mut options = harness.options();
    options.credentials = only("SSPRCTL_PORTAL_TOKEN", value);
    let outcome = connect(options)?.read(Surface::PasswordReset).await;
    let seen = harness.seen();
    assert_eq!(seen.len(), usize::from(outcome.is_ok()), "nothing is sent with a token that cannot serve");
    Ok(outcome.map(|_| seen[0].header("authorization").to_owned()))
}

fn person(more: &Value) -> Value {
    let mut claims = json!({"aud": PORTAL_AUDIENCE, "exp": LATER, "scp": "user_impersonation", "appid": "x"});
    if let (Value::Object(claims), Value::Object(more)) = (&mut claims, more) {
        claims.extend(more.clone());
    }
    claims
}

#[tokio::test]
async fn good_and_opaque_tokens_are_sent_as_they_are() -> Checked {
    let good = jwt(&person(&json!({})));
    for (value, sent) in [
        (good.clone(), good.clone()),
        (format!("  Bearer {good}\n"), good.clone()),
        ("opaque".to_owned(), "opaque".to_owned()),
        ("a.b.c".to_owned(), "a.b.c".to_owned()),
        (jwt(&json!({})), jwt(&json!({}))),
        (jwt(&person(&json!({"aud": ["x", PORTAL_AUDIENCE.to_uppercase()]}))), String::new()),
    ] {
        let arrived = portal(&value).await??;
        let sent = if sent.is_empty() { &value } else { &sent };
        assert_eq!(arrived, format!("Bearer {sent}"));
    }
    Ok(())
}

#[tokio::test]
async fn what_cannot_serve_is_refused_by_name() -> Checked {
    for (value, reason) in [
        (jwt(&person(&json!({"exp": -60}))), "expired at 1969-12-31T23:59:00Z"),
        (jwt(&person(&json!({"exp": 0}))), "expired at 1970-01-01T00:00:00Z"),
        (
            jwt(&person(&json!({"aud": "https://graph.microsoft.com"}))),
            "is for https://graph.microsoft.com, but the Entra portal API in the global cloud needs",
        ),
        (jwt(&person(&json!({"idtyp": "app"}))), "takes only a person's token"),
        (jwt(&json!({"aud": PORTAL_AUDIENCE, "appid": "x"})), "takes only a person's token"),
        (jwt(&json!({"aud": PORTAL_AUDIENCE, "roles": ["x"]})), "takes only a person's token"),
        ("two words".to_owned(), "holds characters that no token has"),
        ("tökën".to_owned(), "holds characters that no token has"),
    ] {
        let found = error_of(portal(&value).await?)?;
        assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Portal)));
        assert!(found.message.starts_with("the token in SSPRCTL_PORTAL_TOKEN "), "{found}");
        assert!(found.message.contains(reason), "{reason}: {found}");
        let hint = found.hint.unwrap_or_default();
        assert!(!hint.contains("--sandbox"), "a credential was refused: {hint}");
        assert!(hint.contains(&format!("az account get-access-token --resource {PORTAL_AUDIENCE}")), "{hint}");
        assert!(hint.contains("SSPRCTL_PORTAL_TOKEN"), "{hint}");
    }
    Ok(())
}

#[tokio::test]
async fn graph_takes_an_applications_token() -> Checked {
    let harness = Harness::replying([Reply::new(200, "{}")])?;
    let mut options = harness.options();
    let token =
        jwt(&json!({"aud": "https://graph.microsoft.com", "exp": LATER, "idtyp": "app", "roles": ["Policy.Read.All"]}));
    options.credentials = only("SSPRCTL_GRAPH_TOKEN", &token);
    connect(options)?.read(Surface::AuthorizationPolicy).await?;
    assert_eq!(harness.seen()[0].header("authorization"), format!("Bearer {token}"));
    Ok(())
}

#[tokio::test]
async fn no_credential_at_all_lists_everything_that_was_tried() -> Checked {
    let harness = Harness::replying([Reply::new(200, "{}")])?;
    let mut options = harness.options();
    options.credentials = only("SSPRCTL_PORTAL_TOKEN", "  ");
    let reader = connect(options)?;
    let found = error_of(reader.read(Surface::AuthorizationPolicy).await)?;
    assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Graph)));
    assert_eq!(
        found.message,
        "there is no credential for Microsoft Graph: SSPRCTL_GRAPH_TOKEN is not set; AZURE_CLIENT_ID and \
         AZURE_CLIENT_SECRET are not set; the Azure CLI (az) is not installed, or not on the search path"
    );
    let hint = found.hint.unwrap_or_default();
    for way in [
        "az login --tenant contoso.onmicrosoft.com --allow-no-subscriptions",
        "AZURE_CLIENT_SECRET",
        "SSPRCTL_GRAPH_TOKEN",
    ] {
        assert!(hint.contains(way), "{way}: {hint}");
    }
    assert!(hint.ends_with("; or add `--sandbox` to use the embedded tenants"), "{hint}");
    let found = error_of(reader.read(Surface::PasswordReset).await)?;
    assert!(found.message.contains("SSPRCTL_PORTAL_TOKEN is not set"), "{found}");
    assert!(!found.hint.unwrap_or_default().contains("AZURE_CLIENT_SECRET"));
    assert!(harness.seen().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_secret_is_reported_as_unable_to_reach_the_portal() -> Checked {
    let harness = Harness::replying([Reply::new(200, "{}")])?;
    let mut options = harness.options();
    options.credentials = Credentials::from_env_and_cli(
        |asked| matches!(asked, "AZURE_CLIENT_ID" | "AZURE_CLIENT_SECRET").then(|| "x".to_owned()),
        Some(NOWHERE.into()),
    );
    let found = error_of(connect(options)?.read(Surface::PasswordReset).await)?;
    assert!(
        found.message.contains("AZURE_CLIENT_SECRET cannot serve: the Entra portal API takes only a person's token"),
        "{found}"
    );
    assert!(!found.hint.unwrap_or_default().contains("--sandbox"), "a credential is set up");
    assert!(harness.seen().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_cloud_whose_portal_is_not_known_says_so_and_graph_still_works() -> Checked {
    let harness = Harness::replying([Reply::new(200, "{}")])?;
    let mut options = harness.options();
    options.cloud = Cloud::China;
    options.credentials = Credentials::from_env_and_cli(
        |name| name.starts_with("SSPRCTL_").then(|| "opaque".to_owned()),
        Some(NOWHERE.into()),
    );
    let reader = connect(options)?;
    let found = error_of(reader.read(Surface::PasswordReset).await)?;
    assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Portal)));
    assert!(found.message.contains("cannot be reached in the china cloud"), "{found}");
    assert!(harness.seen().is_empty());
    reader.read(Surface::AuthorizationPolicy).await?;
    Ok(())
}
