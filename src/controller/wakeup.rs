//! What reaches the loop from outside: the wish that it looks now, and the wish that it stops.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// Wishes, from wherever they come. Many may wait for them.
#[derive(Debug, Default)]
pub struct LoopSignals {
    asked: AtomicBool,
    nudged: AtomicBool,
    stopped: AtomicBool,
    rung: Notify,
}

impl LoopSignals {
    /// Asks the loop to look at everything now. Asked while it looks, it looks once more.
    pub(crate) fn request_reconcile(&self) {
        self.asked.store(true, Ordering::SeqCst);
        self.rung.notify_waiters();
    }

    /// Has the loop see whether something is due.
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

    /// Whether somebody asked since this was called last.
    pub(crate) fn take(&self) -> bool {
        self.nudged.store(false, Ordering::SeqCst);
        self.asked.swap(false, Ordering::SeqCst)
    }

    /// Waits for so long, or until there is a wish.
    pub(crate) async fn wait(&self, longest: Duration) {
        let heard = |wish: &AtomicBool| wish.load(Ordering::SeqCst);
        let wish = || [&self.stopped, &self.asked, &self.nudged].into_iter().any(heard);
        let _ = tokio::time::timeout(longest, self.until(wish)).await;
    }

    /// What `work` brings; `None` when the loop is to stop first. The work is dropped then, so nothing that writes may be in
    /// it.
    pub(crate) async fn or<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            () = self.until(|| self.is_stopped()) => None,
        }
    }

    async fn until(&self, holds: impl Fn() -> bool) {
        loop {
            let mut rung = pin!(self.rung.notified());
            // Whoever rings from here on is heard, also before the first poll.
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
    fn a_wish_ends_a_wait_whenever_it_comes() -> std::io::Result<()> {
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
    fn everybody_who_waits_hears_a_stop() -> std::io::Result<()> {
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
