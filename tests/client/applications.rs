//! Applications that prove themselves without a secret, against the embedded sign-in service.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use entra_sandbox::FederatedCredential;
use rcgen::{CertificateParams, KeyPair, PublicKeyData, SigningKey};
use serde_json::{Value, json};
use ssprctl::testing::client::{Credentials, connect};
use ssprctl::testing::tenant::api::ReadTenant;
use ssprctl::testing::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use ssprctl::testing::tenant::surface::{Service, Surface};

use crate::emulator::Sandbox;
use crate::harness::{Checked, Harness, Reply, error_of};

type Made<T> = Result<T, Box<dyn std::error::Error>>;

const CONTOSO: &str = "contoso.onmicrosoft.com";
const APP: &str = "55bc0001-0a99-4000-8000-000000000001";
const ISSUER: &str = "https://token.actions.githubusercontent.com";
const SUBJECT: &str = "repo:contoso/sspr:ref:refs/heads/main";
const EXCHANGE: &str = "api://AzureADTokenExchange";

/// A key of 2,048 bits, which `openssl genpkey -algorithm RSA` made for these tests.
pub(crate) fn rsa() -> Made<KeyPair> {
    Ok(KeyPair::try_from(include_bytes!("keys/first.der").as_slice())?)
}

/// Another one.
fn other_rsa() -> Made<KeyPair> {
    Ok(KeyPair::try_from(include_bytes!("keys/second.der").as_slice())?)
}

pub(crate) fn env(pairs: Vec<(&'static str, String)>) -> Credentials {
    let get = move |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
    Credentials::from_env_and_cli(get, Some("/nonexistent/az".into()))
}

/// A PEM file with a certificate and its key, and the certificate as the service stores it.
pub(crate) fn certificate(folder: &std::path::Path, key: &KeyPair) -> Made<(PathBuf, String)> {
    let certificate = CertificateParams::new(vec!["ssprctl.contoso.com".to_owned()])?.self_signed(key)?;
    let path = folder.join("application.pem");
    std::fs::write(&path, format!("{}{}", certificate.pem(), key.serialize_pem()))?;
    Ok((path, STANDARD.encode(certificate.der())))
}

fn certified(path: &std::path::Path) -> Credentials {
    env(vec![("AZURE_CLIENT_ID", APP.to_owned()), ("AZURE_CLIENT_CERTIFICATE_PATH", path.display().to_string())])
}

fn enlist(sandbox: &Sandbox, edit: impl FnOnce(&mut entra_sandbox::App)) -> Made<()> {
    let done: Result<(), &str> = sandbox.world.change(CONTOSO, |tenant| {
        tenant.apps.iter_mut().find(|app| app.client_id.to_string() == APP).map(edit).ok_or("no such application")
    })?;
    Ok(done?)
}

async fn refused(sandbox: &Sandbox, credentials: Credentials) -> Made<TenantError> {
    let found = error_of(sandbox.reader(CONTOSO, credentials)?.identify(Service::Graph).await)?;
    assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Graph)), "{found:?}");
    Ok(found)
}

#[tokio::test]
async fn a_certificate_that_the_application_knows_is_taken() -> Checked {
    let (sandbox, folder) = (Sandbox::start()?, tempfile::tempdir()?);
    let (path, der) = certificate(folder.path(), &rsa()?)?;
    let found = refused(&sandbox, certified(&path)).await?;
    assert!(found.message.contains("AADSTS700027"), "{found}");
    assert!(found.hint.unwrap_or_default().contains("does not know the certificate in AZURE_CLIENT_CERTIFICATE_PATH"));

    enlist(&sandbox, |app| app.certificates.push(der))?;
    let reader = sandbox.reader(CONTOSO, certified(&path))?;
    assert!(reader.read(Surface::AuthorizationPolicy).await.is_ok());
    let found = error_of(reader.read(Surface::PasswordReset).await)?;
    assert!(
        found
            .message
            .contains("AZURE_CLIENT_CERTIFICATE_PATH cannot serve: the Entra portal API takes only a person's"),
        "{found}"
    );
    Ok(())
}

