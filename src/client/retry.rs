//! The one decision on what is tried again, and how long to wait before. Only reads come here: a write is sent once.

use std::future::Future;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};

use crate::client::patience::Patience;
use crate::client::transport::{Cause, Setback};

/// Makes attempts until one succeeds, fails for good, or patience ends; the last setback is returned.
pub(crate) async fn patiently<T, F>(patience: &Patience, attempt: impl FnMut() -> F) -> Result<T, Setback>
where
    F: Future<Output = Result<T, Setback>>,
{
    let mut left = patience.all_pauses;
    attempt
        .retry(pauses(patience))
        .when(|setback| again(&setback.cause).is_some())
        .adjust(|setback, pause| {
            let pause = pause?.max(again(&setback.cause)?);
            left = left.checked_sub(pause)?;
            Some(pause)
        })
        .await
}

fn pauses(patience: &Patience) -> ExponentialBuilder {
    let pauses = ExponentialBuilder::default()
        .with_min_delay(patience.first_pause)
        .with_max_delay(patience.all_pauses.max(patience.first_pause))
        .with_max_times(patience.retries);
    if patience.jitter { pauses.with_jitter() } else { pauses }
}

/// The classifier: how long to wait at least before a read is worth repeating; `None` when it is not.
fn again(cause: &Cause) -> Option<Duration> {
    match cause {
        Cause::Unsent(_) | Cause::NoAnswer(_) => Some(Duration::ZERO),
        Cause::Unreadable(_) | Cause::Redirect(_) => None,
        Cause::Status(answer) => match answer.status.as_u16() {
            // Request timeout, throttling, and failures that pass by themselves.
            408 | 429 | 500 | 502 | 503 | 504 => Some(answer.retry_after.unwrap_or_default()),
            _ => None,
        },
    }
}
