//! The frozen summary lines. Scripts read them: never reword, not even for a grammatical one.

use crate::apply::precondition::PreconditionFailed;
use crate::engine::result::{ApplyEnding, ApplyResult, DriftResult, TenantResult};
use crate::plan::change::Plan;
use crate::review::approve::Review;

/// The counts of one or more plans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PlanCounts {
    /// Settings that would change.
    pub(crate) to_change: usize,
    /// Managed settings that are as the policy says.
    pub(crate) unchanged: usize,
    /// Settings that the policies leave to the tenants.
    pub(crate) unmanaged: usize,
    /// Managed settings that could not be compared.
    pub(crate) unknown: usize,
    /// Requests that would be sent.
    pub(crate) requests: usize,
}

impl PlanCounts {
    /// Adds up the counts of several plans.
    pub(crate) fn of<'a>(plans: impl IntoIterator<Item = &'a Plan>) -> Self {
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
    pub(crate) fn plan_line(&self, complete: bool) -> String {
        let Self { to_change, unchanged, unmanaged, unknown, requests } = *self;
        if complete && to_change == 0 && unknown == 0 {
            return "No changes: the tenant matches the policy.".to_owned();
        }
        format!("Plan: {to_change} to change, {unchanged} unchanged, {unmanaged} unmanaged, in {requests} requests.")
    }
}

/// The line under an apply.
#[must_use]
pub(crate) fn applied_line(tenants: &[TenantResult<ApplyResult>]) -> String {
    let (mut changed, mut verified, mut requests, mut stopped) = (0, 0, 0, false);
    for applied in tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok()) {
        match &applied.ending {
            ApplyEnding::Executed(outcome) => {
                changed += outcome.changed();
                verified += outcome.verified();
                requests += outcome.requests();
            }
            ApplyEnding::PreconditionFailed(PreconditionFailed::ReviewStopped) => stopped = true,
            ApplyEnding::PreconditionFailed(_)
            | ApplyEnding::InSync
            | ApplyEnding::Refused(_)
            | ApplyEnding::Declined
            | ApplyEnding::RingNotStarted { .. } => {}
        }
    }
    let more = held_back_words(stale(tenants), unread(tenants), stopped);
    format!("Applied: {changed} changed, {verified} verified, in {requests} requests{more}.")
}

/// Which tenants nothing was sent to although no one refused it; `stopped` says that they held back the others as well.
fn held_back_words(stale: usize, unread: usize, stopped: bool) -> String {
    let stale_words = match (stale, stopped) {
        (0, _) => None,
        (1, true) => Some("1 tenant is stale".to_owned()),
        (many, true) => Some(format!("{many} tenants are stale")),
        (1, false) => Some("1 tenant is stale and was held back".to_owned()),
        (many, false) => Some(format!("{many} tenants are stale and were held back")),
    };
    let unread_words = match unread {
        0 => None,
        1 => Some("1 tenant could not be read".to_owned()),
        many => Some(format!("{many} tenants could not be read")),
    };
    let words: Vec<_> = stale_words.into_iter().chain(unread_words).collect();
    let all = if stopped && !words.is_empty() { ", so all were held back" } else { "" };
    words.iter().map(|words| format!("; {words}")).collect::<String>() + all
}

/// How many tenants could not be read, or not again before the first write.
fn unread(tenants: &[TenantResult<ApplyResult>]) -> usize {
    let is_unread = |applied: &ApplyResult| {
        matches!(applied.ending, ApplyEnding::PreconditionFailed(PreconditionFailed::ReadFailed(_)))
    };
    tenants.iter().filter(|tenant| tenant.result.as_ref().map_or(true, is_unread)).count()
}

/// How many tenants were held back because they, or what was reviewed of them, have changed.
#[must_use]
pub(crate) fn stale(tenants: &[TenantResult<ApplyResult>]) -> usize {
    let is_stale = |applied: &ApplyResult| {
        let ApplyEnding::PreconditionFailed(why) = &applied.ending else { return false };
        matches!(why, PreconditionFailed::ReviewOutdated(_) | PreconditionFailed::TenantChanged(_))
    };
    tenants.iter().filter(|tenant| tenant.result.as_ref().is_ok_and(is_stale)).count()
}

