//! `apply`: plan, ask, apply, prove.

use futures::{StreamExt, stream};

use crate::apply::bounds::Bounds;
use crate::apply::execute::execute;
use crate::base::exit::Exit;
use crate::cli::approval::{self, Planned};
use crate::cli::compose::Setup;
use crate::cli::failure::Failure;
use crate::cli::options::{ApplyArgs, Format};
use crate::cli::stop::Stop;
use crate::cli::{ending, policies, remembered, validate};
use crate::client::{Reader, Writer};
use crate::render::report::{Applied, Ending, PerTenant};
use crate::render::{json, markdown, terminal};
use crate::review::approve::Review;

/// Applies every policy that a person, or `--auto-approve`, says yes to.
///
/// # Errors
/// When the result cannot be written.
pub async fn run(setup: &Setup, arguments: &ApplyArgs, stop: &Stop) -> Result<Exit, Failure> {
    let gathered = policies::gather(&arguments.paths.paths, &setup.options);
    if gathered.is_invalid() {
        return validate::report(&setup.output, setup.options.format, &gathered);
    }
    let (desired, standards) = gathered.some(setup.options.tenant.as_ref())?;
    // Until here nothing is written, so it may be cut off anywhere; from there on, only between two writes.
    let (planned, yes) = match stop.or(approval::prepare(setup, arguments, desired, &standards)).await {
        Ok(prepared) => prepared?,
        Err(exit) => {
            setup.output.talk("\nstopped before anything was sent");
            return Ok(exit);
        }
    };
    let works = planned.into_iter().map(|tenant| finish(setup, tenant, yes, arguments, stop));
    let tenants: Vec<_> = stream::iter(works).buffered(setup.options.parallel.into()).collect().await;
    let exit = stop.exit().unwrap_or_else(|| ending::of_applied(&tenants));
    setup.output.data(&match setup.options.format {
        Format::Terminal | Format::Sarif | Format::Github => terminal::apply(&tenants),
        Format::Markdown => markdown::apply(&tenants),
        Format::Json => json::apply(&tenants, exit),
    })?;
    Ok(exit)
}

async fn finish(setup: &Setup, tenant: Planned, yes: bool, arguments: &ApplyArgs, stop: &Stop) -> PerTenant<Applied> {
    let PerTenant { tenant, path, result } = tenant;
    let result = match result {
        Err(trouble) => Err(trouble),
        Ok((reader, review)) => {
            let ending = end(reader, review.clone(), yes, arguments, stop).await;
            remembered::applied(setup, &review.plan, &ending);
            Ok(Applied { review, ending })
        }
    };
    PerTenant { tenant, path, result }
}

async fn end(reader: Reader, review: Review, yes: bool, arguments: &ApplyArgs, stop: &Stop) -> Ending {
    if review.refusal().is_none() && review.plan.steps.is_empty() {
        return Ending::Matched;
    }
    if !yes {
        return review.refusal().map_or(Ending::Declined, Ending::Refused);
    }
    let bounds = Bounds { verify: arguments.verify_timeout, stop: stop.flag() };
    match review.approve() {
        Err(refusal) => Ending::Refused(refusal),
        Ok(approved) => {
            execute(&Writer::new(reader), &approved, bounds).await.map_or_else(Ending::Closed, Ending::Done)
        }
    }
}
