//! The codes that the plan of a policy may have.

use crate::plan::{managed_objects, named_locations, references, route};
use crate::policy::codes::FindingCode;
use crate::review::{limits, losing, rules, waivers};

/// The findings of plans that come from no rule.
pub(crate) const OF_PLANS: [&[FindingCode]; 7] = [
    limits::CODES,
    losing::CODES,
    references::CODES,
    named_locations::CODES,
    managed_objects::CODES,
    route::CODES,
    waivers::CODES,
];

/// Every code that a finding about a plan can have.
pub(crate) fn of_plans() -> impl Iterator<Item = &'static str> {
    rules::ALL.iter().map(|rule| rule.code).chain(OF_PLANS.into_iter().flatten().map(|code| code.code))
}
