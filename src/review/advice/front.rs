//! The best of several policies: those than which none is better by people, strength and effort at once (the Pareto front).

use std::cmp::Reverse;

use crate::review::advice::able_people::AblePeople;
use crate::review::advice::candidates::{CandidatePolicy, MethodChoice};
use crate::review::advice::weakest_way::WeakestWay;

/// A policy with what it is judged by.
#[derive(Clone, Debug)]
pub(crate) struct RatedPolicy {
    pub(crate) policy: CandidatePolicy,
    pub(crate) able: AblePeople,
    pub(crate) weakest: WeakestWay,
    /// How much of the tenant's choice it changes.
    changes: usize,
}

impl RatedPolicy {
    pub(crate) fn new(policy: CandidatePolicy, able: AblePeople, live: &MethodChoice) -> Self {
        let MethodChoice { allowed, required } = &policy.choice;
        let weakest = WeakestWay::of(allowed, *required);
        let changes = allowed.symmetric_difference(&live.allowed).count() + usize::from(*required != live.required);
        Self { policy, able, weakest, changes }
    }

    /// Whether it is as good as another one in everything.
    fn is_as_good_as(&self, other: &Self) -> bool {
        self.able.fewest() >= other.able.fewest()
            && self.able.effort() <= other.able.effort()
            && self.weakest.is_at_least(&other.weakest)
    }

    /// Among equals: fewer warnings of rules come first, such as that a method ends; then fewer changes, then fewer methods.
    fn rank(&self) -> (usize, usize, usize, &MethodChoice) {
        let CandidatePolicy { choice, warnings, .. } = &self.policy;
        (warnings.len(), self.changes, choice.allowed.len(), choice)
    }

    /// Whether another one is better in something and as good in everything, or equal and comes first.
    fn is_beaten_by(&self, other: &Self) -> bool {
        other.is_as_good_as(self) && (!self.is_as_good_as(other) || other.rank() < self.rank())
    }
}

/// The places of the best policies: the one by which most people can reset comes first.
pub(crate) fn front(rated: &[RatedPolicy]) -> Vec<usize> {
    let best = rated.iter().enumerate().filter(|(_, one)| !rated.iter().any(|other| one.is_beaten_by(other)));
    let mut best: Vec<_> = best.collect();
    best.sort_by_key(|(_, one)| (Reverse(one.able.fewest()), one.able.effort(), one.policy.choice.clone()));
    best.into_iter().map(|(place, _)| place).collect()
}
