//! What the sign-in service refuses, and what helps; which cloud a tenant is in; and what passes by itself.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::client::{ConnectOptions, connect};
use ssprctl::testing::tenant::api::ReadTenant;
use ssprctl::testing::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use ssprctl::testing::tenant::surface::{Service, Surface};

use crate::applications::env;
use crate::harness::{Checked, Harness, Reply, Seen, error_of};
use crate::people::key;

const SECRET: &str = "client-secret-that-nobody-may-see";

fn is_token(seen: &Seen) -> bool {
    seen.target.ends_with("/oauth2/v2.0/token")
}

fn application(harness: &Harness) -> ConnectOptions {
    let pairs = vec![("AZURE_CLIENT_ID", "application".to_owned()), ("AZURE_CLIENT_SECRET", SECRET.to_owned())];
    ConnectOptions { credentials: env(pairs), ..harness.options() }
}

fn refusal(error: &str, code: u64) -> Reply {
    let body = json!({"error": error, "error_description": format!("AADSTS{code}: Refused."), "error_codes": [code]});
    Reply::new(400, body.to_string())
}

async fn hint_of(options: ConnectOptions) -> Result<String, Box<dyn std::error::Error>> {
    let found = error_of(connect(options)?.read(Surface::AuthorizationPolicy).await)?;
    assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Graph)), "{found:?}");
    Ok(found.hint.unwrap_or_default())
}

#[tokio::test]
async fn each_refusal_of_an_application_is_named_as_what_it_is() -> Checked {
    for (codes, says) in [
        (vec![90_002], "there is no such tenant in the global cloud"),
        (vec![900_382, 900_432, 90_038, 90_051], "the tenant is in another Microsoft cloud than global"),
        (
            vec![53_003, 530_032, 530_035],
            "a Conditional Access or security policy of the tenant blocks the application",
        ),
        (vec![53_000, 53_001], "wants a managed device"),
        (vec![65_001, 90_094], "an administrator has to consent"),
        (vec![700_016], "check AZURE_CLIENT_ID"),
        (vec![7_000_222], "the secret has expired"),
        (vec![7_000_215], "AZURE_CLIENT_SECRET is wrong"),
        (vec![700_024, 500_133], "the assertion is out of its time"),
        (vec![90_006, 90_024, 90_033, 90_090], "not available for the moment"),
        (vec![1, 9_999_999], "check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"),
    ] {
        for code in codes {
            let harness = Harness::replying([refusal("invalid_request", code)])?;
            let hint = hint_of(application(&harness)).await?;
            assert!(hint.contains(says), "AADSTS{code}: {hint}");
            let secret = says.to_uppercase().contains("SECRET");
            assert_eq!(secret, hint.contains("SECRET"), "the secret is named only where it matters");
        }
    }
    Ok(())
}

#[tokio::test]
async fn each_refusal_of_a_person_is_named_as_what_it_is() -> Checked {
    let folder = tempfile::tempdir()?;
    for (codes, says) in [
        (vec![90_002], "there is no such tenant in the global cloud"),
        (vec![900_382, 90_051], "the tenant is in another Microsoft cloud than global"),
        (vec![53_003, 530_035], "a Conditional Access or security policy of the tenant blocks the sign-in from here"),
        (vec![50_076, 50_079], "the tenant's Conditional Access asks for more: sign in again"),
        (vec![65_001, 90_094], "consent to the permissions in docs/permissions.md"),
        (vec![65_002], "--client-id ID"),
        (
            vec![70_008, 700_082, 70_043, 700_084, 50_173],
            "sign in again: `ssprctl login --tenant contoso.onmicrosoft.com`",
        ),
    ] {
        for code in codes {
            let harness = Harness::replying([refusal("invalid_grant", code)])?;
            let cache = folder.path().join("tokens").display().to_string();
            let credentials = env(vec![
                ("SSPRCTL_REFRESH_TOKEN", "refresh-token".to_owned()),
                ("SSPRCTL_CACHE", cache),
                ("SSPRCTL_CACHE_KEY", key(1)),
            ]);
            let hint = hint_of(ConnectOptions { credentials, ..harness.options() }).await?;
            assert!(hint.contains(says), "AADSTS{code}: {hint}");
        }
    }
    Ok(())
}

/// What passes on the portal is what the sign-in service said of the caller.
#[tokio::test]
async fn conditional_access_is_named_where_the_portal_passes_it_on() -> Checked {
    let said = "AADSTS53003: Access has been blocked by Conditional Access policies.";
    let body = json!({"Message": said, "ClientData": {"errorCode": "msalautherror_interaction_required"}});
    let harness = Harness::replying([Reply::new(400, body.to_string())])?;
    let found = error_of(harness.reader()?.read(Surface::PasswordReset).await)?;
    assert!(found.hint.unwrap_or_default().contains("Conditional Access asks for more"));
    Ok(())
}