/// The line under a drift report.
#[must_use]
pub(crate) fn drift_line(tenants: &[TenantResult<DriftResult>]) -> String {
    let read = || tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok());
    let drifted: Vec<_> = read().map(|one| one.review.plan.changes().len()).filter(|settings| *settings > 0).collect();
    let pending = match read().map(|one| one.pending.len()).sum() {
        0 => String::new(),
        1 => "; 1 setting is pending".to_owned(),
        many => format!("; {many} settings are pending"),
    };
    let (settings, many) = (drifted.iter().sum::<usize>(), drifted.len());
    format!("Drift: {settings} settings in {many} of {} tenants{pending}.", tenants.len())
}

/// How many tenants had which result: the line above the summary of a run over several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TenantCounts {
    /// Those that change, drifted or were written to.
    pub(crate) moving: usize,
    /// Those that are as the policy says.
    pub(crate) in_sync: usize,
    /// Those that may not be changed, or where a request was not verified.
    pub(crate) held_back: usize,
    /// Those that are to be applied and have not drifted.
    pub(crate) pending: usize,
    /// Those that could not be read.
    pub(crate) unread: usize,
}

impl TenantCounts {
    /// Counts the results of reviews.
    pub(crate) fn of<T: AsRef<Review>>(tenants: &[TenantResult<T>]) -> Self {
        let mut fleet = Self::default();
        for tenant in tenants {
            let count = match tenant.result.as_ref().map(AsRef::as_ref) {
                Err(_) => &mut fleet.unread,
                Ok(review) if review.refusal().is_some() => &mut fleet.held_back,
                Ok(review) if review.plan.steps.is_empty() => &mut fleet.in_sync,
                Ok(_) => &mut fleet.moving,
            };
            *count += 1;
        }
        fleet
    }

    /// Counts the results of drift reports.
    pub(crate) fn of_drift(tenants: &[TenantResult<DriftResult>]) -> Self {
        let pending = |one: &DriftResult| one.review.is_in_sync() && !one.pending.is_empty();
        let pending = tenants.iter().filter(|tenant| tenant.result.as_ref().is_ok_and(pending)).count();
        let all = Self::of(tenants);
        Self { pending, in_sync: all.in_sync.saturating_sub(pending), ..all }
    }

    /// Counts the results of applies: a tenant is held back unless every request was verified.
    pub(crate) fn of_applied(tenants: &[TenantResult<ApplyResult>]) -> Self {
        let mut fleet = Self::default();
        for tenant in tenants {
            let count = match &tenant.result {
                Err(_) => &mut fleet.unread,
                Ok(applied) if !applied.went_well() => &mut fleet.held_back,
                Ok(applied) if applied.ending == ApplyEnding::InSync => &mut fleet.in_sync,
                Ok(_) => &mut fleet.moving,
            };
            *count += 1;
        }
        fleet
    }

    /// The line; `None` for one tenant. `moving` says what happens to those that change, such as "to change".
    pub(crate) fn line(&self, moving: &str) -> Option<String> {
        let all = self.all();
        (all > 1).then(|| format!("{all} tenants: {}.", self.words(moving)))
    }

    fn all(&self) -> usize {
        let Self { moving, in_sync, held_back, pending, unread } = *self;
        moving + in_sync + held_back + pending + unread
    }

    /// The counts in words, as in "8 to change, 3 in sync, 1 could not be read".
    pub(crate) fn words(&self, moving: &str) -> String {
        let Self { moving: many, in_sync, held_back, pending, unread } = *self;
        let rare = [(pending, "pending"), (held_back, "held back"), (unread, "could not be read")];
        let rare = rare.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!(", {count} {what}"));
        format!("{many} {moving}, {in_sync} in sync{}", rare.collect::<String>())
    }
}
