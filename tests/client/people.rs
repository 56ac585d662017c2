//! People who sign in: with a code, by a saved sign-in, with a refresh token; against the embedded sign-in service.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use ssprctl::testing::client::{
    ConnectOptions, Credentials, DeviceCode, HttpClient, RequiredAccess, RetryPolicy, SignInResult, TenantReader,
    connect, scopes,
};
use ssprctl::testing::tenant::api::ReadTenant;
use ssprctl::testing::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use ssprctl::testing::tenant::surface::{Service, Surface};

use crate::applications::env;
use crate::emulator::Sandbox;
use crate::harness::{Checked, Harness, Reply, error_of, hurried, jwt};

type Made<T> = Result<T, Box<dyn std::error::Error>>;

pub(crate) const CONTOSO: &str = "contoso.onmicrosoft.com";
pub(crate) const ADMIN: &str = "admin@contoso.onmicrosoft.com";
pub(crate) const PASSWORD: &str = "Sandbox-1";
pub(crate) const POWERSHELL: &str = "1950a258-227b-4e31-a9cf-717495945fc2";
const APP: &str = "55bc0001-0a99-4000-8000-000000000001";
pub(crate) const BOTH: [Service; 2] = [Service::Portal, Service::Graph];

pub(crate) fn key(byte: u8) -> String {
    STANDARD.encode([byte; 32])
}

/// Credentials that know nothing but the cache in a folder.
pub(crate) fn cached(folder: &Path, key: &str) -> Credentials {
    with(folder, key, Vec::new())
}

fn with(folder: &Path, key: &str, more: Vec<(&'static str, String)>) -> Credentials {
    let cache = folder.join("tokens").display().to_string();
    env([vec![("SSPRCTL_CACHE", cache), ("SSPRCTL_CACHE_KEY", key.to_owned())], more].concat())
}

/// Types the code that the program shows into the embedded page.
pub(crate) async fn typed(sandbox: &Sandbox, code: &str, more: &[(&str, &str)]) -> Made<String> {
    let form = [&[("user_code", code), ("username", ADMIN), ("password", PASSWORD)], more].concat();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build()?;
    let page = client.post(format!("{}/devicelogin", sandbox.server.url())).form(&form).send().await?;
    Ok(page.text().await?)
}

/// A sandbox whose codes may be asked for without a pause.
pub(crate) fn brisk() -> Made<Sandbox> {
    let sandbox = Sandbox::start()?;
    sandbox.world.set_poll_interval(0);
    Ok(sandbox)
}

/// Signs in while somebody types the code, with what else they put into the page.
pub(crate) async fn sign_in(
    sandbox: &Sandbox,
    reader: &TenantReader,
    client: Option<&str>,
    systems: &[Service],
    more: &[(&str, &str)],
) -> Made<Result<SignInResult, TenantError>> {
    let shown: Arc<Mutex<Option<DeviceCode>>> = Arc::default();
    let (seen, report) = tokio::sync::oneshot::channel();
    let seen = Mutex::new(Some(seen));
    let say = |code: &DeviceCode| {
        *shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(code.clone());
        if let Some(seen) = seen.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = seen.send(code.user_code.clone());
        }
    };
    let person = async {
        let user_code = report.await?;
        typed(sandbox, &user_code, more).await
    };
    let (signed, page) = tokio::join!(reader.sign_in(client, systems, &say), person);
    let code = shown.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or("no code was shown")?;
    assert_eq!((code.verification_uri, code.minutes), (format!("{}/devicelogin", sandbox.server.url()), 15));
    page?;
    Ok(signed)
}

#[tokio::test]
async fn a_person_signs_in_once_and_later_runs_read_both_services() -> Checked {
    let (sandbox, folder) = (brisk()?, tempfile::tempdir()?);
    let cache = || cached(folder.path(), &key(1));
    let reader = sandbox.reader(CONTOSO, cache())?;
    let found = error_of(reader.read(Surface::PasswordReset).await)?;
    assert!(found.hint.unwrap_or_default().contains("`ssprctl login --tenant contoso.onmicrosoft.com`"));
    let signed = sign_in(&sandbox, &reader, None, &BOTH, &[]).await??;
    assert_eq!(signed.who.as_deref(), Some(ADMIN));
    assert_eq!(signed.ends, sandbox.clock.now() + SignedDuration::from_hours(24 * 90));
    assert!(signed.without.is_empty(), "{signed:?}");
    for _ in 0..3 {
        let reader = sandbox.reader(CONTOSO, cache())?;
        for outcome in join_all(Surface::ALL.map(|surface| reader.read(surface))).await {
            outcome?;
        }
    }
    // Another tenant is another sign-in.
    let found = error_of(sandbox.reader("fabrikam.onmicrosoft.com", cache())?.identify(Service::Graph).await)?;
    assert!(found.message.contains("nobody is signed in to fabrikam.onmicrosoft.com"), "{found}");
    assert!(sandbox.reader(CONTOSO, cache())?.sign_out().await?);
    assert!(!sandbox.reader(CONTOSO, cache())?.sign_out().await?);
    let found = error_of(sandbox.reader(CONTOSO, cache())?.identify(Service::Graph).await)?;
    assert!(found.message.contains("nobody is signed in"), "{found}");
    assert!(cache().remove_sign_ins()? && !cache().remove_sign_ins()?);
    Ok(())
}

