//! Drift that several tenants have in common: the same setting, with the same desired and the same actual value as people read
//! them. JSON and the files of issues are made of it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::engine::result::{DriftResult, TenantResult};
use crate::plan::change::Change;
use crate::plan::same_change::key;

/// The fewest tenants whose drift is common.
const FEWEST: usize = 3;

/// One drift of several tenants.
pub(crate) struct CommonDrift<'a> {
    /// The name of this drift, which stays the same whichever tenants have it.
    pub(crate) key: String,
    /// The change in each tenant, from what the tenant has to what its policy says, in the order of the tenants.
    pub(crate) changes: Vec<Change>,
    /// The tenants.
    pub(crate) members: Vec<(&'a TenantResult<DriftResult>, &'a DriftResult)>,
}

/// The drift of at least three tenants each; what most tenants have comes first.
pub(crate) fn common_drift(tenants: &[TenantResult<DriftResult>]) -> Vec<CommonDrift<'_>> {
    let mut found: BTreeMap<String, CommonDrift<'_>> = BTreeMap::new();
    for tenant in tenants {
        let Ok(drifting) = &tenant.result else { continue };
        for change in drifting.review.plan.changes() {
            let key = key(&change, &drifting.review.plan.group_names);
            let empty = || CommonDrift { key: key.clone(), changes: Vec::new(), members: Vec::new() };
            let common = found.entry(key.clone()).or_insert_with(empty);
            common.changes.push(change);
            common.members.push((tenant, drifting));
        }
    }
    let mut common: Vec<_> = found.into_values().filter(|one| one.members.len() >= FEWEST).collect();
    common.sort_by_key(|one| Reverse(one.members.len()));
    common
}

/// The key as the words of a title.
pub(crate) fn in_words(key: &str) -> String {
    key.replace('-', " ")
}
