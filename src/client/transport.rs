//! Sends one request, once, and returns the response or the error. It knows neither what a request is for nor whether to
//! repeat it.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::{
    AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE,
};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use url::Url;

use crate::base::clock::{Clock, Stopwatch};
use crate::base::ids::RequestId;
use crate::base::secrets::Secrets;
use crate::client::body::{self, BodyError};
use crate::client::connect_error::ConnectError;
use crate::client::http::{HttpClient, chain};
use crate::client::sanitize;
use crate::client::token::Bearer;

/// One request, without the token.
pub(crate) struct HttpRequest {
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// The headers that carry the request id to this service.
    pub(crate) ids: &'static [&'static str],
    /// The body, or headers that are secret.
    pub(crate) payload: Payload,
}

/// The body of a request, or headers that are secret.
pub(crate) enum Payload {
    Nothing,
    /// No body, for a page of a list: only known columns of it are read, so that it may nest as deep as it likes.
    Page,
    /// A JSON text, sent as it is.
    Json(String),
    /// The same without saying that it is JSON.
    PlainText(String),
    /// A form. Secret fields come last, and are struck out of error messages.
    SecretForm {
        fields: Vec<(&'static str, String)>,
        secrets: Vec<(&'static str, String)>,
    },
    /// No body, but headers. The secret ones are struck out of error messages.
    Headers {
        plain: Vec<(&'static str, &'static str)>,
        secrets: Vec<(&'static str, String)>,
    },
}

/// A response with any status but a redirect.
#[derive(Debug)]
pub(crate) struct HttpResponse {
    pub(crate) status: StatusCode,
    pub(crate) retry_after: Option<Duration>,
    /// The `Date` header: the service's clock, to the second.
    pub(crate) date: Option<Timestamp>,
    /// Whether the content type is HTML.
    pub(crate) html: bool,
    /// The value of the `WWW-Authenticate` header, if there is one.
    pub(crate) challenge: Option<String>,
    /// The body. In an error, secrets of the request are struck out.
    pub(crate) text: String,
    /// The secrets of the request, which no message may quote.
    pub(crate) sent: SentSecrets,
    /// The id of the request.
    pub(crate) request: RequestId,
}

/// The secrets that were sent with a request. They have no text form.
#[derive(Clone, Default)]
pub(crate) struct SentSecrets(Vec<String>);

/// A request without a successful response.
#[derive(Debug)]
pub(crate) struct RequestError {
    /// The id of the request.
    pub(crate) request: RequestId,
    /// The host it was sent to.
    pub(crate) host: String,
    pub(crate) cause: RequestErrorCause,
}

/// Why a request failed.
#[derive(Debug)]
pub(crate) enum RequestErrorCause {
    /// The connection was never established, so nothing was sent.
    Unsent(ConnectError),
    /// The request may have been sent, but no complete response came.
    NoAnswer(String),
    /// The response was successful, but its body cannot be used.
    Unreadable(&'static str),
    /// The response was a redirect, which is not followed; the value is the target's host.
    Redirect(String),
    /// The response had an error status.
    Status(Box<HttpResponse>),
}

/// Sends a request and reads the whole response.
///
/// # Errors
/// Unless the status is 200 to 299 and the body can be read.
pub(crate) async fn send(
    http: &HttpClient,
    clock: &Clock,
    call: &HttpRequest,
    bearer: Option<&Bearer>,
) -> Result<HttpResponse, RequestError> {
    let request = RequestId::fresh();
    let watch = Stopwatch::start();
    let host = call.url.host_str().unwrap_or_default().to_owned();
    let outcome = match prepare(http, call, bearer, request) {
        Ok(builder) => exchange(builder, clock, call, bearer, request).await,
        Err(why) => Err(RequestErrorCause::Unsent(ConnectError::new(why))),
    };
    let status = match &outcome {
        Ok(answer) => Some(answer.status.as_u16()),
        Err(RequestErrorCause::Status(answer)) => Some(answer.status.as_u16()),
        Err(_) => None,
    };
    let elapsed_ms = u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX);
    let path = logged_path(&call.url);
    tracing::debug!(method = %call.method, %host, path, status, elapsed_ms, request_id = %request, "request");
    outcome.map_err(|cause| RequestError { request, host, cause })
}

/// The path of an address for the log, in which no person is named.
fn logged_path(url: &Url) -> String {
    let mut after_list = false;
    let segments = url.path().split('/').map(|segment| {
        let shown = if after_list { "{id}" } else { segment };
        after_list = matches!(segment, "users" | "userRegistrationDetails");
        shown
    });
    segments.collect::<Vec<_>>().join("/")
}

fn prepare(
    http: &HttpClient,
    call: &HttpRequest,
    bearer: Option<&Bearer>,
    request: RequestId,
) -> Result<RequestBuilder, String> {
    let mut headers = HeaderMap::new();
    headers.insert("accept", HeaderValue::from_static("application/json"));
    for name in call.ids {
        let id = HeaderValue::from_str(&request.to_string()).map_err(|error| error.to_string())?;
        headers.insert(*name, id);
    }
    if let Some(bearer) = bearer {
        let token = bearer.text_for(&call.url).ok_or("the token was minted for another host, so it is not sent")?;
        // The error of a header value shows the value, so it is not passed on.
        let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_| "the token holds characters that no token has")?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    let builder = http.client(&call.url)?.request(call.method.clone(), call.url.clone()).headers(headers);
    Ok(match &call.payload {
        Payload::Nothing | Payload::Page => builder,
        Payload::Json(text) => builder.header(CONTENT_TYPE, "application/json").body(text.clone()),
        Payload::PlainText(text) => builder.header(CONTENT_TYPE, "text/plain").body(text.clone()),
        Payload::SecretForm { fields, secrets } => {
            let all = fields.iter().chain(secrets).map(|(name, value)| (*name, value.as_str()));
            builder.form(&all.collect::<Vec<_>>())
        }
        Payload::Headers { plain, secrets } => {
            let builder = plain.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
            secrets.iter().try_fold(builder, |builder, (name, value)| {
                let mut value =
                    HeaderValue::from_str(value).map_err(|_| format!("{name} holds characters it cannot"))?;
                value.set_sensitive(true);
                Ok::<_, String>(builder.header(*name, value))
            })?
        }
    })
}

async fn exchange(
    builder: RequestBuilder,
    clock: &Clock,
    call: &HttpRequest,
    bearer: Option<&Bearer>,
    request: RequestId,
) -> Result<HttpResponse, RequestErrorCause> {
    let response = builder.send().await.map_err(broken)?;
    let (status, sent) = (response.status(), SentSecrets::of(call, bearer));
    if status.is_redirection() {
        return Err(RequestErrorCause::Redirect(sent.strike(&target(&response))));
    }
    let retry_after = retry_after(response.headers(), clock.now());
    let (date, html) = (date(response.headers()), is_html(response.headers()));
    let challenge = response.headers().get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    if status.is_success() {
        let read = match call.payload {
            Payload::Page => body::page(response).await,
            Payload::Nothing
            | Payload::Json(_)
            | Payload::PlainText(_)
            | Payload::SecretForm { .. }
            | Payload::Headers { .. } => body::document(response).await,
        };
        return match read {
            Ok(text) => Ok(HttpResponse { status, retry_after, date, html, challenge, text, sent, request }),
            Err(BodyError::Broken(error)) => Err(broken(error)),
            Err(BodyError::Unfit(why)) => Err(RequestErrorCause::Unreadable(why)),
        };
    }
    let text = sent.strike(&body::error(response).await);
    let response = HttpResponse { status, retry_after, date, html, challenge, text, sent, request };
    Err(RequestErrorCause::Status(Box::new(response)))
}

/// Only a failure to connect proves that nothing was sent.
fn broken(error: reqwest::Error) -> RequestErrorCause {
    let unsent = error.is_connect() || error.is_builder();
    let what = if error.is_timeout() { "no answer in time" } else { "the connection failed" };
    let why = sanitize::single_line(&format!("{what}: {}", chain(&error.without_url())));
    if unsent { RequestErrorCause::Unsent(ConnectError::new(why)) } else { RequestErrorCause::NoAnswer(why) }
}

impl SentSecrets {
    fn of(call: &HttpRequest, bearer: Option<&Bearer>) -> Self {
        let token = bearer.and_then(|bearer| bearer.text_for(&call.url)).map(str::to_owned);
        let sent: &[(&str, String)] = match &call.payload {
            Payload::SecretForm { secrets, .. } | Payload::Headers { secrets, .. } => secrets,
            Payload::Nothing | Payload::Page | Payload::Json(_) | Payload::PlainText(_) => &[],
        };
        let bare = |(_, value): &(&str, String)| {
            let schemes = ["Bearer ", "Basic "];
            schemes.iter().find_map(|scheme| value.strip_prefix(scheme)).unwrap_or(value).to_owned()
        };
        Self(token.into_iter().chain(sent.iter().map(bare)).collect())
    }

    /// A text of the service with the secrets struck out: a service that repeats what it was sent must not put a secret into
    /// our messages, in whichever spelling and to whatever part.
    pub(crate) fn strike(&self, text: &str) -> String {
        Secrets::new(self.0.iter().map(String::as_str)).strike(text)
    }
}

impl fmt::Debug for SentSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SentSecrets")
    }
}

fn target(response: &Response) -> String {
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let target = location.and_then(|location| response.url().join(location).ok());
    target
        .and_then(|url| url.host_str().map(sanitize::single_line))
        .unwrap_or_else(|| "an address it does not name".to_owned())
}

fn is_html(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|kind| kind.starts_with("text/html"))
}

fn date(headers: &HeaderMap) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(headers.get(DATE)?.to_str().ok()?).ok()
}

/// `Retry-After` is a number of seconds or a date; a date in the past means "now".
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(value: &'static str) -> Option<Duration> {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(value))]);
        retry_after(&headers, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(after("17"), Some(Duration::from_secs(17)));
        assert_eq!(after("Thu, 01 Jan 1970 00:01:30 GMT"), Some(Duration::from_secs(90)));
        assert_eq!(after("Wed, 31 Dec 1969 23:59:00 GMT"), Some(Duration::ZERO));
        assert_eq!(after("soon"), None);
    }
}
