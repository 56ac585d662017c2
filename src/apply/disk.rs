//! What a journal needs of a disk. The simulator of `tests/simulate` has a disk of its own, which tears lines and fills up.

use std::fmt::Debug;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use crate::base::state_file;

/// A disk with journals.
pub trait JournalDisk: Debug + Send + Sync {
    /// Opens a file to read it and to append to it. What is not there is created, for its owner alone.
    ///
    /// # Errors
    /// When it cannot be opened, or is anything but a regular file.
    fn open(&self, path: &Path) -> io::Result<Box<dyn JournalFile>>;

    /// Writes the names of the files in a folder to disk. Until then a new file may be lost in a power failure.
    ///
    /// # Errors
    /// When the folder cannot be opened or written.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
}

/// An open file: what is written to it is appended to its end.
pub trait JournalFile: Read + Write + Seek + Debug + Send {
    /// Waits until no other handle has the lock of the file, and takes it.
    ///
    /// # Errors
    /// When the system cannot lock the file.
    fn lock(&self) -> io::Result<()>;

    /// Releases the lock of the file.
    ///
    /// # Errors
    /// When the system cannot release it.
    fn unlock(&self) -> io::Result<()>;

    /// The length in bytes.
    ///
    /// # Errors
    /// When it cannot be read.
    fn length(&self) -> io::Result<u64>;

    /// Cuts the file to a length in bytes.
    ///
    /// # Errors
    /// When the length cannot be changed.
    fn truncate(&self, length: u64) -> io::Result<()>;

    /// Writes the content to disk: after that it survives a power failure.
    ///
    /// # Errors
    /// When that fails. Any part of what was written since the last time may be on disk then.
    fn sync(&self) -> io::Result<()>;
}

/// The disk of this machine.
#[derive(Debug)]
pub(crate) struct SystemDisk;

impl JournalDisk for SystemDisk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn JournalFile>> {
        state_file::create_folder(path.parent().unwrap_or(Path::new(".")))?;
        let file = state_file::open(path, OpenOptions::new().create(true).append(true).read(true))?;
        Ok(Box::new(file))
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        state_file::sync_folder(folder)
    }
}

impl JournalFile for File {
    fn lock(&self) -> io::Result<()> {
        Self::lock(self)
    }

    fn unlock(&self) -> io::Result<()> {
        Self::unlock(self)
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }
}
