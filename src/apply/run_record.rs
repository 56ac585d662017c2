//! Earlier runs as read from their journals. A run may have been interrupted anywhere, in the middle of a line too.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::apply::entry::{
    ApplyEnd, ApplyStarted, FORMAT_VERSION, JournalEntry, JournalEvent, ResponseKind, WriteResult,
};
use crate::apply::journal::ENDING;
use crate::apply::line::{self, LineStart};
use crate::base::file::visit_lines_bounded;
use crate::base::ids::{RunId, TenantId};
use crate::plan::reversal::SentRequest;

/// The largest journal that is read, in bytes. A request takes some ten thousand.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// How many damaged lines a message names.
const MOST_NAMED: usize = 5;
/// How many lines of a journal may be missing.
const MOST_MISSING: u64 = 10_000;

/// One earlier run, as read from its journal.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    pub(crate) run: RunId,
    /// When its first line was written.
    pub(crate) began: Option<Timestamp>,
    /// The tenants for which it sent requests, or was about to.
    pub tenants: BTreeMap<TenantId, TenantRecord>,
    /// The numbers of the lines that are missing or changed, from 1. What they recorded is not known.
    pub damaged: Vec<u64>,
    /// The numbers of the lines that were being written when the run was interrupted. It sent nothing after them.
    pub cut_off: Vec<u64>,
}

/// What a run did to one tenant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TenantRecord {
    /// The line with which it started; `None` if that line is damaged.
    pub(crate) started: Option<ApplyStarted>,
    /// Its requests, in order.
    pub requests: Vec<RequestRecord>,
    /// How it ended; `None` when it was interrupted, is still at work, or the end of its journal is missing: a line that is
    /// missing at the end leaves no trace.
    pub ended: Option<ApplyEnd>,
}

/// A request of an earlier run.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestRecord {
    pub index: usize,
    /// What was sent, or was about to be.
    pub sent: SentRequest,
    /// The settings that it changes.
    pub(crate) settings: Vec<String>,
    /// Whether it reverses an earlier one.
    pub is_reversal: bool,
    /// When it was about to be sent.
    pub(crate) at: Option<Timestamp>,
    /// The response; `None` when the run was interrupted before.
    pub(crate) response: Option<ResponseKind>,
    /// Its result; `None` when the run was interrupted before that was known.
    pub result: Option<WriteResult>,
}

/// The runs with a journal in a folder, the oldest first; none if there is no folder.
///
/// # Errors
/// When the folder, or a journal in it, cannot be read.
pub fn list_runs(folder: &Path) -> io::Result<Vec<RunId>> {
    let entries = match folder.read_dir() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut runs = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let run = name.to_str().and_then(|name| name.strip_suffix(ENDING)?.strip_suffix('.')).and_then(RunId::parse);
        runs.extend(run);
    }
    runs.sort();
    Ok(runs)
}

/// The file of a run's journal.
#[must_use]
pub(crate) fn journal_path(folder: &Path, run: &RunId) -> PathBuf {
    folder.join(format!("{run}.{ENDING}"))
}

/// The tenants that a run was interrupted at, or is still working on: those without a last line. Reads no document, so a
/// tenant may be among them that is there only by a damaged line; [`RunRecord::is_interrupted`] decides.
///
/// # Errors
/// When the journal cannot be read, is too large, or is of a format that this program does not know.
pub fn interrupted_tenants(folder: &Path, run: &RunId) -> io::Result<BTreeSet<TenantId>> {
    let mut open = BTreeSet::new();
    let mut numbers = LineNumbers::default();
    visit_lines_bounded(&journal_path(folder, run), MAX_BYTES, |line| {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let start = LineStart::of(line);
        if let Some(start) = &start
            && let Some(ended) = start.has_ended(line)
        {
            let follows = numbers.follows_or_skips(start.number);
            if ended && follows {
                open.remove(&start.tenant)
            } else {
                open.insert(start.tenant)
            };
            return Ok(());
        }
        let line = String::from_utf8_lossy(line);
        let whole = line::parse(&line);
        let follows = numbers.follows_or_skips(whole.as_ref().and_then(|entry| entry.line));
        let Ok(Head { tenant_id, event }) = serde_json::from_str::<Head<'_>>(&line) else { return Ok(()) };
        let Ok(tenant) = TenantId::from_str(&tenant_id) else { return Ok(()) };
        if let Some(HeadStart { format_version }) = event.begun {
            check_version(format_version)?;
        }
        if event.ended.is_some() && whole.is_some() && follows {
            open.remove(&tenant)
        } else {
            open.insert(tenant)
        };
        Ok(())
    })?;
    Ok(open)
}

