//! Signals to the loop from outside: to reconcile now, to check what is due, and to stop.

use std::collections::BTreeSet;
use std::future::Future;
use std::mem;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

/// Signals to the loop. Several tasks may send them and wait for them.
#[derive(Debug, Default)]
pub struct LoopSignals {
    requests: Mutex<RoundRequests>,
    nudged: AtomicBool,
    stopped: AtomicBool,
    rung: Notify,
}

/// What the next round is asked to do, and the rounds so far.
#[derive(Debug, Default)]
struct RoundRequests {
    next: RequestedTenants,
    rounds: RoundCount,
}

/// The tenants that a round is asked to reconcile, whether they are due or not.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct RequestedTenants {
    pub(crate) all: bool,
    pub(crate) tenants: BTreeSet<String>,
}

impl RequestedTenants {
    fn any(&self) -> bool {
        self.all || !self.tenants.is_empty()
    }
}

/// The rounds of the loop since the process started. Many of them find that nothing is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoundCount {
    /// How many have started.
    pub(crate) started: u64,
    /// How many have ended.
    pub(crate) finished: u64,
}

impl LoopSignals {
    /// Asks the loop to reconcile a tenant now, or all of them. A request during a round starts another round. Returns the
    /// number of the round that does what was asked.
    pub(crate) fn request_reconcile(&self, tenant: Option<&str>) -> u64 {
        let mut requests = self.requests();
        match tenant {
            None => requests.next.all = true,
            Some(tenant) => drop(requests.next.tenants.insert(tenant.to_owned())),
        }
        let round = requests.rounds.started + 1;
        drop(requests);
        self.rung.notify_waiters();
        round
    }

    /// Makes the loop check whether something is due.
    pub(crate) fn wake(&self) {
        self.nudged.store(true, Ordering::SeqCst);
        self.rung.notify_waiters();
    }

    /// Asks the loop to stop.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        self.rung.notify_waiters();
    }

    /// Whether the loop is to stop.
    #[must_use]
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    /// Starts a round: returns what was requested since the last one started.
    pub(crate) fn start_round(&self) -> RequestedTenants {
        self.nudged.store(false, Ordering::SeqCst);
        let mut requests = self.requests();
        requests.rounds.started += 1;
        mem::take(&mut requests.next)
    }

    /// Ends the round that was started last.
    pub(crate) fn end_round(&self) {
        let mut requests = self.requests();
        requests.rounds.finished = requests.rounds.started;
    }

    /// The rounds so far.
    pub(crate) fn rounds(&self) -> RoundCount {
        self.requests().rounds
    }

    fn requests(&self) -> MutexGuard<'_, RoundRequests> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for `longest`, or until there is a signal.
    pub(crate) async fn wait(&self, longest: Duration) {
        let heard = |signal: &AtomicBool| signal.load(Ordering::SeqCst);
        let signal = || heard(&self.stopped) || heard(&self.nudged) || self.requests().next.any();
        let _ = tokio::time::timeout(longest, self.until(signal)).await;
    }

    /// Runs `work`; returns `None` when the loop is asked to stop first. The work is dropped then, so
    /// it must not write.
    pub(crate) async fn or<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            () = self.until(|| self.is_stopped()) => None,
        }
    }

    async fn until(&self, holds: impl Fn() -> bool) {
        loop {
            let mut rung = pin!(self.rung.notified());
            // Signals from here on wake this future, also before its first poll.
            rung.as_mut().enable();
            if holds() {
                return;
            }
            rung.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::controller::wakeup::*;

    const LONG: Duration = Duration::from_secs(3600);

    fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
        tokio::runtime::Builder::new_current_thread().enable_time().build()
    }

    #[test]
    fn a_signal_ends_a_wait_whenever_it_comes() -> std::io::Result<()> {
        runtime()?.block_on(async {
            let signals = LoopSignals::default();
            assert_eq!(signals.request_reconcile(None), 1);
            signals.wait(LONG).await;
            assert!(signals.start_round().all && !signals.start_round().any());
            tokio::join!(signals.wait(LONG), async { signals.request_reconcile(Some("contoso")) });
            let asked = signals.start_round();
            assert!(!asked.all && asked.tenants.contains("contoso"));
        });
        Ok(())
    }

    #[test]
    fn a_request_is_for_a_round_that_starts_after_it() {
        let signals = LoopSignals::default();
        assert_eq!(signals.request_reconcile(None), 1);
        signals.start_round();
        assert_eq!(signals.request_reconcile(None), 2, "the round at work may be past that tenant");
        signals.end_round();
        assert_eq!(signals.rounds(), RoundCount { started: 1, finished: 1 });
        assert!(signals.start_round().all);
        assert_eq!(signals.rounds(), RoundCount { started: 2, finished: 1 });
    }

    #[test]
    fn a_stop_ends_every_wait() -> std::io::Result<()> {
        runtime()?.block_on(async {
            let signals = LoopSignals::default();
            let never = std::future::pending::<()>;
            let (first, second, ()) = tokio::join!(signals.or(never()), signals.or(never()), async { signals.stop() });
            assert_eq!((first, second), (None, None));
            assert_eq!(signals.or(never()).await, None, "also who comes late");
        });
        Ok(())
    }
}
