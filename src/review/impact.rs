//! Predicts whom a plan affects: how many people can reset now, and how many once it is applied, at a date. Who can is
//! answered by the model of one person; this file only counts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::catalog::calendar::CalendarEffect;
use crate::catalog::tenant_calendar::{ServedPeople, TenantCalendar};
use crate::person::answer::{Answer, AnswerReason};
use crate::person::assess::{assess_registered, count_synchronised, has_role};
use crate::person::by_value::GroupedPeople;
use crate::person::census::Census;
use crate::person::facts::{PersonFacts, TenantSituation};
use crate::person::forecast::ForecastCounts;
use crate::person::policy_state::PolicyState;
use crate::person::state::{LossReason, Moment, PersonState};
use crate::plan::change::Plan;
use crate::review::losses::{BeforeAndAfter, Losses};
use crate::tenant::error::TenantError;
use crate::tenant::facts::{SynchronisedPeople, UnreadFact};

/// The people whom a plan affects.
#[derive(Clone, Debug, PartialEq)]
pub enum ImpactResult {
    /// Nobody: the plan changes neither who may reset nor with what.
    Unaffected,
    /// The people were counted.
    Counted(Box<Impact>),
    /// The people could not be counted, for this reason. It does not prevent an approval.
    Unknown(TenantError),
}

impl ImpactResult {
    /// How many people can reset over the dates, also by what they have in common where that was asked; `None` where nobody was
    /// counted, or there is no moment besides that of today.
    #[must_use]
    pub(crate) fn forecast(&self) -> Option<(&ForecastCounts, Option<&GroupedPeople>)> {
        match self {
            Self::Counted(impact) => {
                let Impact { forecast, grouped, .. } = &**impact;
                forecast.looks_ahead().then_some((forecast, grouped.as_ref()))
            }
            Self::Unaffected | Self::Unknown(_) => None,
        }
    }
}

/// How a plan, or the time until a date, changes who can reset.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyChange {
    /// The state of the policies as the tenant has them.
    pub before: PolicyState,
    /// The state of the policies after the plan.
    pub after: PolicyState,
    /// The date, today or later.
    pub at: Date,
}

/// How many people a plan affects. Unless a field says otherwise, it counts people without an administrator's role whose
/// account is in the tenant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Impact {
    /// All of them who are in the registration report, or would be in scope and are not in it. A disabled account that
    /// the report still lists is one of them.
    pub people: u64,
    /// Those who can reset now.
    pub now: u64,
    /// Those who can reset once the plan is applied, at the date.
    pub then: u64,
    /// Those who can reset then, and cannot now.
    pub gain: u64,
    /// Those who can reset now, and cannot then.
    pub lose: u64,
    /// Why they lose it, and the administrators who do.
    pub lost: LostReset,
    /// Those who may reset then, and have registered a method that counts, but too few.
    pub short: u64,
    /// Those who may reset then, and have registered no method that counts.
    pub unregistered: u64,
    /// Those of whom it is not known for now or for then. Of the numbers above `gain` and `lose` include none of them.
    pub unclear: u64,
    /// Those of them who can reset now: they may lose it.
    pub at_risk: u64,
    /// How many of them are unclear for which reason; somebody may have several.
    pub reasons: BTreeMap<AnswerReason, u64>,
    /// Administrators who can reset now, and cannot then, by Microsoft's policy for administrators. It holds for all but a few
    /// roles, such as Global Reader, and the report does not say which role somebody has.
    pub administrators_lose: u64,
    /// Administrators who may reset once the plan is applied, and may not now. It is not known how many of them have
    /// registered enough to do it.
    pub administrators_enabled: u64,
    /// Administrators of whom it is not known.
    pub administrators_unclear: u64,
    /// How many of them are unclear for which reason; somebody may have several.
    pub administrators_reasons: BTreeMap<AnswerReason, u64>,
    /// The people in scope after the plan whose password is on premises.
    pub synchronised: SynchronisedPeople,
    /// People whose account is in another tenant, whose policy decides about them.
    pub external: u64,
    /// The times at which the oldest and the newest line of the report were refreshed.
    pub refreshed: Option<(Timestamp, Timestamp)>,
    /// The date for which `then` counts.
    pub at: Option<Date>,
    /// Whether the plan itself changes nothing that decides about a reset, so that only the date does.
    pub by_date_alone: bool,
    /// The codes of what the policy names and the tenant does not have, because of which it is not counted: the numbers are those
    /// of the tenant as it is. None where it is counted.
    pub not_counted: BTreeSet<&'static str>,
    /// What could not be read, because of which people are unclear.
    pub unread: Vec<UnreadFact>,
    /// What the plan takes from people, without those that a date takes.
    pub losses: Losses,
    /// How many people can reset now, once the plan is applied, and on each date that lies ahead.
    pub forecast: ForecastCounts,
    /// The same people by what they have in common, at the same moments, where that was asked.
    pub grouped: Option<GroupedPeople>,
}