/// The numbers of the lines of a journal, which only grow.
struct LineNumbers {
    /// The lowest number that the next line can have.
    next: u64,
}

impl Default for LineNumbers {
    fn default() -> Self {
        Self { next: 1 }
    }
}

impl LineNumbers {
    /// The same for a line of which it is not known whether it is damaged. A damaged line takes a number, so one that cannot
    /// follow takes one, too: then no number counts that might not.
    fn follows_or_skips(&mut self, number: Option<u64>) -> bool {
        let follows = self.follows(number);
        self.next += u64::from(!follows);
        follows
    }

    /// Takes the number of the next line, which lines of an earlier version of the program do not have. Whether a line with
    /// it can follow the lines before.
    fn follows(&mut self, number: Option<u64>) -> bool {
        let number = number.unwrap_or(self.next);
        let follows = (self.next..self.next + MOST_MISSING).contains(&number);
        self.next = if follows { number + 1 } else { self.next };
        follows
    }
}

/// The part of a line that says whether the run has ended for a tenant.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    #[serde(borrow)]
    tenant_id: Cow<'a, str>,
    event: HeadEvent,
}

/// The events that start and end a run for a tenant, by their published names.
#[derive(Deserialize)]
struct HeadEvent {
    begun: Option<HeadStart>,
    ended: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HeadStart {
    format_version: u32,
}

fn check_version(version: u32) -> io::Result<()> {
    if version == FORMAT_VERSION {
        return Ok(());
    }
    let why = format!("the journal has the format {version}, this program knows {FORMAT_VERSION}");
    Err(io::Error::new(io::ErrorKind::Unsupported, why))
}

/// Reads the journal of a run.
///
/// # Errors
/// When there is none, it cannot be read, or it is of a format that this program does not know.
pub fn read_run(folder: &Path, run: &RunId) -> io::Result<RunRecord> {
    read(folder, run, None)
}

/// Reads of a run's journal what it did to one tenant. Requests to others, which are most of a journal of many tenants, are
/// skipped as soon as the start of their line is read.
///
/// # Errors
/// Those of [`read_run`] for the lines of that tenant.
pub fn read_run_of(folder: &Path, run: &RunId, tenant: TenantId) -> io::Result<RunRecord> {
    read(folder, run, Some(tenant))
}

fn read(folder: &Path, run: &RunId, only: Option<TenantId>) -> io::Result<RunRecord> {
    let mut reader = RecordReader::new(run, only);
    visit_lines_bounded(&journal_path(folder, run), MAX_BYTES, |line| reader.line(line))?;
    Ok(reader.end())
}

/// Reads the text of a journal.
///
/// # Errors
/// When it is of a format that this program does not know.
pub fn parse(run: &RunId, text: &str) -> io::Result<RunRecord> {
    let mut reader = RecordReader::new(run, None);
    text.split_inclusive('\n').try_for_each(|line| reader.line(line.as_bytes()))?;
    Ok(reader.end())
}

/// Makes the record of a run of the lines of its journal.
struct RecordReader {
    record: RunRecord,
    /// The tenant whose requests are read; `None` for all.
    only: Option<TenantId>,
    numbers: LineNumbers,
    /// How many lines are missing so far.
    missing: u64,
}

impl RecordReader {
    fn new(run: &RunId, only: Option<TenantId>) -> Self {
        let record = RunRecord {
            run: run.clone(),
            began: None,
            tenants: BTreeMap::new(),
            damaged: Vec::new(),
            cut_off: Vec::new(),
        };
        Self { record, only, numbers: LineNumbers::default(), missing: 0 }
    }

