//! From a yes to the proof, for one tenant: lock, settle what an earlier run left open, execute.

use std::time::Duration;

use crate::apply::execute::execute;
use crate::apply::journal::Journal;
use crate::apply::options::{ApplyOptions, OnFailure};
use crate::apply::precondition::PreconditionFailed;
use crate::cli::approval::Planned;
use crate::cli::compose::Context;
use crate::cli::stop::Shutdown;
use crate::cli::write_options::WriteArgs;
use crate::cli::{locks, remembered, unfinished};
use crate::client::{TenantReader, TenantWriter};
use crate::render::report::{ApplyEnding, ApplyResult, TenantResult};
use crate::review::approve::Review;

/// Carries out what was planned for one tenant, where it was said yes to.
pub async fn apply_tenant(
    setup: &Context,
    planned: Planned,
    yes: bool,
    arguments: &WriteArgs,
    stop: &Shutdown,
    journal: &Journal,
) -> TenantResult<ApplyResult> {
    let TenantResult { tenant, path, result } = planned;
    let result = match result {
        Err(trouble) => Err(trouble),
        Ok((reader, review)) => {
            let ending = end(setup, reader, review.clone(), yes, arguments, stop, journal).await;
            remembered::observe_apply(setup, &review.plan, &ending);
            Ok(ApplyResult { review, ending })
        }
    };
    TenantResult { tenant, path, result }
}

async fn end(
    setup: &Context,
    reader: TenantReader,
    review: Review,
    yes: bool,
    arguments: &WriteArgs,
    stop: &Shutdown,
    journal: &Journal,
) -> ApplyEnding {
    if review.refusal().is_none() && review.plan.steps.is_empty() {
        return matched(setup, &reader, &review, arguments, journal).await;
    }
    if !yes {
        return review.refusal().map_or(ApplyEnding::Declined, ApplyEnding::Refused);
    }
    let approved = match review.approve() {
        Err(refusal) => return ApplyEnding::Refused(refusal),
        Ok(approved) => approved,
    };
    let id = approved.plan().tenant_id;
    let _lock = match locks::take(setup, id, journal.run(), arguments.lock_timeout, stop).await {
        Err(why) => return ApplyEnding::PreconditionFailed(PreconditionFailed::Locked(why)),
        Ok(lock) => lock,
    };
    if let Err(why) = unfinished::recover(setup, &reader, id, arguments).await {
        return ApplyEnding::PreconditionFailed(PreconditionFailed::ReadFailed(why));
    }
    let on_failure: OnFailure = arguments.on_failure.into();
    let (verify, agreeing) = (arguments.verify_timeout, arguments.verify_reads);
    let bounds = ApplyOptions { verify_timeout: verify, consistent_reads: agreeing, on_failure, cancel: stop.flag() };
    execute(&TenantWriter::new(reader), &approved, bounds, journal)
        .await
        .map_or_else(ApplyEnding::PreconditionFailed, ApplyEnding::Executed)
}

/// There is nothing to send, so whatever an earlier run left open is all there is to do; unless somebody is at it.
async fn matched(
    setup: &Context,
    reader: &TenantReader,
    review: &Review,
    arguments: &WriteArgs,
    journal: &Journal,
) -> ApplyEnding {
    let id = review.plan.tenant_id;
    if unfinished::has_interrupted_runs(&arguments.journal, id)
        && let Ok(_lock) = locks::take(setup, id, journal.run(), Duration::ZERO, &Shutdown::default()).await
    {
        // What is told of it is all that comes of a failure here.
        let _ = unfinished::recover(setup, reader, id, arguments).await;
    }
    ApplyEnding::InSync
}
