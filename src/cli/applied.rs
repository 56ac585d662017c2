//! What an apply comes to: its exit code, and its result in print.

use crate::apply::outcome::{ApplyOutcome, StepResult};
use crate::apply::precondition::PreconditionFailed;
use crate::base::exit::Exit;
use crate::cli::compose::Context;
use crate::cli::ending::{of_review, of_trouble, worst};
use crate::cli::failure::RunError;
use crate::cli::options::Format;
use crate::cli::stop::Shutdown;
use crate::render::report::{ApplyEnding, ApplyResult, TenantResult};
use crate::render::{json, markdown, terminal};

/// Says that a run was stopped early enough.
pub fn stopped(setup: &Context, exit: Exit) -> Exit {
    setup.output.note("\nstopped before anything was sent");
    exit
}

/// Prints what an apply came to.
///
/// # Errors
/// When it cannot be written.
pub fn tell(setup: &Context, tenants: &[TenantResult<ApplyResult>], stop: &Shutdown) -> Result<Exit, RunError> {
    let ended = stop.exit().unwrap_or_else(|| exit(tenants));
    setup.output.result(setup.options.format, |format| match format {
        Format::Terminal | Format::Sarif | Format::Github | Format::Html | Format::Text => terminal::apply(tenants),
        Format::Markdown => markdown::apply(tenants),
        Format::Json => json::apply(tenants, ended),
    })?;
    Ok(ended)
}

/// How an apply ends.
#[must_use]
pub fn exit(tenants: &[TenantResult<ApplyResult>]) -> Exit {
    worst(tenants.iter().map(|tenant| match &tenant.result {
        Err(trouble) => of_trouble(trouble),
        Ok(applied) => match &applied.ending {
            ApplyEnding::InSync => Exit::Done,
            ApplyEnding::Refused(_) => of_review(&applied.review, Exit::Refused),
            ApplyEnding::Declined => Exit::Refused,
            // What went wrong in the ring before says how it ends.
            ApplyEnding::RingNotStarted { .. } => Exit::Done,
            ApplyEnding::PreconditionFailed(
                PreconditionFailed::TenantChanged(_) | PreconditionFailed::ReviewOutdated(_),
            ) => Exit::Stale,
            ApplyEnding::PreconditionFailed(
                PreconditionFailed::ReadFailed(trouble)
                | PreconditionFailed::JournalFailed(trouble)
                | PreconditionFailed::Locked(trouble),
            ) => of_trouble(trouble),
            ApplyEnding::Executed(outcome) => of_outcome(outcome),
        },
    }))
}

fn of_outcome(outcome: &ApplyOutcome) -> Exit {
    match &outcome.rollback {
        Some(undone) if undone.is_complete() => return Exit::RolledBack,
        Some(_) => return Exit::Failed,
        None => {}
    }
    worst(outcome.steps.iter().map(|done| match &done.result {
        StepResult::Verified => Exit::Done,
        StepResult::Unverified { .. } | StepResult::Mismatch { .. } | StepResult::SideEffects { .. } => {
            Exit::Unverified
        }
        // Part of the plan stands and part does not: nothing to say but that it failed. A plan of which nothing was sent
        // because access is missing says that instead.
        StepResult::Failed(trouble) if outcome.requests() == 0 => of_trouble(trouble),
        StepResult::Skipped { .. } | StepResult::Abandoned { .. } if outcome.requests() == 0 => Exit::Done,
        StepResult::Interrupted => Exit::Interrupted,
        StepResult::Failed(_)
        | StepResult::Skipped { .. }
        | StepResult::Abandoned { .. }
        | StepResult::Conflict { .. } => Exit::Failed,
    }))
}
