//! Desired and snapshot become a plan.

use crate::base::finding::Finding;
use crate::catalog::desired::Desired;
use crate::plan::change::Plan;
use crate::plan::{actual, diff, effects, order, references};
use crate::tenant::snapshot::Snapshot;

/// What would change, and what is wrong with the policy that only the tenant could tell, such as a group that does not
/// exist. With such findings the plan is not fit to be applied.
#[must_use]
pub fn build(desired: &Desired, snapshot: &Snapshot) -> (Plan, Vec<Finding>) {
    let difference = diff::diff(desired, snapshot);
    let read = snapshot.documents.iter().filter_map(|(surface, found)| Some((*surface, found.as_ref().ok()?.clone())));
    let seen = read.collect();
    let effects = effects::effective_after(snapshot, &difference.changes);
    let plan = Plan {
        tenant: desired.tenant.clone(),
        tenant_id: snapshot.tenant,
        cloud: desired.cloud,
        source: desired.source.clone(),
        files: desired.files(),
        taken: snapshot.taken,
        steps: order::order_steps(difference.changes, &seen),
        seen,
        unchanged: difference.unchanged,
        unmanaged: desired.unmanaged().collect(),
        unknown: difference.unknown,
        live: actual::actual_values(snapshot),
        effects,
        unread: snapshot.facts.unread.clone(),
        new_keys: snapshot.unknown_keys(),
        group_names: references::names(snapshot),
    };
    (plan, difference.findings)
}
