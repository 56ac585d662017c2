//! Errors and results of an apply in the words people read. Only [`error_block`] is escaped for a terminal: the rest is raw
//! text, and whoever shows it escapes it.

use std::collections::HashSet;

use crate::apply::outcome::{RollbackOutcome, StepOutcome, StepResult};
use crate::apply::precondition::PreconditionFailed;
use crate::catalog;
use crate::plan::change::UnknownSetting;
use crate::plan::reversal::loses_answers;
use crate::render::text::safe::safe;
use crate::render::text::style::{BAD, MUTED, paint};
use crate::review::approve::Refusal;
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::surface::Surface;

/// An error with its hint and the id of its request, each on its own line; for a terminal.
#[must_use]
pub fn error_block(error: &TenantError) -> String {
    let mut lines = vec![format!("{} {}", paint(BAD, "error:"), safe(&error.message))];
    lines.extend(error.hint.as_ref().map(|hint| format!("  hint: {}", safe(hint))));
    lines.extend(error.request_id.map(|id| paint(MUTED, &format!("  request: {id}"))));
    lines.join("\n")
}

/// An error on one line, for use inside other output.
#[must_use]
pub(crate) fn error_line(error: &TenantError) -> String {
    let request = error.request_id.map(|id| format!(" (request {id})")).unwrap_or_default();
    format!("{}{request}", error.message)
}

/// Unknown settings by their reason: one document that cannot be read leaves many settings unknown, and the
/// reason is shown once.
#[must_use]
pub(crate) fn by_reason(unknown: &[UnknownSetting]) -> Vec<(&TenantError, Vec<&UnknownSetting>)> {
    let mut reasons: Vec<(&TenantError, Vec<&UnknownSetting>)> = Vec::new();
    for one in unknown {
        match reasons.iter_mut().find(|(why, _)| **why == one.why) {
            Some((_, same)) => same.push(one),
            None => reasons.push((&one.why, vec![one])),
        }
    }
    reasons
}

/// Why a ring was not started, as message and hint.
#[must_use]
pub(crate) fn ring_not_started(ring: &str, after: &str) -> (String, String) {
    (
        format!("not started: ring `{ring}` waits for ring `{after}`, which did not succeed; nothing was sent"),
        format!("fix what failed in `{after}` and apply again, or go on without it: --ring {ring}"),
    )
}

/// Why a precondition of an apply failed, as message and hint.
#[must_use]
pub(crate) fn precondition_failed(failed: &PreconditionFailed) -> (String, String) {
    match failed {
        PreconditionFailed::TenantChanged(stale) => {
            let moved: Vec<_> = stale.moved.iter().map(|(surface, keys)| setting_names(*surface, keys)).collect();
            let what = moved.join(", ");
            (format!("the tenant changed since the plan read it: {what}; nothing was sent"), PLAN_AGAIN.to_owned())
        }
        PreconditionFailed::ReviewStopped => (
            "not started: the run stops where a tenant of the review is stale or cannot be read; nothing was sent"
                .to_owned(),
            "apply with --stale skip to hold back that tenant alone, or plan again with --out".to_owned(),
        ),
        PreconditionFailed::ReviewOutdated(error)
        | PreconditionFailed::JournalFailed(error)
        | PreconditionFailed::Locked(error) => (error_line(error), hint_of(error)),
        PreconditionFailed::ReadFailed(error) => (
            format!(
                "the tenant could not be read again before the first write: {}; nothing was sent",
                error_line(error)
            ),
            hint_of(error),
        ),
    }
}

/// The result of a rollback, as message and, where it is incomplete, hint.
#[must_use]
pub(crate) fn rolled_back(outcome: &RollbackOutcome) -> (String, Option<String>) {
    let RollbackOutcome { steps, diverged } = outcome;
    let open = steps.iter().filter(|done| !done.result.is_applied()).map(|done| {
        let why = step_result(done.step.surface, &done.result).map(|(message, _)| message).unwrap_or_default();
        let names: Vec<_> = done.settings().collect();
        format!("{} ({why})", names.join(", "))
    });
    let diverged = diverged
        .iter()
        .map(|document| format!("{} (changed since, so it is left)", setting_names(document.surface, &document.keys)));
    let remaining: Vec<_> = open.chain(diverged).collect();
    let (message, hint) = if remaining.is_empty() {
        ("rolled back: every setting that this run had changed has its previous value again, verified".to_owned(), None)
    } else {
        let hint = "plan again to see the current values; `ssprctl history` has the previous ones".to_owned();
        (format!("rollback incomplete; still applied: {}", remaining.join("; ")), Some(hint))
    };
    let side_effects = steps.iter().filter_map(|done| match &done.result {
        StepResult::SideEffects { keys } => {
            Some(format!("; {} changed since and is left", setting_names(done.step.surface, keys)))
        }
        _ => None,
    });
    let refused = steps.iter().filter_map(|done| Some(format!("; verified {}", refused_note(done)?)));
    let lost = steps.iter().flat_map(|done| &done.step.changes).any(loses_answers);
    let lost = lost.then_some("; security questions are restored, but not the answers that people had given");
    (side_effects.chain(refused).chain(lost.map(str::to_owned)).fold(message, |message, more| message + &more), hint)
}

