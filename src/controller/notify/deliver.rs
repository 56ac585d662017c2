//! Sends notifications in the background, each with a limited number of retries.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use ring::hmac;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::base::clock::Clock;
use crate::base::digest::hex;
use crate::client::{HttpClient, chain};
use crate::controller::event::Event;
use crate::controller::notify::notification::Notification;
use crate::controller::notify::{Destination, address, body};
use crate::controller::shared::SharedState;
use crate::policy::repository::controller::{ControllerConfig, NotificationTarget};

/// The header with the second at which a message was signed, since 1970.
pub(crate) const TIMESTAMP: &str = "x-ssprctl-timestamp";
/// The header with the signature.
pub(crate) const SIGNATURE: &str = "x-ssprctl-signature";
/// The longest `Retry-After` of a receiver that is obeyed.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How many rounds of events may be queued. Further events are dropped and only visible in `/status`.
const QUEUE: usize = 64;
/// How long the end of the process waits for queued notifications.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// The pauses between attempts; there is one more attempt than pauses.
pub(crate) const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(25)];

/// Reads an environment variable.
pub(crate) type Variables = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Sends the events of one round after another, in the background.
#[derive(Debug)]
pub(crate) struct Notifier {
    queue: mpsc::Sender<(Vec<Event>, Vec<NotificationTarget>)>,
    work: JoinHandle<()>,
}

impl Notifier {
    /// Starts the background task.
    #[must_use]
    pub(crate) fn start(clock: Clock, variables: Variables, shared: Arc<SharedState>) -> Self {
        let http = HttpClient::default().checking_proxy(|name| variables(name).map(Into::into));
        let (queue, mut waiting) = mpsc::channel::<(Vec<Event>, Vec<NotificationTarget>)>(QUEUE);
        let work = tokio::spawn(async move {
            while let Some((events, targets)) = waiting.recv().await {
                for target in &targets {
                    let Some(notification) = Notification::for_target(&events, target, clock.now()) else { continue };
                    let sent = match address(target, |name| variables(name)) {
                        Ok(target) => deliver(&http, &clock, &target, &notification, &PAUSES).await,
                        Err(why) => Err(why),
                    };
                    shared.metrics.notified(target.to, sent.is_ok());
                    if let Err(why) = sent {
                        tracing::warn!(target_variable = target.url, "a notification is not sent: {why}");
                    }
                }
            }
        });
        Self { queue, work }
    }

    /// Queues events for the targets of the repository's configuration.
    pub(crate) fn notify(&self, events: Vec<Event>, config: &ControllerConfig) {
        let targets = config.notify.get().cloned().unwrap_or_default();
        if !targets.is_empty() && self.queue.try_send((events, targets)).is_err() {
            tracing::warn!("too many notifications are queued; one is dropped, see /status");
        }
    }

    /// Waits for queued notifications, at most [`SHUTDOWN_TIMEOUT`].
    pub(crate) async fn end(self) {
        let Self { queue, work } = self;
        drop(queue);
        if tokio::time::timeout(SHUTDOWN_TIMEOUT, work).await.is_err() {
            tracing::warn!("some notifications are not sent: the controller is stopping");
        }
    }
}

/// Sends a notification, and retries after each of the pauses if the failure may be transient.
///
/// # Errors
/// Why it was not delivered. The text does not contain the address.
pub async fn deliver(
    http: &HttpClient,
    clock: &Clock,
    target: &Destination,
    notification: &Notification,
    pauses: &[Duration],
) -> Result<(), String> {
    let body = body(target.receiver, notification).map_err(|error| error.to_string())?;
    let mut pauses = pauses.iter();
    loop {
        let (why, asked) = match once(http, clock, target, &body).await {
            Ok(()) => return Ok(()),
            Err(DeliveryError { why, again: false, .. }) => return Err(why),
            Err(DeliveryError { why, after, .. }) => (why, after),
        };
        let Some(pause) = pauses.next() else { return Err(why) };
        tokio::time::sleep(asked.unwrap_or(*pause).min(LONGEST_PAUSE)).await;
    }
}

/// A notification that was not delivered.
struct DeliveryError {
    why: String,
    again: bool,
    after: Option<Duration>,
}

async fn once(http: &HttpClient, clock: &Clock, target: &Destination, body: &str) -> Result<(), DeliveryError> {
    let missed = |why: String, again| DeliveryError { why, again, after: None };
    let client = http.client(&target.url).map_err(|why| missed(why, false))?;
    let mut request = client.post(target.url.clone()).header(CONTENT_TYPE, "application/json").body(body.to_owned());
    if let Some(key) = &target.key {
        let now = clock.now();
        request = request.header(TIMESTAMP, now.as_second().to_string()).header(SIGNATURE, signature(key, now, body));
    }
    // The address is a secret, so it is removed from the error.
    let answer = request.send().await.map_err(|error| missed(chain(&error.without_url()), true))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let again = status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error();
    Err(DeliveryError { why: format!("the receiver answers HTTP {}", status.as_u16()), again, after: pause(&answer) })
}

fn pause(answer: &Response) -> Option<Duration> {
    answer.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok().map(Duration::from_secs)
}

/// `sha256=` and, in hex, the HMAC-SHA256 with the key over the second, a full stop, and the body.
#[must_use]
pub fn signature(key: &str, at: Timestamp, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let tag = hmac::sign(&key, format!("{}.{body}", at.as_second()).as_bytes());
    format!("sha256={}", hex(tag.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same as `printf '%s' '1795600000.{}' | openssl dgst -sha256 -hmac key` says.
    #[test]
    fn signatures_are_what_others_compute() -> Result<(), jiff::Error> {
        let at = Timestamp::from_second(1_795_600_000)?;
        assert_eq!(
            signature("key", at, "{}"),
            "sha256=3646bf352d3a6da1f7d295810fc88fc551dbfacadf7ce9e23dfa8b7ceb040a71"
        );
        Ok(())
    }
}
