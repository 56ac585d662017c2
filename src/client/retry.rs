//! Decides which failed reads are repeated, and after how long a pause. A write is never repeated.

use std::future::Future;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use reqwest::StatusCode;

use crate::client::error_body::{ErrorBody, TEMPORARILY_UNAVAILABLE};
use crate::client::http::HttpClient;
use crate::client::retry_policy::{Jitter, RetryPolicy};
use crate::client::transport::{RequestError, RequestErrorCause};

/// Pauses shorter than this are not shown.
const SHOWN_FROM: Duration = Duration::from_secs(1);

/// Repeats an attempt until it succeeds, fails for good, or uses up the pauses of this read or of the whole run.
///
/// # Errors
/// The error of the last attempt. `whom` names the service in progress messages.
pub(crate) async fn with_retries<T, F>(
    http: &HttpClient,
    whom: &str,
    attempt: impl FnMut() -> F,
) -> Result<T, RequestError>
where
    F: Future<Output = Result<T, RequestError>>,
{
    repeated(http, whom, http.retry_policy(), again, attempt).await
}

/// The same for the metadata service of a machine: while it is updated it answers 404 and 410, which lasts up to 70 seconds
/// (Azure Instance Metadata Service, "Errors and debugging"), and any 5xx is temporary.
///
/// # Errors
/// The error of the last attempt. `whom` names the service in progress messages.
pub(crate) async fn with_metadata_retries<T, F>(
    http: &HttpClient,
    whom: &str,
    attempt: impl FnMut() -> F,
) -> Result<T, RequestError>
where
    F: Future<Output = Result<T, RequestError>>,
{
    let update = http.retry_policy().update_pause;
    let retries = http.retry_policy().metadata_retries;
    let all_pauses =
        update.saturating_mul(u32::try_from(retries).unwrap_or(u32::MAX)).max(http.retry_policy().all_pauses);
    let retry_policy = RetryPolicy { retries, all_pauses, ..*http.retry_policy() };
    let again = |cause: &RequestErrorCause| match cause {
        RequestErrorCause::Status(response) if response.status == StatusCode::GONE => Some(update),
        RequestErrorCause::Status(response)
            if response.status == StatusCode::NOT_FOUND || response.status.is_server_error() =>
        {
            Some(response.retry_after.unwrap_or_default())
        }
        other => again(other),
    };
    repeated(http, whom, &retry_policy, again, attempt).await
}

async fn repeated<T, F>(
    http: &HttpClient,
    whom: &str,
    retry_policy: &RetryPolicy,
    again: impl Fn(&RequestErrorCause) -> Option<Duration>,
    mut attempt: impl FnMut() -> F,
) -> Result<T, RequestError>
where
    F: Future<Output = Result<T, RequestError>>,
{
    let mut left = retry_policy.all_pauses;
    let line = http.line();
    let attempt = || {
        line.end();
        attempt()
    };
    attempt
        .retry(pauses(retry_policy))
        .when(|error| again(&error.cause).is_some())
        .adjust(|error, pause| {
            let pause = pause?.max(again(&error.cause)?);
            left = left.checked_sub(pause)?;
            http.spend(pause).then_some(pause)
        })
        .notify(|error, pause| {
            tracing::debug!(whom, ?pause, request_id = %error.request, "waiting");
            if pause >= SHOWN_FROM {
                line.say(&format!("waiting {} s: {}", pause.as_secs_f64().ceil(), why(whom, error)));
            }
        })
        .await
}

fn why(whom: &str, error: &RequestError) -> String {
    match &error.cause {
        RequestErrorCause::Unsent(_) => format!("{} cannot be reached", error.host),
        RequestErrorCause::Status(response) if response.status.as_u16() == 429 => format!("{whom} throttles"),
        RequestErrorCause::Status(response) => format!("{whom} fails (HTTP {})", response.status.as_u16()),
        RequestErrorCause::NoAnswer(_) | RequestErrorCause::Unreadable(_) | RequestErrorCause::Redirect(_) => {
            format!("{whom} does not answer")
        }
    }
}

fn pauses(retry_policy: &RetryPolicy) -> ExponentialBuilder {
    let pauses = ExponentialBuilder::default()
        .with_min_delay(retry_policy.first_pause)
        .with_max_delay(retry_policy.all_pauses.max(retry_policy.first_pause))
        .with_max_times(retry_policy.retries);
    match retry_policy.jitter {
        Jitter::None => pauses,
        Jitter::Random => pauses.with_jitter(),
        Jitter::Seeded(seed) => pauses.with_jitter().with_jitter_seed(seed),
    }
}

/// The shortest pause before a repetition may succeed; `None` if a repetition cannot succeed.
fn again(cause: &RequestErrorCause) -> Option<Duration> {
    match cause {
        // A certificate that is not trusted now will not be in a second.
        RequestErrorCause::Unsent(error) if error.is_final() => None,
        RequestErrorCause::Unsent(_) | RequestErrorCause::NoAnswer(_) => Some(Duration::ZERO),
        RequestErrorCause::Unreadable(_) | RequestErrorCause::Redirect(_) => None,
        RequestErrorCause::Status(response) => match response.status.as_u16() {
            // Request timeout, throttling, and failures that are usually temporary.
            408 | 429 | 500 | 502 | 503 | 504 => Some(response.retry_after.unwrap_or_default()),
            // The sign-in service says so with any status.
            400 if ErrorBody::parse(response).has(TEMPORARILY_UNAVAILABLE) => {
                Some(response.retry_after.unwrap_or_default())
            }
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use backon::BackoffBuilder;

    use super::*;

    fn made(jitter: Jitter) -> Vec<Duration> {
        pauses(&RetryPolicy { jitter, retries: 5, ..RetryPolicy::default() }).build().collect()
    }

    #[test]
    fn pauses_double_and_jitter_adds_at_most_as_much_again() {
        let plain = made(Jitter::None);
        assert_eq!(plain, [500, 1_000, 2_000, 4_000, 8_000].map(Duration::from_millis));
        let seeded = made(Jitter::Seeded(7));
        assert_eq!(seeded, made(Jitter::Seeded(7)), "the same seed makes the same pauses");
        assert_ne!(seeded, made(Jitter::Seeded(8)));
        for (jittered, plain) in seeded.iter().zip(&plain) {
            assert!((*plain..=*plain * 2).contains(jittered), "{jittered:?} of {plain:?}");
        }
        assert_ne!(made(Jitter::Random), made(Jitter::Random));
    }
}
