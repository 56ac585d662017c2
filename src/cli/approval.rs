//! Shows a plan, asks for approval, applies it and shows the result: the same for `apply`, `apply --plan` and `rollback`.

use std::sync::Arc;

use clap::ValueEnum;

use crate::apply::precondition::PreconditionFailed;
use crate::base::count::counted;
use crate::base::exit::Exit;
use crate::base::source::Source;
use crate::cli::context::Context;
use crate::cli::format::ResultArgs;
use crate::cli::question::{ask, can_ask};
use crate::engine::context::WriteOptions;
use crate::engine::disposition::exit_of_apply;
use crate::engine::error::RunError;
use crate::engine::recovery::report_interrupted_runs;
use crate::engine::result::{ApplyEnding, ApplyResult, FleetView, PlanScope, PlannedTenant, TenantResult};
use crate::engine::review::reviews;
use crate::engine::review_file::{self, OutdatedTenant};
use crate::engine::rollout::apply_by_ring;
use crate::render::text::review_mismatch;
use crate::render::{html, json, markdown, terminal};
use crate::review::exceptions::Exception;
use crate::review::rings::Rings;

/// The formats of `apply` and `rollback`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ApplyFormat {
    /// For people at a terminal
    Terminal,
    /// For a pull-request comment
    Markdown,
    /// One JSON document, see `ssprctl schema`
    Json,
    /// One page without a script
    Html,
}

/// What a person answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Confirmation {
    Approved,
    Declined,
    /// Standard input is no terminal, or `--no-input` forbids questions.
    NotInteractive,
}

/// Whether the plans of a command, which were reviewed with these exceptions, may be applied: `auto_approve` says so, or a
/// person is shown both and asked.
///
/// # Errors
/// When approval is needed and nobody can be asked.
pub(crate) async fn approved(
    context: &Context,
    command: &str,
    auto_approve: bool,
    planned: &[PlannedTenant],
    view: FleetView<'_>,
    exceptions: &[Exception],
) -> Result<bool, RunError> {
    let applicable = reviews(planned).filter(|review| review.is_applicable()).count();
    if applicable == 0 || auto_approve {
        return Ok(true);
    }
    let shown: Vec<_> = planned
        .iter()
        .map(|tenant| TenantResult {
            tenant: tenant.tenant.clone(),
            path: tenant.path.clone(),
            result: tenant.result.as_ref().map(|(_, review)| review.clone()).map_err(Clone::clone),
        })
        .collect();
    for review in reviews(planned) {
        report_interrupted_runs(&context.run, review.plan.tenant_id);
    }
    let scope = PlanScope { fleet: view, ..PlanScope::default() };
    context.output.say(&terminal::plan(&shown, scope, exceptions));
    let question = format!("\nApply this to {applicable} of {}?", counted(planned.len() as u64, "tenant", "tenants"));
    match confirm(context, &question).await {
        Confirmation::Approved => Ok(true),
        Confirmation::Declined => Ok(false),
        Confirmation::NotInteractive => {
            Err(RunError::refused(format!("{command} needs approval, and there is no terminal to ask for it"))
                .hint("review the plan, then pass --auto-approve"))
        }
    }
}

/// Asks a question that only the word `yes` answers with yes.
async fn confirm(context: &Context, question: &str) -> Confirmation {
    if !can_ask(context) {
        return Confirmation::NotInteractive;
    }
    let answer = ask(context, &format!("{question}\nType `yes` to apply; any other answer cancels:")).await;
    if answer.as_deref() == Some("yes") { Confirmation::Approved } else { Confirmation::Declined }
}

/// Notes that a run was stopped before it sent anything.
pub(crate) fn stopped(context: &Context, exit: Exit) -> Exit {
    context.output.say("\nstopped before anything was sent");
    exit
}

/// Applies the plans by the rings of the view, or all at once where it has none, if they are approved, and shows the result,
/// also of the tenants that are held back.
///
/// # Errors
/// When the result cannot be written.
pub(crate) async fn apply_and_show(
    context: &Context,
    (planned, held_back): (Vec<PlannedTenant>, Vec<TenantResult<ApplyResult>>),
    policies: &[Arc<Source>],
    view: FleetView<'_>,
    approved: bool,
    options: &WriteOptions,
    formats: &ResultArgs<ApplyFormat>,
) -> Result<Exit, RunError> {
    let no_rings = Rings::default();
    let rings = view.rings.unwrap_or(&no_rings);
    context.shutdown.begin_writing();
    let (tenants, journal) = apply_by_ring(&context.run, planned, held_back, rings, approved, options).await;
    let exit = show_result(context, formats, (&tenants, policies), view)?;
    if exit == Exit::Done {
        journal?;
    }
    Ok(exit)
}

/// Shows the result of an apply, which was made from these policies, in the formats of the command, and returns the exit code.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn show_result(
    context: &Context,
    formats: &ResultArgs<ApplyFormat>,
    (tenants, policies): (&[TenantResult<ApplyResult>], &[Arc<Source>]),
    view: FleetView<'_>,
) -> Result<Exit, RunError> {
    let exit = context.shutdown.exit().unwrap_or_else(|| exit_of_apply(tenants));
    context.output.result(formats, |format| match format {
        ApplyFormat::Terminal => terminal::apply(tenants, view),
        ApplyFormat::Markdown => markdown::apply(tenants, view),
        ApplyFormat::Json => json::apply(tenants, policies, context.ended(exit)),
        ApplyFormat::Html => html::result(&json::apply(tenants, policies, context.ended(exit)), context.run.today),
    })?;
    Ok(exit)
}

/// The results of tenants that are held back, because they are not what was reviewed, or because that cannot be known: what
/// was read for the review could not be read again.
pub(crate) fn held_back(outdated: Vec<OutdatedTenant>) -> Vec<TenantResult<ApplyResult>> {
    let results = outdated.into_iter().map(|OutdatedTenant { tenant, mismatches, is_done }| {
        let TenantResult { tenant, path, result } = tenant;
        let result = result.map(|review| {
            let why = match review_file::read_error(&mismatches, &review) {
                Some(error) => PreconditionFailed::ReadFailed(error.clone()),
                None => {
                    let why = review_mismatch::error(&mismatches, is_done, &review.plan.group_names);
                    PreconditionFailed::ReviewOutdated(why)
                }
            };
            ApplyResult { review, ending: ApplyEnding::PreconditionFailed(why) }
        });
        TenantResult { tenant, path, result }
    });
    results.collect()
}

/// The results of a run that stops because tenants are stale or cannot be read: nothing was sent. A tenant in sync would have
/// been sent nothing in any case.
pub(crate) fn stopped_results(
    planned: Vec<PlannedTenant>,
    held_back: Vec<TenantResult<ApplyResult>>,
) -> Vec<TenantResult<ApplyResult>> {
    let stopped = planned.into_iter().map(|TenantResult { tenant, path, result }| {
        let result = result.map(|(_, review)| {
            let ending = if review.has_no_request() {
                ApplyEnding::InSync
            } else {
                ApplyEnding::PreconditionFailed(PreconditionFailed::ReviewStopped)
            };
            ApplyResult { review, ending }
        });
        TenantResult { tenant, path, result }
    });
    let mut all: Vec<_> = stopped.chain(held_back).collect();
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all
}
