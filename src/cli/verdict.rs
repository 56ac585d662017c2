//! What a look at a tenant, or an apply, comes to for the controller: all is well, or why not and when to try again.

use crate::apply::outcome::{ApplyOutcome, StepResult};
use crate::apply::precondition::PreconditionFailed;
use crate::cli::upshot::{self, of_trouble};
use crate::controller::condition::Reason;
use crate::controller::reconcile::{ReconcileFailure, Verdict};
use crate::controller::schedule::Retry;
use crate::render::report::{ApplyEnding, ApplyResult, TenantResult};
use crate::render::text::error;
use crate::review::approve::{Refusal, Review};
use crate::tenant::error::{TenantError, TenantErrorKind};

/// What a review comes to when nothing is written.
#[doc(hidden)]
pub fn of_review(review: &Review) -> Verdict {
    match review.refusal() {
        Some(Refusal::Errors) => {
            let message = upshot::errors(&review.findings).unwrap_or_else(|| "the plan has errors".to_owned());
            Verdict::Failed(ReconcileFailure { class: Retry::Never, reason: Reason::Refused, message })
        }
        Some(Refusal::Unknown) => {
            let late = |why: &&TenantError| why.kind == TenantErrorKind::Unavailable;
            let why = review.plan.unknown.iter().map(|unknown| &unknown.why).min_by_key(late).map(of_trouble);
            why.map_or(Verdict::Differs, Verdict::Failed)
        }
        None if review.plan.steps.is_empty() => Verdict::InLine,
        None => Verdict::Differs,
    }
}

/// What an apply of one tenant came to.
#[doc(hidden)]
pub fn of_applied(applied: &TenantResult<ApplyResult>) -> Verdict {
    let ApplyResult { review, ending } = match &applied.result {
        Err(trouble) => return Verdict::Failed(of_trouble(trouble)),
        Ok(applied) => applied,
    };
    match ending {
        ApplyEnding::InSync => Verdict::InLine,
        ApplyEnding::Refused(_) | ApplyEnding::Declined => of_review(review),
        ApplyEnding::PreconditionFailed(closed) => Verdict::Failed(of_closed(closed)),
        ApplyEnding::Executed(outcome) => of_outcome(outcome),
        ApplyEnding::RingNotStarted { .. } => Verdict::Interrupted,
    }
}

fn of_closed(closed: &PreconditionFailed) -> ReconcileFailure {
    let (message, hint) = error::precondition_failed(closed);
    let (class, reason) = match closed {
        PreconditionFailed::TenantChanged(_) | PreconditionFailed::ReviewOutdated(_) => {
            (Retry::Transient, Reason::Stale)
        }
        PreconditionFailed::Locked(_) => (Retry::Transient, Reason::Unavailable),
        PreconditionFailed::ReadFailed(trouble) | PreconditionFailed::JournalFailed(trouble) => {
            let ReconcileFailure { class, reason, .. } = of_trouble(trouble);
            (class, reason)
        }
    };
    ReconcileFailure { class, reason, message: format!("{message} ({hint})") }
}

fn of_outcome(outcome: &ApplyOutcome) -> Verdict {
    let results = || outcome.steps.iter().map(|done| (done.step.surface, &done.result));
    if results().all(|(_, result)| *result == StepResult::Verified) {
        return Verdict::Applied(outcome.changed());
    }
    // Whatever got through is found when the controller runs again.
    if results().any(|(_, result)| *result == StepResult::Interrupted) {
        return Verdict::Interrupted;
    }
    let graver = |result: &StepResult| {
        !matches!(result, StepResult::Verified | StepResult::Skipped { .. } | StepResult::Abandoned { .. })
    };
    let Some((surface, result)) = results().find(|(_, result)| graver(result)) else {
        return Verdict::Applied(outcome.changed());
    };
    let (class, reason) = of_step(result);
    let told = error::step_result(surface, result).map(|(message, hint)| format!("{message} ({hint})"));
    Verdict::Failed(ReconcileFailure { class, reason, message: told.unwrap_or_default() })
}

fn of_step(result: &StepResult) -> (Retry, Reason) {
    match result {
        // What the service itself refuses it refuses again, until the policy says something else.
        StepResult::Failed(trouble) if trouble.kind == TenantErrorKind::Refused => (Retry::Never, Reason::Refused),
        StepResult::Failed(trouble) => {
            let ReconcileFailure { class, reason, .. } = of_trouble(trouble);
            (class, reason)
        }
        StepResult::Conflict { .. } => (Retry::Transient, Reason::Stale),
        StepResult::Verified
        | StepResult::Unverified { .. }
        | StepResult::Mismatch { .. }
        | StepResult::SideEffects { .. }
        | StepResult::Interrupted
        | StepResult::Skipped { .. }
        | StepResult::Abandoned { .. } => (Retry::Transient, Reason::Unverified),
    }
}