#[tokio::test]
async fn the_cache_is_sealed_and_its_owners_alone() -> Checked {
    let (sandbox, folder) = (brisk()?, tempfile::tempdir()?);
    let reader = sandbox.reader(CONTOSO, cached(folder.path(), &key(1)))?;
    sign_in(&sandbox, &reader, None, &BOTH, &[]).await??;
    let path = folder.path().join("tokens");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path)?.permissions().mode() & 0o777, 0o600);
    }
    let sealed = std::fs::read(&path)?;
    let text = String::from_utf8_lossy(&sealed);
    assert!(text.starts_with("ssprctl sealed 1\n"));
    for readable in ["refresh", "contoso", ADMIN, POWERSHELL, "eyJ"] {
        assert!(!text.contains(readable), "{readable}");
    }
    let identify = async |key: String| {
        let found = error_of(sandbox.reader(CONTOSO, cached(folder.path(), &key))?.identify(Service::Graph).await)?;
        assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Graph)), "{found:?}");
        assert!(found.hint.is_some(), "{found:?}");
        Ok::<_, Box<dyn std::error::Error>>(found.message)
    };
    assert!(identify(key(2)).await?.ends_with("was encrypted with another key"));
    assert!(identify("c2hvcnQ=".to_owned()).await?.ends_with("SSPRCTL_CACHE_KEY is not 32 bytes in base64"));
    let mut changed = sealed.clone();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    for (bytes, why) in [
        (changed, "is damaged, or was changed by somebody who does not have the key"),
        (sealed[..40].to_vec(), "is damaged, or was changed by somebody who does not have the key"),
        (b"{}".to_vec(), "is not a token cache"),
        (Vec::new(), "is not a token cache"),
    ] {
        std::fs::write(&path, bytes)?;
        assert!(identify(key(1)).await?.ends_with(why), "{why}");
    }
    std::fs::write(&path, sealed)?;
    sandbox.reader(CONTOSO, cached(folder.path(), &key(1)))?.identify(Service::Graph).await?;
    Ok(())
}

#[tokio::test]
async fn a_sign_in_may_fail_in_all_its_ways() -> Checked {
    let (sandbox, folder) = (brisk()?, tempfile::tempdir()?);
    let reader = sandbox.reader(CONTOSO, cached(folder.path(), &key(1)))?;
    let found = error_of(sign_in(&sandbox, &reader, None, &BOTH, &[("decline", "1")]).await?)?;
    assert_eq!(found.message, "the sign-in was declined on the other device");
    let found = error_of(reader.sign_in(Some("22222222-2222-4222-8222-222222222222"), &BOTH, &|_| {}).await)?;
    assert!(found.message.contains("AADSTS700016"), "{found}");
    let nowhere = sandbox.reader("nowhere.example", cached(folder.path(), &key(1)))?;
    let found = error_of(nowhere.sign_in(None, &BOTH, &|_| {}).await)?;
    assert!(found.hint.unwrap_or_default().contains("check --tenant and --cloud"));
    let keyless = sandbox.reader(CONTOSO, cached(folder.path(), "short"))?;
    let shown = Mutex::new(false);
    let say = |_: &DeviceCode| *shown.lock().unwrap_or_else(PoisonError::into_inner) = true;
    let found = error_of(keyless.sign_in(None, &BOTH, &say).await)?;
    assert!(found.message.contains("SSPRCTL_CACHE_KEY is not 32 bytes in base64"), "{found}");
    assert!(!*shown.lock().unwrap_or_else(PoisonError::into_inner), "nobody is asked to type a code in vain");
    assert!(!folder.path().join("tokens").exists());
    Ok(())
}

const CODE: &str = r#"{"device_code":"device-code","user_code":"ABC123","verification_uri":"https://microsoft.com/devicelogin","expires_in":900,"interval":0}"#;

fn error(word: &str) -> Reply {
    Reply::new(400, json!({"error": word, "error_description": "AADSTS70016: x", "error_codes": [70_016]}).to_string())
}

fn granted(tenant: &str) -> Reply {
    let token = jwt(&json!({"aud": "74658136-14ec-4630-ad9b-26e160ff0fc6", "scp": "user_impersonation", "tid": tenant,
                            "upn": ADMIN, "exp": 9_999_999_999_i64}));
    Reply::new(200, json!({"access_token": token, "refresh_token": "refresh-1", "expires_in": 3599}).to_string())
}

