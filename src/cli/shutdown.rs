//! How a run is stopped: by an interrupt, or when its time is over.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::base::exit::Exit;

/// Stops a run and says with which exit code it ends. An apply looks at the token before every write; whatever only
/// waits or reads is dropped.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shutdown {
    token: CancellationToken,
    exit: Arc<OnceLock<Exit>>,
    /// Whether requests that write may have been begun.
    writing: Arc<AtomicBool>,
    /// Cancelled when nobody waits for the run any more.
    abandoned: CancellationToken,
}

impl Shutdown {
    /// Asks the run to stop and to end with `exit`. The first request counts.
    pub(crate) fn request(&self, exit: Exit) {
        self.exit.get_or_init(|| exit);
        self.token.cancel();
    }

    /// The exit code of the run if it was asked to stop.
    #[must_use]
    pub(crate) fn exit(&self) -> Option<Exit> {
        self.exit.get().copied()
    }

    /// The token that is cancelled when the run is asked to stop.
    #[must_use]
    pub(crate) fn token(&self) -> CancellationToken {
        self.token.clone()
    }

    /// From now on the run may write, so that it is waited for until it has stopped by itself.
    pub(crate) fn begin_writing(&self) {
        self.writing.store(true, Ordering::SeqCst);
    }

    /// Returns after `pause` if the run has not begun to write by then, and never otherwise. A run that is asked to stop
    /// before it begins does not write.
    pub(crate) async fn writes_nothing_after(&self, pause: Duration) {
        tokio::time::sleep(pause).await;
        if self.writing.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
    }

    /// Nobody waits for the run any more: it is dropped where it waits, and writes no result.
    pub(crate) fn abandon(&self) {
        self.abandoned.cancel();
    }

    /// The token that is cancelled when nobody waits for the run any more.
    #[must_use]
    pub(crate) fn abandoned(&self) -> CancellationToken {
        self.abandoned.clone()
    }

    /// The result of `work`, or `None` if the run is abandoned first.
    pub(crate) async fn run_until_abandoned<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.abandoned.run_until_cancelled(work).await
    }

    /// The result of `work`, or the exit code if the run is asked to stop first. The work is dropped then, so it must not write.
    ///
    /// # Errors
    /// The exit code with which the run ends.
    pub(crate) async fn run_until_requested<T>(&self, work: impl Future<Output = T>) -> Result<T, Exit> {
        self.token.run_until_cancelled(work).await.ok_or_else(|| self.exit().unwrap_or(Exit::Interrupted))
    }
}

/// Waits for an interrupt: Ctrl-C, or the signal with which systems end a program.
pub(crate) async fn interrupt() {
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

/// Calls `act` at each SIGHUP, by which a daemon is asked to reload; never returns. Where there is no such signal, it waits.
pub(crate) async fn on_sighup(act: impl Fn()) {
    #[cfg(unix)]
    if let Ok(mut hung_up) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()) {
        while hung_up.recv().await.is_some() {
            act();
        }
    }
    #[cfg(not(unix))]
    drop(act);
    std::future::pending::<()>().await;
}
