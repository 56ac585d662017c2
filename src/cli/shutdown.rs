//! How a run is stopped: by an interrupt, or when its time is over.

use std::future::Future;
use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;

use crate::base::exit::Exit;

/// Stops a run and says with which exit code it ends. An apply looks at the token before every write; whatever only
/// waits or reads is dropped.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shutdown {
    token: CancellationToken,
    exit: Arc<OnceLock<Exit>>,
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
    std::future::pending::<()>().await;
}
