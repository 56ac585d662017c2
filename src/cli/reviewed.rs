//! `apply --plan`: exactly what was reviewed, or nothing.

use std::path::{Path, PathBuf};

use crate::apply::precondition::PreconditionFailed;
use crate::base::exit::Exit;
use crate::cli::approval::{self, Planned};
use crate::cli::compose::Context;
use crate::cli::failure::RunError;
use crate::cli::options::ApplyArgs;
use crate::cli::stop::Shutdown;
use crate::cli::{allow, applied, gather, policies, reviewed_file, rollout, validate};
use crate::render::report::{ApplyEnding, ApplyResult, TenantResult};
use crate::render::text::review_mismatch;
use crate::review::approve::Review;
use crate::review::file::compare::{ReviewMismatch, is_done, mismatches};
use crate::review::file::format::{ReviewedTenant, SavedReview};
use crate::tenant::error::TenantError;

/// Plans again what a saved review is about, and applies it where that comes to the very same requests, in every tenant.
///
/// # Errors
/// When the file will not do, a policy has moved, or the result cannot be written.
pub async fn run(setup: &Context, file: &Path, arguments: &ApplyArgs, stop: &Shutdown) -> Result<Exit, RunError> {
    let only = setup.options.tenant.as_ref();
    let saved = reviewed_file::load(file, only)?;
    let paths: Vec<_> = saved.tenants.iter().map(|tenant| PathBuf::from(&tenant.policy)).collect();
    let gathered = policies::load(&paths, &setup.options);
    if gathered.is_invalid() {
        return validate::report(&setup.output, setup.options.format, &gathered);
    }
    let (desired, standards) = gathered.require_any(only)?;
    let rings = standards.rings().clone();
    let standards = arguments.allow.of(standards);
    let plans = gather::for_each_tenant(setup, desired, async |reader, desired| {
        // That somebody else's object may be taken over is said anew: a file cannot say it.
        let reader = reader.adopting(arguments.adopt);
        let review = gather::review_tenant(setup, &reader, &desired, &standards).await?;
        Ok((reader, review))
    });
    let planned = match stop.run_until_requested(plans).await {
        Ok(planned) => planned,
        Err(exit) => return Ok(applied::stopped(setup, exit)),
    };
    if let Some(tenants) = outdated(&saved, &planned) {
        return applied::tell(setup, &tenants, stop);
    }
    let reviews = planned.iter().filter_map(|one| one.result.as_ref().ok()).map(|(_, review)| review);
    allow::within_limits(&standards, reviews)?;
    let yes = match stop.run_until_requested(approval::approved(setup, &arguments.write, &planned)).await {
        Ok(yes) => yes?,
        Err(exit) => return Ok(applied::stopped(setup, exit)),
    };
    let tenants = rollout::apply_by_ring(setup, planned, &rings, yes, &arguments.write, stop).await;
    applied::tell(setup, &tenants, stop)
}

/// How it ends for every tenant where one of them is not what was reviewed, or cannot be read: nothing is sent to any.
fn outdated(saved: &SavedReview, planned: &[Planned]) -> Option<Vec<TenantResult<ApplyResult>>> {
    let known = |name: &str| saved.tenants.iter().find(|tenant| tenant.tenant == name);
    let found: Vec<_> = planned
        .iter()
        .map(|tenant| tenant.result.as_ref().map(|(_, review)| of(known(&tenant.tenant), review)))
        .collect();
    let same = found.iter().all(|moved| moved.as_ref().is_ok_and(Vec::is_empty));
    if same && found.len() == saved.tenants.len() {
        return None;
    }
    let endings = planned.iter().zip(found).map(|(tenant, found)| {
        let result = match (&tenant.result, found) {
            (Ok((_, review)), Ok(moved)) => Ok(closed(known(&tenant.tenant), review, &moved)),
            (Err(why), _) | (_, Err(why)) => Err(why.clone()),
        };
        TenantResult { tenant: tenant.tenant.clone(), path: tenant.path.clone(), result }
    });
    Some(endings.collect())
}

fn of(saved: Option<&ReviewedTenant>, review: &Review) -> Vec<ReviewMismatch> {
    saved.map_or_else(|| vec![ReviewMismatch::Tenant], |saved| mismatches(saved, review))
}

fn closed(saved: Option<&ReviewedTenant>, review: &Review, moved: &[ReviewMismatch]) -> ApplyResult {
    let done = saved.is_some_and(|saved| is_done(saved, review));
    let why: TenantError = review_mismatch::error(moved, done, &review.plan.group_names);
    ApplyResult {
        review: review.clone(),
        ending: ApplyEnding::PreconditionFailed(PreconditionFailed::ReviewOutdated(why)),
    }
}
