//! Executes an approved plan: checks the preconditions, then for each step journals, writes and verifies. When a step
//! fails, the applied steps are rolled back or left, as `--on-failure` says.

use std::collections::BTreeMap;

use crate::apply::entry::{ApplyEnd, ApplyStarted, FORMAT_VERSION, JournalEvent};
use crate::apply::journal::Journal;
use crate::apply::options::{ApplyOptions, OnFailure};
use crate::apply::outcome::{ApplyOutcome, StepOutcome, StepResult};
use crate::apply::precondition::PreconditionFailed;
use crate::apply::send::{NumberedStep, RequestSender, SendResult, journal_failed};
use crate::apply::{precondition, rollback};
use crate::plan::change::{Plan, Step};
use crate::review::approve::Approved;
use crate::tenant::api::WriteTenant;

/// Applies an approved plan. An empty plan sends nothing at all, and leaves no journal.
///
/// # Errors
/// [`PreconditionFailed`] when the tenant is not what the plan saw, or the journal cannot be written; nothing has been sent then.
pub async fn execute(
    tenant: &impl WriteTenant,
    approved: &Approved,
    bounds: ApplyOptions<'_>,
    journal: &Journal,
) -> Result<ApplyOutcome, PreconditionFailed> {
    let plan = approved.plan();
    // A run that was asked to stop sends nothing, so there is nothing to check.
    let stopped = bounds.cancel.is_cancelled() || plan.steps.is_empty();
    let known = if stopped { BTreeMap::new() } else { precondition::check_preconditions(tenant, plan).await? };
    let (unplanned, before) = (BTreeMap::new(), BTreeMap::new());
    let mut sender = RequestSender { tenant, id: plan.tenant_id, bounds, journal, known, unplanned, before };
    if !stopped {
        sender
            .record(apply_started(plan, journal))
            .map_err(|error| PreconditionFailed::JournalFailed(journal_failed(journal, &error)))?;
    }
    let mut outcome = ApplyOutcome::default();
    for (index, step) in plan.steps.iter().enumerate() {
        let SendResult { result, refused } = match blocked(step, &outcome, bounds) {
            Some(result) => result.into(),
            None => {
                let request = NumberedStep { index, is_reversal: false, step };
                // The first step's document has just been read; later ones are read again, because time has passed.
                if index == 0 { sender.send(request).await } else { sender.check_and_send(request).await }
            }
        };
        outcome.steps.push(StepOutcome { step: step.clone(), result, refused });
    }
    if bounds.on_failure == OnFailure::Rollback && needs_rollback(&outcome) {
        rollback::roll_back(&mut sender, &mut outcome).await;
    }
    if !stopped {
        sender.try_record(JournalEvent::ApplyEnded(apply_ended(&outcome)));
    }
    Ok(outcome)
}

fn apply_started(plan: &Plan, journal: &Journal) -> JournalEvent {
    JournalEvent::ApplyStarted(ApplyStarted {
        format_version: FORMAT_VERSION,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        tenant: plan.tenant.to_string(),
        cloud: plan.cloud.name().to_owned(),
        policy: plan.source.path.clone(),
        requests: plan.steps.len(),
        sandbox: Some(journal.is_embedded()),
    })
}

/// Why a step is skipped.
fn blocked(step: &Step, outcome: &ApplyOutcome, bounds: ApplyOptions<'_>) -> Option<StepResult> {
    if bounds.cancel.is_cancelled() {
        return Some(StepResult::Interrupted);
    }
    let waits = |(index, done): &(usize, &StepOutcome)| {
        // After a request with an unknown outcome the document cannot be compared, so later steps on it are skipped.
        let in_doubt = done.step.surface == step.surface && done.result.was_sent();
        !done.result.is_applied() && (in_doubt || step.waits_for.contains(index))
    };
    if let Some((waited_for, _)) = outcome.steps.iter().enumerate().find(waits) {
        return Some(StepResult::Skipped { waited_for });
    }
    // Steps that would be rolled back are not sent.
    let failed = outcome.steps.iter().position(|done| done.result.failed())?;
    (bounds.on_failure == OnFailure::Rollback).then_some(StepResult::Abandoned { failed })
}

fn needs_rollback(outcome: &ApplyOutcome) -> bool {
    let some = |which: fn(&StepResult) -> bool| outcome.steps.iter().any(|done| which(&done.result));
    some(StepResult::failed) && some(StepResult::was_sent)
}

fn apply_ended(outcome: &ApplyOutcome) -> ApplyEnd {
    match &outcome.rollback {
        Some(rollback) if rollback.is_complete() => ApplyEnd::RolledBack,
        Some(_) => ApplyEnd::RollbackIncomplete,
        None if outcome.steps.iter().all(|done| done.result.is_applied()) => ApplyEnd::Applied,
        None => ApplyEnd::Incomplete,
    }
}
