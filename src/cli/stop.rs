//! The wish to stop: an interrupt, or the end of the time allowed.

use std::future::Future;
use std::pin::pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use crate::base::exit::Exit;

/// Whether and why a run is to stop. An apply looks at it before every write; whatever only waits or reads is cut off.
#[derive(Debug, Default)]
pub struct Shutdown {
    flag: AtomicBool,
    exit: OnceLock<Exit>,
    called: Notify,
}

impl Shutdown {
    /// Asks the run to stop and to end with `exit`. The first call counts.
    pub fn request(&self, exit: Exit) {
        self.exit.get_or_init(|| exit);
        self.flag.store(true, Ordering::Relaxed);
        self.called.notify_waiters();
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
    pub async fn run_until_requested<T>(&self, work: impl Future<Output = T>) -> Result<T, Exit> {
        let mut called = pin!(self.called.notified());
        // Whoever calls from here on is heard; whoever called before is seen by the flag.
        called.as_mut().enable();
        if self.flag.load(Ordering::Relaxed) {
            return Err(self.exit().unwrap_or(Exit::Interrupted));
        }
        tokio::select! {
            done = work => Ok(done),
            () = called => Err(self.exit().unwrap_or(Exit::Interrupted)),
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

/// Does something each time the signal comes with which daemons are told to look again; for ever. Where there is no such
/// signal, nothing.
pub async fn on_sighup(act: impl Fn()) {
    #[cfg(unix)]
    if let Ok(mut hung_up) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()) {
        while hung_up.recv().await.is_some() {
            act();
        }
    }
    std::future::pending::<()>().await;
}
