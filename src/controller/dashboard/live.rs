//! The stream by which a page learns that something has changed, so that it asks for itself again. It says no more than that:
//! every value comes with the page. A stream ends after a while, and there are few at once, so that pages that somebody forgot
//! leave the server room for others.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures::stream;
use tokio::sync::watch;
use tokio::time::Sleep;

use crate::controller::client_limits::{ConnectionSlot, OpenConnections};
use crate::controller::host::{ConnectionEnding, Requester};
use crate::controller::shared::SharedState;

/// How long a stream lasts; it ends earlier with its connection. A page then asks for another one.
const LONGEST_STREAM: Duration = Duration::from_secs(45);
/// The time between two events. What changes in it is one event.
const PAUSE: Duration = Duration::from_secs(1);
/// The header with the id of the last event that a page got.
const LAST_EVENT: &str = "last-event-id";

/// One stream to one page.
struct LiveStream {
    shared: Arc<SharedState>,
    changes: watch::Receiver<u64>,
    /// The event that the page has already; `None` once it was compared.
    seen: Option<String>,
    end: Pin<Box<Sleep>>,
    ending: ConnectionEnding,
    _slot: ConnectionSlot,
}

/// The id of the newest event. It is another one after each restart.
pub(super) fn newest(shared: &SharedState) -> String {
    id(shared, *shared.watch_changes().borrow())
}

/// Answers with a stream of events, or refuses one that is too many.
pub(super) fn answer(
    shared: &Arc<SharedState>,
    streams: &Arc<OpenConnections>,
    (client, ending): (Requester, ConnectionEnding),
    uri: &Uri,
    headers: &HeaderMap,
) -> Response {
    let Some(slot) = streams.enter(client) else {
        let why = "too many pages are live; reload this one for the current state\n";
        return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "30")], why).into_response();
    };
    let last = headers.get(LAST_EVENT).and_then(|last| last.to_str().ok());
    let after = uri.query().and_then(|query| query.strip_prefix("after="));
    let seen = last.or(after).unwrap_or_default().to_owned();
    let stream = LiveStream {
        shared: Arc::clone(shared),
        changes: shared.watch_changes(),
        seen: Some(seen),
        end: Box::pin(tokio::time::sleep(LONGEST_STREAM)),
        ending,
        _slot: slot,
    };
    let body = Body::from_stream(stream::unfold(stream, next));
    ([(CONTENT_TYPE, "text/event-stream")], body).into_response()
}

/// The next part of a stream; `None` at its end.
async fn next(mut stream: LiveStream) -> Option<(Result<String, Infallible>, LiveStream)> {
    if let Some(seen) = stream.seen.take() {
        let number = *stream.changes.borrow_and_update();
        let newest = id(&stream.shared, number);
        let event = if seen == newest { String::new() } else { event(&newest) };
        return Some((Ok(format!("retry: 2000\n\n{event}")), stream));
    }
    let LiveStream { shared, changes, end, ending, .. } = &mut stream;
    let change = async {
        tokio::select! {
            () = end.as_mut() => None,
            _ = ending.0.wait_for(|is_ending| *is_ending) => None,
            changed = changes.changed() => changed.ok(),
        }
    };
    shared.signals.or(change).await??;
    shared.signals.or(tokio::time::sleep(PAUSE)).await?;
    let number = *changes.borrow_and_update();
    let event = event(&id(shared, number));
    Some((Ok(event), stream))
}

fn id(shared: &SharedState, number: u64) -> String {
    format!("{}-{number}", shared.facts.started.as_millisecond())
}

fn event(id: &str) -> String {
    format!("id: {id}\nevent: change\ndata: {id}\n\n")
}
