//! The journal of a run: one file with one line for each event, synced to disk before and after each request. Lines are
//! only appended.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::apply::entry::{JournalEntry, JournalEvent};
use crate::base::clock::Clock;
use crate::base::ids::{RunId, TenantId};

/// The suffix of the names of journals.
pub(crate) const ENDING: &str = "jsonl";

/// Writes the journal of one run. The file is created with the first line, so that a run that
/// sends nothing leaves none.
#[derive(Debug)]
pub struct Journal {
    run: RunId,
    path: PathBuf,
    clock: Clock,
    file: Mutex<Option<File>>,
}

impl Journal {
    /// A journal in `folder` for a run that starts now. The file does not exist yet.
    #[must_use]
    pub fn new(folder: &Path, clock: &Clock) -> Self {
        let run = RunId::fresh(clock.now());
        let path = folder.join(format!("{run}.{ENDING}"));
        Self { run, path, clock: clock.clone(), file: Mutex::new(None) }
    }

    /// The journal of an earlier run, to which results are appended.
    #[must_use]
    pub fn of(folder: &Path, run: &RunId, clock: &Clock) -> Self {
        let path = folder.join(format!("{run}.{ENDING}"));
        Self { run: run.clone(), path, clock: clock.clone(), file: Mutex::new(None) }
    }

    /// The id of the run that writes this journal.
    #[must_use]
    pub fn run(&self) -> &RunId {
        &self.run
    }

    #[must_use]
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a line, and returns when it is on disk.
    ///
    /// # Errors When it cannot be written. The caller must not send the request then.
    pub fn record(&self, tenant: TenantId, event: JournalEvent) -> io::Result<()> {
        let line = JournalEntry { at: self.clock.now().to_string(), tenant_id: tenant.to_string(), event };
        let mut text = serde_json::to_string(&line)?;
        text.push('\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match &mut *file {
            Some(file) => file,
            none => none.insert(open(&self.path)?),
        };
        file.write_all(text.as_bytes())?;
        file.sync_data()
    }
}

/// Opens a file to append to; only its owner may read it. An incomplete last line is ended, so that the next one is a
/// line of its own.
fn open(path: &Path) -> io::Result<File> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut options = OpenOptions::new();
    options.create(true).append(true).read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    if is_cut_off(&mut file)? {
        file.write_all(b"\n")?;
    }
    // The name of a new file is on disk only after its folder is synced.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(file)
}

/// Whether the last line is incomplete. Reads only the last byte, because a journal may have any length.
fn is_cut_off(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    type Tested = Result<(), Box<dyn std::error::Error>>;

    /// Opens a journal with this text, and returns its text after that.
    fn opened(text: &str) -> io::Result<String> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("run.jsonl");
        fs::write(&path, text)?;
        open(&path)?.write_all(b"{}\n")?;
        fs::read_to_string(path)
    }

    #[test]
    fn a_line_that_was_cut_off_is_ended() -> Tested {
        assert_eq!(opened("")?, "{}\n");
        assert_eq!(opened("{}\n")?, "{}\n{}\n");
        assert_eq!(opened("{}\n{\"at\":")?, "{}\n{\"at\":\n{}\n");
        Ok(())
    }

    /// The file is sparse and larger than the memory of any machine.
    #[cfg(unix)]
    #[test]
    fn a_journal_is_never_read_to_be_opened() -> Tested {
        const TIB: u64 = 1 << 40;
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("run.jsonl");
        File::create(&path)?.set_len(TIB)?;
        open(&path)?;
        assert_eq!(fs::metadata(&path)?.len(), TIB + 1, "the last line was incomplete, and is ended");
        Ok(())
    }
}
