//! The accounts of a directory with the names of their people, for as long as a run needs them: a file without a name, in the
//! folder of the file of people, and gone with the process. The memory does not grow with the accounts.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use uuid::Uuid;

use crate::base::ids::ObjectId;
use crate::engine::report_table::{LineFinder, NumberedDetails, ReportTable};
use crate::tenant::account::{AccountFacts, AccountNames, UserAccount};

/// How much is written at once.
const CHUNK_BYTES: usize = 256 * 1024;
/// The bytes of a record before its texts: an id, facts, the number of a text, and the lengths of the names.
const HEAD_BYTES: usize = 31;

/// Everything that is known of one person whose account or line was read, with the names.
pub(crate) type NamedLine<'a> = (ObjectId, Option<UserAccount>, Option<NumberedDetails<'a>>, u16, AccountNames<'a>);

/// An account as it is stored.
type StoredAccount<'a> = (ObjectId, AccountFacts, u16, AccountNames<'a>);

/// Accounts with names, in a file.
pub(crate) struct NamedAccounts {
    file: File,
    /// What is not written yet.
    chunk: Vec<u8>,
    /// Why the file could not be written.
    failed: Option<io::Error>,
}

impl NamedAccounts {
    /// An empty list, in a temporary file of the folder that has no name.
    ///
    /// # Errors
    /// When no file can be made in the folder.
    pub(crate) fn in_folder(folder: &Path) -> io::Result<Self> {
        Ok(Self { file: tempfile::tempfile_in(folder)?, chunk: Vec::new(), failed: None })
    }

    /// Adds an account, with the number of a text. Why that failed is returned at the end.
    pub(crate) fn add(&mut self, id: ObjectId, account: UserAccount, names: AccountNames<'_>, text: u16) {
        let AccountNames { display_name, sign_in_name, department } = names;
        let texts = [display_name, sign_in_name, department];
        self.chunk.extend_from_slice(id.0.as_bytes());
        self.chunk.push(AccountFacts::of(Some(account)).0);
        self.chunk.extend_from_slice(&text.to_le_bytes());
        for text in texts {
            // No page of the service has a text of four gigabytes.
            self.chunk.extend_from_slice(&u32::try_from(text.len()).unwrap_or_default().to_le_bytes());
        }
        texts.into_iter().for_each(|text| self.chunk.extend_from_slice(text.as_bytes()));
        if self.chunk.len() >= CHUNK_BYTES {
            self.write();
        }
    }

    fn write(&mut self) {
        if self.failed.is_none() {
            self.failed = self.file.write_all(&self.chunk).err();
        }
        self.chunk.clear();
    }

    /// Calls `each` once for every person who has an account or a line of the report, with both: first for those who have an
    /// account, in the order of the directory. The pages of a list that changes meanwhile may have somebody twice.
    ///
    /// # Errors
    /// When the file could not be written, or cannot be read.
    pub(crate) fn with_report(mut self, report: ReportTable, mut each: impl FnMut(NamedLine<'_>)) -> io::Result<()> {
        self.write();
        let Self { mut file, mut chunk, failed } = self;
        failed.map_or(Ok(()), Err)?;
        file.seek(SeekFrom::Start(0))?;
        let mut lines = LineFinder::of(report);
        let mut without_line = HashSet::new();
        loop {
            let mut rest = chunk.as_slice();
            while let Some(((id, facts, text, names), after)) = first(rest) {
                match lines.find(id) {
                    Some((line, true)) => each((id, facts.account(), Some(line), text, names)),
                    Some((_, false)) => {}
                    None if without_line.insert(id) => each((id, facts.account(), None, text, names)),
                    None => {}
                }
                rest = after;
            }
            chunk.drain(..chunk.len() - rest.len());
            let begun = chunk.len();
            chunk.resize(begun + CHUNK_BYTES, 0);
            let read = file.read(chunk.get_mut(begun..).unwrap_or_default())?;
            chunk.truncate(begun + read);
            if read == 0 {
                break;
            }
        }
        lines.others(|id, line| {
            let sign_in_name = &id.to_string();
            each((id, None, Some(line), 0, AccountNames { display_name: "", sign_in_name, department: "" }));
        });
        Ok(())
    }
}

/// The account at the beginning of what was read, and what follows it; `None` where it is not whole.
fn first(bytes: &[u8]) -> Option<(StoredAccount<'_>, &[u8])> {
    let (head, mut rest) = bytes.split_first_chunk::<HEAD_BYTES>()?;
    let (id, head) = head.split_first_chunk::<16>()?;
    let (facts, head) = head.split_first()?;
    let (text, lengths) = head.split_first_chunk::<2>()?;
    let text = u16::from_le_bytes(*text);
    let mut texts = [""; 3];
    for (name, length) in texts.iter_mut().zip(lengths.as_chunks::<4>().0) {
        let (bytes, after) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
        // What was written is UTF-8.
        *name = std::str::from_utf8(bytes).unwrap_or_default();
        rest = after;
    }
    let [display_name, sign_in_name, department] = texts;
    let names = AccountNames { display_name, sign_in_name, department };
    Some(((ObjectId(Uuid::from_bytes(*id)), AccountFacts(*facts), text, names), rest))
}
