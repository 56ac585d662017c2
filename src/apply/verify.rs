//! After a write: does the tenant show it? Reads until it does, bounded in time, because a read may lag behind a write.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::apply::bounds::Bounds;
use crate::apply::outcome::StepResult;
use crate::base::clock::Stopwatch;
use crate::plan::change::{Change, Step};
use crate::tenant::converged;
use crate::tenant::document::Document;
use crate::tenant::port::ReadTenant;
use crate::tenant::surface::Manner;

/// How long to wait before a read is repeated: short at first, then this long at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// Reads the step's document until it shows every change, the time for it has passed, or the run is to stop: then one look
/// has to do. `before` is the document as it was just before the write. Returns what was found and, when anything was read, the document as it is now.
pub(crate) async fn verify(
    tenant: &impl ReadTenant,
    step: &Step,
    before: &Document,
    bounds: Bounds<'_>,
) -> (StepResult, Option<Document>) {
    let watch = Stopwatch::start();
    let mut pause = FIRST_PAUSE;
    loop {
        let (result, document) = look(tenant, step, before).await;
        let left = bounds.verify.saturating_sub(watch.elapsed());
        let over = left.is_zero() || bounds.stop.load(Ordering::Relaxed);
        if over || !matches!(result, StepResult::Unverified { .. }) {
            return (result, document);
        }
        tokio::time::sleep(pause.min(left)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn look(tenant: &impl ReadTenant, step: &Step, before: &Document) -> (StepResult, Option<Document>) {
    match tenant.read(step.surface).await {
        Ok(now) => (judge(step, before, &now), Some(now)),
        Err(trouble) => (StepResult::Unverified { pending: names(step), trouble: Some(trouble) }, None),
    }
}

fn judge(step: &Step, before: &Document, now: &Document) -> StepResult {
    let shown = |change: &&Change| match step.surface.manner() {
        // A change may take several entries; this step answers for its own.
        Manner::Entries => converged::shows(now, &step.body),
        Manner::Whole | Manner::OneKey | Manner::Merge => (change.setting.decode)(now).as_ref() == Ok(&change.after),
    };
    let pending: Vec<_> =
        step.changes.iter().filter(|change| !shown(change)).map(|change| change.setting.name).collect();
    if !pending.is_empty() {
        return StepResult::Unverified { pending, trouble: None };
    }
    let meant: Vec<&str> = step.changes.iter().flat_map(|change| change.setting.keys).copied().collect();
    let mut keys = before.differing_keys(now, step.surface.noise());
    keys.retain(|key| !meant.contains(&key.as_str()));
    if keys.is_empty() { StepResult::Verified } else { StepResult::Collateral { keys } }
}

fn names(step: &Step) -> Vec<&'static str> {
    step.changes.iter().map(|change| change.setting.name).collect()
}
