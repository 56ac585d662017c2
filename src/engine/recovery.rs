//! Locks of tenants, and runs that were interrupted: reported before a plan is shown, recovered before anything is sent.

use std::sync::PoisonError;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::apply::journal::Journal;
use crate::apply::lock::{LockError, TenantLock};
use crate::apply::recovery::{RecoveryOptions, recover_run};
use crate::apply::run_record::RunRecord;
use crate::base::ids::{RunId, TenantId};
use crate::client::TenantReader;
use crate::engine::context::RunContext;
use crate::engine::context::WriteOptions;
use crate::engine::journals::{JournalIndex, UnusableJournal};
use crate::engine::progress::Progress;
use crate::tenant::error::{TenantError, TenantErrorKind};

/// Takes the lock of a tenant for a run, or waits for it at most `timeout`; cancelling `cancel` ends the waiting.
///
/// # Errors
/// When the lock cannot be taken. Nothing may be sent then.
pub(crate) async fn lock(
    context: &RunContext,
    tenant: TenantId,
    run: &RunId,
    timeout: Duration,
    cancel: &CancellationToken,
) -> Result<TenantLock, TenantError> {
    let folder = &context.folders.locks;
    if !timeout.is_zero() && TenantLock::is_held(folder, tenant) {
        context.report(Progress::WaitingForLock);
    }
    TenantLock::take(folder, tenant, run, timeout, cancel).await.map_err(lock_failed)
}

fn lock_failed(why: LockError) -> TenantError {
    match why {
        LockError::Held(by) => {
            let by = if by.is_empty() { String::new() } else { format!(" ({by})") };
            let message = format!("another apply of this tenant is running{by}; nothing was sent");
            TenantError::new(TenantErrorKind::Unavailable, message)
                .hint("apply again when it is done, or pass --lock-timeout to have this one wait")
        }
        LockError::Unusable(error) => {
            let message = format!("the tenant cannot be locked on this machine: {error}; nothing was sent");
            TenantError::new(TenantErrorKind::Refused, message)
                .hint("make the state folder writable, or name another one with --state")
        }
    }
}

/// Runs `work` with the run's index of journals, which is read at the first call. Journals that cannot be used are reported
/// when they are first met.
fn with_journals<T>(context: &RunContext, refresh: bool, work: impl FnOnce(&JournalIndex) -> T) -> T {
    let mut index = context.journals.lock().unwrap_or_else(PoisonError::into_inner);
    let index = match &mut *index {
        Some(index) => {
            if refresh {
                report_unusable(context, &index.refresh());
            }
            index
        }
        none => {
            let (index, unusable) = JournalIndex::read(&context.folders.journal);
            report_unusable(context, &unusable);
            none.insert(index)
        }
    };
    work(index)
}

fn report_unusable(context: &RunContext, unusable: &[UnusableJournal]) {
    for UnusableJournal { path, error } in unusable {
        context.report(Progress::JournalUnusable(path, error));
    }
}

/// The interrupted runs of a tenant; a journal among them that cannot be read any more is reported, and none is returned.
fn interrupted_runs(context: &RunContext, tenant: TenantId, refresh: bool) -> Vec<RunRecord> {
    with_journals(context, refresh, |index| index.interrupted_runs(tenant)).unwrap_or_else(|unusable| {
        report_unusable(context, &[unusable]);
        Vec::new()
    })
}

/// Whether a run was interrupted while it worked on a tenant, or is still working on it.
#[must_use]
pub(crate) fn has_interrupted_runs(context: &RunContext, tenant: TenantId) -> bool {
    !interrupted_runs(context, tenant, true).is_empty()
}

/// Reports runs that were interrupted while they worked on a tenant, or that are still working on it. Recovers nothing.
pub(crate) fn report_interrupted_runs(context: &RunContext, tenant: TenantId) {
    let runs = interrupted_runs(context, tenant, false);
    if runs.is_empty() {
        return;
    }
    if TenantLock::is_held(&context.folders.locks, tenant) {
        return context.report(Progress::ApplyRunning);
    }
    for run in &runs {
        context.report(Progress::RunInterrupted(run, tenant));
    }
}

/// Finds out by reading what became of interrupted runs, records it in their journals and reports it. The caller
/// holds the tenant's lock.
///
/// # Errors
/// When the tenant cannot be read.
pub(crate) async fn recover(
    context: &RunContext,
    reader: &TenantReader,
    tenant: TenantId,
    options: &WriteOptions,
) -> Result<(), TenantError> {
    let recovery =
        RecoveryOptions { lag: options.verify_timeout, consistent_reads: options.verify_reads, clock: &context.clock };
    for run in interrupted_runs(context, tenant, true) {
        let journal = Journal::of(&context.folders.journal, &run.run, &context.clock);
        let recovered = recover_run(reader, tenant, &run, &journal, recovery).await;
        context.report(Progress::RunRecovered(&run, tenant, recovered.as_ref()));
        recovered?;
    }
    Ok(())
}
