//! Troubles and endings in the words people read. Only [`trouble`] is fit for a terminal as it is: the rest is raw text, and
//! whoever shows it escapes it.

use crate::apply::outcome::{RollbackOutcome, StepResult};
use crate::apply::precondition::PreconditionFailed;
use crate::catalog;
use crate::plan::change::UnknownSetting;
use crate::plan::reversal::loses_answers;
use crate::render::text::safe::safe;
use crate::render::text::style::{BAD, MUTED, paint};
use crate::review::approve::Refusal;
use crate::tenant::error::TenantError;
use crate::tenant::surface::Surface;

/// A trouble with its way out and its request, each on its own line; for a terminal.
#[must_use]
pub fn trouble(trouble: &TenantError) -> String {
    let mut lines = vec![format!("{} {}", paint(BAD, "error:"), safe(&trouble.message))];
    lines.extend(trouble.hint.as_ref().map(|hint| format!("  hint: {}", safe(hint))));
    lines.extend(trouble.request_id.map(|id| paint(MUTED, &format!("  request: {id}"))));
    lines.join("\n")
}

/// A trouble on one line, for where something else is told.
#[must_use]
pub fn error_line(trouble: &TenantError) -> String {
    let request = trouble.request_id.map(|id| format!(" (request {id})")).unwrap_or_default();
    format!("{}{request}", trouble.message)
}

/// Unknown settings by what keeps them unknown: one document that cannot be read leaves many settings unknown, and the
/// reason is told once.
#[must_use]
pub fn by_reason(unknown: &[UnknownSetting]) -> Vec<(&TenantError, Vec<&UnknownSetting>)> {
    let mut reasons: Vec<(&TenantError, Vec<&UnknownSetting>)> = Vec::new();
    for one in unknown {
        match reasons.iter_mut().find(|(why, _)| **why == one.why) {
            Some((_, same)) => same.push(one),
            None => reasons.push((&one.why, vec![one])),
        }
    }
    reasons
}

/// Why a ring was not begun, as message and hint.
#[must_use]
pub fn not_begun(ring: &str, after: &str) -> (String, String) {
    (
        format!("not begun: ring `{ring}` waits for ring `{after}`, which did not get through; nothing was sent"),
        format!("mend what failed in `{after}` and apply again, or go on without it: --ring {ring}"),
    )
}

/// Why a fence stayed closed, as message and hint.
#[must_use]
pub fn closed(closed: &PreconditionFailed) -> (String, String) {
    match closed {
        PreconditionFailed::TenantChanged(stale) => {
            let moved: Vec<_> = stale.moved.iter().map(|(surface, keys)| moved(*surface, keys)).collect();
            let what = moved.join(", ");
            (format!("the tenant is not what the plan saw: {what} moved; nothing was sent"), PLAN_AGAIN.to_owned())
        }
        PreconditionFailed::ReviewOutdated(trouble)
        | PreconditionFailed::JournalFailed(trouble)
        | PreconditionFailed::Locked(trouble) => (error_line(trouble), way_out(trouble)),
        PreconditionFailed::ReadFailed(trouble) => (
            format!(
                "the tenant could not be read again before the first write: {}; nothing was sent",
                error_line(trouble)
            ),
            way_out(trouble),
        ),
    }
}

/// What became of the steps that had got through, in words, with what to do where not all of them are taken back.
#[must_use]
pub fn undone(undone: &RollbackOutcome) -> (String, Option<String>) {
    let RollbackOutcome { steps, diverged: kept } = undone;
    let open = steps.iter().filter(|done| !done.result.is_applied()).map(|done| {
        let why = step_result(done.step.surface, &done.result).map(|(message, _)| message).unwrap_or_default();
        let names: Vec<_> = done.settings().collect();
        format!("{} ({why})", names.join(", "))
    });
    let kept = kept
        .iter()
        .map(|kept| format!("{} (not what was sent any more, so it is left)", moved(kept.surface, &kept.keys)));
    let stands: Vec<_> = open.chain(kept).collect();
    let (message, hint) = if stands.is_empty() {
        ("rolled back: what this run had sent is as it was before, and the tenant shows it".to_owned(), None)
    } else {
        let hint = "plan again to see what is there now; `ssprctl history` has what was there before".to_owned();
        (format!("not rolled back whole; this stands: {}", stands.join("; ")), Some(hint))
    };
    let besides = steps.iter().filter_map(|done| match &done.result {
        StepResult::SideEffects { keys } => {
            Some(format!("; {} moved meanwhile and is left", moved(done.step.surface, keys)))
        }
        _ => None,
    });
    let lost = steps.iter().flat_map(|done| &done.step.changes).any(loses_answers);
    let lost = lost.then_some("; security questions are back, but not the answers that people had given");
    (besides.chain(lost.map(str::to_owned)).fold(message, |message, more| message + &more), hint)
}

