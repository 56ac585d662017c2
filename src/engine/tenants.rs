//! Work on many tenants at the same time.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::{StreamExt, stream};

use crate::catalog::desired::Desired;
use crate::client::TenantReader;
use crate::engine::context::RunContext;
use crate::engine::progress::Progress;
use crate::engine::result::TenantResult;
use crate::tenant::error::{TenantError, TenantErrorKind};

/// Does `work` for every tenant, several at once, and returns the results in the order of `desired`. A tenant that
/// fails, or takes longer than it may, does not stop the others; tenants that are not done when the run's time is over
/// fail with that reason.
pub(crate) async fn for_each_tenant<T, F, Fut>(
    context: &RunContext,
    desired: Vec<Desired>,
    work: F,
) -> Vec<TenantResult<T>>
where
    F: Fn(TenantReader, Desired) -> Fut,
    Fut: Future<Output = Result<T, TenantError>>,
{
    if desired.is_empty() {
        context.report(Progress::NoTenants);
    }
    let (done, all) = (AtomicUsize::new(0), desired.len());
    let report = |done| {
        if all > 1 {
            context.report(Progress::TenantsDone(done, all))
        }
    };
    report(0);
    let (report, done) = (&report, &done);
    let works = desired.into_iter().map(|desired| {
        let (tenant, path) = (desired.tenant.to_string(), desired.source.path.clone());
        let reader = context.reader(&desired.tenant, desired.cloud);
        let work = reader.map(|reader| work(reader, desired));
        async move {
            let result = match work {
                Ok(work) => with_timeout(context, work).await,
                Err(error) => Err(error),
            };
            report(done.fetch_add(1, Ordering::Relaxed) + 1);
            TenantResult { tenant, path, result }
        }
    });
    buffered_in_order(context.parallel, works).await
}

/// The results of `works` in their order, with at most `parallel` of them running. A slow one occupies one place: those after
/// it do not wait for it.
pub(crate) async fn buffered_in_order<T>(
    parallel: usize,
    works: impl IntoIterator<Item = impl Future<Output = T>>,
) -> Vec<T> {
    let works = works.into_iter().enumerate().map(|(index, work)| async move { (index, work.await) });
    let mut done: Vec<_> = stream::iter(works).buffer_unordered(parallel).collect().await;
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// The result of `work`, as long as neither the tenant nor the whole run takes longer than it may.
///
/// # Errors
/// Those of `work`, or [`TenantErrorKind::Unavailable`] when a limit is reached; the hint names the option to raise.
pub(crate) async fn with_timeout<T>(
    context: &RunContext,
    work: impl Future<Output = Result<T, TenantError>>,
) -> Result<T, TenantError> {
    let own = context.tenant_timeout;
    let whole = context.deadline.as_ref().filter(|deadline| deadline.left() < own);
    let limit = whole.map_or(own, |deadline| deadline.left());
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
        let (message, option) = match whole {
            Some(deadline) => {
                (format!("not done after {:?}, which the whole run may take", deadline.timeout), "--timeout")
            }
            None => (format!("not done after {own:?}"), "--tenant-timeout"),
        };
        Err(TenantError::new(TenantErrorKind::Unavailable, message)
            .hint(format!("raise {option}, or look with -v at what takes so long")))
    })
}