#[tokio::test]
async fn what_is_temporarily_unavailable_is_asked_for_again() -> Checked {
    let harness = Harness::new(|seen| match is_token(seen) {
        true => Reply::new(200, r#"{"access_token":"granted"}"#),
        false => Reply::new(200, "{}"),
    })?;
    let times = AtomicUsize::new(2);
    let busy = Harness::new(move |_| {
        let left = times.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        match left {
            Ok(_) => refusal("temporarily_unavailable", 90_033),
            Err(_) => Reply::new(200, r#"{"access_token":"granted"}"#),
        }
    })?;
    let mut options = application(&harness);
    options.overrides.login = Some(busy.url());
    connect(options)?.read(Surface::AuthorizationPolicy).await?;
    assert_eq!((busy.seen().len(), harness.seen().len()), (3, 1));
    let never = Harness::replying([refusal("temporarily_unavailable", 90_033)])?;
    let found = error_of(connect(application(&never))?.read(Surface::AuthorizationPolicy).await)?;
    assert_eq!((found.kind, never.seen().len()), (TenantErrorKind::Unavailable, 3), "{found:?}");
    Ok(())
}

/// The metadata of a tenant, and tokens.
fn cloud(metadata: Value) -> std::io::Result<Harness> {
    Harness::discovering(move |seen| match seen.target.as_str() {
        target if target.ends_with("openid-configuration") => Reply::new(200, metadata.to_string()),
        target if target.ends_with("/token") => Reply::new(200, r#"{"access_token":"granted"}"#),
        _ => Reply::new(200, "{}"),
    })
}

async fn signed_in(
    metadata: Value,
    cloud_of_policy: Cloud,
) -> Result<Result<(), TenantError>, Box<dyn std::error::Error>> {
    let harness = cloud(metadata)?;
    let reader = connect(ConnectOptions { cloud: cloud_of_policy, ..application(&harness) })?;
    let mut outcome = Ok(());
    for _ in 0..2 {
        outcome = reader.read(Surface::AuthorizationPolicy).await.map(|_| ());
    }
    let seen = harness.seen();
    let asked = seen.iter().filter(|seen| seen.target.ends_with("openid-configuration")).count();
    assert!(asked == 1 && seen[0].target == "/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration");
    let secrets = seen.iter().filter(|seen| seen.body.contains(SECRET)).count();
    assert_eq!(secrets, usize::from(outcome.is_ok()), "a secret goes to the tenant's own cloud alone");
    Ok(outcome)
}

#[tokio::test]
async fn the_cloud_of_a_tenant_is_recognised_before_a_secret_is_sent() -> Checked {
    let at = |name: &str| json!({"cloud_instance_name": name});
    let government =
        |scope: &str| json!({"cloud_instance_name": "microsoftonline.us", "tenant_region_sub_scope": scope});
    let wrong = [
        (at("microsoftonline.us"), Cloud::Global, "usGov or usGovDod"),
        (government("DODCON"), Cloud::Global, "usGov"),
        (government("DOD"), Cloud::UsGov, "usGovDod"),
        (at("partner.microsoftonline.cn"), Cloud::Global, "china"),
        (at("microsoftonline.com"), Cloud::UsGov, "global"),
    ];
    for (metadata, policy, right) in wrong {
        let found = error_of(signed_in(metadata, policy).await?)?;
        assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Graph)));
        assert!(found.message.contains(&format!("is in another Microsoft cloud, {right}, but `cloud` is")), "{found}");
        assert!(found.hint.unwrap_or_default().starts_with(&format!("set `cloud` to {right} in the policy")));
    }
    let gcc = json!({"cloud_instance_name": "microsoftonline.com", "tenant_region_sub_scope": "GCC"});
    for (metadata, policy) in [
        (gcc, Cloud::Global),
        (government("DOD"), Cloud::UsGovDod),
        (government("DODCON"), Cloud::UsGov),
        (at("microsoftonline.us"), Cloud::UsGovDod),
        (at("partner.microsoftonline.cn"), Cloud::China),
        (at("login.of.a.new.cloud"), Cloud::Global),
        (json!({"cloud_instance_name": 7}), Cloud::Global),
        (json!([]), Cloud::Global),
    ] {
        signed_in(metadata, policy).await??;
    }
    Ok(())
}

#[tokio::test]
async fn a_discovery_that_failed_says_nothing_about_the_domain() -> Checked {
    let unknown = |code: &str| json!({"error": code, "error_description": "AADSTS90002: Tenant not found.", "error_codes": [90_002]});
    let throttled =
        json!({"error": "invalid_request", "error_description": "AADSTS90100: Bad.", "error_codes": [90_100]});
    for (reply, kind) in [
        (Reply::new(400, unknown("invalid_tenant").to_string()), TenantErrorKind::NotFound),
        (Reply::new(400, unknown("invalid_request").to_string()), TenantErrorKind::NotFound),
        (Reply::new(400, throttled.to_string()), TenantErrorKind::Refused),
        (Reply::new(400, ""), TenantErrorKind::Refused),
        (Reply::html(400), TenantErrorKind::Refused),
        (Reply::html(403), TenantErrorKind::Refused),
        (Reply::html(404), TenantErrorKind::UnexpectedResponse),
        (Reply::html(407), TenantErrorKind::Refused),
        (Reply::new(503, ""), TenantErrorKind::Unavailable),
        (Reply::html(200), TenantErrorKind::UnexpectedResponse),
    ] {
        let harness = Harness::discovering(move |_| reply.clone())?;
        let found = error_of(harness.reader()?.tenant_of("contoso.com").await)?;
        assert_eq!(found.kind, kind, "{found:?}");
        assert_eq!(found.message.contains("no tenant has verified the domain"), kind == TenantErrorKind::NotFound);
        assert!(found.request_id.is_some());
    }
    Ok(())
}
