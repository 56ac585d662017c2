//! Checks before a write that the document is still what the plan saw. The services have no ETag, so this narrows the
//! window in which an edit of others could be overwritten to the time between this read and the write; it cannot close
//! it.

use std::collections::{BTreeMap, BTreeSet};

use futures::future;

use crate::apply::outcome::ChangedDocuments;
use crate::plan::change::Plan;
use crate::tenant::api::ReadTenant;
use crate::tenant::document::Document;
use crate::tenant::error::TenantError;
use crate::tenant::surface::Surface;

/// Why a plan may not be executed.
#[derive(Clone, Debug, PartialEq)]
pub enum PreconditionFailed {
    /// Documents changed since the plan read them.
    TenantChanged(ChangedDocuments),
    /// A document could not be read again.
    ReadFailed(TenantError),
    /// The review of the tenant is out of date.
    ReviewOutdated(TenantError),
    /// The review of another tenant is out of date or it cannot be read, and the run is to stop then.
    ReviewStopped,
    /// The journal cannot be written.
    JournalFailed(TenantError),
    /// Another run works on the tenant.
    Locked(TenantError),
}

/// Reads every document that the plan writes, or that the run wrote which it rolls back, and compares it with what the plan
/// saw. Returns them as they are now. The one that is written first is read last, so that only a line of the journal comes
/// between its check and its write.
///
/// # Errors
/// [`PreconditionFailed`] when one of them changed, or could not be read. Nothing has been sent then.
pub(crate) async fn check_preconditions(
    tenant: &impl ReadTenant,
    plan: &Plan,
) -> Result<BTreeMap<Surface, Document>, PreconditionFailed> {
    let first = plan.steps.first().map(|step| step.surface);
    // A write of a run that is rolled back may have taken effect since: then the plan lacks its reversal.
    let written = plan.steps.iter().map(|step| step.surface).chain(plan.rolled_back.iter().copied());
    let surfaces: BTreeSet<Surface> = written.collect();
    let mut surfaces: Vec<Surface> = surfaces.into_iter().filter(|surface| Some(*surface) != first).collect();
    let mut reads = future::join_all(surfaces.iter().map(|surface| tenant.read(*surface))).await;
    if let Some(first) = first {
        surfaces.push(first);
        reads.push(tenant.read(first).await);
    }
    let mut documents = BTreeMap::new();
    let mut moved = Vec::new();
    for (surface, read) in surfaces.into_iter().zip(reads) {
        let document = read.map_err(PreconditionFailed::ReadFailed)?;
        let keys = changed_keys(surface, plan.seen.get(&surface), &document);
        if !keys.is_empty() {
            moved.push((surface, keys));
        }
        documents.insert(surface, document);
    }
    if moved.is_empty() { Ok(documents) } else { Err(PreconditionFailed::TenantChanged(ChangedDocuments { moved })) }
}

/// The keys of `now` that differ from what was seen before.
pub(crate) fn changed_keys(surface: Surface, seen: Option<&Document>, now: &Document) -> Vec<String> {
    seen.map_or_else(
        || now.keys().map(str::to_owned).collect(),
        |seen| seen.differing_keys(now, surface.volatile_keys()),
    )
}
