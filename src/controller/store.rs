//! The folder of `--state`: the state file, and the lock that prevents a second controller from using it.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::base::file::{self, ReadError};
use crate::base::state_file;
use crate::controller::state::ControllerState;
use crate::tenant::error::{TenantError, TenantErrorKind};

/// The most bytes of a state file that are read: about ten thousand tenants.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// The folder of what git fetched, and of the files of the commit that was read last.
const SOURCE: &str = "source";

/// A folder that belongs to this process alone.
#[derive(Debug)]
pub struct StateStore {
    folder: PathBuf,
    lock: File,
}

impl Drop for StateStore {
    /// Releases the folder at once. A git process that is just being started has a copy of the file handle until it
    /// runs, so closing ours alone would leave the folder locked.
    fn drop(&mut self) {
        // If this fails, the system releases it when the process ends.
        let _ = self.lock.unlock();
    }
}

impl StateStore {
    /// Locks the folder, which is created if it is missing, and reads the state of an earlier run.
    ///
    /// # Errors
    /// When another controller has it, it cannot be used, or its state cannot be read. An unknown state is not
    ///   replaced: it may say which tenants somebody suspended.
    pub fn open(folder: &Path) -> Result<(Self, ControllerState), TenantError> {
        let shown = folder.display();
        let unusable = |error: &io::Error| {
            TenantError::new(TenantErrorKind::Unavailable, format!("the state folder {shown} cannot be used: {error}"))
                .hint("make it writable, or name another one with --state")
        };
        state_file::create_folder(folder).map_err(|error| unusable(&error))?;
        let folder = folder.canonicalize().map_err(|error| unusable(&error))?;
        state_file::check_folders(&folder, &folder.join(SOURCE)).map_err(|error| unusable(&error))?;
        let options = &mut OpenOptions::new();
        let lock = state_file::open(&folder.join("lock"), options.create(true).truncate(false).write(true));
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
            .hint("inspect it, then move it away; tenants that were suspended by a request have to be suspended again")
        })?;
        Ok((store, state))
    }

    #[must_use]
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where what git fetched may be.
    #[must_use]
    pub(crate) fn source(&self) -> PathBuf {
        self.folder.join(SOURCE)
    }

    /// Writes the state, whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn save(&self, state: &ControllerState) -> io::Result<()> {
        state_file::write(&self.file(), state.text()?.as_bytes())
    }

    fn file(&self) -> PathBuf {
        self.folder.join("state.json")
    }

    fn load(&self) -> Result<ControllerState, String> {
        match file::read_state(&self.file(), MAX_BYTES).and_then(file::text) {
            Err(ReadError::NotFound) => Ok(ControllerState::default()),
            Err(error) => Err(error.to_string()),
            Ok(text) => ControllerState::parse(&text),
        }
    }
}
