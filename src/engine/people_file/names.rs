//! The accounts of a directory with the names of their people, for as long as a run needs them: a file without a name, in the
//! folder of the file of people, and gone with the process. The memory does not grow with the accounts.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use uuid::Uuid;

use crate::base::ids::ObjectId;
use crate::engine::report_table::{LineFinder, ReportTable};
use crate::tenant::account::{AccountFacts, AccountNames, UserAccount};
use crate::tenant::registration::UserRegistrationDetails;

const BUFFER_BYTES: usize = 256 * 1024;

/// Everything that is known of one person whose account or line was read, with the names.
pub(crate) type NamedLine<'a> = (ObjectId, Option<UserAccount>, Option<&'a UserRegistrationDetails>, AccountNames<'a>);

/// Accounts with names, in a file.
pub(crate) struct NamedAccounts {
    file: BufWriter<File>,
    /// Why the file could not be written.
    failed: Option<io::Error>,
}

impl NamedAccounts {
    /// None yet.
    ///
    /// # Errors
    /// When no file can be made in the folder.
    pub(crate) fn in_folder(folder: &Path) -> io::Result<Self> {
        let file = BufWriter::with_capacity(BUFFER_BYTES, tempfile::tempfile_in(folder)?);
        Ok(Self { file, failed: None })
    }

    /// Adds an account. Why that failed is returned at the end.
    pub(crate) fn add(&mut self, id: ObjectId, account: UserAccount, names: AccountNames<'_>) {
        if self.failed.is_none() {
            self.failed = self.write(id, account, names).err();
        }
    }

    fn write(&mut self, id: ObjectId, account: UserAccount, names: AccountNames<'_>) -> io::Result<()> {
        let AccountNames { display_name, sign_in_name, department } = names;
        let texts = [display_name, sign_in_name, department].map(str::as_bytes);
        self.file.write_all(id.0.as_bytes())?;
        self.file.write_all(&[AccountFacts::of(Some(account)).0])?;
        for text in texts {
            let length = u32::try_from(text.len()).map_err(io::Error::other)?;
            self.file.write_all(&length.to_le_bytes())?;
        }
        texts.into_iter().try_for_each(|text| self.file.write_all(text))
    }

    /// Calls `each` once for every person who has an account or a line of the report, with both: first for those who have an
    /// account, in the order of the directory. The pages of a list that changes meanwhile may have somebody twice.
    ///
    /// # Errors
    /// When the file could not be written, or cannot be read.
    pub(crate) fn with_report(self, report: ReportTable, mut each: impl FnMut(NamedLine<'_>)) -> io::Result<()> {
        let Self { file, failed } = self;
        failed.map_or(Ok(()), Err)?;
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        let mut accounts = BufReader::with_capacity(BUFFER_BYTES, file);
        let mut lines = LineFinder::of(report);
        let mut without_line = HashSet::new();
        let mut text = Vec::new();
        while let Some((id, facts, ends)) = next(&mut accounts, &mut text)? {
            let part = |from, to| text.get(from..to).and_then(|part| std::str::from_utf8(part).ok()).unwrap_or("");
            let [first, second, third] = ends;
            let (display_name, sign_in_name, department) = (part(0, first), part(first, second), part(second, third));
            let names = AccountNames { display_name, sign_in_name, department };
            match lines.find(id) {
                Some((line, true)) => each((id, facts.account(), Some(line), names)),
                Some((_, false)) => {}
                None if without_line.insert(id) => each((id, facts.account(), None, names)),
                None => {}
            }
        }
        lines.others(|id, line| {
            let sign_in_name = &id.to_string();
            each((id, None, Some(line), AccountNames { display_name: "", sign_in_name, department: "" }));
        });
        Ok(())
    }
}

/// Reads the next account, whose names are then in `text`, each up to one of the three ends; `None` after the last.
fn next(file: &mut impl Read, text: &mut Vec<u8>) -> io::Result<Option<(ObjectId, AccountFacts, [usize; 3])>> {
    let mut head = [0; 29];
    let Some((first, rest)) = head.split_first_mut() else { return Ok(None) };
    if file.read(std::slice::from_mut(first))? == 0 {
        return Ok(None);
    }
    file.read_exact(rest)?;
    let damaged = || io::Error::from(io::ErrorKind::InvalidData);
    let (id, rest) = head.split_first_chunk::<16>().ok_or_else(damaged)?;
    let (facts, lengths) = rest.split_first().ok_or_else(damaged)?;
    let mut ends = [0; 3];
    let mut end = 0;
    for (length, at) in lengths.as_chunks::<4>().0.iter().zip(&mut ends) {
        end += usize::try_from(u32::from_le_bytes(*length)).map_err(io::Error::other)?;
        *at = end;
    }
    text.resize(end, 0);
    file.read_exact(text)?;
    Ok(Some((ObjectId(Uuid::from_bytes(*id)), AccountFacts(*facts), ends)))
}
