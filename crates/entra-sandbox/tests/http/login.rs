//! The token endpoint: every grant, every error, and the services that accept a token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{AUTHORIZATION, CONTOSO, Emulator, Outcome, POLICY, answer};

const PORTAL: &str = "74658136-14ec-4630-ad9b-26e160ff0fc6";
const AZURE_CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
const APP: &str = "55bc0001-0a99-4000-8000-000000000001";
const READER_APP: &str = "55bc0001-0a99-4000-8000-000000000002";

async fn post(
    emulator: &Emulator,
    path: &str,
    form: &[(&str, &str)],
) -> Result<(StatusCode, Value), Box<dyn std::error::Error>> {
    let sent = answer(emulator.bare(Method::POST, path).form(form)).await?;
    Ok((sent.status, sent.json()?))
}

fn claims(token: &Value) -> Result<Value, Box<dyn std::error::Error>> {
    let payload = token.as_str().and_then(|token| token.split('.').nth(1)).ok_or("not a token")?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload)?)?)
}

#[tokio::test]
async fn an_application_signs_in_to_graph_but_not_to_the_portal() -> Outcome {
    let emulator = Emulator::start()?;
    let path = format!("/{CONTOSO}/oauth2/v2.0/token");
    let mut form = [
        ("grant_type", "client_credentials"),
        ("client_id", APP),
        ("client_secret", "sandbox-secret"),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let (status, issued) = post(&emulator, &path, &form).await?;
    assert_eq!((status, &issued["expires_in"], &issued["refresh_token"]), (StatusCode::OK, &json!(3599), &Value::Null));
    let token = issued["access_token"].as_str().unwrap_or_default().to_owned();
    let content = claims(&issued["access_token"])?;
    assert_eq!((&content["idtyp"], &content["scp"], &content["appid"]), (&json!("app"), &Value::Null, &json!(APP)));
    assert!(content["roles"].to_string().contains("Policy.ReadWrite.Authorization"));
    let read = answer(emulator.bare(Method::GET, AUTHORIZATION).bearer_auth(&token)).await?;
    assert_eq!(read.status, StatusCode::OK);

    let scope = format!("{PORTAL}/.default");
    form[3].1 = &scope;
    let (_, issued) = post(&emulator, &path, &form).await?;
    let token = issued["access_token"].as_str().unwrap_or_default();
    let refused = answer(emulator.portal(Method::GET, POLICY, token)).await?;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);

    form[1].1 = READER_APP;
    form[3].1 = "https://graph.microsoft.com/.default";
    let (_, issued) = post(&emulator, &path, &form).await?;
    assert!(!claims(&issued["access_token"])?["roles"].to_string().contains("ReadWrite"));
    Ok(())
}

