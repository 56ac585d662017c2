//! The frozen summary lines. Scripts read them: never reword, not even for a grammatical one. Where something could not be read
//! or failed, a line goes on behind its frozen part, so that its end never reads better than the run was.

use std::collections::BTreeMap;

use crate::apply::outcome::{ApplyOutcome, StepResult};
use crate::apply::precondition::PreconditionFailed;
use crate::base::count::counted;
use crate::engine::result::{ApplyEnding, ApplyResult, DriftResult, TenantResult};
use crate::render::text::{attribution, hold};
use crate::review::approve::{Refusal, Review};
use crate::review::impact::ImpactResult;

/// The counts of one or more plans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PlanCounts {
    /// Settings that would change.
    pub(crate) to_change: usize,
    /// Managed settings that are as the policy says.
    pub(crate) unchanged: usize,
    /// Settings that the policies leave to the tenants.
    pub(crate) unmanaged: usize,
    /// Managed settings that the runs do not look at.
    pub(crate) skipped: usize,
    /// Managed settings that could not be compared.
    pub(crate) unknown: usize,
    /// Requests that would be sent.
    pub(crate) requests: usize,
    /// Settings that wait until enough people are ready.
    pub(crate) held: usize,
}

impl PlanCounts {
    /// Adds up the counts of several plans.
    pub(crate) fn of<'a>(reviews: impl IntoIterator<Item = &'a Review>) -> Self {
        reviews.into_iter().fold(Self::default(), |sum, Review { plan, held, .. }| Self {
            to_change: sum.to_change + plan.changes().len(),
            unchanged: sum.unchanged + plan.unchanged.len(),
            unmanaged: sum.unmanaged + plan.unmanaged.len(),
            skipped: sum.skipped + plan.skipped.len(),
            unknown: sum.unknown + plan.unknown.len(),
            requests: sum.requests + plan.steps.len(),
            held: sum.held + held.len(),
        })
    }
}

/// The line where nothing has to change.
pub(crate) const NO_CHANGES: &str = "No changes: the tenant matches the policy.";

/// Why a run is not complete for a tenant. The last line counts the tenants with each, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shortfall {
    Unread,
    UnreadInPart,
    LogUnread,
    Errors,
    NotApproved,
    NotStarted,
    NotRolledBack,
    Failed,
    Interrupted,
    RolledBack,
    NotVerified,
}

impl Shortfall {
    /// The words behind "1 tenant" or "2 tenants".
    fn words(self) -> &'static str {
        match self {
            Self::Unread => UNREAD,
            Self::UnreadInPart => UNREAD_IN_PART,
            Self::LogUnread => "with an audit log that could not be read",
            Self::Errors => "with errors",
            Self::NotApproved => "not approved",
            Self::NotStarted => "not started",
            Self::NotRolledBack => "not rolled back in full",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::RolledBack => "rolled back",
            Self::NotVerified => "not verified",
        }
    }
}

/// What is said of a tenant that is as its policy says, of which a part was not looked at or could not be read.
pub(crate) const IN_SYNC_AS_READ: &str = "in sync as far as read";
/// What the last line says of tenants that could not be read.
pub(crate) const UNREAD: &str = "could not be read";
/// What the last line says of tenants of which something could not be read.
pub(crate) const UNREAD_IN_PART: &str = "could not be read in full";

/// A number with its noun, as in "1 tenant" and "2 tenants".
pub(crate) fn count(many: usize, noun: &str) -> String {
    counted(many, noun, &format!("{noun}s"))
}