#[tokio::test]
async fn the_certificate_is_the_one_that_belongs_to_the_key() -> Checked {
    let (sandbox, folder) = (Sandbox::start()?, tempfile::tempdir()?);
    let (path, der) = certificate(folder.path(), &rsa()?)?;
    let own = std::fs::read_to_string(&path)?;
    let (_, _) = certificate(folder.path(), &other_rsa()?)?;
    let foreign = std::fs::read_to_string(&path)?;
    let foreign = foreign.split_inclusive("-----END CERTIFICATE-----\n").next().unwrap_or_default();
    std::fs::write(&path, format!("{foreign}{own}"))?;
    enlist(&sandbox, |app| app.certificates.push(der))?;
    sandbox.reader(CONTOSO, certified(&path))?.identify(Service::Graph).await?;

    let key = own.split_inclusive("-----END CERTIFICATE-----\n").nth(1).unwrap_or_default();
    for (text, why) in [
        (format!("{foreign}{key}"), "has no certificate that belongs to its private key"),
        (foreign.to_owned(), "comes without a private key"),
        (key.to_owned(), "has no certificate"),
        (format!("{foreign}{}", KeyPair::generate()?.serialize_pem()), "is not RSA"),
        (String::new(), "comes without a private key"),
    ] {
        std::fs::write(&path, text)?;
        let found = refused(&sandbox, certified(&path)).await?;
        assert!(found.message.contains(why), "{why}: {found}");
        assert!(found.hint.unwrap_or_default().contains("openssl pkcs12"));
    }
    let found = refused(&sandbox, certified(&folder.path().join("missing.pem"))).await?;
    assert!(found.message.ends_with("cannot be read: it does not exist"), "{found}");
    Ok(())
}

#[tokio::test]
async fn every_token_has_an_assertion_of_its_own_for_this_endpoint() -> Checked {
    let folder = tempfile::tempdir()?;
    let (path, der) = certificate(folder.path(), &rsa()?)?;
    let expired = r#"{"error":{"code":"InvalidAuthenticationToken"}}"#;
    let harness = Harness::new(move |seen| {
        if seen.target.ends_with("/token") {
            Reply::new(200, r#"{"access_token":"granted","expires_in":60}"#)
        } else if seen.header("authorization").is_empty() {
            Reply::new(401, expired)
        } else {
            Reply::new(200, "{}")
        }
    })?;
    let mut options = harness.options();
    options.credentials = certified(&path);
    let reader = connect(options)?;
    for _ in 0..2 {
        reader.read(Surface::AuthorizationPolicy).await?;
    }
    let forms: Vec<_> = harness.seen().into_iter().filter(|seen| seen.target.ends_with("/token")).collect();
    let mut ids = Vec::new();
    for form in &forms {
        let field = |name: &str| {
            url::form_urlencoded::parse(form.body.as_bytes()).find(|(key, _)| key == name).map(|(_, v)| v.into_owned())
        };
        assert_eq!(
            field("client_assertion_type").as_deref(),
            Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        );
        let assertion = field("client_assertion").ok_or("no assertion")?;
        let part = |n: usize| -> Made<Value> {
            Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(assertion.split('.').nth(n).unwrap_or_default())?)?)
        };
        let (header, claims) = (part(0)?, part(1)?);
        let thumbprint = ring::digest::digest(&ring::digest::SHA256, &STANDARD.decode(&der)?);
        assert_eq!(header, json!({"alg": "PS256", "typ": "JWT", "x5t#S256": URL_SAFE_NO_PAD.encode(thumbprint)}));
        assert_eq!(claims["aud"], json!(format!("{}/{CONTOSO}/oauth2/v2.0/token", harness.url())));
        assert_eq!((&claims["iss"], &claims["sub"]), (&json!(APP), &json!(APP)));
        assert_eq!(claims["exp"].as_i64().zip(claims["nbf"].as_i64()).map(|(exp, nbf)| exp - nbf), Some(600));
        ids.push(claims["jti"].to_string());
    }
    ids.sort();
    ids.dedup();
    assert_eq!((forms.len(), ids.len()), (2, 2), "a token of 60 s is replaced at once, with a new assertion");
    Ok(())
}

