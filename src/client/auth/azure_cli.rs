//! Tokens of whoever is signed in to the Azure CLI. The program is run directly, never through a shell.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;
use tokio::process::Command;
use tokio::time::timeout;

use crate::base::ids::TenantName;
use crate::client::auth::claims;
use crate::client::auth::sign_in_errors::{self, SignInMethod, az_login, numbers_in};
use crate::client::auth::source::{TokenRequest, TokenSource, TokenUnavailable};
use crate::client::sanitize;
use crate::client::token::Token;

/// The program's name where the search path is used; on Windows it is a batch file.
const PROGRAM: &str = if cfg!(windows) { "az.cmd" } else { "az" };

pub(crate) struct AzureCli {
    program: PathBuf,
}

impl AzureCli {
    /// The program at this path, or the one that the search path finds.
    pub(crate) fn new(program: Option<PathBuf>) -> Self {
        Self { program: program.unwrap_or_else(|| PROGRAM.into()) }
    }

    async fn token(&self, request: &TokenRequest<'_>) -> Result<Token, TokenUnavailable> {
        let output = self.run(request).await?;
        if !output.status.success() {
            return Err(Self::failed(request, &String::from_utf8_lossy(&output.stderr)));
        }
        let unusable = |why: String| {
            let error = request.error(format!("the token of the Azure CLI {why}"));
            TokenUnavailable::Failed(error.hint(az_login(request)))
        };
        // What it printed holds the token, so no part of it is ever shown.
        let response: Value = serde_json::from_slice(&output.stdout)
            .map_err(|_| unusable("cannot be read: its output is not JSON".to_owned()))?;
        let text = response.get("accessToken").and_then(Value::as_str).unwrap_or_default();
        if text.is_empty() {
            return Err(unusable("is missing from its output".to_owned()));
        }
        let token =
            claims::checked(text, request).map_err(|why| unusable(format!("{why}; it is {}", signed_in(&response))))?;
        let expires = token.expires().or_else(|| expires_on(&response));
        Ok(token.expiring(expires))
    }

    async fn run(&self, request: &TokenRequest<'_>) -> Result<Output, TokenUnavailable> {
        if !is_plain(request.tenant) {
            let error =
                request.error(format!("the tenant name `{}` cannot be passed to the Azure CLI", request.tenant));
            return Err(TokenUnavailable::Failed(error.hint("name the tenant by a verified domain or by its id")));
        }
        let mut command = Command::new(&self.program);
        command
            .args(["account", "get-access-token", "--resource", request.audience, "--tenant"])
            .arg(request.tenant.to_string())
            .args(["--output", "json"])
            // Secrets of ours are none of its business.
            .env_remove("SSPRCTL_PORTAL_TOKEN")
            .env_remove("SSPRCTL_GRAPH_TOKEN")
            .env_remove("SSPRCTL_REFRESH_TOKEN")
            .env_remove("SSPRCTL_CACHE_KEY")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let timeout_after = request.http.retry_policy().program;
        match timeout(timeout_after, command.output()).await {
            Ok(Ok(output)) => Ok(output),
            Ok(Err(error)) if error.kind() == ErrorKind::NotFound => Err(TokenUnavailable::NotFound(
                "the Azure CLI (az) is not installed, or not on the search path".to_owned(),
            )),
            Ok(Err(error)) => {
                Err(TokenUnavailable::Failed(request.error(format!("the Azure CLI (az) cannot be run: {error}"))))
            }
            Err(_) => Err(TokenUnavailable::Failed(
                request
                    .error(format!("the Azure CLI (az) brings no token within {} s", timeout_after.as_secs()))
                    .hint(format!("see whether it works by itself: {}", az_login(request))),
            )),
        }
    }

    /// Not signed in at all is "nothing is set up"; anything else is a failure of something the person set up.
    fn failed(request: &TokenRequest<'_>, stderr: &str) -> TokenUnavailable {
        let said = sanitize::single_line(stderr);
        let signed_out = said.contains("az login") && !said.contains("AADSTS");
        if signed_out {
            return TokenUnavailable::NotFound(format!(
                "nobody is signed in to the Azure CLI for this tenant ({said})"
            ));
        }
        let error =
            request.error(format!("the Azure CLI brings no token for {}: {said}", request.service.display_name()));
        let hint = sign_in_errors::hint(&numbers_in(stderr), SignInMethod::AzureCli, request);
        TokenUnavailable::Failed(error.hint(hint.unwrap_or_else(|| az_login(request))))
    }
}

impl TokenSource for AzureCli {
    fn acquire<'a>(&'a self, request: &'a TokenRequest<'a>) -> BoxFuture<'a, Result<Token, TokenUnavailable>> {
        Box::pin(self.token(request))
    }

    fn name(&self) -> &'static str {
        "the Azure CLI"
    }

    fn renewal_hint(&self, request: &TokenRequest<'_>) -> Option<String> {
        Some(az_login(request))
    }
}

/// Whether a name can be an argument of a program, and of a batch file, without meaning something else there.
fn is_plain(tenant: &TenantName) -> bool {
    match tenant {
        TenantName::Id(_) => true,
        TenantName::Domain(domain) => {
            domain.starts_with(|c: char| c.is_ascii_alphanumeric())
                && domain.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-')
        }
    }
}

fn expires_on(response: &Value) -> Option<Timestamp> {
    let seconds = response.get("expires_on")?;
    let seconds = seconds.as_i64().or_else(|| seconds.as_str()?.parse().ok())?;
    Timestamp::from_second(seconds).ok()
}

fn signed_in(response: &Value) -> String {
    match response.get("tenant").and_then(Value::as_str) {
        Some(tenant) => format!("signed in to tenant {}", sanitize::single_line(tenant)),
        None => "signed in somewhere".to_owned(),
    }
}
