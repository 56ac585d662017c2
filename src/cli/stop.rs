//! The wish to stop: an interrupt, or the end of the time allowed.

use std::future::Future;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use crate::base::exit::Exit;

/// Whether and why a run is to stop. An apply looks at it before every write; whatever only waits or reads is cut off.
#[derive(Debug, Default)]
pub struct Stop {
    flag: AtomicBool,
    exit: OnceLock<Exit>,
    called: Notify,
}

impl Stop {
    /// Asks the run to stop and to end with `exit`. The first call counts.
    pub fn call(&self, exit: Exit) {
        self.exit.get_or_init(|| exit);
        self.flag.store(true, Ordering::Relaxed);
        self.called.notify_one();
    }

    /// How the run ends if it was asked to stop.
    #[must_use]
    pub fn exit(&self) -> Option<Exit> {
        self.exit.get().copied()
    }

    /// The flag that an apply looks at before every write.
    #[must_use]
    pub fn flag(&self) -> &AtomicBool {
        &self.flag
    }

    /// What `work` brings, or the exit code when the run is asked to stop first; the work is dropped then, so nothing that
    /// writes may be in it.
    ///
    /// # Errors
    /// The exit code with which the run ends.
    pub async fn or<T>(&self, work: impl Future<Output = T>) -> Result<T, Exit> {
        tokio::select! {
            done = work => Ok(done),
            () = self.called.notified() => Err(self.exit().unwrap_or(Exit::Interrupted)),
        }
    }
}

/// Waits for an interrupt: Ctrl-C, or the signal with which systems end a program.
pub async fn interrupt() {
    #[cfg(unix)]
    if let Ok(mut ended) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = ended.recv() => {}
        }
        return;
    }
    let _ = tokio::signal::ctrl_c().await;
}