fn patient(harness: &Harness, folder: &Path) -> ConnectOptions {
    let retry_policy = RetryPolicy { code_step: Duration::from_millis(1), ..hurried() };
    ConnectOptions { credentials: cached(folder, &key(1)), http: HttpClient::new(retry_policy), ..harness.options() }
}

#[tokio::test]
async fn the_code_is_asked_for_until_somebody_typed_it() -> Checked {
    let folder = tempfile::tempdir()?;
    let replies = ["authorization_pending", "slow_down", "authorization_pending"].map(error);
    let replies = [Reply::new(200, CODE)].into_iter().chain(replies).chain([granted("t")]);
    let harness = Harness::replying(replies)?;
    let signed = connect(patient(&harness, folder.path()))?.sign_in(None, &[Service::Portal], &|_| {}).await?;
    assert_eq!(signed.who.as_deref(), Some(ADMIN));
    let seen = harness.seen();
    let form = |n: usize| url::form_urlencoded::parse(seen[n].body.as_bytes()).into_owned().collect::<Vec<_>>();
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!((seen.len(), seen[0].target.as_str()), (5, "/contoso.onmicrosoft.com/oauth2/v2.0/devicecode"));
    let scope = "74658136-14ec-4630-ad9b-26e160ff0fc6/.default offline_access";
    assert_eq!(form(0), [field("client_id", POWERSHELL), field("scope", scope)]);
    assert_eq!(
        form(4),
        [
            field("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            field("client_id", POWERSHELL),
            field("device_code", "device-code"),
        ]
    );
    Ok(())
}

#[tokio::test]
async fn a_code_that_is_not_typed_ends_the_wait() -> Checked {
    let folder = tempfile::tempdir()?;
    for (last, message) in [
        ("expired_token", "the code has expired before it was typed"),
        ("access_denied", "the sign-in was declined on the other device"),
        ("bad_verification_code", "the sign-in service refuses the sign-in with a code: bad_verification_code"),
    ] {
        let harness = Harness::replying([Reply::new(200, CODE), error("authorization_pending"), error(last)])?;
        let found =
            error_of(connect(patient(&harness, folder.path()))?.sign_in(None, &[Service::Portal], &|_| {}).await)?;
        assert!(found.message.starts_with(message), "{found}");
        assert_eq!(harness.seen().len(), 3);
    }
    // A service that never says that the code has expired is not asked for ever.
    let harness = Harness::replying([Reply::new(200, CODE.replace("900", "0")), error("authorization_pending")])?;
    let found = error_of(connect(patient(&harness, folder.path()))?.sign_in(None, &[Service::Portal], &|_| {}).await)?;
    assert_eq!(found.message, "nobody typed the code in time");
    Ok(())
}

/// A refresh token as a person would put it into a vault.
pub(crate) async fn refresh_token(sandbox: &Sandbox) -> Made<String> {
    let form = [
        ("grant_type", "password"),
        ("client_id", POWERSHELL),
        ("username", ADMIN),
        ("password", PASSWORD),
        ("scope", "74658136-14ec-4630-ad9b-26e160ff0fc6/.default offline_access"),
    ];
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build()?;
    let url = format!("{}/{CONTOSO}/oauth2/v2.0/token", sandbox.server.url());
    let issued: Value = serde_json::from_str(&client.post(url).form(&form).send().await?.text().await?)?;
    Ok(issued["refresh_token"].as_str().ok_or("no refresh token")?.to_owned())
}

pub(crate) fn given(folder: &Path, key: &str, token: &str) -> Credentials {
    with(folder, key, vec![("SSPRCTL_REFRESH_TOKEN", token.to_owned())])
}

#[tokio::test]
async fn a_refresh_token_of_the_environment_rotates_from_run_to_run() -> Checked {
    let (sandbox, folder) = (brisk()?, tempfile::tempdir()?);
    let token = refresh_token(&sandbox).await?;
    for _ in 0..3 {
        let reader = sandbox.reader(CONTOSO, given(folder.path(), &key(1), &token))?;
        for outcome in join_all(Surface::ALL.map(|surface| reader.read(surface))).await {
            outcome?;
        }
    }
    // Without the saved one, the refresh token in the environment is used.
    std::fs::remove_file(folder.path().join("tokens"))?;
    let found =
        error_of(sandbox.reader(CONTOSO, given(folder.path(), &key(1), &token))?.identify(Service::Graph).await)?;
    assert!(found.message.contains("refuses the refresh token of SSPRCTL_REFRESH_TOKEN"), "{found}");
    assert!(found.message.contains("AADSTS50173") && !found.message.contains(&token), "{found}");
    assert!(found.hint.unwrap_or_default().contains("put a fresh refresh token into SSPRCTL_REFRESH_TOKEN"));
    Ok(())
}

#[tokio::test]
async fn a_rotation_that_cannot_be_saved_serves_the_run_that_has_it() -> Checked {
    let (sandbox, folder) = (brisk()?, tempfile::tempdir()?);
    let token = refresh_token(&sandbox).await?;
    let reader = sandbox.reader(CONTOSO, given(folder.path(), "no key", &token))?;
    for surface in Surface::ALL {
        reader.read(surface).await?;
    }
    assert!(!folder.path().join("tokens").exists());
    Ok(())
}

#[tokio::test]
async fn runs_at_the_same_time_use_no_refresh_token_twice() -> Checked {
    let (sandbox, folder) = (brisk()?, tempfile::tempdir()?);
    let reader = sandbox.reader(CONTOSO, cached(folder.path(), &key(1)))?;
    sign_in(&sandbox, &reader, None, &BOTH, &[]).await??;
    let token = refresh_token(&sandbox).await?;
    let runs = (0..8).map(|n| {
        let credentials =
            if n % 2 == 0 { cached(folder.path(), &key(1)) } else { given(folder.path(), &key(1), &token) };
        sandbox.reader(CONTOSO, credentials)
    });
    let readers = runs.collect::<Result<Vec<_>, _>>()?;
    let reads = readers.iter().flat_map(|reader| Surface::ALL.map(|surface| reader.read(surface)));
    for outcome in join_all(reads).await {
        outcome?;
    }
    Ok(())
}

#[tokio::test]
async fn ninety_days_without_use_end_a_sign_in() -> Checked {
    let (sandbox, folder) = (brisk()?, tempfile::tempdir()?);
    let reader = sandbox.reader(CONTOSO, cached(folder.path(), &key(1)))?;
    sign_in(&sandbox, &reader, None, &BOTH, &[]).await??;
    // A sign-in belongs to the address it was made at: another sign-in service does not get the refresh token.
    let elsewhere = Sandbox::start()?;
    let found = error_of(elsewhere.reader(CONTOSO, cached(folder.path(), &key(1)))?.identify(Service::Graph).await)?;
    assert!(found.message.contains("nobody is signed in"), "{found}");
    let sandbox = sandbox.after(SignedDuration::from_hours(24 * 89))?;
    sandbox.reader(CONTOSO, cached(folder.path(), &key(1)))?.identify(Service::Graph).await?;
    let sandbox = sandbox.after(SignedDuration::from_hours(24 * 89))?;
    sandbox.reader(CONTOSO, cached(folder.path(), &key(1)))?.identify(Service::Graph).await?;
    let sandbox = sandbox.after(SignedDuration::from_hours(24 * 91))?;
    let found = error_of(sandbox.reader(CONTOSO, cached(folder.path(), &key(1)))?.identify(Service::Graph).await)?;
    assert!(found.message.contains("AADSTS700082"), "{found}");
    assert!(found.hint.unwrap_or_default().contains("sign in again: `ssprctl login --tenant contoso.onmicrosoft.com`"));
    Ok(())
}

#[tokio::test]
async fn an_own_client_asks_for_what_the_command_needs_and_no_more() -> Checked {
    let (sandbox, folder) = (brisk()?, tempfile::tempdir()?);
    let done: Result<(), &str> = sandbox.world.change(CONTOSO, |tenant| {
        let app = tenant.apps.iter_mut().find(|app| app.client_id.to_string() == APP).ok_or("no application")?;
        app.public = true;
        Ok(())
    })?;
    done?;
    let asking = |purpose| cached(folder.path(), &key(1)).asking_for(scopes(purpose));
    let reader = sandbox.reader(CONTOSO, asking(RequiredAccess::Read))?;
    sign_in(&sandbox, &reader, Some(APP), &[Service::Graph], &[]).await??;
    sandbox.reader(CONTOSO, asking(RequiredAccess::Read))?.read(Surface::AuthorizationPolicy).await?;
    // The service issues tokens for the portal only to whoever signed in for it.
    let found = error_of(sandbox.reader(CONTOSO, asking(RequiredAccess::Read))?.read(Surface::PasswordReset).await)?;
    assert!(found.message.contains("nobody is signed in"), "{found}");
    for (purpose, writes) in [
        (RequiredAccess::Read, false),
        (RequiredAccess::ReadAudit, false),
        (RequiredAccess::ReadReports, false),
        (RequiredAccess::ReadPeople, false),
        (RequiredAccess::ReadPerson, false),
        (RequiredAccess::Write, true),
    ] {
        let asked = scopes(purpose);
        assert_eq!(asked.iter().any(|scope| scope.contains("Write")), writes, "{asked:?}");
    }
    Ok(())
}