/// What a summary line says behind its frozen part: how many tenants there are of each kind; nothing for kinds without any.
pub(crate) fn and_tenants(kinds: impl IntoIterator<Item = (usize, &'static str)>) -> String {
    let kinds = kinds.into_iter().filter(|(many, _)| *many > 0);
    kinds.map(|(many, says)| format!("; {} {says}", count(many, "tenant"))).collect()
}

fn and_shortfalls(all: impl Iterator<Item = Shortfall>) -> String {
    let mut many = BTreeMap::<_, usize>::new();
    all.for_each(|one| *many.entry(one).or_default() += 1);
    and_tenants(many.into_iter().map(|(one, many)| (many, one.words())))
}

/// Why the review of a tenant is not complete.
fn of_review<T: AsRef<Review>>(tenant: &TenantResult<T>) -> Vec<Shortfall> {
    let Ok(review) = tenant.result.as_ref().map(AsRef::as_ref) else { return vec![Shortfall::Unread] };
    let people = match &review.impact {
        Some(ImpactResult::Unknown(_)) => true,
        Some(ImpactResult::Counted(impact)) => {
            !impact.unread.is_empty() && impact.unclear + impact.administrators_unclear > 0
        }
        Some(ImpactResult::Unaffected) | None => false,
    };
    let in_part = people || !review.plan.unknown.is_empty() || is_read_in_part(review);
    let errors = review.refusal() == Some(Refusal::Errors);
    in_part.then_some(Shortfall::UnreadInPart).into_iter().chain(errors.then_some(Shortfall::Errors)).collect()
}

/// Whether a fact about the tenant could not be read.
pub(crate) fn is_read_in_part(review: &Review) -> bool {
    !review.plan.unread.is_empty()
}

/// Whether a part of the tenant was not looked at or could not be read, so that it is in sync only as far as it was read.
pub(crate) fn is_seen_in_part(review: &Review) -> bool {
    is_read_in_part(review) || !review.plan.skipped.is_empty()
}

/// The end of a summary line about the settings that a run does not look at.
fn and_skipped(settings: usize) -> String {
    if settings == 0 {
        return String::new();
    }
    format!("; {} not looked at, because of --surfaces", count(settings, "setting"))
}

/// The line under a plan. Only where every tenant was looked at and read, and none is refused can it be [`NO_CHANGES`].
#[must_use]
pub(crate) fn plan_line(tenants: &[TenantResult<Review>]) -> String {
    let reviews = tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok());
    let PlanCounts { to_change, unchanged, unmanaged, skipped, unknown: _, requests, held } = PlanCounts::of(reviews);
    let more = hold::count_words(held) + &and_skipped(skipped) + &and_shortfalls(tenants.iter().flat_map(of_review));
    if !tenants.is_empty() && more.is_empty() && to_change == 0 {
        return NO_CHANGES.to_owned();
    }
    format!("Plan: {to_change} to change, {unchanged} unchanged, {unmanaged} unmanaged, in {requests} requests{more}.")
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
    let reviews = tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok()).map(|applied| &applied.review);
    let PlanCounts { held, skipped, .. } = PlanCounts::of(reviews);
    let more = hold::count_words(held) + &and_skipped(skipped);
    let more = more + &held_back_words(stale(tenants), unread(tenants), stopped);
    let others = tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok()).flat_map(of_apply);
    let more = more + &and_shortfalls(others);
    format!("Applied: {changed} changed, {verified} verified, in {requests} requests{more}.")
}

/// Why the apply of a tenant that was read is not complete, as the plan says it, and then by how it ended.
fn of_apply(applied: &ApplyResult) -> Vec<Shortfall> {
    let in_part = !applied.review.plan.unknown.is_empty() || is_read_in_part(&applied.review);
    // One that could not be read again is counted as such.
    let is_unread = matches!(applied.ending, ApplyEnding::PreconditionFailed(PreconditionFailed::ReadFailed(_)));
    let in_part = (in_part && !is_unread).then_some(Shortfall::UnreadInPart);
    in_part.into_iter().chain(of_ending(&applied.ending)).collect()
}

/// Why an apply that ended so is not complete; `None` for one that was held back or could not be read as well.
fn of_ending(ending: &ApplyEnding) -> Option<Shortfall> {
    match ending {
        ApplyEnding::InSync | ApplyEnding::Refused(Refusal::Unknown) => None,
        ApplyEnding::Refused(Refusal::Errors) => Some(Shortfall::Errors),
        ApplyEnding::Declined => Some(Shortfall::NotApproved),
        ApplyEnding::RingNotStarted { .. } => Some(Shortfall::NotStarted),
        ApplyEnding::PreconditionFailed(why) => match why {
            PreconditionFailed::JournalFailed(_) | PreconditionFailed::Locked(_) => Some(Shortfall::Failed),
            PreconditionFailed::TenantChanged(_)
            | PreconditionFailed::ReadFailed(_)
            | PreconditionFailed::ReviewOutdated(_)
            | PreconditionFailed::ReviewStopped => None,
        },
        ApplyEnding::Executed(ApplyOutcome { steps, rollback }) => match rollback {
            Some(rollback) if rollback.is_complete() => Some(Shortfall::RolledBack),
            Some(_) => Some(Shortfall::NotRolledBack),
            None => steps.iter().filter_map(|done| of_step(&done.result)).min(),
        },
    }
}

fn of_step(result: &StepResult) -> Option<Shortfall> {
    match result {
        // A step that waits for another one, which has a reason of its own, adds none.
        StepResult::Verified | StepResult::Skipped { .. } | StepResult::Abandoned { .. } => None,
        StepResult::Failed(_) | StepResult::Conflict { .. } => Some(Shortfall::Failed),
        StepResult::Interrupted => Some(Shortfall::Interrupted),
        StepResult::Unverified { .. } | StepResult::Mismatch { .. } | StepResult::SideEffects { .. } => {
            Some(Shortfall::NotVerified)
        }
    }
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
    let words = stale_words.map(|words| format!("; {words}")).unwrap_or_default() + &and_tenants([(unread, UNREAD)]);
    let all = if stopped && !words.is_empty() { ", so all were held back" } else { "" };
    words + all
}

