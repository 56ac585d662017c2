//! Carries out an approved plan: fence, then for each step journal, write and verify. When one fails, what got through is
//! taken back or left, as the run was told.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use crate::apply::bounds::{Bounds, OnFailure};
use crate::apply::entry::{Begun, Ended, Event, FORMAT_VERSION};
use crate::apply::fence::{self, Closed};
use crate::apply::journal::Journal;
use crate::apply::outcome::{Outcome, StepOutcome, StepResult};
use crate::apply::rollback;
use crate::apply::send::{Numbered, Sender, unrecorded};
use crate::plan::change::{Plan, Step};
use crate::review::approve::Approved;
use crate::tenant::port::WriteTenant;

/// Applies an approved plan. An empty plan sends nothing at all, and leaves no journal.
///
/// # Errors
/// [`Closed`] when the tenant is not what the plan saw, or the journal cannot be written; nothing has been sent then.
pub async fn execute(
    tenant: &impl WriteTenant,
    approved: &Approved,
    bounds: Bounds<'_>,
    journal: &Journal,
) -> Result<Outcome, Closed> {
    let plan = approved.plan();
    // A run that is to stop sends nothing, so there is nothing to fence.
    let stopped = bounds.stop.load(Ordering::Relaxed) || plan.steps.is_empty();
    let known = if stopped { BTreeMap::new() } else { fence::all(tenant, plan).await? };
    let mut sender = Sender { tenant, id: plan.tenant_id, bounds, journal, known, before: BTreeMap::new() };
    if !stopped {
        sender.record(begun(plan)).map_err(|error| Closed::Unrecorded(unrecorded(journal, &error)))?;
    }
    let mut outcome = Outcome::default();
    for (index, step) in plan.steps.iter().enumerate() {
        let result = match blocked(step, &outcome, bounds) {
            Some(result) => result,
            None => {
                let request = Numbered { index, undoing: false, step };
                // The first step's document has only just been read; later ones look again, because time has passed.
                if index == 0 { sender.send(request).await } else { sender.fence_and_send(request).await }
            }
        };
        outcome.steps.push(StepOutcome { step: step.clone(), result });
    }
    if bounds.on_failure == OnFailure::Rollback && needs_rollback(&outcome) {
        rollback::take_back(&mut sender, &mut outcome).await;
    }
    if !stopped {
        sender.note(Event::Ended(ended(&outcome)));
    }
    Ok(outcome)
}

fn begun(plan: &Plan) -> Event {
    Event::Begun(Begun {
        format_version: FORMAT_VERSION,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        tenant: plan.tenant.to_string(),
        cloud: plan.cloud.name().to_owned(),
        policy: plan.source.path.clone(),
        requests: plan.steps.len(),
    })
}

/// Why a step is not even tried.
fn blocked(step: &Step, outcome: &Outcome, bounds: Bounds<'_>) -> Option<StepResult> {
    if bounds.stop.load(Ordering::Relaxed) {
        return Some(StepResult::Interrupted);
    }
    let waits = |(index, done): &(usize, &StepOutcome)| {
        // A document of which it is not known what a request has made of it cannot be fenced.
        let in_doubt = done.step.surface == step.surface && done.result.was_sent();
        !done.result.got_through() && (in_doubt || step.waits_for.contains(index))
    };
    if let Some((waited_for, _)) = outcome.steps.iter().enumerate().find(waits) {
        return Some(StepResult::Skipped { waited_for });
    }
    // What is going to be taken back need not be sent first.
    let failed = outcome.steps.iter().position(|done| done.result.failed())?;
    (bounds.on_failure == OnFailure::Rollback).then_some(StepResult::Abandoned { failed })
}

fn needs_rollback(outcome: &Outcome) -> bool {
    let some = |which: fn(&StepResult) -> bool| outcome.steps.iter().any(|done| which(&done.result));
    some(StepResult::failed) && some(StepResult::was_sent)
}

fn ended(outcome: &Outcome) -> Ended {
    match &outcome.undone {
        Some(undone) if undone.is_whole() => Ended::RolledBack,
        Some(_) => Ended::Stands,
        None if outcome.steps.iter().all(|done| done.result.got_through()) => Ended::Applied,
        None => Ended::Incomplete,
    }
}
