//! What becomes of a tenant's state when somebody has looked after it. Pure.

use jiff::Timestamp;

use crate::base::digest::hash_texts;
use crate::controller::condition::{ConditionStatus, Reason};
use crate::controller::event::Event;
use crate::controller::reconcile::{DriftEntry, ReconcileFailure, ReconcileOutcome, ReconcileResult};
use crate::controller::schedule::{Retry, Schedule};
use crate::controller::state::{HistoryEntry, ObservedRevision, TenantState};

/// How many failures in a row that pass by themselves are no news yet.
const TOLERATED_FAILURES: u32 = 2;
/// How many settings a message tells one by one.
const MAX_LISTED: usize = 5;
/// What somebody was told whose tenant is in line.
const IN_LINE: &str = "in line";

/// What is known beside what came of it.
#[derive(Clone, Copy, Debug)]
pub struct StatusContext<'a> {
    /// The tenant.
    pub tenant: &'a str,
    /// The revision that it was compared with.
    pub revision: &'a str,
    /// How often is looked.
    pub pace: &'a Schedule,
    /// Why nothing was written, where only a freeze window forbade it.
    pub frozen: Option<&'a str>,
    /// When.
    pub now: Timestamp,
}

/// Brings a tenant's state up to date; returns what people have to be told.
pub fn update_status(state: &mut TenantState, attended: ReconcileResult, context: &StatusContext<'_>) -> Option<Event> {
    let ReconcileResult { outcome, drift } = attended;
    let StatusContext { tenant, revision, pace, now, .. } = *context;
    let mark = ObservedRevision { revision: revision.to_owned(), at: now };
    if outcome == ReconcileOutcome::Interrupted {
        state.conditions.reconciling.set(ConditionStatus::False, Reason::Idle, "", now);
        return None;
    }
    let drifted = state.last_applied.as_ref().is_some_and(|last| last.revision == revision);
    state.last_attempted = Some(mark.clone());
    state.next = Some(pace.after_success(tenant, now));
    let (reason, message, told) = match outcome {
        ReconcileOutcome::Interrupted => return None,
        ReconcileOutcome::InSync => in_line(state, Reason::InLine, "the tenant is as the policy says", mark, now),
        ReconcileOutcome::Applied(changed) => {
            let message = applied(changed, &drift, drifted);
            // Whatever was told before: that something was written is always news.
            state.notified = None;
            in_line(state, Reason::Applied, &message, mark, now)
        }
        ReconcileOutcome::Differs => differs(state, &drift, drifted, context),
        ReconcileOutcome::Failed(failure) => failed(state, failure, context),
    };
    state.drift = if state.conditions.ready.status == ConditionStatus::True { Vec::new() } else { drift.clone() };
    state.note(HistoryEntry { at: now, revision: revision.to_owned(), reason, message: message.clone() });
    let told = told?;
    let first = state.notified.is_none();
    if state.notified.as_ref() == Some(&told) {
        return None;
    }
    state.notified = Some(told);
    let well = state.conditions.ready.status == ConditionStatus::True;
    // That all is well is no news to somebody who was never told anything.
    if first && reason == Reason::InLine {
        return None;
    }
    let (tenant, revision) = (Some(tenant.to_owned()), revision.to_owned());
    Some(Event { tenant, revision, reason, well, message, drift, at: now })
}

type StatusUpdate = (Reason, String, Option<String>);

fn in_line(
    state: &mut TenantState,
    reason: Reason,
    message: &str,
    mark: ObservedRevision,
    now: Timestamp,
) -> StatusUpdate {
    state.failures = 0;
    state.last_applied = Some(mark);
    state.conditions.set_ready(reason, message, now);
    (reason, message.to_owned(), Some(IN_LINE.to_owned()))
}

fn differs(state: &mut TenantState, drift: &[DriftEntry], drifted: bool, context: &StatusContext<'_>) -> StatusUpdate {
    state.failures = 0;
    let (reason, message) = match (context.frozen, drifted) {
        (Some(why), _) => (Reason::Frozen, format!("nothing is written now ({why}); {}", listed(drift, drifted))),
        (None, true) => (Reason::Drifted, listed(drift, drifted)),
        (None, false) => (Reason::Pending, format!("not applied yet: {}", listed(drift, drifted))),
    };
    state.conditions.set_not_ready(reason, message.as_str(), context.now);
    let found = drift.iter().flat_map(|one| [one.setting.as_str(), &one.expected, &one.found]);
    (reason, message, Some(hash_texts(["differs"].into_iter().chain(found))))
}

fn failed(state: &mut TenantState, failure: ReconcileFailure, context: &StatusContext<'_>) -> StatusUpdate {
    let ReconcileFailure { class, reason, message } = failure;
    let StatusContext { tenant, pace, now, .. } = *context;
    state.failures = state.failures.saturating_add(1);
    state.next = pace.after_failure(class, state.failures, tenant, now);
    let told = match class {
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
            // Messages of passing failures carry numbers that differ each time.
            (state.failures > TOLERATED_FAILURES).then(|| hash_texts(["failing", reason.name()]))
        }
    };
    (reason, message, told)
}

fn applied(changed: usize, drift: &[DriftEntry], drifted: bool) -> String {
    let what = if changed == 1 { "1 setting was".to_owned() } else { format!("{changed} settings were") };
    let how = if drifted { "put back" } else { "applied" };
    format!("{what} {how}, and the tenant shows it; before: {}", listed(drift, drifted))
}

