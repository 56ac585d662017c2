//! The Azure CLI, played by a script.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;
use ssprctl::testing::base::clock::Clock;
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::base::ids::TenantName;
use ssprctl::testing::client::{Credentials, HttpClient, RetryPolicy, connect};
use ssprctl::testing::tenant::api::ReadTenant;
use ssprctl::testing::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use ssprctl::testing::tenant::surface::{Service, Surface};
use tempfile::TempDir;
use tokio::sync::{Mutex, MutexGuard};

use crate::harness::{Checked, Harness, PORTAL_AUDIENCE, Reply, Seen, error_of, hurried, jwt};

/// A program cannot be started while another thread that starts one still has its file open for writing.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

struct Az {
    folder: TempDir,
    program: PathBuf,
    _alone: MutexGuard<'static, ()>,
}

impl Az {
    /// A script that notes its arguments and two variables, and then does this.
    async fn doing(what: &str) -> std::io::Result<Self> {
        let alone = ONE_AT_A_TIME.lock().await;
        let folder = TempDir::new()?;
        let program = folder.path().join("az");
        let note = r#"echo "$* [$SSPRCTL_PORTAL_TOKEN$SSPRCTL_GRAPH_TOKEN]" >> "$(dirname "$0")/calls""#;
        fs::write(&program, format!("#!/bin/sh\n{note}\n{what}\n"))?;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700))?;
        Ok(Self { folder, program, _alone: alone })
    }

    async fn printing(answer: &serde_json::Value) -> std::io::Result<Self> {
        Self::doing(&format!("cat <<'END'\n{answer}\nEND")).await
    }

    fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join("calls")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn credentials(&self) -> Credentials {
        Credentials::from_env_and_cli(|_| None, Some(self.program.clone()))
    }
}

async fn read(az: &Az, surface: Surface) -> Result<(Result<(), TenantError>, Vec<Seen>), Box<dyn std::error::Error>> {
    let harness = Harness::replying([Reply::new(200, "{}")])?;
    let mut options = harness.options();
    options.credentials = az.credentials();
    options.http = HttpClient::new(RetryPolicy { program: Duration::from_secs(20), ..hurried() });
    let outcome = connect(options)?.read(surface).await;
    Ok((outcome.map(drop), harness.seen()))
}

#[tokio::test]
async fn it_is_asked_for_the_right_resource_and_tenant() -> Checked {
    let az =
        Az::printing(&json!({"accessToken": "from-az", "expires_on": 3_600, "tenant": "x", "tokenType": "Bearer"}))
            .await?;
    let (outcome, seen) = read(&az, Surface::PasswordReset).await?;
    outcome?;
    assert_eq!(seen[0].header("authorization"), "Bearer from-az");
    let (outcome, _) = read(&az, Surface::AuthorizationPolicy).await?;
    outcome?;
    let call = |resource: &str| {
        format!("account get-access-token --resource {resource} --tenant contoso.onmicrosoft.com --output json []")
    };
    assert_eq!(az.calls(), [call(PORTAL_AUDIENCE), call("https://graph.microsoft.com")]);
    Ok(())
}

#[test]
fn secrets_of_ours_are_not_handed_to_it() -> Checked {
    // The environment of a process cannot be changed safely, so another one runs the test that notes what the script sees.
    let output = std::process::Command::new(std::env::current_exe()?)
        .args(["--exact", "azure_cli::it_is_asked_for_the_right_resource_and_tenant"])
        .env("SSPRCTL_PORTAL_TOKEN", "sesame")
        .env("SSPRCTL_GRAPH_TOKEN", "sesame")
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    Ok(())
}

#[tokio::test]
async fn it_runs_once_for_all_reads_of_a_system() -> Checked {
    let az = Az::printing(&json!({"accessToken": "from-az", "expires_on": "3600"})).await?;
    let harness = Harness::replying([Reply::new(200, "{}")])?;
    let mut options = harness.options();
    options.credentials = az.credentials();
    let reader = connect(options)?;
    let (one, two) =
        futures::future::join(reader.read(Surface::PasswordReset), reader.read(Surface::OnPremisesPasswordReset)).await;
    one?;
    two?;
    assert_eq!(az.calls().len(), 1);
    Ok(())
}

#[tokio::test]
async fn what_it_says_of_expiry_is_believed() -> Checked {
    let az = Az::printing(&json!({"accessToken": "from-az", "expires_on": 60})).await?;
    let harness = Harness::replying([Reply::new(200, "{}")])?;
    let mut options = harness.options();
    options.credentials = az.credentials();
    options.clock = Clock::Fixed(jiff::Timestamp::UNIX_EPOCH);
    let reader = connect(options)?;
    reader.read(Surface::PasswordReset).await?;
    reader.read(Surface::PasswordReset).await?;
    assert_eq!(az.calls().len(), 2, "a token with a minute to live is asked for anew");
    Ok(())
}

