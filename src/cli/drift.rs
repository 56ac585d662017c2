//! `drift`: where tenants are no longer as their policies say, and who changed them.

use std::collections::BTreeMap;

use futures::{StreamExt, stream};

use crate::base::exit::Exit;
use crate::cli::compose::Setup;
use crate::cli::failure::Failure;
use crate::cli::options::{Format, Paths};
use crate::cli::{ending, gather, policies, remembered, validate};
use crate::plan::attribute::{self, Attribution};
use crate::plan::change::Plan;
use crate::render::report::Drifting;
use crate::render::{github, json, markdown, sarif, terminal};
use crate::tenant::audit::ReadAudit;

/// Compares every tenant with its policy; exits with [`Exit::Changes`] when one differs.
///
/// # Errors
/// When the result cannot be written.
pub async fn run(setup: &Setup, arguments: &Paths) -> Result<Exit, Failure> {
    let gathered = policies::gather(&arguments.paths, &setup.options);
    if gathered.is_invalid() {
        return validate::report(&setup.output, setup.options.format, &gathered);
    }
    let below = gathered.below.clone();
    let (desired, standards) = gathered.some(setup.options.tenant.as_ref())?;
    let tenants = gather::each(setup, desired, async |reader, desired| {
        let review = gather::review(setup, &reader, &desired, &standards).await?;
        let attributions = attributions(setup, &reader, &review.plan).await;
        Ok(Drifting { review: review.to_tell(), attributions })
    })
    .await;
    let exit = ending::of_reviews(&tenants, Exit::Changes);
    setup.output.data(&match setup.options.format {
        Format::Terminal => terminal::drift(&tenants),
        Format::Markdown => markdown::drift(&tenants),
        Format::Json => json::drift(&tenants, exit),
        Format::Sarif => sarif::drift(&tenants, &below, exit),
        Format::Github => github::drift(&tenants, &below),
    })?;
    Ok(exit)
}

/// Who changed what drifted. The log is asked only about what drifted, and what goes wrong with it is part of the answer.
async fn attributions(setup: &Setup, log: &impl ReadAudit, plan: &Plan) -> BTreeMap<&'static str, Attribution> {
    let cases = attribute::cases(plan, &remembered::seen(setup, plan));
    // One after another: the service allows five requests in ten seconds.
    let queries = stream::iter(attribute::queries(&cases));
    let answers: Vec<_> = queries
        .then(async |query| {
            let answer = log.audit(&query).await;
            (query, answer)
        })
        .collect()
        .await;
    let now = setup.clock.now();
    cases.iter().map(|case| (case.setting.name, attribute::attribute(case, &answers, now))).collect()
}
