//! Runs a command on a thread of its own, so that the end of its time is noticed also while it computes.

use std::future::Future;
use std::io;
use std::panic::resume_unwind;
use std::thread::{self, JoinHandle};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// The stack of the thread, as large as a main thread's; only the used part takes memory.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// A command at work. If it is dropped, the thread goes on, and ends with the program at the latest.
pub(crate) struct CommandThread<T> {
    result: oneshot::Receiver<T>,
    thread: Option<JoinHandle<()>>,
}

impl<T: Send + 'static> CommandThread<T> {
    /// Starts a thread that polls the future that `work` makes.
    ///
    /// # Errors
    /// When the system starts no thread.
    pub(crate) fn start<F: Future<Output = T>>(work: impl FnOnce() -> F + Send + 'static) -> io::Result<Self> {
        let (sender, result) = oneshot::channel();
        let runtime = Handle::current();
        let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
            // Nobody receives a result that is too late.
            let _ = sender.send(runtime.block_on(work()));
        })?;
        Ok(Self { result, thread: Some(thread) })
    }

    /// Waits for the result of the command. A panic of the command is one of the caller.
    pub(crate) async fn result(&mut self) -> T {
        if let Ok(result) = (&mut self.result).await {
            return result;
        }
        // Without a result the thread has ended by a panic.
        match self.thread.take().map(JoinHandle::join) {
            Some(Err(panic)) => resume_unwind(panic),
            Some(Ok(())) | None => std::future::pending().await,
        }
    }
}
