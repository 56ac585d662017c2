//! Verifies a write: reads until the tenant shows it, up to a time limit, because a read may lag behind a write.

use std::time::Duration;

use crate::apply::options::ApplyOptions;
use crate::apply::outcome::StepResult;
use crate::base::clock::Stopwatch;
use crate::plan::change::{Change, Step};
use crate::plan::reversal::{SentRequest, WriteState, by_key, write_state};
use crate::tenant::api::ReadTenant;
use crate::tenant::document::Document;
use crate::tenant::surface::WriteMode;
use crate::tenant::{authentication_methods, managed_object};

/// The longest pause between reads that wait for a write to take effect; the first pauses are shorter.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// The first pause between such reads; each is twice as long as the one before.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// What the reads after a write showed.
pub(crate) struct Verification {
    /// The result, by the last read.
    pub(crate) result: StepResult,
    /// The document as it is now; `None` if the last read failed.
    pub(crate) now: Option<Document>,
    /// Whether every read showed the document as it was before the write.
    pub(crate) always_unchanged: bool,
}

/// How long to read after a write.
#[derive(Clone, Copy)]
pub(crate) struct ReadUntil {
    /// At most this long.
    pub(crate) timeout: Duration,
    /// Whether consecutive reads that show nothing of the write are enough, as after a refusal.
    pub(crate) unchanged_is_enough: bool,
}