#[tokio::test]
async fn signed_out_is_distinguished_from_failed() -> Checked {
    let az = Az::doing("echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1").await?;
    let found = error_of(read(&az, Surface::PasswordReset).await?.0)?;
    assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Portal)));
    assert!(found.message.contains("nobody is signed in to the Azure CLI"), "{found}");
    assert!(found.message.contains("SSPRCTL_PORTAL_TOKEN is not set"), "{found}");
    let login = format!(
        "az login --tenant contoso.onmicrosoft.com --allow-no-subscriptions --scope {PORTAL_AUDIENCE}/.default"
    );
    assert!(found.hint.as_deref().unwrap_or_default().contains(&login), "{found:?}");
    drop(az);

    let az =
        Az::doing("printf 'ERROR: AADSTS50076: you must use multi-factor\\r\\n  %s' \"$(seq 1 5000)\" >&2; exit 1")
            .await?;
    let found = error_of(read(&az, Surface::PasswordReset).await?.0)?;
    assert!(
        found.message.starts_with("the Azure CLI brings no token for the Entra portal API: ERROR: AADSTS50076"),
        "{found}"
    );
    assert!(found.message.chars().count() < 400);
    assert!(found.hint.unwrap_or_default().contains(&login));
    Ok(())
}

#[tokio::test]
async fn a_service_principal_cannot_reach_the_portal() -> Checked {
    let token = jwt(&json!({"aud": PORTAL_AUDIENCE, "exp": 3_600, "idtyp": "app"}));
    let az = Az::printing(&json!({"accessToken": token, "expires_on": 3_600, "tenant": "t"})).await?;
    let (outcome, seen) = read(&az, Surface::PasswordReset).await?;
    let found = error_of(outcome)?;
    assert!(found.message.contains("takes only a person's token"), "{found}");
    assert!(!format!("{found:?}").contains(&token));
    assert!(seen.is_empty());
    Ok(())
}

#[tokio::test]
async fn output_that_is_no_token_is_not_shown() -> Checked {
    for (what, says) in
        [("echo sesame", "is not JSON"), ("echo '{\"x\":\"sesame\"}'", "is missing"), (":", "is not JSON")]
    {
        let az = Az::doing(what).await?;
        let found = error_of(read(&az, Surface::PasswordReset).await?.0)?;
        assert!(found.message.contains(says), "{found}");
        assert!(!format!("{found:?}").contains("sesame"));
    }
    Ok(())
}

#[tokio::test]
async fn it_may_not_hang_for_ever() -> Checked {
    let az = Az::doing("exec sleep 600").await?;
    let harness = Harness::replying([Reply::new(200, "{}")])?;
    let mut options = harness.options();
    options.credentials = az.credentials();
    options.http = HttpClient::new(RetryPolicy { program: Duration::from_millis(200), ..hurried() });
    let found = error_of(connect(options)?.read(Surface::PasswordReset).await)?;
    assert!(found.message.contains("brings no token within"), "{found}");
    Ok(())
}

#[tokio::test]
async fn a_tenant_name_cannot_become_an_option_or_a_command() -> Checked {
    let az = Az::printing(&json!({"accessToken": "from-az"})).await?;
    for name in ["--help", "a b", "a&calc", "$(x)", "\"", ""] {
        let harness = Harness::replying([Reply::new(200, "{}")])?;
        let mut options = harness.options();
        options.tenant = TenantName::parse(name);
        options.credentials = az.credentials();
        let found = error_of(connect(options)?.read(Surface::PasswordReset).await)?;
        assert!(found.message.contains("cannot be passed to the Azure CLI"), "{name}: {found}");
    }
    assert!(az.calls().is_empty());
    Ok(())
}

#[tokio::test]
async fn another_cloud_is_named_in_the_way_out() -> Checked {
    let az = Az::doing("echo \"Please run 'az login'\" >&2; exit 1").await?;
    let harness = Harness::replying([Reply::new(200, "{}")])?;
    let mut options = harness.options();
    options.cloud = Cloud::UsGov;
    options.credentials = az.credentials();
    let found = error_of(connect(options)?.read(Surface::AuthorizationPolicy).await)?;
    assert!(found.hint.unwrap_or_default().contains("az cloud set --name AzureUSGovernment"));
    Ok(())
}
