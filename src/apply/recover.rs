//! Runs that were cut off: what had become of their requests is found out by reading, and written down.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::time::Duration;

use crate::apply::entry::{Answer, Became, Ended, Event, Settled};
use crate::apply::journal::Journal;
use crate::apply::past::{self, Past, PastRequest};
use crate::base::clock::{Clock, Stopwatch};
use crate::base::ids::{RunId, TenantId};
use crate::plan::undo::{Standing, standing};
use crate::tenant::document::Document;
use crate::tenant::port::ReadTenant;
use crate::tenant::surface::Surface;
use crate::tenant::trouble::Trouble;

/// How long to wait before a read is repeated: short at first, then this long at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// A run that was cut off, and what had become of each of its requests.
#[derive(Clone, Debug, PartialEq)]
pub struct Recovered {
    /// The run.
    pub run: RunId,
    /// The requests with what became of them: as the run itself had proved it, or else as the tenant shows it now.
    pub requests: Vec<(PastRequest, Became)>,
}

/// The runs in `folder` that were cut off while they worked on a tenant, the oldest first. A journal that cannot be read
/// is passed over: it cannot be said of it that it was cut off.
///
/// # Errors
/// When the folder cannot be read.
pub fn unfinished(folder: &Path, tenant: TenantId) -> io::Result<Vec<Past>> {
    let runs = past::list(folder)?;
    let pasts = runs.iter().filter_map(|run| past::read(folder, run).ok());
    let cut_off = |past: &Past| past.tenants.get(&tenant).is_some_and(|known| known.ended.is_none());
    Ok(pasts.filter(cut_off).collect())
}

/// What settling keeps to.
#[derive(Clone, Copy, Debug)]
pub struct Care<'a> {
    /// How long after it was sent a request may still appear: only then is it believed that it left no trace.
    pub lag: Duration,
    /// How many reads one after another must agree; at least 1.
    pub agreeing: u32,
    /// The time.
    pub clock: &'a Clock,
}

/// Finds out what had become of a run's requests, and closes its journal for the tenant. Call it with the tenant's lock
/// held: a run that is still at work looks like one that was cut off.
///
/// # Errors
/// When the tenant cannot be read: then nothing is known, and nothing is written down.
pub async fn settle(
    tenant: &impl ReadTenant,
    id: TenantId,
    past: &Past,
    folder: &Path,
    care: Care<'_>,
) -> Result<Recovered, Trouble> {
    let requests = past.tenants.get(&id).map(|known| known.requests.clone()).unwrap_or_default();
    let documents = quiet(tenant, &requests, care).await?;
    let journal = Journal::of(folder, &past.run, care.clock);
    let mut settled = Vec::new();
    for request in requests {
        let found = documents.get(&request.sent.surface).map(|now| became(&request, now));
        let result = request.became.or(found).unwrap_or(Became::Unverified);
        if request.became.is_none() {
            note(&journal, id, Event::Settled(Settled { request: request.index, result, afterwards: true }));
        }
        settled.push((request, result));
    }
    note(&journal, id, Event::Ended(Ended::CutOff));
    Ok(Recovered { run: past.run.clone(), requests: settled })
}

/// The documents that the requests wrote, once reads of them agree and nothing that was sent can still appear.
async fn quiet(
    tenant: &impl ReadTenant,
    requests: &[PastRequest],
    care: Care<'_>,
) -> Result<BTreeMap<Surface, Document>, Trouble> {
    let watch = Stopwatch::start();
    let wait = requests.iter().filter(|request| request.became.is_none()).map(|request| still(request, care)).max();
    let wait = wait.unwrap_or_default();
    let (mut pause, mut agreed) = (FIRST_PAUSE, 1);
    let mut known = documents(tenant, requests).await?;
    loop {
        let shown = requests.iter().all(|request| {
            let now = known.get(&request.sent.surface);
            request.became.is_some() || now.is_some_and(|now| standing(&request.sent, now) == Standing::InForce)
        });
        let left = wait.saturating_sub(watch.elapsed());
        if agreed >= care.agreeing && (shown || left.is_zero()) {
            return Ok(known);
        }
        if !shown && !left.is_zero() {
            tokio::time::sleep(pause.min(left)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        let again = documents(tenant, requests).await?;
        agreed = if again == known { agreed + 1 } else { 1 };
        // Documents that never rest are taken as they are once the time is over.
        if left.is_zero() && watch.elapsed() > wait + care.lag {
            return Ok(again);
        }
        known = again;
    }
}

/// How long a request may still take to appear.
fn still(request: &PastRequest, care: Care<'_>) -> Duration {
    let since = request.at.map(|at| care.clock.now().duration_since(at));
    let since = since.and_then(|since| Duration::try_from(since).ok()).unwrap_or_default();
    care.lag.saturating_sub(since)
}

async fn documents(tenant: &impl ReadTenant, requests: &[PastRequest]) -> Result<BTreeMap<Surface, Document>, Trouble> {
    let surfaces: BTreeSet<Surface> = requests.iter().map(|request| request.sent.surface).collect();
    let mut documents = BTreeMap::new();
    for surface in surfaces {
        documents.insert(surface, tenant.read(surface).await?);
    }
    Ok(documents)
}

fn became(request: &PastRequest, now: &Document) -> Became {
    match (standing(&request.sent, now), request.answer) {
        (Standing::InForce, _) => Became::Verified,
        (Standing::AsBefore, _) | (Standing::Neither, Some(Answer::Refused)) => Became::NotDone,
        (Standing::Neither, _) => Became::Unverified,
    }
}

/// If it cannot be written down, the next run finds it out once more.
fn note(journal: &Journal, tenant: TenantId, event: Event) {
    if let Err(error) = journal.record(tenant, event) {
        tracing::warn!(journal = %journal.path().display(), %error, "the journal cannot be written");
    }
}
