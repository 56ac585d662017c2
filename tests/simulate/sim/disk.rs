//! A simulated disk: what was written and what is on disk are two things, a write may be cut at any byte, space runs out, and a
//! power failure loses a part of what was not synced.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use ssprctl::testing::apply::disk::{JournalDisk, JournalFile};

use super::bugs::Bug;
use super::power::Power;
use super::rng::Rng;

/// What can go wrong with the disk of one seed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DiskFaults {
    /// How many of a thousand operations fail.
    pub(crate) errors: u64,
    /// How many bytes are free; `None` for enough.
    pub(crate) free: Option<u64>,
    /// How many of a thousand files lose or change a byte or a line in a power failure, although they were synced.
    pub(crate) rot: u64,
}

#[derive(Clone, Debug, Default)]
struct Stored {
    /// The content that a program reads.
    content: Vec<u8>,
    /// The part of it that survives a power failure.
    synced: Vec<u8>,
    is_name_synced: bool,
    is_rotten: bool,
    /// A line that was written but is not in the content yet, by the bug [`Bug::LateJournal`].
    held_back: Vec<u8>,
}

#[derive(Debug)]
struct State {
    files: BTreeMap<PathBuf, Stored>,
    faults: DiskFaults,
    rng: Rng,
    /// After how many operations the power fails.
    operations_left: Option<u64>,
}

#[derive(Clone, Debug)]
pub(crate) struct SimDisk {
    state: Arc<Mutex<State>>,
    power: Power,
    bug: Option<Bug>,
}

#[derive(Debug)]
struct SimFile {
    disk: SimDisk,
    path: PathBuf,
    position: usize,
}

impl SimDisk {
    pub(crate) fn new(rng: Rng, faults: DiskFaults, power: Power, bug: Option<Bug>) -> Self {
        let state = State { files: BTreeMap::new(), faults, rng, operations_left: None };
        Self { state: Arc::new(Mutex::new(state)), power, bug }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets after how many operations the power fails.
    pub(crate) fn fail_power_after(&self, operations: Option<u64>) {
        self.state().operations_left = operations;
    }

    /// From now on nothing fails any more, and there is space.
    pub(crate) fn repair(&self) {
        let mut state = self.state();
        state.faults = DiskFaults::default();
        state.operations_left = None;
    }

    /// Loses what a power failure loses.
    pub(crate) fn crash(&self) {
        let mut state = self.state();
        let State { files, rng, faults, .. } = &mut *state;
        files.retain(|_, file| file.is_name_synced || rng.chance(500));
        for file in files.values_mut() {
            file.held_back.clear();
            if let Some(rest) = file.content.strip_prefix(file.synced.as_slice()) {
                let stays = rng.index(rest.len() + 1);
                let mut left = [&file.synced, &rest[..stays]].concat();
                // The length of a file may be on disk before its content.
                if rng.chance(250) {
                    left.resize(file.content.len(), 0);
                }
                file.content = left;
            } else if rng.chance(500) {
                file.content.clone_from(&file.synced);
            }
            if !file.content.is_empty() && rng.chance(faults.rot) {
                file.is_rotten |= rot(&mut file.content, rng);
            }
            file.synced.clone_from(&file.content);
            file.is_name_synced = true;
        }
    }

    /// The content of a file, as a program reads it.
    pub(crate) fn text(&self, path: &Path) -> Option<String> {
        self.state().files.get(path).map(|file| String::from_utf8_lossy(&file.content).into_owned())
    }

    /// Whether a synced file was changed by a power failure.
    pub(crate) fn is_rotten(&self, path: &Path) -> bool {
        self.state().files.get(path).is_some_and(|file| file.is_rotten)
    }

    /// How many requests a journal announces by lines that would survive a power failure now, and the last of these lines.
    pub(crate) fn announced(&self, path: &Path) -> (usize, Option<Value>) {
        const EVENT: &str = r#","event":{"sending":{"#;
        let state = self.state();
        let Some(file) = state.files.get(path).filter(|file| file.is_name_synced) else { return (0, None) };
        let text = String::from_utf8_lossy(&file.synced);
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let mut lines = whole.lines().filter(|line| line.contains(EVENT));
        let last = lines.clone().next_back();
        let last = last.and_then(|line| serde_json::from_str::<Value>(line).ok());
        (lines.by_ref().count(), last.map(|mut line| line["event"]["sending"].take()))
    }

    /// Counts an operation, and fails it if it is to fail.
    fn operate(&self, state: &mut State) -> io::Result<()> {
        if self.power.is_off() {
            return Err(ErrorKind::BrokenPipe.into());
        }
        if let Some(left) = &mut state.operations_left {
            if *left == 0 {
                self.power.fail();
                return Err(ErrorKind::BrokenPipe.into());
            }
            *left -= 1;
        }
        let errors = state.faults.errors;
        if state.rng.chance(errors) { Err(io::Error::other("input/output error")) } else { Ok(()) }
    }
}

/// Damages a file: a byte is another one, or a whole line is lost. Returns whether it did.
fn rot(content: &mut Vec<u8>, rng: &mut Rng) -> bool {
    if rng.chance(500) {
        let at = rng.index(content.len());
        // A digit or a letter stays one, so that only a checksum shows the difference.
        content[at] = match content[at] {
            b'0'..=b'8' | b'a'..=b'y' | b'A'..=b'Y' => content[at] + 1,
            other => other ^ 1,
        };
        return true;
    }
    let lines: Vec<_> = content.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    // The loss of the last lines cannot be seen in the file.
    if lines.len() < 2 {
        return false;
    }
    let lost = rng.index(lines.len() - 1);
    *content = lines.into_iter().enumerate().filter(|(at, _)| *at != lost).flat_map(|(_, line)| line).collect();
    true
}

impl JournalDisk for SimDisk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn JournalFile>> {
        let mut state = self.state();
        self.operate(&mut state)?;
        state.files.entry(path.to_owned()).or_default();
        Ok(Box::new(SimFile { disk: self.clone(), path: path.to_owned(), position: 0 }))
    }