/// Why people can reset now and cannot then. The numbers of those without an administrator's role add up to all who lose it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LostReset {
    /// How many lose it for which reason, without the two numbers that follow.
    pub reasons: BTreeMap<LossReason, u64>,
    /// Those who would lose it at the date without the plan, too; none where the plan changes nothing.
    pub without_plan: u64,
    /// Those of whom it is not known whether they would.
    pub perhaps_without_plan: u64,
    /// How many administrators lose it for which reason.
    pub administrators: BTreeMap<LossReason, u64>,
}

/// How a plan changes who can reset until a date; `None` if it changes nothing that decides about that, and nothing in the
/// calendar does before the date.
#[must_use]
pub fn policy_change(plan: &Plan, calendar: &TenantCalendar, today: Date, at: Date) -> Option<PolicyChange> {
    let planned = plan.documents_after();
    let before = PolicyState::of(|surface| plan.seen.get(&surface));
    let after = PolicyState::of(|surface| planned.get(&surface));
    let at = at.max(today);
    let ends_meanwhile = calendar.entries().any(|entry| {
        let (possible, certain) = calendar.dates(entry);
        let ends = matches!(entry.effect, CalendarEffect::Ends(methods)
            if methods.iter().any(|method| calendar.served_with(*method, at) != ServedPeople::Everybody));
        ends && certain > today && possible <= at
    });
    (before != after || ends_meanwhile).then_some(PolicyChange { before, after, at })
}

/// The tenant as it is until a date, as the change that changes nothing.
pub(crate) fn no_change(plan: &Plan, today: Date, at: Date) -> PolicyChange {
    let before = PolicyState::of(|surface| plan.seen.get(&surface));
    PolicyChange { after: before.clone(), before, at: at.max(today) }
}

impl PolicyChange {
    /// Counts the people of a tenant.
    #[must_use]
    pub fn count(&self, census: &Census, tenant: &TenantSituation) -> Impact {
        let by_date_alone = self.before == self.after;
        let external = census.external;
        let mut impact = Impact { at: Some(self.at), by_date_alone, external, ..Impact::default() };
        for (person, many) in census.people() {
            self.add(&mut impact, tenant, &person, many);
        }
        impact
    }

