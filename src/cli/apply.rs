//! `apply`: plan, ask, apply, prove.

use std::sync::atomic::{AtomicBool, Ordering};

use futures::{StreamExt, stream};

use crate::apply::execute::{Bounds, execute};
use crate::base::exit::Exit;
use crate::cli::ask::{Answer, ask};
use crate::cli::compose::Setup;
use crate::cli::failure::Failure;
use crate::cli::options::{ApplyArgs, Format};
use crate::cli::{ending, gather, validate};
use crate::client::{Reader, Writer};
use crate::render::report::{Applied, Ending, PerTenant};
use crate::render::{json, markdown, terminal};
use crate::review::approve::Review;

type Planned = PerTenant<(Reader, Review)>;

/// Applies every policy that a person, or `--auto-approve`, says yes to.
///
/// # Errors
/// When the result cannot be written.
pub async fn run(setup: &Setup, arguments: &ApplyArgs, stop: &AtomicBool) -> Result<Exit, Failure> {
    let gathered = gather::gather(&arguments.paths.paths, setup.options.tenant.as_ref());
    if gathered.is_invalid() {
        return validate::report(&setup.output, setup.options.format, &gathered);
    }
    let planned: Vec<Planned> =
        gather::each(setup, gathered.some(setup.options.tenant.as_ref())?, async |reader, desired| {
            let review = gather::review(setup, &reader, &desired).await?;
            Ok((reader, review))
        })
        .await;
    let yes = approved(setup, arguments, &planned)?;
    let works = planned.into_iter().map(|tenant| finish(tenant, yes, arguments, stop));
    let tenants: Vec<_> = stream::iter(works).buffered(setup.options.parallel.into()).collect().await;
    let exit = ending::of_applied(&tenants);
    setup.output.data(&match setup.options.format {
        Format::Terminal => terminal::apply(&tenants),
        Format::Markdown => markdown::apply(&tenants),
        Format::Json => json::apply(&tenants, exit),
    })?;
    Ok(exit)
}

/// Whether what can be applied may be applied. Shows the plan first where a person is asked.
fn approved(setup: &Setup, arguments: &ApplyArgs, planned: &[Planned]) -> Result<bool, Failure> {
    let applicable = |tenant: &Planned| {
        tenant.result.as_ref().is_ok_and(|(_, review)| review.refusal().is_none() && !review.plan.steps.is_empty())
    };
    let many = planned.iter().filter(|tenant| applicable(tenant)).count();
    if many == 0 || arguments.auto_approve {
        return Ok(true);
    }
    let shown: Vec<_> = planned
        .iter()
        .map(|tenant| PerTenant {
            tenant: tenant.tenant.clone(),
            path: tenant.path.clone(),
            result: tenant.result.as_ref().map(|(_, review)| review.clone()).map_err(Clone::clone),
        })
        .collect();
    setup.output.talk(&terminal::plan(&shown));
    match ask(&setup.output, &format!("\nApply this to {many} of {} tenants?", planned.len()), setup.options.no_input) {
        Answer::Yes => Ok(true),
        Answer::No => Ok(false),
        Answer::Nobody => Err(Failure::refused("apply needs a yes, and there is no terminal to ask at")
            .hint("review the plan, then pass --auto-approve")),
    }
}

async fn finish(tenant: Planned, yes: bool, arguments: &ApplyArgs, stop: &AtomicBool) -> PerTenant<Applied> {
    let PerTenant { tenant, path, result } = tenant;
    let result = match result {
        Err(trouble) => Err(trouble),
        Ok((reader, review)) => {
            let ending = end(reader, review.clone(), yes, arguments, stop).await;
            Ok(Applied { review, ending })
        }
    };
    PerTenant { tenant, path, result }
}

async fn end(reader: Reader, review: Review, yes: bool, arguments: &ApplyArgs, stop: &AtomicBool) -> Ending {
    if review.refusal().is_none() && review.plan.steps.is_empty() {
        return Ending::Matched;
    }
    if !yes || stop.load(Ordering::Relaxed) {
        return review.refusal().map_or(Ending::Declined, Ending::Refused);
    }
    let bounds = Bounds { verify: arguments.verify_timeout.unsigned_abs(), stop };
    match review.approve() {
        Err(refusal) => Ending::Refused(refusal),
        Ok(approved) => {
            execute(&Writer::new(reader), &approved, bounds).await.map_or_else(Ending::Closed, Ending::Done)
        }
    }
}