/// A token of a made-up identity provider.
pub(crate) fn signed(key: &KeyPair, claims: &Value) -> Made<String> {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(&json!({"alg": "RS256", "typ": "JWT"})), part(claims));
    Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(key.sign(text.as_bytes())?)))
}

fn said(exp: i64) -> Value {
    json!({"iss": ISSUER, "sub": SUBJECT, "aud": EXCHANGE, "exp": exp, "nbf": 0})
}

fn trusted(key: &KeyPair) -> FederatedCredential {
    let key = STANDARD.encode(key.der_bytes());
    FederatedCredential { issuer: ISSUER.to_owned(), subject: SUBJECT.to_owned(), audience: EXCHANGE.to_owned(), key }
}

#[tokio::test]
async fn a_workload_identity_file_is_read_anew_and_checked_in_every_part() -> Checked {
    let (sandbox, folder, key) = (Sandbox::start()?, tempfile::tempdir()?, rsa()?);
    enlist(&sandbox, |app| app.federated.push(trusted(&key)))?;
    let path = folder.path().join("token");
    let workload =
        || env(vec![("AZURE_CLIENT_ID", APP.to_owned()), ("AZURE_FEDERATED_TOKEN_FILE", path.display().to_string())]);
    let now = sandbox.clock.now().as_second();
    let with = |name: &str, value: &str| {
        let mut claims = said(now + 300);
        claims[name] = json!(value);
        claims
    };
    for (token, code) in [
        (signed(&key, &said(now - 1))?, "AADSTS700024"),
        (signed(&key, &with("sub", "repo:contoso/sspr:pull_request"))?, "AADSTS700213"),
        (signed(&key, &with("aud", "api://elsewhere"))?, "AADSTS700212"),
        (signed(&key, &with("iss", "https://idp.fabrikam.com"))?, "AADSTS700211"),
        (signed(&other_rsa()?, &said(now + 300))?, "AADSTS50013"),
        ("not a token".to_owned(), "AADSTS50027"),
    ] {
        std::fs::write(&path, &token)?;
        let found = refused(&sandbox, workload()).await?;
        assert!(found.message.contains(code), "{code}: {found}");
        assert!(!found.message.contains(&token));
    }
    // The same credentials, after the platform replaced the file.
    let reader = sandbox.reader(CONTOSO, workload())?;
    std::fs::write(&path, format!("{}\n", signed(&key, &said(now + 300))?))?;
    reader.identify(Service::Graph).await?;
    for (text, why) in [(Some(" \n"), "is empty"), (None, "cannot be read")] {
        match text {
            Some(text) => std::fs::write(&path, text)?,
            None => std::fs::remove_file(&path)?,
        }
        let found = refused(&sandbox, workload()).await?;
        assert!(found.message.contains(why), "{found}");
    }
    Ok(())
}

#[tokio::test]
async fn a_github_workflow_is_asked_who_it_is() -> Checked {
    let (sandbox, key) = (Sandbox::start()?, rsa()?);
    enlist(&sandbox, |app| app.federated.push(trusted(&key)))?;
    let token = signed(&key, &said(sandbox.clock.now().as_second() + 300))?;
    let runner = Harness::replying([Reply::new(200, json!({"count": 1, "value": token}).to_string())])?;
    let workflow = |url: String| {
        env(vec![
            ("AZURE_CLIENT_ID", APP.to_owned()),
            ("ACTIONS_ID_TOKEN_REQUEST_URL", url),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "runner-token".to_owned()),
        ])
    };
    let reader = sandbox.reader(CONTOSO, workflow(format!("{}/x?api-version=2.0", runner.url())))?;
    reader.identify(Service::Graph).await?;
    let seen = runner.seen();
    assert_eq!(seen[0].target, "/x?api-version=2.0&audience=api%3A%2F%2FAzureADTokenExchange");
    assert_eq!((seen.len(), seen[0].header("authorization")), (1, "Bearer runner-token"));

    let mute = Harness::replying([Reply::new(403, "Bearer runner-token may not")])?;
    let found = error_of(sandbox.reader(CONTOSO, workflow(mute.url()))?.identify(Service::Graph).await)?;
    assert!(found.message.contains("cannot get the workflow's own token"), "{found}");
    assert_eq!(found.hint.as_deref(), Some("the job needs `permissions: id-token: write`"));
    let found = refused(&sandbox, workflow("http://runner.contoso.com/".to_owned())).await?;
    assert!(found.message.contains("ACTIONS_ID_TOKEN_REQUEST_URL is no https address"), "{found}");
    Ok(())
}