#[tokio::test]
async fn a_person_signs_in_and_refreshes_for_another_service() -> Outcome {
    let emulator = Emulator::start()?;
    let form = [
        ("grant_type", "password"),
        ("client_id", AZURE_CLI),
        ("username", "policy.admin@contoso.onmicrosoft.com"),
        ("password", "Sandbox-1"),
        ("scope", "https://graph.microsoft.com/.default offline_access openid"),
    ];
    let (status, issued) = post(&emulator, "/organizations/oauth2/v2.0/token", &form).await?;
    assert_eq!(status, StatusCode::OK, "{issued}");
    let refresh = issued["refresh_token"].as_str().unwrap_or_default().to_owned();

    // Version 1 of the endpoint takes a resource instead of a scope, and writes numbers as text.
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "1950a258-227b-4e31-a9cf-717495945fc2"),
        ("refresh_token", refresh.as_str()),
        ("resource", PORTAL),
    ];
    let (status, issued) = post(&emulator, "/contoso.com/oauth2/token", &form).await?;
    assert_eq!((status, &issued["expires_in"], &issued["resource"]), (StatusCode::OK, &json!("3599"), &json!(PORTAL)));
    assert_ne!(issued["refresh_token"], json!(refresh), "refresh tokens rotate");
    let content = claims(&issued["access_token"])?;
    assert_eq!((&content["scp"], &content["ver"]), (&json!("user_impersonation"), &json!("1.0")));
    assert_eq!(content["wids"][0], "0526716b-113d-4c15-b2c8-68e3c22b9f80");
    let token = issued["access_token"].as_str().unwrap_or_default();
    assert_eq!(answer(emulator.portal(Method::GET, POLICY, token)).await?.status, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn refusals_carry_entras_codes() -> Outcome {
    let emulator = Emulator::start()?;
    let graph = "https://graph.microsoft.com/.default";
    let app = |id, secret, scope| {
        vec![("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret), ("scope", scope)]
    };
    let person = |name, password| {
        vec![
            ("grant_type", "password"),
            ("client_id", AZURE_CLI),
            ("username", name),
            ("password", password),
            ("scope", graph),
        ]
    };
    let unknown = "11111111-2222-4333-8444-555555555555";
    let admin = "admin@contoso.onmicrosoft.com";
    let cases = [
        ("contoso.com", app(APP, "wrong", graph), 401, "invalid_client", 7_000_215),
        ("contoso.com", app(unknown, "x", graph), 400, "unauthorized_client", 700_016),
        ("fabrikam.com", app(APP, "sandbox-secret", graph), 400, "unauthorized_client", 700_016),
        ("nowhere.example", app(APP, "sandbox-secret", graph), 400, "invalid_tenant", 90_002),
        ("contoso.com", app(APP, "sandbox-secret", "User.Read"), 400, "invalid_scope", 1_002_012),
        (
            "contoso.com",
            app(APP, "sandbox-secret", "https://nowhere.example/.default"),
            400,
            "invalid_resource",
            500_011,
        ),
        ("contoso.com", app(APP, "sandbox-secret", ""), 400, "invalid_request", 900_144),
        ("contoso.com", app(APP, "", graph), 401, "invalid_client", 7_000_218),
        ("contoso.com", person(admin, "wrong"), 400, "invalid_grant", 50_126),
        ("contoso.com", person("nobody@contoso.com", "Sandbox-1"), 400, "invalid_grant", 50_034),
        ("contoso.com", vec![("grant_type", "magic")], 400, "unsupported_grant_type", 70_003),
        ("contoso.com", vec![], 400, "invalid_request", 900_144),
        (
            "contoso.com",
            vec![("grant_type", "refresh_token"), ("client_id", AZURE_CLI), ("refresh_token", "x"), ("scope", graph)],
            400,
            "invalid_grant",
            9_002_313,
        ),
    ];
    for (tenant, form, status, error, code) in cases {
        let (answered, body) = post(&emulator, &format!("/{tenant}/oauth2/v2.0/token"), &form).await?;
        assert_eq!((answered.as_u16(), body["error"].as_str()), (status, Some(error)), "{body}");
        assert_eq!(body["error_codes"], json!([code]));
        let text = body["error_description"].as_str().unwrap_or_default();
        assert!(text.starts_with(&format!("AADSTS{code}: ")), "{text}");
        assert_eq!(body["timestamp"], "2026-05-13 07:17:35Z");
        for key in ["trace_id", "correlation_id"] {
            assert!(text.contains(body[key].as_str().unwrap_or("?")), "{key}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_portals_own_client_must_name_its_origin() -> Outcome {
    let emulator = Emulator::start()?;
    let form = [
        ("grant_type", "password"),
        ("client_id", "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"),
        ("username", "admin@contoso.onmicrosoft.com"),
        ("password", "Sandbox-1"),
        ("scope", "74658136-14ec-4630-ad9b-26e160ff0fc6/.default"),
    ];
    let request = || emulator.bare(Method::POST, "/common/oauth2/v2.0/token").form(&form);
    assert_eq!(answer(request()).await?.json()?["error_codes"], json!([9_002_327]));
    let origin = answer(request().header("origin", "https://portal.azure.com")).await?;
    assert_eq!(origin.status, StatusCode::OK, "{}", origin.body);
    Ok(())
}

#[tokio::test]
async fn a_tenant_is_found_by_its_domain() -> Outcome {
    let emulator = Emulator::start()?;
    for path in ["/contoso.com/v2.0/.well-known/openid-configuration", "/contoso.com/.well-known/openid-configuration"]
    {
        let found = answer(emulator.bare(Method::GET, path)).await?.json()?;
        assert!(found["issuer"].to_string().contains("55bc0001-0000-4000-8000-000000000001"));
        assert!(found["token_endpoint"].as_str().is_some_and(|url| url.starts_with(&emulator.server.url())));
    }
    let missing = answer(emulator.bare(Method::GET, "/nowhere.example/v2.0/.well-known/openid-configuration")).await?;
    assert_eq!((missing.status, missing.json()?["error"].clone()), (StatusCode::BAD_REQUEST, json!("invalid_tenant")));
    let instance = answer(emulator.bare(Method::GET, "/common/discovery/instance?api-version=1.1")).await?.json()?;
    assert!(instance["tenant_discovery_endpoint"].is_string());
    assert_eq!(answer(emulator.bare(Method::GET, "/nothing/here")).await?.status, StatusCode::NOT_FOUND);
    Ok(())
}