    /// Takes the next line, with its line break.
    fn line(&mut self, line: &[u8]) -> io::Result<()> {
        let Self { record, only, numbers, missing } = self;
        let of_other = |start: LineStart<'_>| start.is_request() && *only != Some(start.tenant);
        if only.is_some() && LineStart::of(line).is_some_and(of_other) {
            numbers.follows(None);
            return Ok(());
        }
        let whole = line.strip_suffix(b"\n").map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let next = numbers.next;
        match whole.and_then(|line| line::parse(&String::from_utf8_lossy(line))) {
            Some(entry) if numbers.follows(entry.line) => {
                let number = entry.line.unwrap_or(next);
                *missing += number.saturating_sub(next);
                if *missing >= MOST_MISSING {
                    let why = "more lines are missing than it can have lost";
                    return Err(io::Error::new(io::ErrorKind::InvalidData, why));
                }
                record.damaged.extend(next..number);
                record.take(entry)?;
            }
            // It is one with a number that cannot follow: it was doubled or moved. The lines after it still count.
            Some(entry) => record.damaged.push(entry.line.unwrap_or(next)),
            // It is cut off, or it is no line of a journal.
            None => {
                numbers.follows(None);
                record.cut_off.push(next);
            }
        }
        Ok(())
    }

    /// The record, after the last line.
    fn end(self) -> RunRecord {
        let mut record = self.record;
        record.damaged.sort_unstable();
        record.damaged.dedup();
        record
    }
}

impl RunRecord {
    /// Whether the end of the journal is missing for some tenant, so that the run may have done more than it says.
    #[must_use]
    pub(crate) fn has_no_end(&self) -> bool {
        self.tenants.values().any(|tenant| tenant.ended.is_none())
    }

    /// Whether the run was interrupted while it worked on a tenant, or is still working on it.
    #[must_use]
    pub fn is_interrupted(&self, tenant: TenantId) -> bool {
        self.tenants.get(&tenant).is_some_and(|known| known.ended.is_none())
    }

    /// Whether its tenants are embedded ones, not real ones; `None` where no line says it that can be read.
    #[must_use]
    pub(crate) fn is_embedded(&self) -> Option<bool> {
        self.tenants.values().find_map(|tenant| tenant.started.as_ref()?.sandbox)
    }

    /// Which lines are damaged, for messages; empty for a whole journal.
    #[must_use]
    pub(crate) fn damage(&self) -> String {
        let lines: Vec<_> = self.damaged.iter().take(MOST_NAMED).map(u64::to_string).collect();
        let (noun, more) = (if self.damaged.len() == 1 { "line" } else { "lines" }, self.damaged.len() - lines.len());
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        if lines.is_empty() {
            return String::new();
        }
        format!("{noun} {}{more} of its journal cannot be read", lines.join(", "))
    }

    fn take(&mut self, line: JournalEntry) -> io::Result<()> {
        let JournalEntry { line: _, at, tenant_id, event, checksum: _ } = line;
        if !event.is_recovery() {
            // The run went on after the line, so it was not cut off by an interruption.
            self.damaged.append(&mut self.cut_off);
        }
        let Ok(tenant) = TenantId::from_str(&tenant_id) else { return Ok(()) };
        let at: Option<Timestamp> = at.parse().ok();
        self.began = self.began.or(at);
        let entry = self.tenants.entry(tenant).or_default();
        match event {
            JournalEvent::ApplyStarted(started) => {
                check_version(started.format_version)?;
                entry.started = Some(started);
            }
            JournalEvent::RequestStarted(sending) => entry.requests.push(RequestRecord {
                index: sending.request,
                sent: SentRequest {
                    surface: sending.surface,
                    before: sending.before,
                    body: sending.body,
                    confirmed: true,
                },
                at,
                settings: sending.settings,
                is_reversal: sending.is_reversal,
                response: None,
                result: None,
            }),
            JournalEvent::ResponseReceived(answered) => {
                entry.request(answered.request).into_iter().for_each(|known| known.response = Some(answered.response));
            }
            JournalEvent::RequestResolved(resolved) => {
                entry.request(resolved.request).into_iter().for_each(|known| known.result = Some(resolved.result));
            }
            JournalEvent::ApplyEnded(ended) => entry.ended = Some(ended),
        }
        Ok(())
    }
}

impl TenantRecord {
    fn request(&mut self, index: usize) -> Option<&mut RequestRecord> {
        self.requests.iter_mut().find(|request| request.index == index)
    }

    /// The requests that were sent to the tenant and may have taken effect, in order, from which a rollback is planned.
    /// Requests of a rollback are not among them; a run that was rolled back completely has none.
    #[must_use]
    pub fn sent(&self) -> Vec<SentRequest> {
        let took = |request: &&RequestRecord| !request.is_reversal && request.result != Some(WriteResult::NotDone);
        if self.ended == Some(ApplyEnd::RolledBack) {
            return Vec::new();
        }
        self.requests.iter().filter(took).map(|request| request.sent.clone()).collect()
    }
}