/// Reads the step's document until it shows every change, the time has passed, or the run is asked to stop: then one
/// read has to do.
pub(crate) async fn verify(
    tenant: &impl ReadTenant,
    step: &Step,
    sent: &SentRequest,
    until: ReadUntil,
    bounds: ApplyOptions<'_>,
) -> Verification {
    let watch = Stopwatch::start();
    let mut pause = FIRST_PAUSE;
    let (mut applied_reads, mut unchanged_reads, mut reads) = (0, 0, 0);
    loop {
        let (result, now) = read_and_compare(tenant, step, sent).await;
        let unchanged = now.as_ref().is_some_and(|now| write_state(sent, now) == WriteState::Unchanged);
        let left = until.timeout.saturating_sub(watch.elapsed());
        let over = left.is_zero() || bounds.cancel.is_cancelled();
        // One server may show a write that the next one does not have yet, so several reads must show it.
        applied_reads = if result.is_applied() { applied_reads + 1 } else { 0 };
        unchanged_reads += u32::from(unchanged);
        reads += 1;
        let always_unchanged = unchanged_reads == reads;
        let refused = until.unchanged_is_enough && always_unchanged && reads >= bounds.consistent_reads;
        if over || refused || applied_reads >= bounds.consistent_reads {
            return Verification { result, now, always_unchanged };
        }
        if applied_reads == 0 {
            tokio::time::sleep(pause.min(left)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

async fn read_and_compare(tenant: &impl ReadTenant, step: &Step, sent: &SentRequest) -> (StepResult, Option<Document>) {
    match tenant.read(step.surface).await {
        Ok(now) => (compare(step, sent, &now), Some(now)),
        Err(error) => (StepResult::Unverified { pending: names(&step.changes), error: Some(error) }, None),
    }
}

fn compare(step: &Step, sent: &SentRequest, now: &Document) -> StepResult {
    let shown = |change: &Change| match step.surface.write_mode() {
        // A change may need several entries; this step verifies only its own.
        WriteMode::PerEntry => authentication_methods::has_applied(now, &step.body),
        WriteMode::Replace | WriteMode::PerKey | WriteMode::Patch | WriteMode::ManagedObject => {
            (change.setting.decode)(now).as_ref() == Ok(&change.after)
        }
    };
    let open: Vec<_> = step.changes.iter().filter(|change| !shown(change)).cloned().collect();
    if !open.is_empty() {
        return differs(open, sent, now);
    }
    // A rollback also restores keys that change no setting's value.
    if write_state(sent, now) != WriteState::Applied {
        return StepResult::Unverified { pending: Vec::new(), error: None };
    }
    if step.surface.write_mode() == WriteMode::ManagedObject && !managed_object::exists(&sent.before) {
        // The service fills in the other keys of a new object, but for those that have a request of their own.
        let keys = managed_object::filled_keys(now, step.surface.separate_request_keys());
        return if keys.is_empty() { StepResult::Verified } else { StepResult::SideEffects { keys } };
    }
    let mut keys = sent.before.differing_keys(now, step.surface.volatile_keys());
    keys.retain(|key| !is_intended(step, &sent.before, now, key));
    if keys.is_empty() { StepResult::Verified } else { StepResult::SideEffects { keys } }
}

/// The result if the tenant does not show all that was sent: nothing of it yet, or something else.
fn differs(open: Vec<Change>, sent: &SentRequest, now: &Document) -> StepResult {
    let keys = by_key(sent, now);
    if keys.iter().all(|(_, state)| *state == WriteState::Unchanged) {
        return StepResult::Unverified { pending: names(&open), error: None };
    }
    let moved_on = |change: &Change| {
        let own = |key: &str| sent.surface.write_mode() == WriteMode::PerEntry || change.setting.keys.contains(&key);
        keys.iter().any(|(key, state)| *state == WriteState::Diverged && own(key))
    };
    let (changed, ignored): (Vec<_>, Vec<_>) = open.into_iter().partition(moved_on);
    StepResult::Mismatch { ignored: names(&ignored), changed: names(&changed) }
}

/// Whether a step is expected to change a key as it did: a key of a setting that it changes, or one that it sends with
/// another value than before. A rollback also changes keys that belong to no setting, or whose change leaves a setting as it
/// is. Of an entry, or of a key that holds an object, only the members that were sent may change.
fn is_intended(step: &Step, before: &Document, now: &Document, key: &str) -> bool {
    let changed_setting_has_key = || step.changes.iter().any(|change| change.setting.keys.contains(&key));
    let is_sent = || step.body.keys().any(|sent| sent.eq_ignore_ascii_case(key));
    match step.surface.write_mode() {
        WriteMode::Replace => changed_setting_has_key() || !step.body.key_equals(key, before),
        WriteMode::PerKey | WriteMode::Patch => changed_setting_has_key() || is_sent(),
        WriteMode::PerEntry => authentication_methods::changes_only(&step.body, before, now, key),
        WriteMode::ManagedObject => is_sent() && managed_object::changes_only(&step.body, before, now, key),
    }
}

fn names(changes: &[Change]) -> Vec<&'static str> {
    changes.iter().map(|change| change.setting.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::surface::Surface;

    /// Compares a step that changes no setting, as those of a rollback may, with what the tenant has after it.
    fn compared(surface: Surface, [before, body, now]: [&str; 3]) -> serde_json::Result<StepResult> {
        let [before, body, now] = [Document::parse(before)?, Document::parse(body)?, Document::parse(now)?];
        let step = Step { surface, body: body.clone(), changes: Vec::new(), waits_for: Vec::new() };
        Ok(compare(&step, &SentRequest { surface, before, body, confirmed: false }, &now))
    }

    #[test]
    fn only_keys_that_were_sent_with_another_value_may_change() -> serde_json::Result<()> {
        let side_effects = |key: &str| StepResult::SideEffects { keys: vec![key.to_owned()] };
        for (surface, documents, expected) in [
            (
                Surface::PasswordReset,
                [r#"{"a":1,"b":2}"#, r#"{"a":1,"b":3}"#, r#"{"a":1,"b":3}"#],
                StepResult::Verified,
            ),
            (
                Surface::AuthorizationPolicy,
                [r#"{"a":1,"b":2}"#, r#"{"b":3}"#, r#"{"a":1,"b":3}"#],
                StepResult::Verified,
            ),
            (Surface::AuthorizationPolicy, [r#"{"a":1,"b":2}"#, r#"{"b":3}"#, r#"{"a":9,"b":3}"#], side_effects("a")),
            (
                Surface::ConditionalAccess,
                [r#"{"id":"x","a":{"m":1,"n":1},"b":2}"#, r#"{"a":{"m":5}}"#, r#"{"id":"x","a":{"m":5,"n":1},"b":2}"#],
                StepResult::Verified,
            ),
            (
                Surface::ConditionalAccess,
                [r#"{"id":"x","a":{"m":1,"n":1},"b":2}"#, r#"{"a":{"m":5}}"#, r#"{"id":"x","a":{"m":5,"n":1},"b":9}"#],
                side_effects("b"),
            ),
            (
                Surface::ConditionalAccess,
                [r#"{"id":"x","a":{"m":1,"n":1},"b":2}"#, r#"{"a":{"m":5}}"#, r#"{"id":"x","a":{"m":5,"n":9},"b":2}"#],
                side_effects("a"),
            ),
        ] {
            assert_eq!(compared(surface, documents)?, expected, "{surface:?}: {documents:?}");
        }
        Ok(())
    }
}
