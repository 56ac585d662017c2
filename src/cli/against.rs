//! `plan --against`: a plan without any credential and without any request.

use std::path::Path;

use jiff::SignedDuration;

use crate::base::exit::Exit;
use crate::base::file;
use crate::base::signature::VerifyingKey;
use crate::catalog::desired::Desired;
use crate::cli::compose::Context;
use crate::cli::failure::RunError;
use crate::cli::options::PlanArgs;
use crate::plan::public_snapshot::read;
use crate::plan::public_snapshot::read::PublicSnapshot;
use crate::render::report::TenantResult;
use crate::render::text::notes;
use crate::review::approve::{self, Review};
use crate::review::config::ReviewConfig;

/// The most bytes of a snapshot that are read: thousands of tenants fit.
const MOST: u64 = 256 * 1024 * 1024;

/// Reads a snapshot and checks its seal, its signature where there is a key, and its age where there is a bound.
///
/// # Errors
/// When it will not do.
pub fn load(setup: &Context, file: &Path, arguments: &PlanArgs) -> Result<PublicSnapshot, RunError> {
    let name = file.display();
    let key = arguments.public_key.as_deref().map(key).transpose()?;
    let text = text(file)?;
    let against = read::read(&text, key.as_ref(), setup.clock.now()).map_err(|why| {
        RunError::refused(format!("nothing is planned against {name}: {why}"))
            .hint("take the snapshot from where it was published, or have a new one made")
    })?;
    let most = arguments.max_age.and_then(|most| SignedDuration::try_from(most).ok());
    if let Some(most) = most.filter(|most| against.age > *most) {
        let told =
            format!("{name} is {} old, and --max-age allows {}", notes::age(against.age), format_args!("{most:#}"));
        return Err(RunError { exit: Exit::Stale, ..RunError::refused(told) }
            .hint("have a new snapshot made, or raise --max-age"));
    }
    if !against.checked {
        setup.output.note("warning: nobody checked who made the snapshot; --public-key checks its signature");
    }
    Ok(against)
}

/// Reviews every policy against what the snapshot has of its tenant.
#[must_use]
pub fn each(against: &PublicSnapshot, desired: Vec<Desired>, standards: &ReviewConfig) -> Vec<TenantResult<Review>> {
    let reviews = desired.into_iter().map(|desired| TenantResult {
        tenant: desired.tenant.to_string(),
        path: desired.source.path.clone(),
        result: against.snapshot(&desired).map(|snapshot| approve::review(&desired, &snapshot, standards)),
    });
    reviews.collect()
}

fn key(file: &Path) -> Result<VerifyingKey, RunError> {
    let text = text(file)?;
    text.parse().map_err(|why| {
        RunError::failed(format!("{} will not do: {why}", file.display()))
            .hint("`ssprctl snapshot keygen` makes a pair")
    })
}

fn text(file: &Path) -> Result<String, RunError> {
    let read = file::read_bounded_input(file, MOST).and_then(file::text);
    read.map_err(|error| RunError::failed(format!("{} cannot be read: {error}", file.display())))
}