/// The note on a verified setting that takes effect with a delay.
#[must_use]
pub(crate) fn acts_within(minutes: u32) -> String {
    format!("pending: it can take up to {minutes} minutes to take effect")
}

const PLAN_AGAIN: &str = "plan again and review what changed";

fn hint_of(error: &TenantError) -> String {
    error.hint.clone().unwrap_or_else(|| PLAN_AGAIN.to_owned())
}

/// Why a review cannot be approved, as message and hint.
#[must_use]
pub(crate) fn refusal(refusal: Refusal) -> (&'static str, &'static str) {
    match refusal {
        Refusal::Errors => ("the plan has errors; nothing was sent", "fix the findings above, then plan again"),
        Refusal::Unknown => (
            "some managed settings could not be read; nothing was sent",
            "give the access that is missing, or leave those settings out of the policy",
        ),
    }
}

/// How to find the result of a write when the access is missing that shows it; `None` for every other error.
fn access_hint(error: &TenantError) -> Option<String> {
    let hint = error.hint.as_ref();
    match error.kind {
        TenantErrorKind::NoAccess(_) => {
            hint.map(|hint| format!("{hint}; then plan again, which shows whether the change took effect"))
        }
        TenantErrorKind::Refused
        | TenantErrorKind::NotFound
        | TenantErrorKind::Unavailable
        | TenantErrorKind::OutcomeUnknown
        | TenantErrorKind::UnexpectedResponse => None,
    }
}

/// The note on a request that the service refused although the tenant shows the change.
#[must_use]
pub(crate) fn refused_note(done: &StepOutcome) -> Option<String> {
    done.refused.as_ref().map(|error| format!("although the service refused the request: {}", error_line(error)))
}

/// The result of a step, as message and hint; `None` for one that is verified.
#[must_use]
pub(crate) fn step_result(surface: Surface, result: &StepResult) -> Option<(String, String)> {
    Some(match result {
        StepResult::Verified => return None,
        StepResult::Unverified { pending, error } => {
            let why = error.as_ref().map(|error| format!(": {}", error_line(error))).unwrap_or_default();
            let what = if pending.is_empty() { "all of it".to_owned() } else { pending.join(", ") };
            (
                format!("sent, but the tenant does not show {what} yet{why}"),
                error.as_ref().and_then(access_hint).unwrap_or_else(|| {
                    "plan again in a few minutes; raise --verify-timeout if this tenant is always slow".to_owned()
                }),
            )
        }
        StepResult::Mismatch { ignored, changed } => {
            let ignored = (!ignored.is_empty()).then(|| format!("the service ignores {}", ignored.join(", ")));
            let changed = (!changed.is_empty()).then(|| format!("{} has another value by now", changed.join(", ")));
            let what: Vec<_> = ignored.into_iter().chain(changed).collect();
            (
                format!("sent, and the tenant does not show all of it: {}", what.join("; ")),
                "plan again and compare: somebody may be editing the tenant, or the service has changed".to_owned(),
            )
        }
        StepResult::SideEffects { keys } => (
            format!("verified, but {} changed as well, which the plan did not ask for", setting_names(surface, keys)),
            "somebody may be editing the tenant right now; plan again and compare".to_owned(),
        ),
        StepResult::Conflict { keys } => (
            format!("not sent: {} changed since the plan read it", setting_names(surface, keys)),
            PLAN_AGAIN.to_owned(),
        ),
        StepResult::Failed(error) => (format!("not applied: {}", error_line(error)), hint_of(error)),
        StepResult::Interrupted => ("not sent: the run was interrupted".to_owned(), "apply again".to_owned()),
        StepResult::Abandoned { failed } => (
            format!("not sent: request {} failed, and the requests before it are rolled back", failed + 1),
            "fix that request first, then apply again".to_owned(),
        ),
        StepResult::Skipped { waited_for } => (
            format!("not sent: it waits for request {}, which did not succeed", waited_for + 1),
            "fix that request first, then apply again".to_owned(),
        ),
    })
}

/// The settings that the keys of a document belong to; a key of no setting is named itself.
fn setting_names(surface: Surface, keys: &[String]) -> String {
    let mut seen = HashSet::new();
    let names = keys.iter().map(|key| {
        let known = catalog::ALL.iter().find(|row| row.surface == surface && row.keys.contains(&key.as_str()));
        known.map_or_else(|| format!("`{key}` of {}", surface.name()), |row| row.name.to_owned())
    });
    names.filter(|name| seen.insert(name.clone())).collect::<Vec<_>>().join(", ")
}
