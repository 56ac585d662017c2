//! Finds the settings in which a tenant that should be in sync has changed: the changes of a plan, read the other way.

use crate::base::source::Place;
use crate::base::value::Value;
use crate::catalog::setting::Setting;
use crate::plan::change::{Change, Plan};

/// One setting that is not as the policy says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Drifted {
    /// The setting.
    pub(crate) setting: &'static Setting,
    /// What the policy says.
    pub(crate) expected: Value,
    /// What the tenant has.
    pub(crate) found: Value,
    /// The place in the policy.
    pub(crate) place: Place,
}

/// Every setting of a plan that is not as the policy says.
#[must_use]
pub(crate) fn drift(plan: &Plan) -> Vec<Drifted> {
    let drifted = plan.changes().into_iter().map(|Change { setting, before, after, place }| Drifted {
        setting,
        expected: after,
        found: before,
        place,
    });
    drifted.collect()
}
