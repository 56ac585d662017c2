//! Sends a reply to the client: late, in pieces, in part, or not at all.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, DATE};
use axum::http::{HeaderName, HeaderValue, Response};
use futures::stream;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use crate::faults::fault::Action;
use crate::http::message::Reply;

/// The bytes that a slow body sends at once.
const PIECE_BYTES: usize = 64;

/// A reply, and how it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) reply: Reply,
    /// The service's clock, for the `Date` header.
    pub(crate) now: Timestamp,
    /// The time between the request and the reply.
    pub(crate) delay: Duration,
    /// Whether the connection is reset instead.
    pub(crate) reset: bool,
    /// How many bytes of the body are sent; `None` is all of them.
    pub(crate) max_bytes: Option<usize>,
    /// The pause before each piece of the body; `None` sends it at once.
    pub(crate) pause: Option<Duration>,
}

impl Delivery {
    /// Takes what concerns delivery from the faults that act on the request.
    pub(crate) fn new(reply: Reply, now: Timestamp, latency: Duration, actions: &[Action]) -> Self {
        let mut delivery = Self { reply, now, delay: latency, reset: false, max_bytes: None, pause: None };
        for action in actions {
            match action {
                Action::Delay(time) => delivery.delay = delivery.delay.saturating_add(*time),
                Action::Truncate(bytes) => delivery.max_bytes = Some(*bytes),
                Action::SlowBody(pause) => delivery.pause = Some(*pause),
                _ => {}
            }
        }
        delivery
    }

    /// The same, but the connection is reset without a reply.
    pub(crate) fn without_reply(self) -> Self {
        Self { reset: true, ..self }
    }

    /// The HTTP response, with the faults of the body applied.
    pub(crate) fn response(self) -> Response<Body> {
        let Self { reply, now, delay: _, reset: _, max_bytes, pause } = self;
        let whole = reply.body.len();
        let mut response = Response::new(match (max_bytes, pause) {
            (Some(max_bytes), _) => truncated_body(reply.body, max_bytes),
            (None, Some(pause)) => slow_body(reply.body, pause),
            (None, None) => Body::from(reply.body),
        });
        *response.status_mut() = reply.status;
        let headers = response.headers_mut();
        // Without this header the HTTP library would write the machine's time, which need not be the service's.
        if let Ok(date) = DateTimePrinter::new().timestamp_to_rfc9110_string(&now)
            && let Ok(date) = HeaderValue::try_from(date)
        {
            headers.insert(DATE, date);
        }
        if max_bytes.is_some() || pause.is_some() {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(whole));
        }
        for (name, value) in reply.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                headers.append(name, value);
            }
        }
        response
    }
}

/// The first bytes, then an error that ends the connection.
fn truncated_body(body: String, max_bytes: usize) -> Body {
    let mut bytes = body.into_bytes();
    let whole = bytes.len() <= max_bytes;
    bytes.truncate(max_bytes);
    Body::from_stream(stream::unfold((Some(bytes), whole), |(bytes, whole)| async move {
        match bytes {
            Some(bytes) => Some((Ok(bytes), (None, whole))),
            None if whole => None,
            None => {
                // Yielding lets the bytes so far reach the socket before the connection ends.
                tokio::task::yield_now().await;
                Some((Err(io::Error::from(io::ErrorKind::ConnectionReset)), (None, true)))
            }
        }
    }))
}

fn slow_body(body: String, pause: Duration) -> Body {
    let pieces: Vec<Vec<u8>> = body.as_bytes().chunks(PIECE_BYTES).map(<[u8]>::to_vec).collect();
    Body::from_stream(stream::unfold(pieces.into_iter(), move |mut pieces| async move {
        let piece = pieces.next()?;
        tokio::time::sleep(pause).await;
        Some((Ok::<_, Infallible>(piece), pieces))
    }))
}
