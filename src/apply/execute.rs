//! Carries out an approved plan: fence, then for each step write and verify. Independent steps go on after a failure;
//! dependents are skipped and name the step they waited for.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use crate::apply::bounds::Bounds;
use crate::apply::fence::{self, Closed};
use crate::apply::outcome::{Outcome, StepOutcome, StepResult};
use crate::apply::verify;
use crate::plan::change::Step;
use crate::review::approve::Approved;
use crate::tenant::document::Document;
use crate::tenant::port::WriteTenant;
use crate::tenant::surface::Surface;
use crate::tenant::trouble::TroubleKind;

/// Applies an approved plan. An empty plan sends nothing at all.
///
/// # Errors
/// [`Closed`] when the tenant is not what the plan saw; nothing has been written then.
pub async fn execute(tenant: &impl WriteTenant, approved: &Approved, bounds: Bounds<'_>) -> Result<Outcome, Closed> {
    let plan = approved.plan();
    // A run that is to stop sends nothing, so there is nothing to fence.
    let stopped = bounds.stop.load(Ordering::Relaxed);
    let mut known = if stopped { BTreeMap::new() } else { fence::all(tenant, plan).await? };
    let mut outcome = Outcome::default();
    for (index, step) in plan.steps.iter().enumerate() {
        let result = match blocked(step, &outcome) {
            _ if bounds.stop.load(Ordering::Relaxed) => StepResult::Interrupted,
            Some(waited_for) => StepResult::Skipped { waited_for },
            None => carry_out(tenant, step, index, &mut known, bounds).await,
        };
        outcome.steps.push(StepOutcome { step: step.clone(), result });
    }
    Ok(outcome)
}

/// The earlier step that this one waits for and that did not get through.
fn blocked(step: &Step, outcome: &Outcome) -> Option<usize> {
    step.waits_for
        .iter()
        .copied()
        .find(|index| !outcome.steps.get(*index).is_some_and(|done| done.result.got_through()))
}

async fn carry_out(
    tenant: &impl WriteTenant,
    step: &Step,
    index: usize,
    known: &mut BTreeMap<Surface, Document>,
    bounds: Bounds<'_>,
) -> StepResult {
    // The first step's fence has only just been read; later ones look again, because time has passed.
    if index > 0
        && let Some(stop) = fence_again(tenant, step.surface, known).await
    {
        return stop;
    }
    let Some(before) = known.get(&step.surface).cloned() else {
        return StepResult::Moved { keys: Vec::new() };
    };
    let lost = match tenant.write(step.surface, &step.body).await {
        Ok(()) => None,
        Err(trouble) => match trouble.kind {
            TroubleKind::NoAccess(_) | TroubleKind::Refused | TroubleKind::NotFound | TroubleKind::Unavailable => {
                return StepResult::Failed(trouble);
            }
            // Whether it took effect is not known: settled by reading, never by sending again.
            TroubleKind::AnswerLost | TroubleKind::Unintelligible => Some(trouble),
        },
    };
    let (result, now) = verify::verify(tenant, step, &before, bounds).await;
    known.extend(now.map(|now| (step.surface, now)));
    match result {
        StepResult::Unverified { pending, trouble } => StepResult::Unverified { pending, trouble: trouble.or(lost) },
        settled => settled,
    }
}

async fn fence_again(
    tenant: &impl WriteTenant,
    surface: Surface,
    known: &BTreeMap<Surface, Document>,
) -> Option<StepResult> {
    match tenant.read(surface).await {
        Err(trouble) => Some(StepResult::Failed(trouble)),
        Ok(now) => {
            let keys = fence::moved_keys(surface, known.get(&surface), &now);
            (!keys.is_empty()).then_some(StepResult::Moved { keys })
        }
    }
}
