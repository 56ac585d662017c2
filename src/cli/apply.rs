//! `apply`: plan, ask, apply, prove.

use crate::base::exit::Exit;
use crate::cli::compose::Context;
use crate::cli::failure::RunError;
use crate::cli::options::ApplyArgs;
use crate::cli::stop::Shutdown;
use crate::cli::{applied, approval, policies, reviewed, rollout, validate};

/// Applies every policy that a person, or `--auto-approve`, says yes to.
///
/// # Errors
/// When the result cannot be written.
pub async fn run(setup: &Context, arguments: &ApplyArgs, stop: &Shutdown) -> Result<Exit, RunError> {
    if let Some(file) = &arguments.plan {
        return reviewed::run(setup, file, arguments, stop).await;
    }
    let gathered = policies::load(&arguments.paths.paths, &setup.options);
    if gathered.is_invalid() {
        return validate::report(&setup.output, setup.options.format, &gathered);
    }
    gathered.report_skipped(setup);
    let (desired, standards) = gathered.require_any(setup.options.tenant.as_ref())?;
    let rings = standards.rings().clone();
    // Until here nothing is written, so it may be cut off anywhere; from there on, only between two writes.
    let (planned, yes) = match stop.run_until_requested(approval::plan_all(setup, arguments, desired, standards)).await
    {
        Ok(prepared) => prepared?,
        Err(exit) => return Ok(applied::stopped(setup, exit)),
    };
    let tenants = rollout::apply_by_ring(setup, planned, &rings, yes, &arguments.write, stop).await;
    applied::tell(setup, &tenants, stop)
}
