//! The folder of `--state`: the state file, and the lock that keeps a second controller away.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::base::file::{self, ReadError, write_atomic};
use crate::controller::state::ControllerState;
use crate::tenant::error::{TenantError, TenantErrorKind};

/// The most bytes of a state file that are read: about ten thousand tenants.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// A folder that belongs to this process alone.
#[derive(Debug)]
pub struct StateStore {
    folder: PathBuf,
    lock: File,
}

impl Drop for StateStore {
    /// Gives the folder back at once. A git that was being started at the moment holds a copy of the file until it runs, and
    /// closing ours alone would leave the lock with it.
    fn drop(&mut self) {
        // The system gives it back when the process ends, whatever comes of this.
        let _ = self.lock.unlock();
    }
}

impl StateStore {
    /// Takes the folder, which is made when it is missing, and reads what an earlier run left.
    ///
    /// # Errors
    /// When another controller has it, it cannot be used, or what is in it cannot be read. A state that is not understood is
    /// not thrown away: it may say which tenants somebody suspended.
    pub fn open(folder: &Path) -> Result<(Self, ControllerState), TenantError> {
        let shown = folder.display();
        let unusable = |error: &io::Error| {
            TenantError::new(TenantErrorKind::Unavailable, format!("the state folder {shown} cannot be used: {error}"))
                .hint("make it writable, or name another one with --state")
        };
        fs::create_dir_all(folder).map_err(|error| unusable(&error))?;
        let folder = folder.canonicalize().map_err(|error| unusable(&error))?;
        let lock = File::options().create(true).truncate(false).write(true).open(folder.join("lock"));
        let lock = lock.map_err(|error| unusable(&error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                let message = format!("another controller is running with the state folder {shown}");
                return Err(TenantError::new(TenantErrorKind::Unavailable, message)
                    .hint("stop that one, or give this one a folder of its own with --state and other tenants"));
            }
            Err(fs::TryLockError::Error(error)) => return Err(unusable(&error)),
        }
        let store = Self { folder, lock };
        let state = store.load().map_err(|why| {
            TenantError::new(
                TenantErrorKind::Unavailable,
                format!("the state {} is not used: {why}", store.file().display()),
            )
            .hint("look at it, then move it away; who was suspended by a request has to be suspended again")
        })?;
        Ok((store, state))
    }

    /// Where the checkout of a repository may be.
    #[must_use]
    pub(crate) fn checkout(&self) -> PathBuf {
        self.folder.join("source")
    }

    /// Writes the state, whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn save(&self, state: &ControllerState) -> io::Result<()> {
        write_atomic(&self.file(), state.text()?.as_bytes())
    }

    fn file(&self) -> PathBuf {
        self.folder.join("state.json")
    }

    fn load(&self) -> Result<ControllerState, String> {
        match file::read_bounded(&self.file(), MAX_BYTES).and_then(file::text) {
            Err(ReadError::NotFound) => Ok(ControllerState::default()),
            Err(error) => Err(error.to_string()),
            Ok(text) => ControllerState::parse(&text),
        }
    }
}
