//! What comes before an apply: the plans, and a yes to them.

use crate::catalog::desired::Desired;
use crate::cli::ask::{Confirmation, confirm};
use crate::cli::compose::Context;
use crate::cli::failure::RunError;
use crate::cli::options::ApplyArgs;
use crate::cli::write_options::WriteArgs;
use crate::cli::{allow, gather, unfinished};
use crate::client::TenantReader;
use crate::render::report::TenantResult;
use crate::render::terminal;
use crate::review::approve::Review;
use crate::review::config::ReviewConfig;

/// A tenant with the plan for it and the way to read it again.
pub type Planned = TenantResult<(TenantReader, Review)>;

/// Plans every tenant, and asks. Nothing is written.
///
/// # Errors
/// When more would change than may, or a yes is needed and nobody is there to give it.
pub async fn plan_all(
    setup: &Context,
    arguments: &ApplyArgs,
    desired: Vec<Desired>,
    standards: ReviewConfig,
) -> Result<(Vec<Planned>, bool), RunError> {
    let standards = arguments.allow.of(standards);
    let planned = gather::for_each_tenant(setup, desired, async |reader, desired| {
        let reader = reader.adopting(arguments.adopt);
        let review = gather::review_tenant(setup, &reader, &desired, &standards).await?;
        Ok((reader, review))
    })
    .await;
    allow::within_limits(
        &standards,
        planned.iter().filter_map(|one| one.result.as_ref().ok()).map(|(_, review)| review),
    )?;
    let yes = approved(setup, &arguments.write, &planned).await?;
    Ok((planned, yes))
}

/// Whether what can be applied may be applied. Shows the plan first where a person is asked.
///
/// # Errors
/// When a yes is needed and nobody is there to give it.
pub async fn approved(setup: &Context, arguments: &WriteArgs, planned: &[Planned]) -> Result<bool, RunError> {
    let applicable = |tenant: &Planned| {
        tenant.result.as_ref().is_ok_and(|(_, review)| review.refusal().is_none() && !review.plan.steps.is_empty())
    };
    let many = planned.iter().filter(|tenant| applicable(tenant)).count();
    if many > 0 {
        unfinished::warn_of_unreadable(setup, &arguments.journal);
    }
    if many == 0 || arguments.auto_approve {
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
    for (_, review) in planned.iter().filter_map(|tenant| tenant.result.as_ref().ok()) {
        unfinished::report_interrupted_runs(setup, &arguments.journal, review.plan.tenant_id);
    }
    setup.output.note(&terminal::plan(&shown));
    let question = format!("\nApply this to {many} of {} tenants?", planned.len());
    match confirm(&setup.output, &question, setup.options.no_input).await {
        Confirmation::Approved => Ok(true),
        Confirmation::Declined => Ok(false),
        Confirmation::NotInteractive => Err(RunError::refused("apply needs a yes, and there is no terminal to ask at")
            .hint("review the plan, then pass --auto-approve")),
    }
}
