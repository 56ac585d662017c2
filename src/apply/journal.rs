//! The journal of a run: one file with one line for each event, synced to disk before and after each request. Lines are
//! only appended.

use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::apply::disk::{JournalDisk, JournalFile, SystemDisk};
use crate::apply::entry::{JournalEntry, JournalEvent};
use crate::apply::line;
use crate::base::clock::Clock;
use crate::base::ids::{RunId, TenantId};

/// The suffix of the names of journals.
pub(crate) const ENDING: &str = "jsonl";
/// How much of the end of a file is read to number the next line, in bytes: far more than a line takes.
const TAIL: u64 = 4 * 1024 * 1024;

/// Writes the journal of one run. The file is created with the first line, so a run that sends nothing leaves no journal.
#[derive(Debug)]
pub struct Journal {
    run: RunId,
    path: PathBuf,
    disk: Arc<dyn JournalDisk>,
    clock: Clock,
    /// Whether the tenants are embedded ones.
    embedded: bool,
    state: Mutex<State>,
}

/// The file of a journal.
#[derive(Debug)]
enum State {
    /// No line was written yet.
    New,
    /// The file, with its length in bytes and the number of its last line after the last write of this program.
    Open { file: Box<dyn JournalFile>, length: u64, last: u64 },
    /// A line could not be written whole. Nothing is added after it, so that nothing is sent any more.
    Broken(String),
}

impl Journal {
    /// A journal in `folder` for a run that starts now. Nothing is written yet.
    #[must_use]
    pub fn new(folder: &Path, clock: &Clock) -> Self {
        Self::of(folder, &RunId::fresh(clock.now()), clock)
    }

    /// The journal of an earlier run, to add what was found out about it.
    #[must_use]
    pub fn of(folder: &Path, run: &RunId, clock: &Clock) -> Self {
        Self::on(Arc::new(SystemDisk), folder, run, clock)
    }

    /// The journal of a run on another disk than that of this machine.
    #[must_use]
    pub fn on(disk: Arc<dyn JournalDisk>, folder: &Path, run: &RunId, clock: &Clock) -> Self {
        let path = folder.join(format!("{run}.{ENDING}"));
        Self { run: run.clone(), path, disk, clock: clock.clone(), embedded: false, state: Mutex::new(State::New) }
    }

    /// The same for a run against embedded tenants, or against others.
    #[must_use]
    pub(crate) fn about_embedded(self, embedded: bool) -> Self {
        Self { embedded, ..self }
    }

    /// Whether the tenants of the run are embedded ones.
    #[must_use]
    pub(crate) fn is_embedded(&self) -> bool {
        self.embedded
    }

    /// The id of the run.
    #[must_use]
    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// The path of its file.
    #[must_use]
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Why a line could not be written; `None` while all are on disk.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        match &*self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Broken(why) => Some(why.clone()),
            State::New | State::Open { .. } => None,
        }
    }

    /// Adds a line, and returns when it is on disk.
    ///
    /// # Errors
    /// When it cannot be written whole, and from then on. Whatever was to follow must not happen then.
    pub(crate) fn record(&self, tenant: TenantId, event: JournalEvent) -> io::Result<()> {
        let entry = JournalEntry {
            line: None,
            at: self.clock.now().to_string(),
            tenant_id: tenant.to_string(),
            event,
            checksum: None,
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let added = self.add(&mut state, entry);
        if let Err(error) = &added
            && !matches!(*state, State::Broken(_))
        {
            *state = State::Broken(error.to_string());
        }
        added
    }

    /// Adds a line about what has happened already. An error is only logged, because the event cannot be undone.
    pub(crate) fn try_record(&self, tenant: TenantId, event: JournalEvent) {
        if let Err(error) = self.record(tenant, event) {
            tracing::warn!(journal = %self.path.display(), %error, "the journal cannot be written");
        }
    }

    fn add(&self, state: &mut State, entry: JournalEntry) -> io::Result<()> {
        if let State::New = state {
            let (file, length, last) = open(&*self.disk, &self.path)?;
            *state = State::Open { file, length, last };
        }
        match state {
            State::New => Err(io::Error::other("the journal is not open")),
            State::Broken(why) => Err(io::Error::other(format!("an earlier line could not be written: {why}"))),
            State::Open { file, length, last } => {
                file.lock()?;
                let added = append(&mut **file, length, last, entry);
                file.unlock()?;
                added
            }
        }
    }
}

