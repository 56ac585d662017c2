//! The power of the simulated machine, or the life of the process: after it failed, nothing more happens.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

#[derive(Clone, Debug, Default)]
pub(crate) struct Power {
    off: Arc<AtomicBool>,
    changed: Arc<Notify>,
}

impl Power {
    pub(crate) fn is_off(&self) -> bool {
        self.off.load(Ordering::SeqCst)
    }

    pub(crate) fn fail(&self) {
        self.off.store(true, Ordering::SeqCst);
        self.changed.notify_one();
    }

    pub(crate) fn restore(&self) {
        self.off.store(false, Ordering::SeqCst);
    }

    /// Waits until it fails.
    pub(crate) async fn failed(&self) {
        while !self.is_off() {
            self.changed.notified().await;
        }
    }
}
