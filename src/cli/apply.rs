//! `apply`: plan, ask, apply, prove.

use crate::base::exit::Exit;
use crate::cli::compose::Setup;
use crate::cli::failure::Failure;
use crate::cli::options::{ApplyArgs, Format};
use crate::cli::stop::Stop;
use crate::cli::{applied, approval, policies, rollout, validate};
use crate::render::report::{Applied, PerTenant};
use crate::render::{json, markdown, terminal};

/// Applies every policy that a person, or `--auto-approve`, says yes to.
///
/// # Errors
/// When the result cannot be written.
pub async fn run(setup: &Setup, arguments: &ApplyArgs, stop: &Stop) -> Result<Exit, Failure> {
    let gathered = policies::gather(&arguments.paths.paths, &setup.options);
    if gathered.is_invalid() {
        return validate::report(&setup.output, setup.options.format, &gathered);
    }
    gathered.tell_left_out(setup);
    let (desired, standards) = gathered.some(setup.options.tenant.as_ref())?;
    let rings = standards.rings().clone();
    // Until here nothing is written, so it may be cut off anywhere; from there on, only between two writes.
    let (planned, yes) = match stop.or(approval::prepare(setup, arguments, desired, standards)).await {
        Ok(prepared) => prepared?,
        Err(exit) => {
            setup.output.talk("\nstopped before anything was sent");
            return Ok(exit);
        }
    };
    let tenants = rollout::all(setup, planned, &rings, yes, &arguments.write, stop).await;
    tell(setup, &tenants, stop)
}

/// Prints what an apply came to.
///
/// # Errors
/// When it cannot be written.
pub fn tell(setup: &Setup, tenants: &[PerTenant<Applied>], stop: &Stop) -> Result<Exit, Failure> {
    let exit = stop.exit().unwrap_or_else(|| applied::exit(tenants));
    setup.output.result(setup.options.format, |format| match format {
        Format::Terminal | Format::Sarif | Format::Github | Format::Html | Format::Text => terminal::apply(tenants),
        Format::Markdown => markdown::apply(tenants),
        Format::Json => json::apply(tenants, exit),
    })?;
    Ok(exit)
}
