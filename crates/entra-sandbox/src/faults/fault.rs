//! Trouble on purpose. None of it was ever captured from the real services: every fault here is synthetic.

use std::time::Duration;

use axum::http::Method;
use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What goes wrong, and when.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// How long every answer takes, besides what faults add.
    pub latency: Duration,
    /// Whether Graph's documented limits hold: 5 requests in 10 seconds for reports and the audit log, 1 in a second for
    /// Conditional Access.
    pub throttling: bool,
    /// Scripted faults. Each counts its own matches; several may act on one request, in this order.
    pub scripted: Vec<Fault>,
}

/// One scripted fault.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The requests it looks at.
    pub filter: RequestFilter,
    /// How many matching requests pass before it acts.
    pub after: u32,
    /// From then on it acts on the first of every so many matching requests; 1, and 0 just as well, is every one.
    pub every: u32,
    /// On how many it acts; `None` is forever.
    pub times: Option<u32>,
    /// What it does.
    pub action: Action,
}

/// Which requests a fault looks at.
#[derive(Clone, Debug, Default)]
pub struct RequestFilter {
    /// This verb alone.
    pub method: Option<Method>,
    /// Paths that contain this text, in any casing; an empty text is in every path.
    pub path_contains: String,
}

/// What a fault does.
#[derive(Clone, Debug)]
pub enum Action {
    /// Answer exactly this instead of asking the service.
    Respond {
        /// HTTP status, 100 to 999.
        status: u16,
        /// Headers, such as `Retry-After`.
        headers: Vec<(String, String)>,
        /// Body.
        body: String,
    },
    /// Answer an error instead of what the service says.
    Refuse {
        /// HTTP status, 100 to 999.
        status: u16,
        /// When the client may come back.
        retry_after: Option<RetryAfter>,
        /// Whether the service never sees the request, or does its work first, as behind a gateway that gives up.
        moment: Moment,
    },
    /// Close the connection without an answer, before the service sees the request or after it did its work.
    Reset(Moment),
    /// Send this many bytes of the body, then close the connection. The announced length is that of the whole body.
    Truncate(usize),
    /// Send the body in pieces of 64 bytes with this pause before each.
    SlowBody(Duration),
    /// Answer later.
    Delay(Duration),
    /// After a write that succeeds, this many reads of the same path still see the document from before it.
    StaleReads(u32),
    /// After a write that succeeds, reads of the same path see the new document and the one from before it in turn, until
    /// the old one was seen this many times: servers behind one address that do not agree yet.
    FlappingReads(u32),
    /// Say that the write succeeded, and change nothing.
    LostWrite,
    /// Write everything but this key of the document.
    IgnoreKey(String),
    /// A portal user changes a setting right before or right after the request.
    ForeignEdit {
        /// Before or after.
        moment: Moment,
        /// The setting, as `portal_user::set` names it.
        setting: String,
        /// Its new value.
        value: String,
    },
    /// Treat the token as expired.
    ExpiredToken,
    /// The service's clock is ahead of the emulator's by this much, or behind: in the `Date` of the answer, and in judging
    /// the token.
    ClockSkew(SignedDuration),
    /// The document that is answered has another shape than usual.
    ChangeShape(ShapeChange),
}

/// How an error says when to come back. Both forms of RFC 9110, 10.2.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// In so many seconds.
    Seconds(u32),
    /// At the moment that is so many seconds ahead, as a date.
    Date(u32),
}

/// How a document differs from the usual. Each names a top-level key, in its own spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShapeChange {
    /// The key is missing.
    DropKey(String),
    /// The key's value has another JSON type: text becomes a list of it, everything else its text in quotes.
    RetypeKey(String),
    /// There is one more key, with the value `true`.
    AddKey(String),
    /// The key's value is another number in every answer of the server, counted from 1.
    RestlessKey(String),
}

/// On which side of the service's work something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Moment {
    /// Before the service sees the request.
    Before,
    /// After the service did its work.
    After,
}

impl Action {
    /// This error instead of the service's work.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Refuse { status, retry_after: None, moment: Moment::Before }
    }

    /// Throttled: HTTP 429, and nothing done.
    #[must_use]
    pub fn throttled(retry_after: Option<RetryAfter>) -> Self {
        Self::Refuse { status: 429, retry_after, moment: Moment::Before }
    }

    /// The service does its work, and a gateway before it answers this error.
    #[must_use]
    pub fn status_after(status: u16) -> Self {
        Self::Refuse { status, retry_after: None, moment: Moment::After }
    }

    /// A portal user changes a setting: before a write, that is between the fence and the write; after a read, that is
    /// between the plan and the fence.
    #[must_use]
    pub fn edit(moment: Moment, setting: &str, value: &str) -> Self {
        Self::ForeignEdit { moment, setting: setting.to_owned(), value: value.to_owned() }
    }
}

impl Faults {
    /// No faults, answers at once.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// No faults, every answer takes this long.
    #[must_use]
    pub fn slow(latency: Duration) -> Self {
        Self { latency, ..Self::default() }
    }

    /// No faults of anybody's making, only the limits that Graph documents.
    #[must_use]
    pub fn throttled() -> Self {
        Self { throttling: true, ..Self::default() }
    }

    /// The same faults and one more.
    #[must_use]
    pub fn and(mut self, fault: Fault) -> Self {
        self.scripted.push(fault);
        self
    }
}

impl Fault {
    /// A fault on requests of this verb whose path contains `path`, from the first on, forever.
    #[must_use]
    pub fn on(method: Method, path: &str, action: Action) -> Self {
        let filter = RequestFilter { method: Some(method), path_contains: path.to_owned() };
        Self { filter, after: 0, every: 1, times: None, action }
    }

    /// The same fault, after `n` matching requests have passed.
    #[must_use]
    pub fn after(self, n: u32) -> Self {
        Self { after: n, ..self }
    }

    /// The same fault, acting on `n` requests.
    #[must_use]
    pub fn times(self, n: u32) -> Self {
        Self { times: Some(n), ..self }
    }

    /// The same fault, acting on the first of every `n` matching requests.
    #[must_use]
    pub fn every(self, n: u32) -> Self {
        Self { every: n, ..self }
    }

    /// The same fault on the `n`th matching request alone, counted from 1.
    #[must_use]
    pub fn nth(self, n: u32) -> Self {
        self.after(n.saturating_sub(1)).times(1)
    }

    /// Whether it acts on the matching request before which `seen` others came.
    pub(crate) fn acts_on(&self, seen: u32) -> bool {
        let Some(since) = seen.checked_sub(self.after) else { return false };
        let every = self.every.max(1);
        since % every == 0 && self.times.is_none_or(|times| since / every < times)
    }
}
