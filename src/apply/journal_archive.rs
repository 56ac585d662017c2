//! The journals of a folder in one encrypted file, in which a pipeline carries them from one machine to the next.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::apply::run_record::{journal_path, list_runs};
use crate::base::file::{read_state, write_private};
use crate::base::ids::RunId;
use crate::client::{DecryptError, EncryptionKey};

/// The largest archive, in bytes. Older journals are left out of a larger one.
const MAX_BYTES: usize = 32 * 1024 * 1024;
/// The largest file that is read as an archive, in bytes: JSON escapes make a journal longer.
pub(crate) const MAX_FILE: u64 = 256 * 1024 * 1024;
/// The version of the format.
const VERSION: u32 = 1;

/// The content of an archive. A byte of a journal that is no UTF-8 is on a damaged line, and is replaced.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Archive {
    format_version: u32,
    journals: BTreeMap<String, String>,
}

/// How many journals there were.
pub(crate) struct ArchivedJournals {
    /// How many are in the archive, or were written out of it.
    pub(crate) done: usize,
    /// How many are older and did not fit, or were there already.
    pub(crate) left: usize,
}

/// The newest journals of a folder, encrypted.
///
/// # Errors
/// When a journal cannot be read, or the system's random number generator fails.
pub(crate) fn pack(folder: &Path, key: &EncryptionKey) -> io::Result<(Vec<u8>, ArchivedJournals)> {
    let mut runs = list_runs(folder)?;
    let (mut journals, mut size) = (BTreeMap::new(), 0);
    while let Some(run) = runs.pop() {
        let text = read_state(&journal_path(folder, &run), MAX_BYTES as u64)?;
        size += text.len();
        if size > MAX_BYTES {
            runs.push(run);
            break;
        }
        journals.insert(run.to_string(), String::from_utf8_lossy(&text).into_owned());
    }
    let counts = ArchivedJournals { done: journals.len(), left: runs.len() };
    let text = serde_json::to_string(&Archive { format_version: VERSION, journals })?;
    let sealed = key.encrypt(&text).ok_or_else(|| io::Error::other("the system's random number generator fails"))?;
    Ok((sealed, counts))
}

/// Writes the journals of an archive that are not in the folder yet.
///
/// # Errors
/// When it is no archive, was encrypted with another key or changed since, or a journal cannot be written.
pub(crate) fn unpack(folder: &Path, sealed: &[u8], key: &EncryptionKey) -> io::Result<ArchivedJournals> {
    let invalid = |why: &'static str| io::Error::new(io::ErrorKind::InvalidData, why);
    let text = key.decrypt(sealed).map_err(|error| {
        invalid(match error {
            DecryptError::NotSealed => "it holds no journals",
            DecryptError::Foreign => "it was encrypted with another key",
            DecryptError::Tampered => "it is damaged, or was changed by somebody who does not have the key",
        })
    })?;
    let archive: Archive = serde_json::from_str(&text).map_err(|_| invalid("it holds no journals"))?;
    if archive.format_version != VERSION {
        return Err(invalid("it is of another version of the program"));
    }
    let mut counts = ArchivedJournals { done: 0, left: 0 };
    for (run, text) in archive.journals {
        let run = RunId::parse(&run).ok_or_else(|| invalid("it names a run that is none"))?;
        let path = journal_path(folder, &run);
        if path.symlink_metadata().is_ok() {
            counts.left += 1;
        } else {
            write_private(&path, text.as_bytes())?;
            counts.done += 1;
        }
    }
    Ok(counts)
}
