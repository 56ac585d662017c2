//! Tenants side by side: read them, and review what their policies would change.

use std::future::Future;

use futures::{StreamExt, stream};

use crate::catalog::desired::Desired;
use crate::cli::compose::Setup;
use crate::client::Reader;
use crate::render::report::PerTenant;
use crate::review::approve::{self, Review};
use crate::review::standards::Standards;
use crate::tenant::snapshot;
use crate::tenant::trouble::Trouble;

/// Does something for every tenant, several at once, and keeps the order. One that fails does not stop the others.
pub async fn each<T, F, Fut>(setup: &Setup, desired: Vec<Desired>, work: F) -> Vec<PerTenant<T>>
where
    F: Fn(Reader, Desired) -> Fut,
    Fut: Future<Output = Result<T, Trouble>>,
{
    let works = desired.into_iter().map(|desired| {
        let (tenant, path) = (desired.tenant.to_string(), desired.source.path.clone());
        let reader = setup.reader(&desired.tenant, desired.cloud);
        let work = reader.map(|reader| work(reader, desired));
        async move {
            let result = match work {
                Ok(work) => work.await,
                Err(trouble) => Err(trouble),
            };
            PerTenant { tenant, path, result }
        }
    });
    stream::iter(works).buffered(setup.options.parallel.into()).collect().await
}

/// Reads a tenant and reviews what the policy would change in it.
///
/// # Errors
/// When the tenant cannot be read at all, or is another one than the policy names.
pub async fn review(
    setup: &Setup,
    reader: &Reader,
    desired: &Desired,
    standards: &Standards,
) -> Result<Review, Trouble> {
    let snapshot = snapshot::take(reader, &desired.tenant, &desired.wanted(), &setup.clock).await?;
    Ok(approve::review(desired, &snapshot, standards))
}