fn identity(more: Vec<(&'static str, String)>) -> Credentials {
    env(more.into_iter().chain([("AZURE_CLIENT_ID", APP.to_owned())]).collect())
}

#[tokio::test]
async fn a_managed_identity_is_asked_of_where_it_runs() -> Checked {
    let granted = r#"{"access_token":"granted","expires_in":"3599","token_type":"Bearer"}"#;
    let service = vec![("IDENTITY_HEADER", "service-secret".to_owned())];
    let machine = vec![("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential".to_owned())];
    for (mut given, address, target, header) in [
        (service, "IDENTITY_ENDPOINT", "/msi/token?api-version=2019-08-01", ("x-identity-header", "service-secret")),
        (
            machine,
            "AZURE_POD_IDENTITY_AUTHORITY_HOST",
            "/metadata/identity/oauth2/token?api-version=2018-02-01",
            ("metadata", "true"),
        ),
    ] {
        let harness =
            Harness::new(move |seen| Reply::new(200, if seen.target.contains("/token") { granted } else { "{}" }))?;
        let path = if address == "IDENTITY_ENDPOINT" { "/msi/token" } else { "" };
        given.push((address, format!("{}{path}", harness.url())));
        let mut options = harness.options();
        options.credentials = identity(given);
        let reader = connect(options)?;
        reader.read(Surface::AuthorizationPolicy).await?;
        let seen = harness.seen();
        let resource = format!("{target}&resource=https%3A%2F%2Fgraph.microsoft.com&client_id={APP}");
        assert_eq!((seen[0].method.as_str(), &seen[0].target), ("GET", &resource));
        assert_eq!(seen[0].header(header.0), header.1);
        assert_eq!(seen[1].header("authorization"), "Bearer granted");
        let found = error_of(reader.read(Surface::PasswordReset).await)?;
        assert!(found.message.contains("the managed identity cannot serve"), "{found}");
    }
    Ok(())
}

#[tokio::test]
async fn a_managed_identity_is_asked_nowhere_but_on_the_machine() -> Checked {
    let harness = Harness::replying([Reply::new(200, "{}")])?;
    for elsewhere in ["http://metadata.contoso.com/", "https://169.254.169.254/", "http://10.0.0.1/", "nonsense"] {
        let mut options = harness.options();
        options.credentials = identity(vec![
            ("IDENTITY_ENDPOINT", elsewhere.to_owned()),
            ("IDENTITY_HEADER", "service-secret".to_owned()),
        ]);
        let found = error_of(connect(options)?.read(Surface::AuthorizationPolicy).await)?;
        assert!(found.message.contains("IDENTITY_ENDPOINT is no http address on this machine"), "{found}");
    }
    let none = Harness::replying([Reply::new(
        400,
        r#"{"error":"invalid_request","error_description":"Identity not found"}"#,
    )])?;
    let mut options = none.options();
    options.credentials =
        identity(vec![("IDENTITY_ENDPOINT", none.url()), ("IDENTITY_HEADER", "service-secret".to_owned())]);
    let found = error_of(connect(options)?.read(Surface::AuthorizationPolicy).await)?;
    assert_eq!(found.message, "the sign-in service refuses the managed identity: invalid_request: Identity not found");
    assert!(found.hint.is_some_and(|hint| hint.starts_with("assign an identity to this machine")));
    assert!(harness.seen().is_empty());
    Ok(())
}
