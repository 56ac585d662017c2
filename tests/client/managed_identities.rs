//! Managed identities: what passes is asked for again, and the challenge of the Azure Arc agent is answered by its rules.

use std::path::Path;
use std::time::Duration;

use ssprctl::testing::base::clock::Stopwatch;
use ssprctl::testing::client::{ConnectOptions, Credentials, HttpClient, RetryPolicy, connect};
use ssprctl::testing::tenant::api::ReadTenant;
use ssprctl::testing::tenant::error::{TenantError, TenantErrorKind};
use ssprctl::testing::tenant::surface::Surface;

use crate::harness::{Checked, Harness, Reply, Seen, error_of, hurried};

const GRANTED: &str = r#"{"access_token":"granted","expires_in":"3599","token_type":"Bearer"}"#;
const KEY: &str = "key-that-nobody-may-see";

fn is_graph(seen: &Seen) -> bool {
    seen.target.starts_with("/v1.0/")
}

fn options(harness: &Harness, keys: Option<&Path>, pairs: Vec<(&'static str, String)>) -> ConnectOptions {
    let get = move |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
    let credentials = Credentials::from_env_and_paths(get, Some("/nonexistent/az".into()), keys.map(Path::to_path_buf));
    ConnectOptions { credentials, ..harness.options() }
}

fn machine(harness: &Harness) -> ConnectOptions {
    let chosen = ("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential".to_owned());
    options(harness, None, vec![chosen, ("AZURE_POD_IDENTITY_AUTHORITY_HOST", harness.url())])
}

#[tokio::test]
async fn a_metadata_service_that_is_updated_is_asked_again() -> Checked {
    for status in [404, 410, 429, 500, 501, 502, 503, 504] {
        let replies =
            [Reply::new(status, "{}"), Reply::new(status, "{}"), Reply::new(200, GRANTED), Reply::new(200, "{}")];
        let harness = Harness::replying(replies)?;
        connect(machine(&harness))?.read(Surface::AuthorizationPolicy).await?;
        let seen = harness.seen();
        assert_eq!((seen.len(), is_graph(&seen[3])), (4, true), "HTTP {status}");
        let never = Harness::replying([Reply::new(status, "{}")])?;
        let found = error_of(connect(machine(&never))?.read(Surface::AuthorizationPolicy).await)?;
        assert!(found.message.contains(&format!("HTTP {status}")) || status < 429, "{found}");
        assert_eq!(never.seen().len(), 1 + 4, "HTTP {status}");
    }
    for status in [400, 401, 403] {
        let harness = Harness::replying([Reply::new(status, r#"{"error":"invalid_request"}"#)])?;
        let found = error_of(connect(machine(&harness))?.read(Surface::AuthorizationPolicy).await)?;
        assert!(found.message.starts_with("the sign-in service refuses the managed identity"), "{found}");
        assert_eq!(harness.seen().len(), 1, "HTTP {status}");
    }
    Ok(())
}

#[tokio::test]
async fn an_update_is_waited_for() -> Checked {
    let harness = Harness::replying([Reply::new(410, "{}"), Reply::new(200, GRANTED), Reply::new(200, "{}")])?;
    let retry_policy = RetryPolicy { update_pause: Duration::from_millis(80), ..hurried() };
    let watch = Stopwatch::start();
    let options = ConnectOptions { http: HttpClient::new(retry_policy), ..machine(&harness) };
    connect(options)?.read(Surface::AuthorizationPolicy).await?;
    assert!(watch.elapsed() >= Duration::from_millis(80));
    Ok(())
}

/// An agent that challenges with this header, and grants a token to who shows the key.
fn agent(challenge: Option<String>) -> std::io::Result<Harness> {
    Harness::new(move |seen| {
        if is_graph(seen) {
            return Reply::new(200, "{}");
        }
        match (&challenge, seen.header("authorization")) {
            (_, shown) if shown == format!("Basic {KEY}") => Reply::new(200, GRANTED),
            (Some(challenge), _) => Reply::new(401, "").header("www-authenticate", challenge.clone()),
            (None, _) => Reply::new(401, ""),
        }
    })
}

fn arc(harness: &Harness, keys: &Path) -> ConnectOptions {
    let endpoint = format!("{}/metadata/identity/oauth2/token", harness.url());
    options(harness, Some(keys), vec![("IDENTITY_ENDPOINT", endpoint), ("IMDS_ENDPOINT", harness.url())])
}

#[tokio::test]
async fn the_challenge_of_azure_arc_is_answered() -> Checked {
    let keys = tempfile::tempdir()?;
    let path = keys.path().join("1f2e.key");
    std::fs::write(&path, KEY)?;
    for challenge in [format!("Basic realm={}", path.display()), format!("basic realm=\"{}\"", path.display())] {
        let harness = agent(Some(challenge))?;
        connect(arc(&harness, keys.path()))?.read(Surface::AuthorizationPolicy).await?;
        let seen = harness.seen();
        let target =
            "/metadata/identity/oauth2/token?api-version=2020-06-01&resource=https%3A%2F%2Fgraph.microsoft.com";
        assert_eq!((seen.len(), seen[0].target.as_str(), seen[1].target.as_str()), (3, target, target));
        assert_eq!((seen[0].header("metadata"), seen[0].header("authorization")), ("true", ""));
        assert_eq!((seen[1].header("metadata"), seen[1].header("authorization")), ("true", &*format!("Basic {KEY}")));
        assert_eq!(seen[2].header("authorization"), "Bearer granted");
    }
    Ok(())
}

async fn refused(harness: &Harness, keys: &Path) -> Result<TenantError, Box<dyn std::error::Error>> {
    let found = error_of(connect(arc(harness, keys))?.read(Surface::AuthorizationPolicy).await)?;
    assert!(harness.seen().iter().all(|seen| seen.header("authorization").is_empty()), "nothing of a file was sent");
    assert!(!format!("{found:?}").contains(KEY), "{found:?}");
    Ok(found)
}

#[tokio::test]
async fn no_other_file_is_read_for_a_challenge() -> Checked {
    let (keys, outside) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let at = |name: &str| keys.path().join(name);
    std::fs::write(at("large.key"), KEY.repeat(200))?;
    std::fs::write(at("other.txt"), KEY)?;
    std::fs::write(outside.path().join("out.key"), KEY)?;
    std::fs::create_dir(at("below"))?;
    std::fs::write(at("below").join("in.key"), KEY)?;
    std::fs::create_dir(at("folder.key"))?;
    #[cfg(unix)]
    std::os::unix::fs::symlink(outside.path().join("out.key"), at("link.key"))?;
    let named = |path: &Path| Some(format!("Basic realm={}", path.display()));
    let escaping = keys.path().join("..").join("out.key");
    for (challenge, why) in [
        (None, "is missing"),
        (Some("Basic".to_owned()), "is missing"),
        (Some("Basic realm=".to_owned()), "is missing"),
        (Some("Bearer realm=x.key".to_owned()), "is missing"),
        (named(&outside.path().join("out.key")), "names a file that is no .key file in"),
        (named(&escaping), "names a file that is no .key file in"),
        (named(&at("below").join("in.key")), "names a file that is no .key file in"),
        (named(&at("other.txt")), "names a file that is no .key file in"),
        (named(Path::new("out.key")), "names a file that is no .key file in"),
        (named(&at("nothing.key")), "names a file that cannot be read"),
        (named(&at("large.key")), "names a file that cannot be read"),
        (named(&at("folder.key")), "names something that is no regular file"),
        #[cfg(unix)]
        (named(&at("link.key")), "names something that is no regular file"),
    ] {
        let harness = agent(challenge.clone())?;
        let found = refused(&harness, keys.path()).await?;
        assert!(
            found.message.contains(&format!("the challenge of the Azure Arc agent {why}")),
            "{challenge:?}: {found}"
        );
        assert!(found.hint.is_some() && harness.seen().len() == 1);
    }
    // A token without a challenge was not given to who may read the file.
    let open = Harness::replying([Reply::new(200, GRANTED)])?;
    assert!(refused(&open, keys.path()).await?.message.contains("is missing: it answers without one"));
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_used_is_refused_by_name() -> Checked {
    let harness = Harness::replying([Reply::new(200, GRANTED)])?;
    let endpoint = ("IDENTITY_ENDPOINT", harness.url());
    let fabric =
        vec![endpoint.clone(), ("IDENTITY_HEADER", "x".to_owned()), ("IDENTITY_SERVER_THUMBPRINT", "00".to_owned())];
    let chosen = vec![endpoint, ("IMDS_ENDPOINT", harness.url()), ("AZURE_CLIENT_ID", "identity".to_owned())];
    for (pairs, says) in [
        (fabric, "the managed identity of Azure Service Fabric is not supported"),
        (chosen, "a machine of Azure Arc has one identity, which AZURE_CLIENT_ID cannot choose"),
    ] {
        let found = error_of(connect(options(&harness, None, pairs))?.read(Surface::AuthorizationPolicy).await)?;
        assert!(matches!(found.kind, TenantErrorKind::NoAccess(_)) && found.hint.is_some(), "{found:?}");
        assert_eq!(found.message, says);
    }
    assert!(harness.seen().is_empty());
    Ok(())
}
