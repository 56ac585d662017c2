//! Steps that the policy makes only once enough people can reset with them. Until then the tenant keeps what it has: that
//! takes the reset from nobody, because a step with a condition lets more people in or asks more methods of them.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::base::value::Value;
use crate::catalog::desired::{Desired, StepCondition};
use crate::catalog::setting::Setting;
use crate::catalog::{methods, scope};
use crate::person::pace::{Pace, TenantReadiness};
use crate::plan::build;
use crate::plan::change::{Change, Plan};
use crate::tenant::error::TenantError;
use crate::tenant::snapshot::Snapshot;

/// A change that the policy asks for and that is not made yet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HeldChange {
    pub(crate) change: Change,
    /// The condition of the policy.
    pub(crate) condition: StepCondition,
    pub(crate) why: HoldReason,
}

impl HeldChange {
    /// Whether it is the last one under its condition, below which the reason is given.
    #[must_use]
    pub(crate) fn is_last(&self, all: &[Self]) -> bool {
        all.iter().rfind(|held| held.condition == self.condition) == Some(self)
    }
}

/// Why a change is not made yet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum HoldReason {
    /// Too few people are ready, or it is unclear of too many.
    NotReady(TenantReadiness),
    /// The newest line of the registration report is older than it may be.
    OldReport(Timestamp),
    /// The people could not be counted.
    NotKnown(TenantError),
    /// The saved review that is applied holds it, however many people are ready now.
    Reviewed,
}

/// The changes of a plan that have a condition, each with it: those that let more people reset, or that ask more methods of
/// them. Nothing else is ever held, because that could take the reset from somebody.
#[must_use]
pub(crate) fn conditional_changes(desired: &Desired, plan: &Plan) -> Vec<(Change, StepCondition)> {
    let changes = plan.changes();
    let of_condition = |condition: &StepCondition| {
        let its = changes.iter().filter(|change| condition.settings.contains(&change.setting));
        let its: Vec<_> = its.filter(|_| asks_more(desired, plan, condition)).cloned().collect();
        its.into_iter().map(|change| (change, condition.clone())).collect::<Vec<_>>()
    };
    desired.conditions.iter().flat_map(of_condition).collect()
}

/// All of those changes as held, for a reason that is no count of people.
#[must_use]
pub(crate) fn hold_all(desired: &Desired, snapshot: &Snapshot, why: impl Fn() -> HoldReason) -> Vec<HeldChange> {
    if desired.conditions.is_empty() {
        return Vec::new();
    }
    let changes = conditional_changes(desired, &build::build(desired, snapshot).0).into_iter();
    changes.map(|(change, condition)| HeldChange { change, condition, why: why() }).collect()
}

/// The names of those settings.
#[must_use]
pub(crate) fn conditional_settings(desired: &Desired, plan: &Plan) -> BTreeSet<&'static str> {
    conditional_changes(desired, plan).into_iter().map(|(change, _)| change.setting.name).collect()
}

fn asks_more(desired: &Desired, plan: &Plan, condition: &StepCondition) -> bool {
    let value = |setting: &Setting| desired.setting(setting.name).map(|wanted| &wanted.value);
    let pair = |setting: &Setting| (plan.actual.get(setting.name), value(setting));
    let is_word = |value: &Value, word: &str| *value == Value::Text(word.to_owned());
    if condition.settings.contains(&&methods::REQUIRED) {
        return matches!(pair(&methods::REQUIRED), (Some(Value::Number(before)), Some(Value::Number(after))) if after > before);
    }
    let (before, after) = pair(&scope::USERS);
    before.is_some_and(|users| !is_word(users, "all")) && after.or(before).is_some_and(|users| !is_word(users, "none"))
}

impl StepCondition {
    /// Why a change under this condition is not made, by what was counted; `None` if it is.
    #[must_use]
    pub(crate) fn hold(&self, counted: (Timestamp, TenantReadiness), now: Timestamp) -> Option<HoldReason> {
        let (newest, readiness) = counted;
        if now.duration_since(newest) > SignedDuration::from_hours(self.readiness.most_age().hours()) {
            return Some(HoldReason::OldReport(newest));
        }
        (readiness.pace != Pace::Reached).then_some(HoldReason::NotReady(readiness))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::ToSpan;
    use jiff::civil::date;

    use super::*;
    use crate::base::source::{Place, Source};
    use crate::person::readiness::{ReadyCounts, ReadyDays};
    use crate::policy::managed::Managed;
    use crate::policy::readiness::{Readiness, Share};

    /// A report that is as old as it may be counts, and one that is a second older does not, however many are ready.
    #[test]
    fn a_report_counts_until_it_is_too_old() -> Result<(), Box<dyn std::error::Error>> {
        let place = Place::start_of(&Arc::new(Source::new("policy.yaml", "")));
        let newest: Timestamp = "2026-11-20T00:47:00Z".parse()?;
        let ready = |pace| TenantReadiness {
            report: date(2026, 11, 20),
            counts: ReadyCounts { able: 9, not_able: 1, unclear: 0 },
            threshold: 90,
            pace,
            days: ReadyDays::new(),
        };
        for (age, hours) in [(Managed::Unmanaged, 48), (Managed::Set("36h".to_owned().try_into()?), 36)] {
            let readiness = Readiness { able: Share(90), report_age: age };
            let condition = StepCondition { settings: &[], readiness, place: place.clone() };
            let at = |seconds: i64| newest + hours.hours() + seconds.seconds();
            assert_eq!(condition.hold((newest, ready(Pace::Reached)), at(0)), None);
            assert_eq!(condition.hold((newest, ready(Pace::Reached)), at(1)), Some(HoldReason::OldReport(newest)));
            let few = ready(Pace::TooFew(1));
            assert_eq!(condition.hold((newest, few.clone()), at(0)), Some(HoldReason::NotReady(few)));
        }
        Ok(())
    }
}
