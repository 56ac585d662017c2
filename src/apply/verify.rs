//! After a write: does the tenant show it? Reads until it does, bounded in time, because a read may lag behind a write.

use std::time::Duration;

use crate::apply::options::ApplyOptions;
use crate::apply::outcome::StepResult;
use crate::base::clock::Stopwatch;
use crate::plan::change::{Change, Step};
use crate::plan::reversal::{SentRequest, WriteState, by_key};
use crate::tenant::api::ReadTenant;
use crate::tenant::document::Document;
use crate::tenant::surface::WriteMode;
use crate::tenant::{authentication_methods, managed_object};

/// How long to wait before a read is repeated: short at first, then this long at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// Reads the step's document until it shows every change, the time for it has passed, or the run is to stop: then one look
/// has to do. Returns what was found and, when anything was read, the document as it is now.
pub(crate) async fn verify(
    tenant: &impl ReadTenant,
    step: &Step,
    sent: &SentRequest,
    bounds: ApplyOptions<'_>,
) -> (StepResult, Option<Document>) {
    let watch = Stopwatch::start();
    let mut pause = FIRST_PAUSE;
    let mut agreed = 0;
    loop {
        let (result, document) = read_until_applied(tenant, step, sent).await;
        let left = bounds.verify_timeout.saturating_sub(watch.elapsed());
        let over = left.is_zero() || bounds.cancel.is_cancelled();
        // One server may show a write that the next one does not have yet: what is shown must be shown again.
        agreed = if result.is_applied() { agreed + 1 } else { 0 };
        if over || agreed >= bounds.consistent_reads {
            return (result, document);
        }
        if agreed == 0 {
            tokio::time::sleep(pause.min(left)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

async fn read_until_applied(
    tenant: &impl ReadTenant,
    step: &Step,
    sent: &SentRequest,
) -> (StepResult, Option<Document>) {
    match tenant.read(step.surface).await {
        Ok(now) => (compare(step, sent, &now), Some(now)),
        Err(error) => (StepResult::Unverified { pending: names(&step.changes), error: Some(error) }, None),
    }
}

fn compare(step: &Step, sent: &SentRequest, now: &Document) -> StepResult {
    let shown = |change: &Change| match step.surface.write_mode() {
        // A change may take several entries; this step answers for its own.
        WriteMode::PerEntry => authentication_methods::has_applied(now, &step.body),
        WriteMode::Replace | WriteMode::PerKey | WriteMode::Patch | WriteMode::ManagedObject => {
            (change.setting.decode)(now).as_ref() == Ok(&change.after)
        }
    };
    let open: Vec<_> = step.changes.iter().filter(|change| !shown(change)).cloned().collect();
    if !open.is_empty() {
        return differs(open, sent, now);
    }
    if step.surface.write_mode() == WriteMode::ManagedObject && !managed_object::exists(&sent.before) {
        // Whatever a new object has, the service has filled in.
        return StepResult::Verified;
    }
    let mut keys = sent.before.differing_keys(now, step.surface.volatile_keys());
    keys.retain(|key| !intended_keys(step, &sent.before, key));
    if keys.is_empty() { StepResult::Verified } else { StepResult::SideEffects { keys } }
}

/// What the tenant shows is not all that was sent: nothing of it yet, or something else.
fn differs(open: Vec<Change>, sent: &SentRequest, now: &Document) -> StepResult {
    let keys = by_key(sent, now);
    if keys.iter().all(|(_, standing)| *standing == WriteState::Unchanged) {
        return StepResult::Unverified { pending: names(&open), error: None };
    }
    let moved_on = |change: &Change| {
        let own = |key: &str| sent.surface.write_mode() == WriteMode::PerEntry || change.setting.keys.contains(&key);
        keys.iter().any(|(key, standing)| *standing == WriteState::Diverged && own(key))
    };
    let (changed, ignored): (Vec<_>, Vec<_>) = open.into_iter().partition(moved_on);
    StepResult::Mismatch { ignored: names(&ignored), changed: names(&changed) }
}

/// Whether a step means to move a key: one that a setting of its changes is kept in, or one that it sends otherwise than it
/// was. Bringing a document back moves keys that no setting shows.
fn intended_keys(step: &Step, before: &Document, key: &str) -> bool {
    let kept_in = step.changes.iter().any(|change| change.setting.keys.contains(&key));
    match step.surface.write_mode() {
        WriteMode::Replace => kept_in || !step.body.key_equals(key, before),
        // A name goes along with whatever first marks an object.
        WriteMode::ManagedObject => kept_in || step.body.keys().any(|sent| sent == key),
        WriteMode::PerKey | WriteMode::Patch | WriteMode::PerEntry => kept_in,
    }
}

fn names(changes: &[Change]) -> Vec<&'static str> {
    changes.iter().map(|change| change.setting.name).collect()
}