    /// Adds so many people, who are alike.
    fn add(&self, impact: &mut Impact, tenant: &TenantSituation, person: &PersonFacts<'_>, many: u64) {
        let Self { before, after, at } = self;
        let (today, at) = (tenant.today, *at);
        count_synchronised(&mut impact.synchronised, many, after, tenant, person, at);
        let live = Moment { policy: before, at: today, read: Some(before) };
        let planned = Moment { policy: after, at, ..live };
        let (now, then) = (live.answer(tenant, person), planned.answer(tenant, person));
        let administrator = has_role(person);
        let without = Moment { policy: before, ..planned };
        // A loss of an administrator counts only where it is one whatever their role.
        let of_any_role = |moment: Moment<'_>, answer: &Answer| {
            if administrator { moment.answer_of_any_role(tenant, person) } else { answer.clone() }
        };
        let person_now = of_any_role(live, &now);
        let person_then = of_any_role(planned, &then);
        let then_without_plan = without.answer(tenant, person);
        let without_plan = at <= today || of_any_role(without, &then_without_plan) == Answer::Yes;
        let compared = BeforeAndAfter { many, now: &person_now, then: &person_then, without_plan, administrator };
        let no_longer = || &live.methods(tenant, person) - &planned.methods(tenant, person);
        impact.losses.count(&compared, no_longer);
        let lost = match (&now, &then) {
            (Answer::Yes, Answer::No(why)) => Some(LossReason::new(*why, no_longer)),
            (_, _) => None,
        };
        if administrator {
            self.count_administrators(impact, many, &now, &then);
            if let Some(reason) = lost {
                *impact.lost.administrators.entry(reason).or_default() += many;
            }
            return;
        }
        impact.count_people(person, many, &now, &then);
        let by_time = at > today && !impact.by_date_alone;
        match (lost, then_without_plan) {
            (Some(_), Answer::No(_)) if by_time => impact.lost.without_plan += many,
            (Some(_), Answer::Unclear(_)) if by_time => impact.lost.perhaps_without_plan += many,
            (Some(reason), _) => *impact.lost.reasons.entry(reason).or_default() += many,
            (None, _) => {}
        }
        impact.losses.now.count(many, &now, || assess_registered(before, tenant, person, today));
        // Whether anybody is left who can reset is judged by the settings, also where the report contradicts them today.
        let by_settings = Moment { read: None, ..planned }.answer(tenant, person);
        impact.losses.then.count(many, &by_settings, || assess_registered(after, tenant, person, at));
    }

    fn count_administrators(&self, impact: &mut Impact, many: u64, now: &Answer, then: &Answer) {
        let switched_on = self.before.administrators == Some(false) && self.after.administrators == Some(true);
        impact.administrators_enabled += u64::from(switched_on) * many;
        match (now.known(), then.known()) {
            (Some(true), Some(false)) => impact.administrators_lose += many,
            (Some(_), Some(_)) => {}
            (None, _) | (_, None) if switched_on => {}
            (None, _) | (_, None) => {
                impact.administrators_unclear += many;
                add_reasons(&mut impact.administrators_reasons, many, now, then);
            }
        }
    }
}

impl Impact {
    fn count_people(&mut self, person: &PersonFacts<'_>, many: u64, now: &Answer, then: &Answer) {
        let [before, after] = [now, then].map(PersonState::from);
        self.now += u64::from(before == PersonState::Able) * many;
        self.then += u64::from(after == PersonState::Able) * many;
        self.short += u64::from(after == PersonState::Short) * many;
        self.unregistered += u64::from(after == PersonState::Unregistered) * many;
        let (Some(_), Some(able)) = (before.known(), after.known()) else {
            self.at_risk += u64::from(before == PersonState::Able) * many;
            self.people += many;
            self.unclear += many;
            add_reasons(&mut self.reasons, many, now, then);
            return;
        };
        // Somebody who is neither in the report nor in scope concerns nobody.
        self.people += u64::from(person.report.is_some()) * many;
        self.gain += u64::from(able && before != PersonState::Able) * many;
        self.lose += u64::from(!able && before == PersonState::Able) * many;
    }
}

/// Adds the reasons why people who are alike are unclear, each once for each of them.
fn add_reasons(reasons: &mut BTreeMap<AnswerReason, u64>, many: u64, now: &Answer, then: &Answer) {
    for reason in now.open_reasons().chain(then.open_reasons()).collect::<BTreeSet<_>>() {
        *reasons.entry(reason).or_default() += many;
    }
}