/// The settings that are not as the policy says, the first few one by one. Who changed them is told where that is the point,
/// and not where the policy is new.
fn listed(drift: &[DriftEntry], drifted: bool) -> String {
    let told = |one: &DriftEntry| {
        let DriftEntry { setting, expected, found, place: _, who } = one;
        let who = who.as_ref().filter(|_| drifted).map(|who| format!(", {who}")).unwrap_or_default();
        format!("{setting} is {found}, the policy says {expected}{who}")
    };
    let mut told: Vec<String> = drift.iter().take(MAX_LISTED).map(told).collect();
    let more = drift.len().saturating_sub(MAX_LISTED);
    told.extend((more > 0).then(|| format!("and {more} more settings")));
    told.join("; ")
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use crate::controller::tenant_status::*;

    const PACE: Schedule = Schedule { interval: SignedDuration::from_mins(5), jitter: 0, seed: 0 };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap_or_default()
    }

    fn update(state: &mut TenantState, outcome: ReconcileOutcome, revision: &str, seconds: i64) -> Option<Event> {
        let drift = match outcome {
            ReconcileOutcome::Differs | ReconcileOutcome::Applied(_) => vec![drifted("1")],
            _ => Vec::new(),
        };
        let context = StatusContext { tenant: "contoso", revision, pace: &PACE, frozen: None, now: at(seconds) };
        update_status(state, ReconcileResult { outcome, drift }, &context)
    }

    fn drifted(found: &str) -> DriftEntry {
        DriftEntry {
            setting: "methods.required".to_owned(),
            expected: "2".to_owned(),
            found: found.to_owned(),
            place: "policies/contoso.yaml:4:13".to_owned(),
            who: Some("changed by alice@contoso.com".to_owned()),
        }
    }

    fn failing(class: Retry) -> ReconcileOutcome {
        ReconcileOutcome::Failed(ReconcileFailure {
            class,
            reason: Reason::Unavailable,
            message: "HTTP 503".to_owned(),
        })
    }

    fn words(news: &Option<Event>) -> Option<(Reason, bool)> {
        news.as_ref().map(|news| (news.reason, news.well))
    }

    #[test]
    fn only_changes_of_state_are_news() {
        let mut state = TenantState::default();
        let told: Vec<_> = [
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
            told,
            [
                None,
                None,
                Some((Reason::Drifted, false)),
                None,
                Some((Reason::InLine, true)),
                Some((Reason::Pending, false)),
                Some((Reason::Applied, true)),
                None,
                Some((Reason::Applied, true)),
            ]
        );
        let history: Vec<_> = state.history.iter().map(|entry| entry.reason).collect();
        assert_eq!(history.len(), 7, "what repeats is noted once: {history:?}");
    }

    #[test]
    fn another_value_is_news_and_who_did_it_is_told() -> Result<(), &'static str> {
        let mut state = TenantState::default();
        update(&mut state, ReconcileOutcome::InSync, "a", 0);
        let news = update(&mut state, ReconcileOutcome::Differs, "a", 1).ok_or("no news")?;
        assert_eq!(news.message, "methods.required is 1, the policy says 2, changed by alice@contoso.com");
        let context = StatusContext { tenant: "contoso", revision: "a", pace: &PACE, frozen: None, now: at(2) };
        let other = ReconcileResult { outcome: ReconcileOutcome::Differs, drift: vec![drifted("none")] };
        assert!(update_status(&mut state, other.clone(), &context).is_some());
        assert!(update_status(&mut state, other, &context).is_none());
        Ok(())
    }

    #[test]
    fn what_passes_by_itself_is_news_only_when_it_does_not() {
        let mut state = TenantState::default();
        update(&mut state, ReconcileOutcome::InSync, "a", 0);
        let told: Vec<_> = (1..=4).map(|n| update(&mut state, failing(Retry::Transient), "a", n).is_some()).collect();
        assert_eq!(told, [false, false, true, false]);
        assert_eq!(state.failures, 4);
        assert_eq!(state.conditions.reconciling.status, ConditionStatus::True);
        assert_eq!(words(&update(&mut state, ReconcileOutcome::InSync, "a", 9)), Some((Reason::InLine, true)));
        assert_eq!((state.failures, state.next), (0, Some(at(309))));
        update(&mut state, failing(Retry::Transient), "a", 10);
        assert!(update(&mut state, ReconcileOutcome::InSync, "a", 11).is_none(), "a blip is nobody's business");
    }

    #[test]
    fn what_is_terminal_stalls_and_is_not_tried_again() {
        let mut state = TenantState::default();
        let news = update(&mut state, failing(Retry::Never), "a", 0);
        assert_eq!(words(&news), Some((Reason::Unavailable, false)));
        assert_eq!((state.next, state.conditions.stalled.status), (None, ConditionStatus::True));
        assert_eq!(words(&update(&mut state, ReconcileOutcome::InSync, "b", 5)), Some((Reason::InLine, true)));
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
    fn a_freeze_is_told_with_its_reason() -> Result<(), &'static str> {
        let mut state = TenantState::default();
        let context =
            StatusContext { tenant: "contoso", revision: "a", pace: &PACE, frozen: Some("weekend"), now: at(0) };
        let attended = ReconcileResult { outcome: ReconcileOutcome::Differs, drift: vec![drifted("1")] };
        let news = update_status(&mut state, attended, &context).ok_or("no news")?;
        assert_eq!((news.reason, news.well), (Reason::Frozen, false));
        assert!(
            news.message.starts_with("nothing is written now (weekend); methods.required is 1"),
            "{}",
            news.message
        );
        Ok(())
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
