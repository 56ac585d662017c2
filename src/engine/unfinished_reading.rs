//! The reading of a registration report that did not come to its end, for `--resume`. A file for each tenant, for its owner
//! alone and encrypted, has what was read: ids of users and what they registered, and no names.

use std::io::ErrorKind;
use std::path::PathBuf;

use jiff::SignedDuration;

use crate::base::digest::hash_texts;
use crate::base::file::{ReadError, read_state};
use crate::base::state_file;
use crate::client::TenantReader;
use crate::engine::context::RunContext;
use crate::engine::progress::{Progress, UnfinishedReading};
use crate::engine::report_table::ReportTable;
use crate::tenant::registration::ReportPart;

/// The most bytes of a file: that of some millions of users.
const MOST_BYTES: u64 = 256 * 1024 * 1024;
/// How long after its first page a reading may be gone on with: the links to next pages expire, and the report changes.
const OLDEST: SignedDuration = SignedDuration::from_hours(1);
/// The least number of pages that are stored: the service takes as many requests without a pause, in a few seconds.
const LEAST_PAGES: u32 = 5;

/// The reading of a report. If it is dropped before its end, it is stored where the command has `--resume`.
pub(crate) struct ReportReading<'a> {
    context: &'a RunContext,
    /// Whose report it is: the tenant, and its cloud.
    whose: String,
    table: ReportTable,
    ended: bool,
}

impl<'a> ReportReading<'a> {
    /// Begins to read the report of a tenant, or goes on where an earlier run has ended.
    pub(crate) fn begin(context: &'a RunContext, reader: &TenantReader) -> Self {
        let whose = reader.whose();
        let mut reading = Self { context, whose, table: ReportTable::begun(context.clock.now()), ended: false };
        if context.readings.resume == Some(true) {
            match reading.stored() {
                Ok(table) => {
                    context.report(Progress::Unfinished(UnfinishedReading::Resumed(table.users())));
                    reading.table = table;
                }
                Err(why) => context.report(Progress::Unfinished(UnfinishedReading::NotResumed(&why))),
            }
        }
        reading
    }

    /// What was read so far.
    pub(crate) fn table(&self) -> &ReportTable {
        &self.table
    }

    /// Makes room for the report of so many users, if their number is known.
    pub(crate) fn expect(&mut self, users: Option<u64>) {
        self.table.expect(users);
    }

    /// Adds what was read.
    pub(crate) fn add(&mut self, part: ReportPart<'_>) {
        self.table.add(part);
    }

    /// Begins anew, because the service no longer knows the page with which the reading would go on.
    pub(crate) fn begin_anew(&mut self) {
        let why = "the service no longer knows the next page";
        self.context.report(Progress::Unfinished(UnfinishedReading::NotResumed(why)));
        self.table = ReportTable::begun(self.context.clock.now());
    }

    /// The whole report. What was stored of it is removed.
    pub(crate) fn end(mut self) -> ReportTable {
        self.ended = true;
        // A file that cannot be removed is too old in an hour.
        let _ = std::fs::remove_file(self.path());
        std::mem::replace(&mut self.table, ReportTable::begun(self.context.clock.now()))
    }

    fn path(&self) -> PathBuf {
        self.context.readings.folder.join(hash_texts([self.whose.as_str()]))
    }

    /// The reading that an earlier run has stored, or why there is none.
    fn stored(&self) -> Result<ReportTable, String> {
        let sealed = read_state(&self.path(), MOST_BYTES).map_err(|error| match error {
            ReadError::NotFound => {
                format!("no earlier run has stored any of it, and none stores fewer than {LEAST_PAGES} pages")
            }
            other => other.to_string(),
        })?;
        let key = self.context.readings.key.key(false).map_err(|none| none.why)?;
        let unusable = "what is stored is damaged, or was encrypted with another key";
        let bytes = key.decrypt_bytes(&sealed).map_err(|_| unusable)?;
        let (whose, bytes) =
            bytes.split_at_checked(bytes.iter().position(|byte| *byte == b'\n').unwrap_or_default()).ok_or(unusable)?;
        if whose != self.whose.as_bytes() {
            return Err("what is stored is of another tenant".to_owned());
        }
        let table = ReportTable::from_bytes(bytes.get(1..).unwrap_or_default()).ok_or(unusable)?;
        if self.context.clock.now().duration_since(table.head().begun) > OLDEST {
            return Err("what is stored is older than an hour".to_owned());
        }
        Ok(table)
    }

    fn store(&self) -> Result<(), String> {
        // The key of the saved sign-ins: no keyring gets an entry because a reading was stopped.
        let key = self.context.readings.key.key(false).map_err(|none| format!("{}; {}", none.why, none.hint))?;
        let table = self.table.to_bytes().map_err(|error| error.to_string())?;
        let mut bytes = format!("{}\n", self.whose).into_bytes();
        bytes.extend_from_slice(&table);
        drop(table);
        let sealed = key.encrypt_bytes(bytes).ok_or("the system's random number generator fails")?;
        state_file::write(&self.path(), &sealed).map_err(|error| match error.kind() {
            ErrorKind::PermissionDenied => "the state folder is not writable".to_owned(),
            kind => kind.to_string(),
        })
    }
}

impl Drop for ReportReading<'_> {
    fn drop(&mut self) {
        let head = self.table.head();
        if self.ended || head.pages < LEAST_PAGES || self.context.readings.resume.is_none() {
            return;
        }
        let users = self.table.users();
        let ended = match self.store() {
            Ok(()) => Progress::Unfinished(UnfinishedReading::Stored(users)),
            Err(why) => return self.context.report(Progress::Unfinished(UnfinishedReading::NotStored(&why))),
        };
        self.context.report(ended);
    }
}
