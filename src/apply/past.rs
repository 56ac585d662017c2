//! Runs of the past, as their journals tell them. A run may have been cut off anywhere, in the middle of a line too.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::str::FromStr;

use jiff::Timestamp;

use crate::apply::entry::{Answer, Became, Begun, Ended, Event, FORMAT_VERSION, Line};
use crate::apply::journal::ENDING;
use crate::base::ids::{RunId, TenantId};
use crate::plan::undo::Sent;

/// The most bytes of a journal that are read. A request takes some ten thousand.
const MOST: u64 = 64 * 1024 * 1024;

/// One run.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// The run.
    pub run: RunId,
    /// When its first line was written.
    pub began: Option<Timestamp>,
    /// The tenants for which it sent requests, or was about to.
    pub tenants: BTreeMap<TenantId, PastTenant>,
    /// The lines that could not be read, from 1; a last one that was cut off is not among them.
    pub damaged: Vec<usize>,
}

/// What a run did to one tenant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PastTenant {
    /// What it set out to do; `None` where that line is damaged.
    pub begun: Option<Begun>,
    /// Its requests, in order.
    pub requests: Vec<PastRequest>,
    /// How it ended; `None` when it was cut off.
    pub ended: Option<Ended>,
}

/// A request of the past.
#[derive(Clone, Debug, PartialEq)]
pub struct PastRequest {
    /// Its index.
    pub index: usize,
    /// What was sent, or was about to be.
    pub sent: Sent,
    /// The settings that it changes.
    pub settings: Vec<String>,
    /// Whether it takes back an earlier one.
    pub undoing: bool,
    /// When it was about to be sent.
    pub at: Option<Timestamp>,
    /// Its answer; `None` when the run was cut off before.
    pub answer: Option<Answer>,
    /// What became of it; `None` when the run was cut off before that was known.
    pub became: Option<Became>,
}

/// The runs of which journals are in a folder, the oldest first; none where there is no folder.
///
/// # Errors
/// When the folder, or a journal in it, cannot be read.
pub fn list(folder: &Path) -> io::Result<Vec<RunId>> {
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

/// Reads the journal of a run.
///
/// # Errors
/// When there is none, it cannot be read, or it is of a format that this program does not know.
pub fn read(folder: &Path, run: &RunId) -> io::Result<Past> {
    let mut bytes = Vec::new();
    File::open(folder.join(format!("{run}.{ENDING}")))?.take(MOST).read_to_end(&mut bytes)?;
    parse(run, &String::from_utf8_lossy(&bytes))
}

/// Reads the text of a journal.
///
/// # Errors
/// When it is of a format that this program does not know.
pub fn parse(run: &RunId, text: &str) -> io::Result<Past> {
    let mut past = Past { run: run.clone(), began: None, tenants: BTreeMap::new(), damaged: Vec::new() };
    let last = if text.ends_with('\n') { None } else { text.lines().count().checked_sub(1) };
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        let cut_off = last == Some(number);
        match serde_json::from_str::<Line>(line) {
            Ok(line) => past.take(line)?,
            Err(_) if cut_off => {}
            Err(_) => past.damaged.push(number + 1),
        }
    }
    Ok(past)
}

impl Past {
    fn take(&mut self, line: Line) -> io::Result<()> {
        let Line { at, tenant_id, event } = line;
        let Ok(tenant) = TenantId::from_str(&tenant_id) else { return Ok(()) };
        let at: Option<Timestamp> = at.parse().ok();
        self.began = self.began.or(at);
        let entry = self.tenants.entry(tenant).or_default();
        match event {
            Event::Begun(begun) if begun.format_version != FORMAT_VERSION => {
                let why =
                    format!("the journal has the format {}, this program knows {FORMAT_VERSION}", begun.format_version);
                return Err(io::Error::new(io::ErrorKind::Unsupported, why));
            }
            Event::Begun(begun) => entry.begun = Some(begun),
            Event::Sending(sending) => entry.requests.push(PastRequest {
                index: sending.request,
                sent: Sent { surface: sending.surface, before: sending.before, body: sending.body, settled: true },
                at,
                settings: sending.settings,
                undoing: sending.undoing,
                answer: None,
                became: None,
            }),
            Event::Answered(answered) => {
                entry.request(answered.request).into_iter().for_each(|known| known.answer = Some(answered.answer));
            }
            Event::Settled(settled) => {
                entry.request(settled.request).into_iter().for_each(|known| known.became = Some(settled.result));
            }
            Event::Ended(ended) => entry.ended = Some(ended),
        }
        Ok(())
    }
}

impl PastTenant {
    fn request(&mut self, index: usize) -> Option<&mut PastRequest> {
        self.requests.iter_mut().find(|request| request.index == index)
    }

    /// What was sent to the tenant and may have taken effect, in order: what an undo starts from. What took something back
    /// is not among it; a run that was rolled back whole has nothing to take back.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        let took = |request: &&PastRequest| {
            !request.undoing && request.answer != Some(Answer::Refused) && request.became != Some(Became::NotDone)
        };
        if self.ended == Some(Ended::RolledBack) {
            return Vec::new();
        }
        self.requests.iter().filter(took).map(|request| request.sent.clone()).collect()
    }
}
