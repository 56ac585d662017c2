//! From approval to verified result, for one tenant: take the lock, recover interrupted runs, execute.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::apply::execute::execute;
use crate::apply::journal::Journal;
use crate::apply::options::ApplyOptions;
use crate::apply::precondition::PreconditionFailed;
use crate::client::{TenantReader, TenantWriter};
use crate::engine::context::{RunContext, WriteOptions};
use crate::engine::progress::Progress;
use crate::engine::result::{ApplyEnding, ApplyResult, PlannedTenant, TenantResult};
use crate::engine::{drift_state, recovery};
use crate::review::approve::Review;

/// Applies the plan of one tenant where it is approved.
pub(crate) async fn apply_tenant(
    context: &RunContext,
    planned: PlannedTenant,
    approved: bool,
    options: &WriteOptions,
    journal: &Journal,
) -> TenantResult<ApplyResult> {
    let TenantResult { tenant, path, result } = planned;
    let result = match result {
        Err(error) => Err(error),
        Ok((reader, review)) => {
            let ending = apply_review(context, reader, review.clone(), approved, options, journal).await;
            drift_state::observe_apply(context, &review.plan, &ending);
            Ok(ApplyResult { review, ending })
        }
    };
    TenantResult { tenant, path, result }
}

async fn apply_review(
    context: &RunContext,
    reader: TenantReader,
    review: Review,
    approved: bool,
    options: &WriteOptions,
    journal: &Journal,
) -> ApplyEnding {
    if review.has_no_request() {
        return recover_in_sync(context, &reader, &review, options, journal).await;
    }
    if !approved {
        return review.refusal().map_or(ApplyEnding::Declined, ApplyEnding::Refused);
    }
    let approved = match review.approve() {
        Err(refusal) => return ApplyEnding::Refused(refusal),
        Ok(approved) => approved,
    };
    let id = approved.plan().tenant_id;
    let _lock = match recovery::lock(context, id, journal.run(), options.lock_timeout, &context.cancel).await {
        Err(error) => return ApplyEnding::PreconditionFailed(PreconditionFailed::Locked(error)),
        Ok(lock) => lock,
    };
    if let Err(error) = recovery::recover(context, &reader, id, options).await {
        return ApplyEnding::PreconditionFailed(PreconditionFailed::ReadFailed(error));
    }
    let apply = ApplyOptions {
        verify_timeout: options.verify_timeout,
        consistent_reads: options.verify_reads,
        on_failure: options.on_failure,
        cancel: &context.cancel,
    };
    let writer = TenantWriter::new(reader).with_migration(approved.plan().migration());
    let executed = execute(&writer, &approved, apply, journal).await;
    if let Some(why) = journal.failure() {
        context.report(Progress::JournalIncomplete(journal.path(), &why));
    }
    executed.map_or_else(ApplyEnding::PreconditionFailed, ApplyEnding::Executed)
}

/// A tenant in sync needs no request; runs that were interrupted are recovered, unless another run holds the lock.
async fn recover_in_sync(
    context: &RunContext,
    reader: &TenantReader,
    review: &Review,
    options: &WriteOptions,
    journal: &Journal,
) -> ApplyEnding {
    let id = review.plan.tenant_id;
    if recovery::has_interrupted_runs(context, id)
        && let Ok(_lock) = recovery::lock(context, id, journal.run(), Duration::ZERO, &CancellationToken::new()).await
    {
        // A failure is reported as progress; it does not change that the tenant is in sync.
        let _ = recovery::recover(context, reader, id, options).await;
    }
    ApplyEnding::InSync
}