/// Appends a line to a locked file. What was written of a line that could not be written whole is removed again; where that
/// fails, too, the line lacks its end and is found to be damaged.
fn append(file: &mut dyn JournalFile, length: &mut u64, last: &mut u64, entry: JournalEntry) -> io::Result<()> {
    let mut found = file.length()?;
    if found < *length {
        return Err(io::Error::other(format!("the journal was cut from {length} to {found} bytes by somebody else")));
    }
    if found != *length {
        // The recovery of another tenant of the same run has added to it, and may have been ended inside a line.
        if is_cut_off(file)? {
            file.write_all(b"\n")?;
            found = file.length()?;
        }
        *last = last_line(file)?;
    }
    let text = line::to_text(*last + 1, entry)?;
    if let Err(error) = file.write_all(text.as_bytes()).and_then(|()| file.sync()) {
        file.truncate(found).and_then(|()| file.sync()).unwrap_or_else(|again| {
            tracing::debug!(error = %again, "the part of a line that was written cannot be removed");
        });
        return Err(error);
    }
    (*length, *last) = (found + text.len() as u64, *last + 1);
    Ok(())
}

/// Opens a file to add to; only its owner may read it. A line that was cut off is ended, so that the next one starts a new
/// line. Returns the file with its length and the number of its last line.
fn open(disk: &dyn JournalDisk, path: &Path) -> io::Result<(Box<dyn JournalFile>, u64, u64)> {
    let mut file = disk.open(path)?;
    file.lock()?;
    if is_cut_off(&mut *file)? {
        file.write_all(b"\n")?;
    }
    let (length, last) = (file.length()?, last_line(&mut *file)?);
    file.unlock()?;
    // The name of a new file is on disk only when its folder is.
    disk.sync_folder(path.parent().unwrap_or(Path::new(".")))?;
    Ok((file, length, last))
}

/// Whether the last line has no end. Reads only the last byte, because a journal may be of any length.
fn is_cut_off(file: &mut dyn JournalFile) -> io::Result<bool> {
    if file.length()? == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// The number of the last line: by the last line that has one, and by how many lines follow it. Reads at most the last
/// [`TAIL`] bytes; 0 where no line in them has a number.
fn last_line(file: &mut dyn JournalFile) -> io::Result<u64> {
    let length = file.length()?;
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = vec![0; usize::try_from(length.min(TAIL)).unwrap_or_default()];
    file.read_exact(&mut tail)?;
    let tail = String::from_utf8_lossy(&tail);
    let numbered = |(behind, text): (usize, &str)| {
        let number = line::parse(text)?.line?;
        Some(number + behind as u64)
    };
    let last = tail.lines().rev().enumerate().find_map(numbered);
    Ok(last.unwrap_or_else(|| if length <= TAIL { tail.lines().count() as u64 } else { 0 }))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::io::Write;

    use super::*;

    type Tested = Result<(), Box<dyn std::error::Error>>;

    /// Opens a journal with this text, and returns its text after that.
    fn opened(text: &str) -> io::Result<String> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("run.jsonl");
        fs::write(&path, text)?;
        open(&SystemDisk, &path)?.0.write_all(b"{}\n")?;
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
        open(&SystemDisk, &path)?;
        assert_eq!(fs::metadata(&path)?.len(), TIB + 1, "the last line was incomplete, and is ended");
        Ok(())
    }
}
