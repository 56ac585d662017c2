//! `plan`: what would change.

use crate::base::exit::Exit;
use crate::cli::compose::Context;
use crate::cli::failure::RunError;
use crate::cli::options::{Format, PlanArgs};
use crate::cli::{against, allow, ending, gather, people, policies, saved, unfinished, validate};
use crate::render::text::error;
use crate::render::{github, json, markdown, sarif, terminal};

/// Plans every policy and prints what would change.
///
/// # Errors
/// When the result cannot be written.
pub async fn run(setup: &Context, arguments: &PlanArgs) -> Result<Exit, RunError> {
    let gathered = policies::load(&arguments.paths.paths, &setup.options);
    if gathered.is_invalid() {
        return validate::report(&setup.output, setup.options.format, &gathered);
    }
    let below = gathered.below.clone();
    gathered.report_skipped(setup);
    let (desired, standards) = gathered.require_any(setup.options.tenant.as_ref())?;
    let standards = arguments.allow.of(standards);
    let against = arguments.against.as_deref().map(|file| against::load(setup, file, arguments)).transpose()?;
    let tenants = match &against {
        Some(against) => against::each(against, desired, &standards),
        None => {
            gather::for_each_tenant(setup, desired, async |reader, desired| {
                let reader = reader.adopting(arguments.adopt);
                let review = if arguments.impact {
                    people::review(setup, &reader, &desired, &standards).await?
                } else {
                    gather::review_tenant(setup, &reader, &desired, &standards).await?
                };
                // A file wants all of it.
                Ok(if arguments.out.is_some() { review } else { review.without_bodies() })
            })
            .await
        }
    };
    unfinished::warn_of_unreadable(setup, &arguments.journal);
    for review in tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok()) {
        unfinished::report_interrupted_runs(setup, &arguments.journal, review.plan.tenant_id);
    }
    if let Some(out) = &arguments.out {
        saved::save(setup, &tenants, out)?;
    }
    gather::report_unknown_keys(setup, &tenants);
    let changes = if arguments.detailed_exitcode { Exit::Changes } else { Exit::Done };
    let held = allow::within_limits(&standards, tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok())).err();
    let exit = ending::worst(held.iter().map(|held| held.exit).chain([ending::of_reviews(&tenants, changes)]));
    setup.output.result(setup.options.format, |format| match format {
        Format::Terminal | Format::Html | Format::Text => terminal::plan_against(&tenants, against.as_ref()),
        Format::Markdown => markdown::plan_against(&tenants, against.as_ref(), held.as_ref().map(|held| &held.trouble)),
        Format::Json => json::plan_against(&tenants, against.as_ref(), exit),
        Format::Sarif => sarif::plan(&tenants, &below, exit),
        Format::Github => github::plan(&tenants, &below),
    })?;
    if let Some(held) = held {
        setup.output.note(&error::error_block(&held.trouble));
    }
    Ok(exit)
}
