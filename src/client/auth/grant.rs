//! The token endpoint of the sign-in service: what is asked of it, what it grants, and why it refuses.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::Value;
use url::Url;

use crate::client::auth::claims;
use crate::client::auth::sign_in_errors::{self, SignInMethod};
use crate::client::auth::source::TokenRequest;
use crate::client::endpoints::below;
use crate::client::error_body::ErrorBody;
use crate::client::operations::table::Operation;
use crate::client::token::Token;
use crate::client::transport::{self, HttpRequest, HttpResponse, Payload, RequestError, RequestErrorCause};
use crate::client::{classify, retry};
use crate::tenant::error::{MissingAccess, TenantError, TenantErrorKind};

/// What the endpoint granted. Holds secrets, and so has no text form.
pub(crate) struct TokenResponse {
    pub(crate) token: Token,
    /// The refresh token that replaces the one that was used; `None` where there is none.
    pub(crate) refresh: Option<String>,
}

/// The address of the token endpoint for a tenant, which is also what assertions of ours are made for.
pub(crate) fn endpoint(request: &TokenRequest<'_>, tenant: &str) -> Url {
    below(request.endpoints.login(), &[tenant, "oauth2", "v2.0", "token"])
}

/// Sends a form to an address of the sign-in service. Asking for a token changes nothing, so it may be
/// repeated like a read.
pub(crate) async fn ask(
    request: &TokenRequest<'_>,
    url: Url,
    fields: Vec<(&'static str, String)>,
    secrets: Vec<(&'static str, String)>,
) -> Result<HttpResponse, RequestError> {
    let payload = Payload::SecretForm { fields, secrets };
    let call = HttpRequest { method: Method::POST, url, ids: &["client-request-id"], payload };
    retry::with_retries(request.http, Operation::SignIn.service_name(), || {
        transport::send(request.http, request.clock, &call, None)
    })
    .await
}

/// Reads a successful answer. Its text is never quoted: it holds tokens.
pub(crate) fn granted(request: &TokenRequest<'_>, response: &HttpResponse) -> Result<TokenResponse, TenantError> {
    let unusable = |why| classify::unexpected_response(Operation::SignIn, why).request(response.request);
    let body: Value = serde_json::from_str(&response.text).map_err(|_| unusable("is not JSON"))?;
    let text = |key| body.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let token = text("access_token").ok_or_else(|| unusable("holds no token"))?;
    // Platforms that hand out tokens write numbers as text.
    let seconds = body.get("expires_in").and_then(|s| s.as_i64().or_else(|| s.as_str()?.parse().ok()));
    let expires = seconds.and_then(|s| request.clock.now().checked_add(SignedDuration::from_secs(s)).ok());
    let refresh = text("refresh_token").map(str::to_owned);
    let checked = claims::checked(token, request).map_err(|why| {
        let why = response.sent.strike(&why);
        request.error(format!("the token that the sign-in service granted {why}")).request(response.request)
    })?;
    let expires = expires.or(checked.expires());
    Ok(TokenResponse { token: checked.expiring(expires), refresh })
}

/// Why `whom` gets no token, with the way out for the numbers of the sign-in service's errors. What is busy or strange is
/// nobody's fault, and stays what it is.
pub(crate) fn refused(
    request: &TokenRequest<'_>,
    failure: &RequestError,
    whom: &str,
    method: SignInMethod,
) -> TenantError {
    let error = classify::tenant_error(Operation::SignIn, failure);
    let RequestErrorCause::Status(response) = &failure.cause else { return error };
    if !response.status.is_client_error() || error.kind == TenantErrorKind::Unavailable {
        return error;
    }
    let numbers = sign_in_errors::numbers(response);
    let hint = sign_in_errors::hint(&numbers, method, request);
    refusal(request, failure, response, whom).hint(hint.unwrap_or_else(|| sign_in_errors::again(method, request)))
}

/// The error that `whom` was refused a token, without a hint.
pub(crate) fn refusal(
    request: &TokenRequest<'_>,
    failure: &RequestError,
    response: &HttpResponse,
    whom: &str,
) -> TenantError {
    let message = format!("the sign-in service refuses {whom}{}", ErrorBody::parse(response).summary());
    let kind = TenantErrorKind::NoAccess(MissingAccess::Credential(request.service));
    TenantError::new(kind, message).request(failure.request)
}
