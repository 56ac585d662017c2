//! `plan`: what would change.

use crate::base::exit::Exit;
use crate::cli::compose::Setup;
use crate::cli::failure::Failure;
use crate::cli::options::{Format, PlanArgs};
use crate::cli::{allow, ending, gather, people, policies, unfinished, validate};
use crate::render::{github, json, markdown, sarif, terminal, trouble};
use crate::review::approve::Review;

/// Plans every policy and prints what would change.
///
/// # Errors
/// When the result cannot be written.
pub async fn run(setup: &Setup, arguments: &PlanArgs) -> Result<Exit, Failure> {
    let gathered = policies::gather(&arguments.paths.paths, &setup.options);
    if gathered.is_invalid() {
        return validate::report(&setup.output, setup.options.format, &gathered);
    }
    let below = gathered.below.clone();
    gathered.tell_left_out(setup);
    let (desired, standards) = gathered.some(setup.options.tenant.as_ref())?;
    let standards = arguments.allow.of(standards);
    let tenants = gather::each(setup, desired, async |reader, desired| {
        let reader = reader.adopting(arguments.adopt);
        if arguments.impact {
            return people::review(setup, &reader, &desired, &standards).await.map(Review::to_tell);
        }
        gather::review(setup, &reader, &desired, &standards).await.map(Review::to_tell)
    })
    .await;
    for review in tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok()) {
        unfinished::tell(setup, &arguments.journal, review.plan.tenant_id);
    }
    let changes = if arguments.detailed_exitcode { Exit::Changes } else { Exit::Done };
    let held = allow::within_limits(&standards, tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok())).err();
    let exit = ending::worst(held.iter().map(|held| held.exit).chain([ending::of_reviews(&tenants, changes)]));
    setup.output.result(setup.options.format, |format| match format {
        Format::Terminal | Format::Html | Format::Text => terminal::plan(&tenants),
        Format::Markdown => match &held {
            Some(held) => markdown::plan_refused(&tenants, &held.trouble),
            None => markdown::plan(&tenants),
        },
        Format::Json => json::plan(&tenants, exit),
        Format::Sarif => sarif::plan(&tenants, &below, exit),
        Format::Github => github::plan(&tenants, &below),
    })?;
    if let Some(held) = held {
        setup.output.talk(&trouble::trouble(&held.trouble));
    }
    Ok(exit)
}
