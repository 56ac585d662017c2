//! Signals to the loop from outside: to reconcile now, to check what is due, and to stop.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// Signals to the loop. Several tasks may send them and wait for them.
#[derive(Debug, Default)]
pub struct LoopSignals {
    asked: AtomicBool,
    nudged: AtomicBool,
    stopped: AtomicBool,
    rung: Notify,
}

impl LoopSignals {
    /// Asks the loop to reconcile everything now. A request during a round starts another round.
    pub(crate) fn request_reconcile(&self) {
        self.asked.store(true, Ordering::SeqCst);
        self.rung.notify_waiters();
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

    /// Whether a reconciliation was requested since the last call.
    pub(crate) fn take(&self) -> bool {
        self.nudged.store(false, Ordering::SeqCst);
        self.asked.swap(false, Ordering::SeqCst)
    }

    /// Waits for `longest`, or until there is a signal.
    pub(crate) async fn wait(&self, longest: Duration) {
        let heard = |signal: &AtomicBool| signal.load(Ordering::SeqCst);
        let signal = || [&self.stopped, &self.asked, &self.nudged].into_iter().any(heard);
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
            signals.request_reconcile();
            signals.wait(LONG).await;
            assert!(signals.take() && !signals.take());
            tokio::join!(signals.wait(LONG), async { signals.request_reconcile() });
            assert!(signals.take());
        });
        Ok(())
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
