//! The rate limits that Microsoft documents for Graph, by the sandbox's clock.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::http::message::{Caller, Request};

/// One limit. It holds for the paths below `/v1.0` that start with one of `paths`, per tenant or per application.
struct Limit {
    paths: [&'static str; 2],
    requests: usize,
    seconds: i64,
    per_app: bool,
    /// Whether some of the refusals say for how long to wait: the first, and then every second one.
    sends_retry_after: bool,
}

const LIMITS: [Limit; 2] = [
    Limit {
        paths: ["auditlogs/directoryaudits", "reports/authenticationmethods"],
        requests: 5,
        seconds: 10,
        per_app: true,
        sends_retry_after: true,
    },
    Limit {
        paths: ["identity/conditionalaccess/policies", "identity/conditionalaccess/namedlocations"],
        requests: 1,
        seconds: 1,
        per_app: false,
        sends_retry_after: false,
    },
];

/// The requests of the last ten seconds: the limit that counts them, the tenant, the application, and the time; and how
/// many refusals there were.
#[derive(Debug, Default)]
pub(crate) struct RateLimits {
    passed: Mutex<VecDeque<(usize, Uuid, Uuid, Timestamp)>>,
    refused: AtomicU32,
    /// How many times as fast as documented time passes.
    speed: i32,
}

/// A request above the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RateLimited {
    /// Seconds until the next request is allowed, if the service says so.
    pub(crate) retry_after: Option<i64>,
}

impl RateLimits {
    /// The limits, whose time passes so many times as fast as documented; 0 counts as 1.
    pub(crate) fn faster(speed: u32) -> Self {
        Self { speed: i32::try_from(speed.max(1)).unwrap_or(i32::MAX), ..Self::default() }
    }

    /// Counts a request, or refuses it.
    pub(crate) fn check(&self, request: &Request, caller: &Caller) -> Result<(), RateLimited> {
        let path = request.segments.iter().skip(1).map(|part| part.to_ascii_lowercase()).collect::<Vec<_>>().join("/");
        let under = |limit: &Limit| limit.paths.iter().any(|start| path.starts_with(start));
        let Some((at, limit)) = LIMITS.iter().enumerate().find(|(_, limit)| under(limit)) else { return Ok(()) };
        let app = if limit.per_app { caller.client } else { Uuid::nil() };
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        let before = |seconds: i64| {
            let time = SignedDuration::from_secs(seconds) / self.speed.max(1);
            request.now.saturating_sub(time).unwrap_or(request.now)
        };
        let (since, longest) = (before(limit.seconds), before(10));
        passed.retain(|(.., moment)| *moment > longest);
        let same = |seen: &&(usize, Uuid, Uuid, Timestamp)| {
            (seen.0, seen.1, seen.2) == (at, caller.tenant, app) && seen.3 > since
        };
        if passed.iter().filter(same).count() < limit.requests {
            passed.push_back((at, caller.tenant, app, request.now));
            return Ok(());
        }
        let oldest = passed.iter().find(same).map_or(request.now, |seen| seen.3);
        let waited = request.now.duration_since(oldest).as_secs();
        let says = limit.sends_retry_after && self.refused.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
        Err(RateLimited { retry_after: says.then_some((limit.seconds / i64::from(self.speed.max(1)) - waited).max(1)) })
    }
}