/// How many tenants could not be read, or not again before the first write.
pub(crate) fn unread(tenants: &[TenantResult<ApplyResult>]) -> usize {
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
    let shortfalls = tenants.iter().flat_map(|tenant| {
        let no_log = |one: &DriftResult| one.reverts.is_err() || attribution::unread(one).is_some();
        let no_log = tenant.result.as_ref().is_ok_and(no_log);
        of_review(tenant).into_iter().chain(no_log.then_some(Shortfall::LogUnread))
    });
    let PlanCounts { skipped, .. } = PlanCounts::of(read().map(|one| &one.review));
    let (settings, many) = (drifted.iter().sum::<usize>(), drifted.len());
    let more = and_skipped(skipped) + &and_shortfalls(shortfalls);
    format!("Drift: {settings} settings in {many} of {} tenants{pending}{more}.", tenants.len())
}

/// How many tenants had which result: the line above the summary of a run over several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TenantCounts {
    /// Those that change, drifted or were written to.
    pub(crate) moving: usize,
    /// Those that are as the policy says.
    pub(crate) in_sync: usize,
    /// Those that are as the policy says, and of which a part was not looked at or could not be read.
    pub(crate) in_sync_as_read: usize,
    /// Those that may not be changed, or where a request was not verified.
    pub(crate) held_back: usize,
    /// Those that are to be applied and have not drifted, also where that waits until enough people are ready.
    pub(crate) pending: usize,
    /// Those that have not drifted as far as known, and of which settings could not be compared.
    pub(crate) unread_in_part: usize,
    /// Those that have not drifted and whose policy has errors.
    pub(crate) with_errors: usize,
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
                Ok(review) if review.is_in_sync() && is_seen_in_part(review) => &mut fleet.in_sync_as_read,
                Ok(review) if review.is_in_sync() => &mut fleet.in_sync,
                Ok(review) if review.plan.steps.is_empty() => &mut fleet.pending,
                Ok(_) => &mut fleet.moving,
            };
            *count += 1;
        }
        fleet
    }

    /// Counts the results of drift reports, which hold nothing back: a tenant has drifted whatever else is to be said of it.
    pub(crate) fn of_drift(tenants: &[TenantResult<DriftResult>]) -> Self {
        let mut fleet = Self::default();
        for tenant in tenants {
            let count = match &tenant.result {
                Err(_) => &mut fleet.unread,
                Ok(one) if !one.review.plan.steps.is_empty() => &mut fleet.moving,
                Ok(one) if !one.review.plan.unknown.is_empty() => &mut fleet.unread_in_part,
                Ok(one) if one.review.refusal().is_some() => &mut fleet.with_errors,
                Ok(one) if !one.pending.is_empty() || !one.review.held.is_empty() => &mut fleet.pending,
                Ok(one) if is_seen_in_part(&one.review) => &mut fleet.in_sync_as_read,
                Ok(_) => &mut fleet.in_sync,
            };
            *count += 1;
        }
        fleet
    }

    /// Counts the results of applies: a tenant is held back unless every request was verified.
    pub(crate) fn of_applied(tenants: &[TenantResult<ApplyResult>]) -> Self {
        let mut fleet = Self::default();
        for tenant in tenants {
            let count = match &tenant.result {
                Err(_) => &mut fleet.unread,
                Ok(applied) if !applied.went_well() => &mut fleet.held_back,
                Ok(applied) if applied.is_in_sync() && is_seen_in_part(&applied.review) => &mut fleet.in_sync_as_read,
                Ok(applied) if applied.is_in_sync() => &mut fleet.in_sync,
                Ok(applied) if applied.ending == ApplyEnding::InSync => &mut fleet.pending,
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
        let Self { moving, in_sync, in_sync_as_read, held_back, pending, unread_in_part, with_errors, unread } = *self;
        moving + in_sync + in_sync_as_read + held_back + pending + unread_in_part + with_errors + unread
    }

    /// The counts in words, as in "8 to change, 3 in sync, 1 could not be read".
    pub(crate) fn words(&self, moving: &str) -> String {
        let Self { moving: many, in_sync, in_sync_as_read, held_back, pending, unread_in_part, with_errors, unread } =
            *self;
        let rare = [
            (in_sync_as_read, IN_SYNC_AS_READ),
            (pending, "pending"),
            (held_back, "held back"),
            (with_errors, "with errors"),
            (unread_in_part, UNREAD_IN_PART),
            (unread, UNREAD),
        ];
        let rare = rare.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!(", {count} {what}"));
        format!("{many} {moving}, {in_sync} in sync{}", rare.collect::<String>())
    }
}
