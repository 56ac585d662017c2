//! Files that a sign-in needs and that are larger than what is read of them: each is named with its bound.

use std::fs::File;
use std::path::Path;

use ssprctl::testing::client::{Credentials, connect};
use ssprctl::testing::tenant::api::ReadTenant;
use ssprctl::testing::tenant::error::{MissingAccess, TenantErrorKind};
use ssprctl::testing::tenant::surface::{Service, Surface};

use crate::applications::env;
use crate::harness::{Checked, Harness, Reply, error_of};

/// Makes a file of this many bytes that take no space, and reads with what the environment says of it; nothing may be sent.
async fn refused(
    path: &Path,
    bytes: u64,
    variables: &[(&'static str, &str)],
) -> Result<String, Box<dyn std::error::Error>> {
    File::create(path)?.set_len(bytes)?;
    let harness = Harness::new(|_| Reply::new(500, ""))?;
    let named = variables.iter().map(|(name, value)| (*name, value.replace("FILE", &path.display().to_string())));
    let credentials: Credentials = env(named.collect());
    let mut options = harness.options();
    options.credentials = credentials;
    let found = error_of(connect(options)?.read(Surface::AuthorizationPolicy).await)?;
    assert_eq!(
        (found.kind, harness.seen().len()),
        (TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Graph)), 0),
        "{found:?}"
    );
    assert!(found.hint.is_some(), "{found:?}");
    Ok(found.message)
}

#[tokio::test]
async fn a_token_cache() -> Checked {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("tokens");
    let variables = [("SSPRCTL_CACHE", "FILE"), ("SSPRCTL_CACHE_KEY", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=")];
    let message = refused(&path, 16 * 1024 * 1024 + 1, &variables).await?;
    let why = format!("the token cache {} cannot be read: it is larger than 16 MiB", path.display());
    assert!(message.ends_with(&why), "{message}");
    let message = refused(&path, 16 * 1024 * 1024, &variables).await?;
    assert!(message.ends_with("is not a token cache"), "what is as large as may be is read: {message}");
    Ok(())
}

#[tokio::test]
async fn a_certificate() -> Checked {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("application.pem");
    let variables =
        [("AZURE_CLIENT_ID", "55bc0001-0a99-4000-8000-000000000001"), ("AZURE_CLIENT_CERTIFICATE_PATH", "FILE")];
    let message = refused(&path, 256 * 1024 + 1, &variables).await?;
    let why = format!("the certificate in {} cannot be read: it is larger than 256 KiB", path.display());
    assert!(message.ends_with(&why), "{message}");
    Ok(())
}

#[tokio::test]
async fn an_assertion() -> Checked {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("assertion");
    let variables =
        [("AZURE_CLIENT_ID", "55bc0001-0a99-4000-8000-000000000001"), ("AZURE_FEDERATED_TOKEN_FILE", "FILE")];
    let message = refused(&path, 64 * 1024 + 1, &variables).await?;
    let why = format!("the token file {} cannot be read: it is larger than 64 KiB", path.display());
    assert!(message.ends_with(&why), "{message}");
    Ok(())
}
