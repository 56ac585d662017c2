//! Sending a message: a few times if need be, and never more than that.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Response, StatusCode};
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
/// The longest time that a receiver may ask to wait for.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How many rounds may wait to be told. More than that are told by `/status` alone.
const QUEUE: usize = 64;
/// How long messages that are under way are waited for at the end.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// How long is waited between two tries; there is one more try than pauses.
pub(crate) const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(25)];

/// Looks a variable up.
pub(crate) type Variables = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Sends what it is given, one round after another, in the background.
#[derive(Debug)]
pub(crate) struct Notifier {
    queue: mpsc::Sender<(Vec<Event>, Vec<NotificationTarget>)>,
    work: JoinHandle<()>,
}

impl Notifier {
    /// Starts waiting for something to send.
    #[must_use]
    pub(crate) fn start(http: HttpClient, clock: Clock, variables: Variables, shared: Arc<SharedState>) -> Self {
        let (queue, mut waiting) = mpsc::channel::<(Vec<Event>, Vec<NotificationTarget>)>(QUEUE);
        let work = tokio::spawn(async move {
            while let Some((news, targets)) = waiting.recv().await {
                for target in &targets {
                    let Some(bulletin) = Notification::for_target(&news, target, clock.now()) else { continue };
                    let sent = match address(target, |name| variables(name)) {
                        Ok(target) => deliver(&http, &clock, &target, &bulletin, &PAUSES).await,
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

    /// Has somebody told, as the repository says.
    pub(crate) fn notify(&self, news: Vec<Event>, config: &ControllerConfig) {
        let targets = config.notify.get().cloned().unwrap_or_default();
        if !targets.is_empty() && self.queue.try_send((news, targets)).is_err() {
            tracing::warn!("too many notifications are waiting; one is left out, and /status tells what it was about");
        }
    }

    /// Waits for what is under way, though not for long.
    pub(crate) async fn end(self) {
        let Self { queue, work } = self;
        drop(queue);
        if tokio::time::timeout(SHUTDOWN_TIMEOUT, work).await.is_err() {
            tracing::warn!("some notifications are not sent: the controller is to stop");
        }
    }
}

/// Sends a message; again after each of the pauses while it makes sense.
///
/// # Errors
/// Why it did not arrive. Nothing of the address is in it.
pub async fn deliver(
    http: &HttpClient,
    clock: &Clock,
    target: &Destination,
    bulletin: &Notification,
    pauses: &[Duration],
) -> Result<(), String> {
    let body = body(target.receiver, bulletin).map_err(|error| error.to_string())?;
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

/// A message that did not arrive.
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
    // The address in an error would tell the secret.
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
