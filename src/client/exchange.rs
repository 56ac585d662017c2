//! Sends reads with retries, and writes exactly once. Every request to a service goes through this file.

use serde::de::DeserializeOwned;

use crate::client::auth::session::Session;
use crate::client::json_body::decode;
use crate::client::operations::spec::RateLimit;
use crate::client::operations::table::Operation;
use crate::client::token::Bearer;
use crate::client::transport::{self, HttpRequest, HttpResponse, RequestError, RequestErrorCause};
use crate::client::{classify, retry};
use crate::tenant::error::{TenantError, TenantErrorKind, WriteFailure};
use crate::tenant::surface::Service;

/// Makes a request that changes nothing: repeated while that may help, and once more with a new token.
pub(crate) async fn read_with_retries(
    session: &Session,
    operation: Operation,
    request: &HttpRequest,
) -> Result<HttpResponse, TenantError> {
    let Some(service) = operation.spec().service else {
        return attempts(session, operation, request, None)
            .await
            .map_err(|error| classify::tenant_error(operation, &error));
    };
    let bearer = session.bearer(service).await?;
    match attempts(session, operation, request, Some(&bearer)).await {
        Ok(response) => Ok(response),
        Err(error) if classify::is_token_rejected(operation, &error) => {
            session.reject(service, &bearer, classify::tenant_error(operation, &error)).await;
            let bearer = session.bearer(service).await?;
            finish(session, operation, service, &bearer, attempts(session, operation, request, Some(&bearer)).await)
                .await
        }
        Err(error) => Err(classify::tenant_error(operation, &error)),
    }
}

/// Makes a request that changes nothing, and decodes the response.
///
/// # Errors
/// When the request fails after its retries, or the response has another shape.
pub(crate) async fn read_json<T: DeserializeOwned>(
    session: &Session,
    operation: Operation,
    request: &HttpRequest,
) -> Result<T, TenantError> {
    decode(operation, &read_with_retries(session, operation, request).await?)
}

/// Makes a request that changes nothing, with or without a token; a refusal is an answer, too, and comes with its meaning.
///
/// # Errors
/// When there is no token or no answer.
pub(crate) async fn read_any(
    session: &Session,
    operation: Operation,
    request: &HttpRequest,
    with_token: bool,
) -> Result<(HttpResponse, Option<TenantErrorKind>), TenantError> {
    let bearer = match operation.spec().service.filter(|_| with_token) {
        Some(service) => Some(session.bearer(service).await?),
        None => None,
    };
    match attempts(session, operation, request, bearer.as_ref()).await {
        Ok(response) => Ok((response, None)),
        Err(error) => {
            let classified = classify::tenant_error(operation, &error);
            match error.cause {
                RequestErrorCause::Status(response) => Ok((*response, Some(classified.kind))),
                _ => Err(classified),
            }
        }
    }
}

/// Makes a request that changes the tenant exactly once; it is never retried. If the service rejects the token, the token is
/// discarded, so that the next request gets a new one.
pub(crate) async fn write_once(
    session: &Session,
    operation: Operation,
    service: Service,
    request: &HttpRequest,
) -> Result<HttpResponse, WriteFailure> {
    let bearer = session.bearer(service).await.map_err(WriteFailure::NotSent)?;
    let outcome = send(session, operation, request, Some(&bearer)).await;
    let was_sent = !matches!(outcome, Err(RequestError { cause: RequestErrorCause::Unsent(_), .. }));
    let failure = if was_sent { WriteFailure::Sent } else { WriteFailure::NotSent };
    finish(session, operation, service, &bearer, outcome).await.map_err(failure)
}

/// Makes a request that changes the tenant exactly once; a refusal is an answer, too, and comes with its meaning.
///
/// # Errors
/// When there is no token or no answer.
pub(crate) async fn write_any(
    session: &Session,
    operation: Operation,
    service: Service,
    request: &HttpRequest,
) -> Result<(HttpResponse, Option<TenantErrorKind>), WriteFailure> {
    let bearer = session.bearer(service).await.map_err(WriteFailure::NotSent)?;
    let error = match send(session, operation, request, Some(&bearer)).await {
        Ok(response) => return Ok((response, None)),
        Err(error) => error,
    };
    let classified = classify::tenant_error(operation, &error);
    match error.cause {
        RequestErrorCause::Status(response) => Ok((*response, Some(classified.kind))),
        RequestErrorCause::Unsent(_) => Err(WriteFailure::NotSent(classified)),
        RequestErrorCause::NoAnswer(_) | RequestErrorCause::Unreadable(_) | RequestErrorCause::Redirect(_) => {
            Err(WriteFailure::Sent(classified))
        }
    }
}

async fn attempts(
    session: &Session,
    operation: Operation,
    request: &HttpRequest,
    bearer: Option<&Bearer>,
) -> Result<HttpResponse, RequestError> {
    retry::with_retries(&session.http, operation.service_name(), || send(session, operation, request, bearer)).await
}

/// Sends a request when it is its turn.
async fn send(
    session: &Session,
    operation: Operation,
    request: &HttpRequest,
    bearer: Option<&Bearer>,
) -> Result<HttpResponse, RequestError> {
    let sent = transport::send(&session.http, &session.clock, request, bearer);
    let policy = session.http.retry_policy();
    match operation.spec().rate_limit {
        RateLimit::ConditionalAccess => session.rates.access.run(policy.access_pause, sent).await,
        RateLimit::Reports => session.rates.reports.run(policy.report_pause, sent).await,
        RateLimit::None => sent.await,
    }
}

async fn finish(
    session: &Session,
    operation: Operation,
    service: Service,
    bearer: &Bearer,
    outcome: Result<HttpResponse, RequestError>,
) -> Result<HttpResponse, TenantError> {
    match outcome {
        Ok(response) => Ok(response),
        Err(failure) if classify::is_token_rejected(operation, &failure) => {
            Err(session.reject(service, bearer, classify::tenant_error(operation, &failure)).await)
        }
        Err(failure) => Err(classify::tenant_error(operation, &failure)),
    }
}
