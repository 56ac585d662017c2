//! A plan against a public snapshot: without any credential and without any request.

use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;

use crate::base::clock::age;
use crate::base::exit::Exit;
use crate::base::signature::VerifyingKey;
use crate::catalog::desired::Desired;
use crate::engine::context::RunContext;
use crate::engine::error::RunError;
use crate::engine::policies;
use crate::engine::progress::Progress;
use crate::engine::result::TenantResult;
use crate::plan::public_snapshot::read::{self, PublicSnapshot};
use crate::review::approve::{self, Review};
use crate::review::config::ReviewConfig;
use crate::review::hold::{HoldReason, hold_all};
use crate::tenant::error::{TenantError, TenantErrorKind};

/// The largest snapshot that is read, in bytes: thousands of tenants fit.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// Reads a public snapshot and checks its digest, its signature where there is a key, and its age where there is a limit.
///
/// # Errors
/// When it cannot be read, or fails a check.
pub(crate) fn load_snapshot(
    context: &RunContext,
    file: &Path,
    public_key: Option<&Path>,
    max_age: Option<Duration>,
) -> Result<PublicSnapshot, RunError> {
    let name = file.display();
    let key = public_key.map(|file| read_key(context, file)).transpose()?;
    let snapshot = read::read(&read_text(context, file)?, key.as_ref(), context.clock.now()).map_err(|why| {
        RunError::refused(format!("nothing is planned against {name}: {why}"))
            .hint("take the snapshot from where it was published, or have a new one made")
    })?;
    let max_age = max_age.and_then(|most| SignedDuration::try_from(most).ok());
    if let Some(most) = max_age.filter(|most| snapshot.age > *most) {
        let message = format!("{name} is {} old, and --max-age allows {}", age(snapshot.age), format_args!("{most:#}"));
        return Err(RunError { exit: Exit::Stale, ..RunError::refused(message) }
            .hint("have a new snapshot made, or raise --max-age"));
    }
    if !snapshot.checked {
        context.report(Progress::SnapshotUnverified);
    }
    Ok(snapshot)
}

/// Reviews every policy against the snapshot of its tenant.
#[must_use]
pub(crate) fn review_offline(
    snapshot: &PublicSnapshot,
    desired: Vec<Desired>,
    config: &ReviewConfig,
) -> Vec<TenantResult<Review>> {
    let reviews = desired.into_iter().map(|desired| TenantResult {
        tenant: desired.tenant.to_string(),
        path: desired.source.path.clone(),
        result: desired.check_not_empty().and_then(|()| snapshot.snapshot(&desired)).map(|snapshot| {
            let why = || TenantError::new(TenantErrorKind::Refused, "a snapshot has no people");
            let held = hold_all(&desired, &snapshot, || HoldReason::NotKnown(why()));
            approve::plan_and_review_without(held, &desired, &snapshot, config)
        }),
    });
    reviews.collect()
}

fn read_key(context: &RunContext, file: &Path) -> Result<VerifyingKey, RunError> {
    let text = read_text(context, file)?;
    text.parse().map_err(|why| {
        RunError::failed(format!("{} cannot be used: {why}", file.display()))
            .hint("`ssprctl snapshot keygen` makes a pair")
    })
}

fn read_text(context: &RunContext, file: &Path) -> Result<String, RunError> {
    let read = policies::read_named(context, file, MAX_BYTES);
    read.map_err(|error| RunError::failed(format!("{} cannot be read: {error}", file.display())))
}
