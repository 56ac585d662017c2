//! Signing in on another device: the service hands out a code, a person types it into a page, and the program asks until
//! that is done (RFC 8628, as the v2.0 endpoint of the sign-in service has it).

use std::time::Duration;

use serde::Deserialize;

use crate::base::clock::Stopwatch;
use crate::client::auth::grant::{self, TokenResponse};
use crate::client::auth::sign_in_errors::{SignInMethod, again};
use crate::client::auth::source::TokenRequest;
use crate::client::auth::{discovery, refresh};
use crate::client::endpoints::below;
use crate::client::error_body::ErrorBody;
use crate::client::json_body::decode;
use crate::client::operations::table::Operation;
use crate::client::transport::{RequestError, RequestErrorCause};
use crate::client::{classify, sanitize};
use crate::tenant::error::TenantError;

/// The grant with which the endpoint is asked whether the code was typed.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What a person is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCode {
    /// The page to open: untrusted text.
    pub verification_uri: String,
    /// What to type there: untrusted text.
    pub user_code: String,
    /// How many minutes the code is good.
    pub minutes: u64,
}

#[derive(Deserialize)]
struct DeviceAuthorization {
    device_code: String,
    user_code: String,
    verification_uri: String,
    expires_in: u64,
    interval: Option<u64>,
}

/// Has a person sign in, and waits for it.
pub(crate) async fn sign_in(
    request: &TokenRequest<'_>,
    client: &str,
    show: &(dyn Fn(&DeviceCode) + Sync),
) -> Result<TokenResponse, TenantError> {
    discovery::check_cloud(request).await?;
    let tenant = request.tenant.to_string();
    let url = below(request.endpoints.login(), &[&tenant, "oauth2", "v2.0", "devicecode"]);
    let fields = vec![("client_id", client.to_owned()), ("scope", refresh::scope(request, client))];
    let response = grant::ask(request, url, fields, Vec::new()).await.map_err(|error| refused(request, &error))?;
    let offered: DeviceAuthorization = decode(Operation::SignIn, &response)?;
    show(&DeviceCode {
        verification_uri: sanitize::single_line(&offered.verification_uri),
        user_code: sanitize::single_line(&offered.user_code),
        minutes: offered.expires_in / 60,
    });
    let watch = Stopwatch::start();
    let step = request.http.retry_policy().code_step;
    let mut pause = offered.interval.map_or(step, Duration::from_secs);
    while watch.elapsed() < Duration::from_secs(offered.expires_in) {
        tokio::time::sleep(pause).await;
        let fields = vec![("grant_type", GRANT.to_owned()), ("client_id", client.to_owned())];
        let secrets = vec![("device_code", offered.device_code.clone())];
        match grant::ask(request, grant::endpoint(request, &tenant), fields, secrets).await {
            Ok(response) => return grant::granted(request, &response),
            Err(error) => match word(&error).as_str() {
                "authorization_pending" => {}
                "slow_down" => pause += step,
                _ => return Err(refused(request, &error)),
            },
        }
    }
    Err(request.error("nobody typed the code in time").hint(again(SignInMethod::DeviceCode, request)))
}

fn word(error: &RequestError) -> String {
    match &error.cause {
        RequestErrorCause::Status(response) => ErrorBody::parse(response).code,
        _ => String::new(),
    }
}

fn refused(request: &TokenRequest<'_>, error: &RequestError) -> TenantError {
    let plain =
        |message: &str| request.error(message).hint(again(SignInMethod::DeviceCode, request)).request(error.request);
    match word(error).as_str() {
        "authorization_declined" | "access_denied" => plain("the sign-in was declined on the other device"),
        "expired_token" | "code_expired" => plain("the code has expired before it was typed"),
        _ if !matches!(error.cause, RequestErrorCause::Status(_)) => classify::tenant_error(Operation::SignIn, error),
        _ => grant::refused(request, error, "the sign-in with a code", SignInMethod::DeviceCode),
    }
}
