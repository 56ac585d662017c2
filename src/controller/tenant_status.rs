//! Updates a tenant's state after it was reconciled, and decides what to notify. Pure.

use jiff::Timestamp;

use crate::base::count::counted;
use crate::base::digest::hash_texts;
use crate::controller::condition::{ConditionStatus, Reason};
use crate::controller::event::Event;
use crate::controller::reconcile::{DriftEntry, ReconcileFailure, ReconcileOutcome, ReconcileResult};
use crate::controller::schedule::{Retry, Schedule};
use crate::controller::state::{HistoryEntry, ObservedRevision, TenantState};
use crate::render::text::summary_lines::IN_SYNC_AS_READ;

/// How many transient failures in a row are not notified.
const TOLERATED_FAILURES: u32 = 2;
/// How many settings a message lists one by one.
const MAX_LISTED: usize = 5;
/// The digest of a notification that a tenant is in sync, as it is in state files.
const IN_SYNC: &str = "in line";

/// The facts for a status update, besides the result.
#[derive(Clone, Copy, Debug)]
pub struct StatusContext<'a> {
    /// The tenant, as its policy names it.
    pub tenant: &'a str,
    /// The revision that it was compared with.
    pub revision: &'a str,
    /// When the tenant is due again.
    pub schedule: &'a Schedule,
    /// The reason of the freeze window that prevented a write.
    pub frozen: Option<&'a str>,
    /// The earlier ring that is not in sync and prevented a write.
    pub waits_for_ring: Option<&'a str>,
    /// The time of the update.
    pub now: Timestamp,
}

/// Updates a tenant's state; returns the event to notify people of.
pub fn update_status(state: &mut TenantState, result: ReconcileResult, context: &StatusContext<'_>) -> Option<Event> {
    let ReconcileResult { outcome, drift, unread } = result;
    let StatusContext { tenant, revision, schedule, now, .. } = *context;
    let mark = ObservedRevision { revision: revision.to_owned(), at: now };
    if outcome == ReconcileOutcome::Interrupted {
        state.conditions.reconciling.set(ConditionStatus::False, Reason::Idle, "", now);
        return None;
    }
    // What each setting shows comes before what the revision suggests.
    let same_revision = state.last_applied.as_ref().is_some_and(|last| last.revision == revision);
    let all_pending = !drift.is_empty() && drift.iter().all(|one| one.pending);
    let drifted = !all_pending && (same_revision || drift.iter().any(|one| one.drifted));
    state.last_attempted = Some(mark.clone());
    let says = |but: &str| in_sync_words(&unread, but);
    state.unread = unread.clone();
    state.waits_for_ring = context.waits_for_ring.map(str::to_owned);
    state.next = Some(schedule.after_success(tenant, now));
    let (reason, message, notified) = match outcome {
        ReconcileOutcome::Interrupted => return None,
        ReconcileOutcome::InSync if drift.is_empty() => in_sync(state, Reason::InSync, &says(""), mark, now),
        ReconcileOutcome::InSync => {
            let held = listed(&drift, false);
            let message = says(&format!(", but for what waits until enough people are ready: {held}"));
            in_sync(state, Reason::InSync, &message, mark, now)
        }
        ReconcileOutcome::Applied(changed) => {
            let message = applied(changed, &drift, drifted);
            // A write is always notified, whatever was notified before.
            state.notified = None;
            in_sync(state, Reason::Applied, &message, mark, now)
        }
        ReconcileOutcome::Differs => differs(state, &drift, drifted, context),
        ReconcileOutcome::Failed(failure) => failed(state, failure, context),
    };
    state.drift = if state.conditions.ready.status == ConditionStatus::True { Vec::new() } else { drift.clone() };
    if state.differing().is_some() {
        state.last_compared.clone_from(&state.last_attempted);
    }
    state.note(HistoryEntry { at: now, revision: revision.to_owned(), reason, message: message.clone() });
    let notified = notified?;
    let first = state.notified.is_none();
    if state.notified.as_ref() == Some(&notified) {
        return None;
    }
    state.notified = Some(notified);
    let well = state.conditions.ready.status == ConditionStatus::True;
    // The first result is not notified if the tenant is in sync.
    if first && reason == Reason::InSync {
        return None;
    }
    let (tenant, revision) = (Some(tenant.to_owned()), revision.to_owned());
    Some(Event { tenant, revision, reason, well, message, drift, at: now })
}