/// What was sent is there, and does not act at once.
#[must_use]
pub fn acts_within(minutes: u32) -> String {
    format!("pending: it can take up to {minutes} minutes until this acts")
}

const PLAN_AGAIN: &str = "plan again and review what changed";

fn way_out(trouble: &TenantError) -> String {
    trouble.hint.clone().unwrap_or_else(|| PLAN_AGAIN.to_owned())
}

/// Why nobody may approve a review, as message and hint.
#[must_use]
pub fn refusal(refusal: Refusal) -> (&'static str, &'static str) {
    match refusal {
        Refusal::Errors => {
            ("the plan has errors; nothing was sent", "mend what the findings above name, then plan again")
        }
        Refusal::Unknown => (
            "some managed settings could not be read; nothing was sent",
            "give the access that is missing, or leave those settings out of the policy",
        ),
    }
}

/// What happened to a step that is not simply verified, as message and hint.
#[must_use]
pub fn step_result(surface: Surface, result: &StepResult) -> Option<(String, String)> {
    Some(match result {
        StepResult::Verified => return None,
        StepResult::Unverified { pending, trouble } => {
            let why = trouble.as_ref().map(|trouble| format!(": {}", error_line(trouble))).unwrap_or_default();
            (
                format!("sent, but the tenant does not show {} yet{why}", pending.join(", ")),
                "plan again in a few minutes; raise --verify-timeout if this tenant is always slow".to_owned(),
            )
        }
        StepResult::Mismatch { ignored, changed } => {
            let ignored = (!ignored.is_empty()).then(|| format!("the service ignores {}", ignored.join(", ")));
            let changed = (!changed.is_empty()).then(|| format!("{} is something else by now", changed.join(", ")));
            let what: Vec<_> = ignored.into_iter().chain(changed).collect();
            (
                format!("sent, and the tenant does not show all of it: {}", what.join("; ")),
                "plan again and look: somebody may be editing the tenant, or the service has changed".to_owned(),
            )
        }
        StepResult::SideEffects { keys } => (
            format!("verified, but {} moved as well, which no change meant", moved(surface, keys)),
            "somebody may be editing the tenant right now; plan again and look".to_owned(),
        ),
        StepResult::Conflict { keys } => {
            (format!("not sent: {} moved since the plan saw it", moved(surface, keys)), PLAN_AGAIN.to_owned())
        }
        StepResult::Failed(trouble) => (format!("not applied: {}", error_line(trouble)), way_out(trouble)),
        StepResult::Interrupted => ("not sent: the run was interrupted".to_owned(), "apply again".to_owned()),
        StepResult::Abandoned { failed } => (
            format!("not sent: request {} failed, and what had got through is taken back", failed + 1),
            "mend that one first, then apply again".to_owned(),
        ),
        StepResult::Skipped { waited_for } => (
            format!("not sent: it waits for request {}, which did not get through", waited_for + 1),
            "mend that one first, then apply again".to_owned(),
        ),
    })
}

/// Keys on the wire, by the settings that people know where there are any.
fn moved(surface: Surface, keys: &[String]) -> String {
    let mut names: Vec<String> = Vec::new();
    for key in keys {
        let known = catalog::ALL.iter().find(|row| row.surface == surface && row.keys.contains(&key.as_str()));
        let name = known.map_or_else(|| format!("`{key}` of {}", surface.name()), |row| row.name.to_owned());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}
