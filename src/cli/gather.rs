//! Tenants side by side: read them, and review what their policies would change.

use std::future::Future;

use futures::{StreamExt, stream};

use crate::catalog::desired::Desired;
use crate::cli::compose::Context;
use crate::client::TenantReader;
use crate::render::report::TenantResult;
use crate::render::text::notes;
use crate::review::approve::{self, Review};
use crate::review::config::ReviewConfig;
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::snapshot;

/// Does something for every tenant, several at once, and keeps the order. One that fails, or takes longer than it may, does
/// not stop the others; those that are not done when the run's time is over are told as such.
pub async fn for_each_tenant<T, F, Fut>(setup: &Context, desired: Vec<Desired>, work: F) -> Vec<TenantResult<T>>
where
    F: Fn(TenantReader, Desired) -> Fut,
    Fut: Future<Output = Result<T, TenantError>>,
{
    if desired.is_empty() {
        setup.output.note("no tenant falls into the part of this run: there is nothing to do");
    }
    let works = desired.into_iter().map(|desired| {
        let (tenant, path) = (desired.tenant.to_string(), desired.source.path.clone());
        let reader = setup.reader(&desired.tenant, desired.cloud);
        let work = reader.map(|reader| work(reader, desired));
        async move {
            let result = match work {
                Ok(work) => with_timeout(setup, work).await,
                Err(trouble) => Err(trouble),
            };
            TenantResult { tenant, path, result }
        }
    });
    buffered_in_order(setup, works).await
}

/// What works bring, in their order, several at once. One that is slow takes up one place and no more: whoever comes after it
/// does not wait for it.
pub async fn buffered_in_order<T>(setup: &Context, works: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let works = works.into_iter().enumerate().map(|(index, work)| async move { (index, work.await) });
    let mut done: Vec<_> = stream::iter(works).buffer_unordered(setup.options.parallel.into()).collect().await;
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

async fn with_timeout<T>(
    setup: &Context,
    work: impl Future<Output = Result<T, TenantError>>,
) -> Result<T, TenantError> {
    let (own, left) = (setup.options.tenant_timeout, setup.time_left());
    tokio::time::timeout(own.min(left), work).await.unwrap_or_else(|_| {
        let (after, option) = if left < own { (setup.options.timeout, "--timeout") } else { (own, "--tenant-timeout") };
        let whole = if left < own { ", which the whole run may take" } else { "" };
        Err(TenantError::new(TenantErrorKind::Unavailable, format!("not done after {after:?}{whole}"))
            .hint(format!("raise {option}, or look with -v at what takes so long")))
    })
}

/// Mentions what the documents have that this version does not know.
pub fn report_unknown_keys<T: AsRef<Review>>(setup: &Context, tenants: &[TenantResult<T>]) {
    let reviews = tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok());
    for line in notes::new_keys(reviews.flat_map(|review| &review.as_ref().plan.new_keys)) {
        setup.output.note(&line);
    }
}

/// Reads a tenant and reviews what the policy would change in it.
///
/// # Errors
/// When the tenant cannot be read at all, or is another one than the policy names.
pub async fn review_tenant(
    setup: &Context,
    reader: &TenantReader,
    desired: &Desired,
    standards: &ReviewConfig,
) -> Result<Review, TenantError> {
    let snapshot = snapshot::read(reader, &desired.tenant, &desired.read_set(), &setup.clock).await?;
    Ok(approve::review(desired, &snapshot, standards))
}