/// The message of a tenant in sync, with the facts that could not be read. `but` is a clause that restricts it, or empty.
fn in_sync_words(unread: &[String], but: &str) -> String {
    match unread {
        [] => format!("the tenant is as the policy says{but}"),
        unread => format!("the tenant is {IN_SYNC_AS_READ}{but}; not read: {}", unread.join(", ")),
    }
}

type StatusUpdate = (Reason, String, Option<String>);

fn in_sync(
    state: &mut TenantState,
    reason: Reason,
    message: &str,
    mark: ObservedRevision,
    now: Timestamp,
) -> StatusUpdate {
    state.failures = 0;
    state.last_applied = Some(mark);
    state.conditions.set_ready(reason, message, now);
    (reason, message.to_owned(), Some(IN_SYNC.to_owned()))
}

fn differs(state: &mut TenantState, drift: &[DriftEntry], drifted: bool, context: &StatusContext<'_>) -> StatusUpdate {
    state.failures = 0;
    let (reason, message) = match (context.frozen, drifted) {
        (Some(why), _) => (Reason::Frozen, format!("nothing is written now ({why}); {}", listed(drift, drifted))),
        (None, true) => (Reason::Drifted, listed(drift, drifted)),
        (None, false) if drift.iter().all(|one| one.pending) => {
            (Reason::Pending, format!("not applied yet: {}", listed(drift, drifted)))
        }
        (None, false) => {
            let why = "no run has seen the tenant as the policy says, so that it is unknown which of them changed";
            (Reason::Pending, format!("{why}: {}", listed(drift, drifted)))
        }
    };
    let message = match context.waits_for_ring {
        Some(ring) => format!("its ring waits for the ring `{ring}`, of which not every tenant is in sync; {message}"),
        None => message,
    };
    state.conditions.set_not_ready(reason, message.as_str(), context.now);
    let found = drift.iter().flat_map(|one| [one.setting.as_str(), &one.expected, &one.found]);
    (reason, message, Some(hash_texts(["differs"].into_iter().chain(found))))
}

fn failed(state: &mut TenantState, failure: ReconcileFailure, context: &StatusContext<'_>) -> StatusUpdate {
    let ReconcileFailure { class, reason, message } = failure;
    let StatusContext { tenant, schedule, now, .. } = *context;
    state.failures = state.failures.saturating_add(1);
    state.next = schedule.after_failure(class, state.failures, tenant, now);
    let notified = match class {
        Retry::Never => {
            state.conditions.set_stalled(reason, message.as_str(), now);
            Some(hash_texts(["stalled", message.as_str()]))
        }
        Retry::Persistent => {
            state.conditions.set_retrying(reason, message.as_str(), now);
            Some(hash_texts(["failing", message.as_str()]))
        }
        Retry::Transient => {
            state.conditions.set_retrying(reason, message.as_str(), now);
            // Messages of transient failures contain numbers that differ each time, so only the reason counts.
            (state.failures > TOLERATED_FAILURES).then(|| hash_texts(["failing", reason.name()]))
        }
    };
    (reason, message, notified)
}

fn applied(changed: usize, drift: &[DriftEntry], drifted: bool) -> String {
    let what = counted(changed, "setting was", "settings were");
    let how = if drifted { "put back" } else { "applied" };
    format!("{what} {how}, and the tenant shows it; before: {}", listed(drift, drifted))
}

