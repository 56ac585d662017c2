//! Trouble on purpose. None of it was ever captured from the real services: every fault here is synthetic.

use std::time::Duration;

use axum::http::Method;

use crate::emulator::wire::Request;

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
    pub when: When,
    /// How many matching requests pass before it acts.
    pub after: u32,
    /// On how many it acts then; `None` is forever.
    pub times: Option<u32>,
    /// What it does.
    pub action: Action,
}

/// Which requests a fault looks at.
#[derive(Clone, Debug, Default)]
pub struct When {
    /// This verb alone.
    pub method: Option<Method>,
    /// Paths that contain this text, in any casing; an empty text is in every path.
    pub path_contains: String,
}

/// What a fault does.
#[derive(Clone, Debug)]
pub enum Action {
    /// Answer this instead of asking the service.
    Respond {
        /// HTTP status, 100 to 999.
        status: u16,
        /// Headers, such as `Retry-After`.
        headers: Vec<(String, String)>,
        /// Body.
        body: String,
    },
    /// Answer later.
    Delay(Duration),
    /// After a write that succeeds, this many reads of the same path still see the document from before it.
    StaleReads(u32),
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
}

/// On which side of a request something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before the service sees the request.
    Before,
    /// After the service answered.
    After,
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
        let when = When { method: Some(method), path_contains: path.to_owned() };
        Self { when, after: 0, times: None, action }
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
}

impl When {
    fn matches(&self, request: &Request) -> bool {
        let path = request.path.to_ascii_lowercase();
        self.method.as_ref().is_none_or(|method| *method == request.method)
            && path.contains(&self.path_contains.to_ascii_lowercase())
    }
}

/// The faults of a running server with what each has seen so far.
#[derive(Debug)]
pub(super) struct Script {
    faults: Vec<(Fault, u32)>,
}

impl Script {
    pub(super) fn new(faults: Vec<Fault>) -> Self {
        Self { faults: faults.into_iter().map(|fault| (fault, 0)).collect() }
    }

    /// What acts on this request.
    pub(super) fn acting(&mut self, request: &Request) -> Vec<Action> {
        let mut actions = Vec::new();
        for (fault, seen) in self.faults.iter_mut().filter(|(fault, _)| fault.when.matches(request)) {
            let ends = fault.times.map_or(u32::MAX, |times| fault.after.saturating_add(times));
            if (fault.after..ends).contains(seen) {
                actions.push(fault.action.clone());
            }
            *seen = seen.saturating_add(1);
        }
        actions
    }
}
