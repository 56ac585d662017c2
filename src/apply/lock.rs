//! One apply at a time for each tenant on this machine. The operating system releases the lock when a process ends,
//! however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::base::clock::Stopwatch;
use crate::base::file::{ReadError, read_state};
use crate::base::ids::{RunId, TenantId};
use crate::base::state_file;

/// The pause between attempts to lock.
const PAUSE: Duration = Duration::from_millis(100);
/// The most bytes of a lock's file that are read: it holds one line.
const MOST: u64 = 200;

/// The lock of a tenant, held until this value is dropped.
#[derive(Debug)]
pub(crate) struct TenantLock(File);

impl Drop for TenantLock {
    /// Releases it at once, even if a process that is just being started has a copy of the file handle.
    fn drop(&mut self) {
        // If this fails, the system releases it when the process ends.
        let _ = self.0.unlock();
    }
}

/// Why a tenant could not be locked.
#[derive(Debug)]
pub(crate) enum LockError {
    /// Another run has it: the line which that run wrote into the file; may be empty.
    Held(String),
    /// The lock's file cannot be used.
    Unusable(io::Error),
}

impl TenantLock {
    /// Whether a run has the lock of a tenant now. A lock file that cannot be opened counts as free.
    #[must_use]
    pub(crate) fn is_held(folder: &Path, tenant: TenantId) -> bool {
        let file = state_file::open(&path(folder, tenant), OpenOptions::new().read(true));
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Takes the lock of a tenant in `folder`, or waits for it for `timeout`, or until `cancel` is cancelled.
    ///
    /// # Errors
    /// When another run has it all that time, or the lock's file cannot be used. Nothing may be sent then.
    pub(crate) async fn take(
        folder: &Path,
        tenant: TenantId,
        run: &RunId,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<Self, LockError> {
        let watch = Stopwatch::start();
        let mut file = open(folder, tenant).map_err(LockError::Unusable)?;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(error)) => return Err(LockError::Unusable(error)),
                Err(TryLockError::WouldBlock) if watch.elapsed() >= timeout || cancel.is_cancelled() => {
                    return Err(LockError::Held(holder(&path(folder, tenant))));
                }
                Err(TryLockError::WouldBlock) => tokio::time::sleep(PAUSE.min(timeout)).await,
            }
        }
        sign(&mut file, run).map_err(LockError::Unusable)?;
        Ok(Self(file))
    }
}

/// The line that the run with the lock wrote; empty if it cannot be read, because it only completes a message.
fn holder(path: &Path) -> String {
    match read_state(path, MOST) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).trim().to_owned(),
        Err(error @ ReadError::TooLarge { .. }) => format!("{} does not say whose: {error}", path.display()),
        Err(ReadError::NotFound | ReadError::NotAFile | ReadError::Io(_)) => String::new(),
    }
}

fn open(folder: &Path, tenant: TenantId) -> io::Result<File> {
    state_file::create_folder(folder)?;
    state_file::open(&path(folder, tenant), OpenOptions::new().create(true).truncate(false).read(true).write(true))
}

fn path(folder: &Path, tenant: TenantId) -> PathBuf {
    folder.join(format!("{tenant}.lock"))
}

/// Writes the run and the process into the lock file, for runs that wait.
fn sign(file: &mut File, run: &RunId) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "run {run}, process {}", std::process::id())
}
