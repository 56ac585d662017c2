//! Faults of the services, as tests script them. All of them are synthetic: none was captured from the real services.

use std::time::Duration;

use axum::http::Method;
use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The faults of a server.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// The time that every reply takes, in addition to delays of scripted faults.
    pub latency: Duration,
    /// Whether the server applies the limits that Microsoft documents for Graph: 5 requests in 10 seconds for reports
    /// and the audit log, 1 a second for Conditional Access.
    pub throttling: bool,
    /// How many times as fast as documented the time of these limits passes, so that a test need not wait; 0 counts as 1.
    pub throttling_speed: u32,
    /// Scripted faults. Each counts its own matching requests; if several act on one request, they act in this order.
    pub scripted: Vec<Fault>,
}

/// A fault, and the requests on which it acts.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The requests that the fault matches.
    pub filter: RequestFilter,
    /// How many matching requests pass before it acts.
    pub after: u32,
    /// After that it acts on the first of every `every` matching requests; 0 counts as 1.
    pub every: u32,
    /// On how many requests it acts; `None` for no end.
    pub times: Option<u32>,
    /// What it does to these requests.
    pub action: Action,
}

/// Which requests a fault matches.
#[derive(Clone, Debug, Default)]
pub struct RequestFilter {
    /// Only requests with this method; `None` for every method.
    pub method: Option<Method>,
    /// Only paths that contain this text, in any casing; every path if it is empty.
    pub path_contains: String,
}

/// What a fault does to a request.
#[derive(Clone, Debug)]
pub enum Action {
    /// Sends this reply, without a request to the service.
    Respond {
        /// The HTTP status, 100 to 999.
        status: u16,
        /// The headers, such as `Retry-After`.
        headers: Vec<(String, String)>,
        /// The body as text.
        body: String,
    },
    /// Sends an error in place of the service's reply.
    Refuse {
        /// The HTTP status, 100 to 999.
        status: u16,
        /// The value of `Retry-After`, if the error has one.
        retry_after: Option<RetryAfter>,
        /// Before: the service never receives the request. After: it acts, and only its reply is lost, as behind a
        /// gateway that times out.
        moment: Moment,
    },
    /// Resets the connection instead of a reply, before or after the service acts.
    Reset(Moment),
    /// Sends only this many bytes of the body. `Content-Length` is that of the whole body.
    Truncate(usize),
    /// Sends the body in pieces of 64 bytes with this pause before each.
    SlowBody(Duration),
    /// Sends the reply later by this time.
    Delay(Duration),
    /// After a successful write, this many reads of the same path return the document from before the write.
    StaleReads(u32),
    /// After a successful write, reads of the same path return the new document and the old one in turn, until the old
    /// one was returned this many times, as servers that do not agree yet.
    FlappingReads(u32),
    /// Reports a successful write, and changes nothing.
    LostWrite,
    /// Writes the document without this key.
    IgnoreKey(String),
    /// Changes a setting as a portal user right before or after the request.
    ForeignEdit {
        /// Before or after the request.
        moment: Moment,
        /// The setting, as `portal_user::set` names it.
        setting: String,
        /// The new value, as `portal_user::set` takes it.
        value: String,
    },
    /// Treats the token as expired.
    ExpiredToken,
    /// Sets the service's clock ahead, or back if negative: in the `Date` header, and when it checks the token.
    ClockSkew(SignedDuration),
    /// Changes the shape of the document in the reply.
    ChangeShape(ShapeChange),
    /// Changes the pages of a list. Later pages of the list follow from the link, also where this acts only once.
    Pages(PageFault),
}

/// What a list does with its pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageFault {
    /// So many pages without items come before each page.
    Empty(u32),
    /// Pages hold this many items at most.
    Items(u32),
    /// The links lead through so many pages and back to the first: a page that links to itself is a circle of one.
    Circle(u32),
    /// The next page is at this address, which replaces scheme and host.
    ForeignLink(String),
}