    fn sync_folder(&self, _folder: &Path) -> io::Result<()> {
        let mut state = self.state();
        self.operate(&mut state)?;
        if self.bug != Some(Bug::NoFolderFlush) {
            state.files.values_mut().for_each(|file| file.is_name_synced = true);
        }
        Ok(())
    }
}

impl SimFile {
    /// Does an operation on the file.
    fn on<T>(&self, work: impl FnOnce(&mut Stored, &mut Rng) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.disk.state();
        self.disk.operate(&mut state)?;
        let State { files, rng, .. } = &mut *state;
        files.get_mut(&self.path).map_or_else(|| Err(ErrorKind::NotFound.into()), |file| work(file, rng))
    }
}

impl Read for SimFile {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let start = self.position;
        let count = self.on(|file, _| {
            let rest = file.content.get(start..).unwrap_or_default();
            let count = rest.len().min(into.len());
            into[..count].copy_from_slice(&rest[..count]);
            Ok(count)
        })?;
        self.position += count;
        Ok(count)
    }
}

impl Seek for SimFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let length = self.on(|file, _| Ok(file.content.len()))? as u64;
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => length.checked_add_signed(by),
            SeekFrom::Current(by) => (self.position as u64).checked_add_signed(by),
        };
        let at = at.ok_or(ErrorKind::InvalidInput)?;
        self.position = usize::try_from(at).unwrap_or(usize::MAX);
        Ok(at)
    }
}

impl Write for SimFile {
    /// Appends as many bytes as the disk takes: all of them, fewer, or those up to its end or the power failure.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.disk.state();
        let operated = self.disk.operate(&mut state);
        let bug = self.disk.bug;
        let State { files, faults, rng, .. } = &mut *state;
        let file = files.get_mut(&self.path).ok_or(ErrorKind::NotFound)?;
        if let Err(error) = operated {
            let torn = rng.index(bytes.len());
            file.content.extend_from_slice(&bytes[..torn]);
            return Err(error);
        }
        let length = bytes.len() as u64;
        let fits = faults.free.map_or(length, |free| free.min(length));
        if let Some(free) = &mut faults.free {
            *free -= fits;
        }
        if fits == 0 {
            return if bug == Some(Bug::IgnoredFullDisk) {
                Ok(bytes.len())
            } else {
                Err(ErrorKind::StorageFull.into())
            };
        }
        let fits = usize::try_from(fits).unwrap_or(bytes.len());
        let count = if rng.chance(faults.errors) { rng.index(fits) + 1 } else { fits };
        let written = &bytes[..count];
        if bug == Some(Bug::LateJournal) {
            let held_back = std::mem::replace(&mut file.held_back, written.to_vec());
            file.content.extend(held_back);
        } else {
            file.content.extend_from_slice(written);
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl JournalFile for SimFile {
    fn lock(&self) -> io::Result<()> {
        self.on(|_, _| Ok(()))
    }

    fn unlock(&self) -> io::Result<()> {
        self.on(|_, _| Ok(()))
    }

    fn length(&self) -> io::Result<u64> {
        self.on(|file, _| Ok((file.content.len() + file.held_back.len()) as u64))
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        self.on(|file, _| {
            file.content.truncate(usize::try_from(length).unwrap_or(usize::MAX));
            Ok(())
        })
    }

    fn sync(&self) -> io::Result<()> {
        let synced = self.on(|file, _| {
            if self.disk.bug != Some(Bug::NoFlush) {
                file.synced.clone_from(&file.content);
            }
            Ok(())
        });
        if synced.is_err() {
            // Any part may be on disk then.
            let mut state = self.disk.state();
            let State { files, rng, .. } = &mut *state;
            if let Some(file) = files.get_mut(&self.path)
                && let Some(rest) = file.content.strip_prefix(file.synced.as_slice())
            {
                let part = rest[..rng.index(rest.len() + 1)].to_vec();
                file.synced.extend(part);
            }
        }
        synced
    }
}
