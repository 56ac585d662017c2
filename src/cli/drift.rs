//! `drift`: where tenants are no longer as their policies say, and who changed them.

use std::collections::BTreeMap;
use std::path::Path;

use futures::{StreamExt, stream};

use crate::base::exit::Exit;
use crate::cli::compose::Context;
use crate::cli::failure::RunError;
use crate::cli::options::{DriftArgs, Format};
use crate::cli::output::write_atomic;
use crate::cli::{ending, gather, policies, remembered, validate};
use crate::plan::attribution;
use crate::plan::attribution::Attribution;
use crate::plan::change::Plan;
use crate::render::report::{DriftResult, TenantResult};
use crate::render::{github, json, markdown, sarif, terminal};
use crate::tenant::audit::ReadAudit;

/// Compares every tenant with its policy; exits with [`Exit::Changes`] when one differs.
///
/// # Errors
/// When the result cannot be written.
pub async fn run(setup: &Context, arguments: &DriftArgs) -> Result<Exit, RunError> {
    let gathered = policies::load(&arguments.paths.paths, &setup.options);
    if gathered.is_invalid() {
        return validate::report(&setup.output, setup.options.format, &gathered);
    }
    let below = gathered.below.clone();
    gathered.report_skipped(setup);
    let (desired, standards) = gathered.require_any(setup.options.tenant.as_ref())?;
    let standards = standards.report_only();
    let tenants = gather::for_each_tenant(setup, desired, async |reader, desired| {
        let review = gather::review_tenant(setup, &reader, &desired, &standards).await?;
        let attributions = attributions(setup, &reader, &review.plan).await;
        Ok(DriftResult { review: review.without_bodies(), attributions })
    })
    .await;
    gather::report_unknown_keys(setup, &tenants);
    let exit = ending::of_reviews(&tenants, Exit::Changes);
    if let Some(folder) = &arguments.issues {
        write_issues(folder, &tenants)?;
    }
    setup.output.result(setup.options.format, |format| match format {
        Format::Terminal | Format::Html | Format::Text => terminal::drift(&tenants),
        Format::Markdown => markdown::drift(&tenants),
        Format::Json => json::drift(&tenants, exit),
        Format::Sarif => sarif::drift(&tenants, &below, exit),
        Format::Github => github::drift(&tenants, &below),
    })?;
    Ok(exit)
}

/// One file for each tenant that drifted. The name of a tenant is a domain or an id, and either is a file's name.
fn write_issues(folder: &Path, tenants: &[TenantResult<DriftResult>]) -> std::io::Result<()> {
    let drifted = |one: &DriftResult| !one.review.plan.changes().is_empty();
    for tenant in tenants.iter().filter(|tenant| tenant.result.as_ref().is_ok_and(drifted)) {
        let name = tenant.tenant.replace(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-'), "_");
        write_atomic(&folder.join(format!("{name}.md")), markdown::drift(std::slice::from_ref(tenant)).as_bytes())?;
    }
    Ok(())
}

/// Who changed what drifted. The log is asked only about what drifted, and what goes wrong with it is part of the answer.
pub(crate) async fn attributions(
    setup: &Context,
    log: &impl ReadAudit,
    plan: &Plan,
) -> BTreeMap<&'static str, Attribution> {
    let cases = attribution::drifted_settings(plan, &remembered::observe(setup, plan));
    // One after another: the service allows five requests in ten seconds.
    let queries = stream::iter(attribution::queries(&cases));
    let answers: Vec<_> = queries
        .then(async |query| {
            let answer = log.audit(&query).await;
            (query, answer)
        })
        .collect()
        .await;
    let now = setup.clock.now();
    cases.iter().map(|case| (case.setting.name, attribution::attribute(case, &answers, now))).collect()
}