/// Lists the settings that differ from the policy, at most [`MAX_LISTED`]. Who changed them is listed only for drift:
/// the differences from a new policy are nobody's change.
fn listed(drift: &[DriftEntry], drifted: bool) -> String {
    let line = |one: &DriftEntry| {
        let DriftEntry { setting, expected, found, place: _, who, pending: _, drifted: _ } = one;
        let who = who.as_ref().filter(|_| drifted).map(|who| format!(", {who}")).unwrap_or_default();
        format!("{setting} is {found}, the policy says {expected}{who}")
    };
    let mut lines: Vec<String> = drift.iter().take(MAX_LISTED).map(line).collect();
    let more = drift.len().saturating_sub(MAX_LISTED);
    lines.extend((more > 0).then(|| format!("and {more} more settings")));
    lines.join("; ")
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use crate::controller::tenant_status::*;

    const SCHEDULE: Schedule = Schedule { interval: SignedDuration::from_mins(5), jitter: 0, seed: 0 };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap_or_default()
    }

    /// A reconciliation of this revision, so many seconds after the first.
    fn context(revision: &str, seconds: i64) -> StatusContext<'_> {
        StatusContext {
            tenant: "contoso",
            revision,
            schedule: &SCHEDULE,
            frozen: None,
            waits_for_ring: None,
            now: at(seconds),
        }
    }

    fn update(state: &mut TenantState, outcome: ReconcileOutcome, revision: &str, seconds: i64) -> Option<Event> {
        let drift = match outcome {
            ReconcileOutcome::Differs | ReconcileOutcome::Applied(_) => vec![drifted("1")],
            _ => Vec::new(),
        };
        let context = context(revision, seconds);
        update_status(state, ReconcileResult { outcome, drift, unread: Vec::new() }, &context)
    }

    fn drifted(found: &str) -> DriftEntry {
        DriftEntry {
            setting: "methods.required".to_owned(),
            expected: "2".to_owned(),
            found: found.to_owned(),
            place: "policies/contoso.yaml:4:13".to_owned(),
            who: Some("changed by alice@contoso.com".to_owned()),
            pending: false,
            drifted: false,
        }
    }

    fn failing(class: Retry) -> ReconcileOutcome {
        ReconcileOutcome::Failed(ReconcileFailure {
            class,
            reason: Reason::Unavailable,
            message: "HTTP 503".to_owned(),
        })
    }

    fn words(event: &Option<Event>) -> Option<(Reason, bool)> {
        event.as_ref().map(|event| (event.reason, event.well))
    }

    #[test]
    fn only_changes_of_state_are_notified() {
        let mut state = TenantState::default();
        let notified: Vec<_> = [
            (ReconcileOutcome::InSync, "a"),
            (ReconcileOutcome::InSync, "a"),
            (ReconcileOutcome::Differs, "a"),
            (ReconcileOutcome::Differs, "a"),
            (ReconcileOutcome::InSync, "a"),
            (ReconcileOutcome::Differs, "b"),
            (ReconcileOutcome::Applied(1), "b"),
            (ReconcileOutcome::InSync, "b"),
            (ReconcileOutcome::Applied(1), "b"),
        ]
        .into_iter()
        .zip(0..)
        .map(|((outcome, revision), minute)| words(&update(&mut state, outcome, revision, minute * 60)))
        .collect();
        assert_eq!(
            notified,
            [
                None,
                None,
                Some((Reason::Drifted, false)),
                None,
                Some((Reason::InSync, true)),
                Some((Reason::Pending, false)),
                Some((Reason::Applied, true)),
                None,
                Some((Reason::Applied, true)),
            ]
        );
        let history: Vec<_> = state.history.iter().map(|entry| entry.reason).collect();
        assert_eq!(history.len(), 7, "a repeated event is noted once: {history:?}");
    }

    #[test]
    fn another_value_is_notified_with_its_author() -> Result<(), &'static str> {
        let mut state = TenantState::default();
        update(&mut state, ReconcileOutcome::InSync, "a", 0);
        let event = update(&mut state, ReconcileOutcome::Differs, "a", 1).ok_or("no event")?;
        assert_eq!(event.message, "methods.required is 1, the policy says 2, changed by alice@contoso.com");
        let context = context("a", 2);
        let other =
            ReconcileResult { outcome: ReconcileOutcome::Differs, drift: vec![drifted("none")], unread: Vec::new() };
        assert!(update_status(&mut state, other.clone(), &context).is_some());
        assert!(update_status(&mut state, other, &context).is_none());
        Ok(())
    }

    #[test]
    fn transient_failures_are_notified_after_the_third() {
        let mut state = TenantState::default();
        update(&mut state, ReconcileOutcome::InSync, "a", 0);
        let notified: Vec<_> =
            (1..=4).map(|n| update(&mut state, failing(Retry::Transient), "a", n).is_some()).collect();
        assert_eq!(notified, [false, false, true, false]);
        assert_eq!(state.failures, 4);
        assert_eq!(state.conditions.reconciling.status, ConditionStatus::True);
        assert_eq!(words(&update(&mut state, ReconcileOutcome::InSync, "a", 9)), Some((Reason::InSync, true)));
        assert_eq!((state.failures, state.next), (0, Some(at(309))));
        update(&mut state, failing(Retry::Transient), "a", 10);
        assert!(
            update(&mut state, ReconcileOutcome::InSync, "a", 11).is_none(),
            "one transient failure is not notified"
        );
    }

    #[test]
    fn a_permanent_failure_stalls_and_is_not_retried() {
        let mut state = TenantState::default();
        let event = update(&mut state, failing(Retry::Never), "a", 0);
        assert_eq!(words(&event), Some((Reason::Unavailable, false)));
        assert_eq!((state.next, state.conditions.stalled.status), (None, ConditionStatus::True));
        assert_eq!(words(&update(&mut state, ReconcileOutcome::InSync, "b", 5)), Some((Reason::InSync, true)));
        assert_eq!(state.conditions.stalled.status, ConditionStatus::False);
    }

    #[test]
    fn an_interruption_changes_nothing() {
        let mut state = TenantState::default();
        update(&mut state, ReconcileOutcome::Differs, "a", 0);
        let before = state.clone();
        state.conditions.reconciling.set(ConditionStatus::True, Reason::Progressing, "", at(1));
        update(&mut state, ReconcileOutcome::Interrupted, "b", 2);
        assert_eq!((state.drift, state.next, state.notified), (before.drift, before.next, before.notified));
        assert_eq!(state.conditions.ready, before.conditions.ready);
        assert_eq!(state.conditions.reconciling.status, ConditionStatus::False);
    }

    #[test]
    fn a_freeze_is_notified_with_its_reason() -> Result<(), &'static str> {
        let mut state = TenantState::default();
        let context = StatusContext { frozen: Some("weekend"), ..context("a", 0) };
        let result =
            ReconcileResult { outcome: ReconcileOutcome::Differs, drift: vec![drifted("1")], unread: Vec::new() };
        let event = update_status(&mut state, result, &context).ok_or("no event")?;
        assert_eq!((event.reason, event.well), (Reason::Frozen, false));
        assert!(
            event.message.starts_with("nothing is written now (weekend); methods.required is 1"),
            "{}",
            event.message
        );
        Ok(())
    }

    #[test]
    fn a_message_does_not_say_more_than_was_read() {
        let mut state = TenantState::default();
        let context = context("a", 0);
        for (unread, message) in [
            (vec!["the tenant's licences"], "the tenant is in sync as far as read; not read: the tenant's licences"),
            (Vec::new(), "the tenant is as the policy says"),
        ] {
            let unread: Vec<_> = unread.into_iter().map(str::to_owned).collect();
            let result =
                ReconcileResult { outcome: ReconcileOutcome::InSync, drift: Vec::new(), unread: unread.clone() };
            update_status(&mut state, result, &context);
            assert_eq!((state.conditions.ready.message.as_str(), &state.unread), (message, &unread));
        }
    }

    #[test]
    fn a_history_is_bounded() {
        let mut state = TenantState::default();
        for n in 0..100 {
            let outcome = if n % 2 == 0 { ReconcileOutcome::InSync } else { ReconcileOutcome::Differs };
            update(&mut state, outcome, "a", n);
        }
        assert_eq!(state.history.len(), 20);
        assert_eq!(state.history.last().map(|entry| entry.at), Some(at(99)));
    }
}
