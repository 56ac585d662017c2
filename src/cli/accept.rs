//! `accept`: what drifted becomes what the policies say.

use crate::base::exit::Exit;
use crate::cli::compose::Context;
use crate::cli::failure::RunError;
use crate::cli::options::Paths;
use crate::cli::{amend, ending, gather, policies, validate};
use crate::plan::accept;
use crate::plan::import::SkippedSetting;
use crate::render::report::TenantResult;
use crate::render::terminal::accept::{AcceptResult, accepted};
use crate::review::approve;
use crate::tenant::snapshot;

/// Writes into each tenant's own file what the tenant has where it drifted. Nothing in a tenant is touched, and a baseline
/// is never changed: others stand on it.
///
/// # Errors
/// When a file cannot be written, or the policies would not be valid afterwards; then all of them are as they were.
pub async fn run(setup: &Context, arguments: &Paths) -> Result<Exit, RunError> {
    let gathered = policies::load(&arguments.paths, &setup.options);
    if gathered.is_invalid() {
        return validate::report(&setup.output, setup.options.format, &gathered);
    }
    let (desired, standards) = gathered.require_any(setup.options.tenant.as_ref())?;
    let mut tenants = gather::for_each_tenant(setup, desired, async |reader, desired| {
        let snapshot = snapshot::read(&reader, &desired.tenant, &desired.read_set(), &setup.clock).await?;
        let plan = approve::review(&desired, &snapshot, &standards).plan;
        let (accepted, mut left_out) = accept::accept_drift(&plan, &snapshot);
        left_out.extend(
            plan.unknown
                .iter()
                .map(|unknown| SkippedSetting { setting: unknown.setting.name, reason: unknown.why.message.clone() }),
        );
        Ok((AcceptResult { accepted, left_out }, desired))
    })
    .await;
    let mut texts = Vec::new();
    for (one, desired) in tenants.iter_mut().filter_map(|tenant| tenant.result.as_mut().ok()) {
        texts.extend(amend::amended(one, desired));
    }
    let tenants: Vec<_> = tenants
        .into_iter()
        .map(|TenantResult { tenant, path, result }| TenantResult { tenant, path, result: result.map(|(one, _)| one) })
        .collect();
    amend::write(setup, arguments, &texts)?;
    setup.output.write_result(&accepted(&tenants))?;
    let left = tenants.iter().any(|tenant| tenant.result.as_ref().is_ok_and(|one| !one.left_out.is_empty()));
    let troubles = tenants.iter().filter_map(|tenant| tenant.result.as_ref().err()).map(ending::of_trouble);
    Ok(ending::worst(troubles.chain(left.then_some(Exit::Failed))))
}
