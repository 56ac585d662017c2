//! One apply at a time for each tenant on this machine. The system gives the lock back when a process ends, however it ends.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::base::clock::Stopwatch;
use crate::base::file::{ReadError, read_bounded};
use crate::base::ids::{RunId, TenantId};

/// How long to wait before a lock is tried again.
const PAUSE: Duration = Duration::from_millis(100);
/// The most bytes of a lock's file that are read: it holds one line.
const MOST: u64 = 200;

/// A tenant that is this run's alone while this lives.
#[derive(Debug)]
pub(crate) struct TenantLock(File);

impl Drop for TenantLock {
    /// Gives it back at once, also where a program that is just being started holds a copy of the file.
    fn drop(&mut self) {
        // The system gives it back when the process ends, whatever comes of this.
        let _ = self.0.unlock();
    }
}

/// Why a tenant could not be locked.
#[derive(Debug)]
pub(crate) enum LockError {
    /// Another run has it: what that run wrote about itself, in words; may be empty.
    Held(String),
    /// The lock's file cannot be used.
    Unusable(io::Error),
}

impl TenantLock {
    /// Whether a run has the lock of a tenant right now. One that cannot be looked at is not held.
    #[must_use]
    pub(crate) fn is_held(folder: &Path, tenant: TenantId) -> bool {
        let file = File::open(path(folder, tenant));
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Takes the lock of a tenant in `folder`, or waits for it for `patience`, or until `cancel` is cancelled.
    ///
    /// # Errors
    /// When another run has it all that time, or the lock's file cannot be used. Nothing may be sent then.
    pub(crate) async fn take(
        folder: &Path,
        tenant: TenantId,
        run: &RunId,
        patience: Duration,
        cancel: &CancellationToken,
    ) -> Result<Self, LockError> {
        let watch = Stopwatch::start();
        let mut file = open(folder, tenant).map_err(LockError::Unusable)?;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(error)) => return Err(LockError::Unusable(error)),
                Err(TryLockError::WouldBlock) if watch.elapsed() >= patience || cancel.is_cancelled() => {
                    return Err(LockError::Held(holder(&path(folder, tenant))));
                }
                Err(TryLockError::WouldBlock) => tokio::time::sleep(PAUSE.min(patience)).await,
            }
        }
        sign(&mut file, run).map_err(LockError::Unusable)?;
        Ok(Self(file))
    }
}

/// What the run that has the lock wrote about itself. Whatever cannot be read of it only makes the message poorer.
fn holder(path: &Path) -> String {
    match read_bounded(path, MOST) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).trim().to_owned(),
        Err(error @ ReadError::TooLarge { .. }) => format!("{} does not say whose: {error}", path.display()),
        Err(ReadError::NotFound | ReadError::NotAFile | ReadError::Io(_)) => String::new(),
    }
}

fn open(folder: &Path, tenant: TenantId) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path(folder, tenant))
}

fn path(folder: &Path, tenant: TenantId) -> PathBuf {
    folder.join(format!("{tenant}.lock"))
}

/// Says whose it is, for those who wait.
fn sign(file: &mut File, run: &RunId) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "run {run}, process {}", std::process::id())
}
