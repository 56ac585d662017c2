//! Recovers interrupted runs: reads the tenant to find the results of their requests, and writes them to the journal.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::apply::entry::{ApplyEnd, JournalEvent, RequestResolved, WriteResult};
use crate::apply::journal::Journal;
use crate::apply::run_record::{RequestRecord, RunRecord};
use crate::apply::verify::{FIRST_PAUSE, LONGEST_PAUSE};
use crate::base::clock::{Clock, Stopwatch};
use crate::base::ids::{RunId, TenantId};
use crate::plan::reversal::{WriteState, write_state};
use crate::tenant::api::ReadTenant;
use crate::tenant::document::Document;
use crate::tenant::error::TenantError;
use crate::tenant::surface::Surface;

/// An interrupted run with the result of each of its requests.
#[derive(Clone, Debug, PartialEq)]
pub struct RecoveredRun {
    pub(crate) run: RunId,
    /// The requests with their results: as the run itself verified them, or else as the tenant shows them now.
    pub requests: Vec<(RequestRecord, WriteResult)>,
}

/// The options of a recovery.
#[derive(Clone, Copy, Debug)]
pub struct RecoveryOptions<'a> {
    /// How long after it was sent a request may still take effect: only after that it counts as not done.
    pub lag: Duration,
    /// How many consecutive reads must agree; at least 1.
    pub consistent_reads: u32,
    /// The clock that measures the time since a request was sent.
    pub clock: &'a Clock,
}

/// Finds the results of a run's requests, and closes its `journal` for the tenant. The caller must hold the tenant's
/// lock, because a run that is still at work cannot be distinguished from an interrupted one.
///
/// # Errors
/// When the tenant cannot be read: then nothing is known, and nothing is written to the
///   journal.
pub async fn recover_run(
    tenant: &impl ReadTenant,
    id: TenantId,
    past: &RunRecord,
    journal: &Journal,
    care: RecoveryOptions<'_>,
) -> Result<RecoveredRun, TenantError> {
    let requests = past.tenants.get(&id).map(|known| known.requests.clone()).unwrap_or_default();
    let documents = stable_documents(tenant, &requests, care).await?;
    let mut recovered = Vec::new();
    for request in requests {
        let found = documents.get(&request.sent.surface).map(|now| write_result(&request, now));
        let result = request.result.or(found).unwrap_or(WriteResult::Unverified);
        if request.result.is_none() {
            // If this fails, the next run finds the result again.
            journal.try_record(
                id,
                JournalEvent::RequestResolved(RequestResolved { request: request.index, result, afterwards: true }),
            );
        }
        recovered.push((request, result));
    }
    journal.try_record(id, JournalEvent::ApplyEnded(ApplyEnd::CutOff));
    Ok(RecoveredRun { run: past.run.clone(), requests: recovered })
}

/// The documents that the requests wrote, once reads of them agree and no request can still take effect.
async fn stable_documents(
    tenant: &impl ReadTenant,
    requests: &[RequestRecord],
    care: RecoveryOptions<'_>,
) -> Result<BTreeMap<Surface, Document>, TenantError> {
    let watch = Stopwatch::start();
    let wait = requests.iter().filter(|request| request.result.is_none()).map(|request| still(request, care)).max();
    let wait = wait.unwrap_or_default();
    let (mut pause, mut agreed, mut unchanged) = (FIRST_PAUSE, 1, true);
    let mut known = documents(tenant, requests).await?;
    loop {
        let shown = requests.iter().all(|request| {
            let now = known.get(&request.sent.surface);
            request.result.is_some() || now.is_some_and(|now| write_state(&request.sent, now) == WriteState::Applied)
        });
        let left = wait.saturating_sub(watch.elapsed());
        if agreed >= care.consistent_reads && (shown || left.is_zero()) {
            return Ok(known);
        }
        // Documents that agree and show every write are read again at once; all others get time to change.
        let pause_now = if shown && unchanged { Duration::ZERO } else { pause.min(left.max(FIRST_PAUSE)) };
        if !pause_now.is_zero() {
            tokio::time::sleep(pause_now).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        let again = documents(tenant, requests).await?;
        unchanged = again == known;
        agreed = if unchanged { agreed + 1 } else { 1 };
        // Documents that differ in every read are taken as they are once the time is over.
        if left.is_zero() && watch.elapsed() > wait + care.lag {
            return Ok(again);
        }
        known = again;
    }
}

/// How long a request may still take to take effect.
fn still(request: &RequestRecord, care: RecoveryOptions<'_>) -> Duration {
    let since = request.at.map(|at| care.clock.now().duration_since(at));
    let since = since.and_then(|since| Duration::try_from(since).ok()).unwrap_or_default();
    care.lag.saturating_sub(since)
}

async fn documents(
    tenant: &impl ReadTenant,
    requests: &[RequestRecord],
) -> Result<BTreeMap<Surface, Document>, TenantError> {
    let surfaces: BTreeSet<Surface> = requests.iter().map(|request| request.sent.surface).collect();
    let mut documents = BTreeMap::new();
    for surface in surfaces {
        documents.insert(surface, tenant.read(surface).await?);
    }
    Ok(documents)
}

fn write_result(request: &RequestRecord, now: &Document) -> WriteResult {
    match write_state(&request.sent, now) {
        WriteState::Applied => WriteResult::Verified,
        WriteState::Unchanged => WriteResult::NotDone,
        // A part of a refused write may have taken effect, too.
        WriteState::Diverged => WriteResult::Unverified,
    }
}
