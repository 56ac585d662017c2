//! The frozen summary lines. Scripts read them: never reword, not even for a grammatical one.

use crate::plan::change::Plan;

/// What plans add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Settings that would change.
    pub to_change: usize,
    /// Managed settings that are as wanted.
    pub unchanged: usize,
    /// Settings that the policies leave to the tenants.
    pub unmanaged: usize,
    /// Managed settings that could not be compared.
    pub unknown: usize,
    /// Requests that would be sent.
    pub requests: usize,
}

impl Counts {
    /// Adds up plans.
    pub fn of<'a>(plans: impl IntoIterator<Item = &'a Plan>) -> Self {
        plans.into_iter().fold(Self::default(), |sum, plan| Self {
            to_change: sum.to_change + plan.changes().len(),
            unchanged: sum.unchanged + plan.unchanged.len(),
            unmanaged: sum.unmanaged + plan.unmanaged.len(),
            unknown: sum.unknown + plan.unknown.len(),
            requests: sum.requests + plan.steps.len(),
        })
    }

    /// The line under a plan. `complete` says that every tenant answered.
    #[must_use]
    pub fn plan_line(&self, complete: bool) -> String {
        let Self { to_change, unchanged, unmanaged, unknown, requests } = *self;
        if complete && to_change == 0 && unknown == 0 {
            return "No changes: the tenant matches the policy.".to_owned();
        }
        format!("Plan: {to_change} to change, {unchanged} unchanged, {unmanaged} unmanaged, in {requests} requests.")
    }
}

/// The line under an apply.
#[must_use]
pub fn applied_line(changed: usize, verified: usize, requests: usize) -> String {
    format!("Applied: {changed} changed, {verified} verified, in {requests} requests.")
}

/// The line under a drift report.
#[must_use]
pub fn drift_line(settings: usize, drifted: usize, tenants: usize) -> String {
    format!("Drift: {settings} settings in {drifted} of {tenants} tenants.")
}