/// The two forms of `Retry-After` (RFC 9110, 10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// A number of seconds.
    Seconds(u32),
    /// The date this many seconds ahead.
    Date(u32),
}

/// A change to one key, which is named in the document's own spelling; but for `SetKey` it is at the top level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShapeChange {
    /// The document in the reply lacks the key.
    DropKey(String),
    /// The value has another JSON type: a string becomes a list of it, any other value its text as a string.
    RetypeKey(String),
    /// The document in the reply has another key with the value `true`.
    AddKey(String),
    /// The keys at this path have this value. The parts of the path are separated by `/`; `*` is every item of a list.
    SetKey(String, Value),
    /// The value is another number in every reply of the server, counted from 1.
    RestlessKey(String),
}

/// On which side of the service's work something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Moment {
    /// Before the service receives the request.
    Before,
    /// After the service has acted.
    After,
}

impl Action {
    /// Sends this error; the service does not receive the request.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Refuse { status, retry_after: None, moment: Moment::Before }
    }

    /// Sends 429; the service does not receive the request.
    #[must_use]
    pub fn throttled(retry_after: Option<RetryAfter>) -> Self {
        Self::Refuse { status: 429, retry_after, moment: Moment::Before }
    }

    /// The service acts, and a gateway sends this error in place of its reply.
    #[must_use]
    pub fn status_after(status: u16) -> Self {
        Self::Refuse { status, retry_after: None, moment: Moment::After }
    }

    /// A portal user changes a setting. Before a write, this is between the check of the preconditions and the write;
    /// after a read, between the plan and that check.
    #[must_use]
    pub fn edit(moment: Moment, setting: &str, value: &str) -> Self {
        Self::ForeignEdit { moment, setting: setting.to_owned(), value: value.to_owned() }
    }
}

impl Faults {
    /// No faults and no latency.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// No faults; every reply takes this long.
    #[must_use]
    pub fn slow(latency: Duration) -> Self {
        Self { latency, ..Self::default() }
    }

    /// No scripted faults, but the limits that Microsoft documents for Graph.
    #[must_use]
    pub fn throttled() -> Self {
        Self { throttling: true, ..Self::default() }
    }

    /// The same limits, whose time passes so many times as fast as documented.
    #[must_use]
    pub fn throttled_faster(speed: u32) -> Self {
        Self { throttling_speed: speed, ..Self::throttled() }
    }

    /// The same faults and another one.
    #[must_use]
    pub fn and(mut self, fault: Fault) -> Self {
        self.scripted.push(fault);
        self
    }
}

impl Fault {
    /// A fault that acts on every request with this method whose path contains `path`.
    #[must_use]
    pub fn on(method: Method, path: &str, action: Action) -> Self {
        let filter = RequestFilter { method: Some(method), path_contains: path.to_owned() };
        Self { filter, after: 0, every: 1, times: None, action }
    }

    /// The same fault, once `n` matching requests have passed.
    #[must_use]
    pub fn after(self, n: u32) -> Self {
        Self { after: n, ..self }
    }

    /// The same fault, on at most `n` requests.
    #[must_use]
    pub fn times(self, n: u32) -> Self {
        Self { times: Some(n), ..self }
    }

    /// The same fault, on the first of every `n` matching requests.
    #[must_use]
    pub fn every(self, n: u32) -> Self {
        Self { every: n, ..self }
    }

    /// The same fault, only on the `n`th matching request, counted from 1.
    #[must_use]
    pub fn nth(self, n: u32) -> Self {
        self.after(n.saturating_sub(1)).times(1)
    }

    /// Whether the fault acts on a matching request, given how many it has matched before.
    pub(crate) fn acts_on(&self, seen: u32) -> bool {
        let Some(since) = seen.checked_sub(self.after) else { return false };
        let every = self.every.max(1);
        since % every == 0 && self.times.is_none_or(|times| since / every < times)
    }
}
