//! What a look at a tenant, or an apply, comes to for the controller: all is well, or why not and when to try again.

use crate::apply::fence::Closed;
use crate::apply::outcome::{Outcome, StepResult};
use crate::cli::upshot::{self, of_trouble};
use crate::controller::condition::Reason;
use crate::controller::schedule::Class;
use crate::controller::work::{Failure, Verdict};
use crate::render::report::{Applied, Ending, PerTenant};
use crate::render::trouble;
use crate::review::approve::{Refusal, Review};
use crate::tenant::trouble::{Trouble, TroubleKind};

/// What a review comes to when nothing is written.
#[doc(hidden)]
pub fn of_review(review: &Review) -> Verdict {
    match review.refusal() {
        Some(Refusal::Errors) => {
            let message = upshot::errors(&review.findings).unwrap_or_else(|| "the plan has errors".to_owned());
            Verdict::Failed(Failure { class: Class::Terminal, reason: Reason::Refused, message })
        }
        Some(Refusal::Unknown) => {
            let late = |why: &&Trouble| why.kind == TroubleKind::Unavailable;
            let why = review.plan.unknown.iter().map(|unknown| &unknown.why).min_by_key(late).map(of_trouble);
            why.map_or(Verdict::Differs, Verdict::Failed)
        }
        None if review.plan.steps.is_empty() => Verdict::InLine,
        None => Verdict::Differs,
    }
}

/// What an apply of one tenant came to.
#[doc(hidden)]
pub fn of_applied(applied: &PerTenant<Applied>) -> Verdict {
    let Applied { review, ending } = match &applied.result {
        Err(trouble) => return Verdict::Failed(of_trouble(trouble)),
        Ok(applied) => applied,
    };
    match ending {
        Ending::Matched => Verdict::InLine,
        Ending::Refused(_) | Ending::Declined => of_review(review),
        Ending::Closed(closed) => Verdict::Failed(of_closed(closed)),
        Ending::Done(outcome) => of_outcome(outcome),
        Ending::NotBegun { .. } => Verdict::Interrupted,
    }
}

fn of_closed(closed: &Closed) -> Failure {
    let (message, hint) = trouble::closed(closed);
    let (class, reason) = match closed {
        Closed::Stale(_) | Closed::Outdated(_) => (Class::Passing, Reason::Stale),
        Closed::Busy(_) => (Class::Passing, Reason::Unavailable),
        Closed::Unreadable(trouble) | Closed::Unrecorded(trouble) => {
            let Failure { class, reason, .. } = of_trouble(trouble);
            (class, reason)
        }
    };
    Failure { class, reason, message: format!("{message} ({hint})") }
}

fn of_outcome(outcome: &Outcome) -> Verdict {
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
    let told = trouble::step_result(surface, result).map(|(message, hint)| format!("{message} ({hint})"));
    Verdict::Failed(Failure { class, reason, message: told.unwrap_or_default() })
}

fn of_step(result: &StepResult) -> (Class, Reason) {
    match result {
        // What the service itself refuses it refuses again, until the policy says something else.
        StepResult::Failed(trouble) if trouble.kind == TroubleKind::Refused => (Class::Terminal, Reason::Refused),
        StepResult::Failed(trouble) => {
            let Failure { class, reason, .. } = of_trouble(trouble);
            (class, reason)
        }
        StepResult::Moved { .. } => (Class::Passing, Reason::Stale),
        StepResult::Verified
        | StepResult::Unverified { .. }
        | StepResult::Differs { .. }
        | StepResult::Collateral { .. }
        | StepResult::Interrupted
        | StepResult::Skipped { .. }
        | StepResult::Abandoned { .. } => (Class::Passing, Reason::Unverified),
    }
}
