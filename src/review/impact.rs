//! Predicts whom a plan affects: how many people can reset now, and how many once it is applied, at a date. Who can is
//! answered by the model of one person; this file only counts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::catalog::calendar::CalendarEffect;
use crate::catalog::tenant_calendar::{ServedPeople, TenantCalendar};
use crate::person::answer::{Answer, AnswerReason};
use crate::person::assess::{
    assess, assess_administrator, assess_administrator_now, assess_now, assess_registered, assess_user,
    count_synchronised, counted_methods,
};
use crate::person::facts::{PersonFacts, TenantSituation};
use crate::person::policy_state::PolicyState;
use crate::plan::change::Plan;
use crate::review::losses::{BeforeAndAfter, Losses};
use crate::tenant::account::AccountHome;
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

/// How a plan, or the time until a date, changes who can reset.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyChange {
    before: PolicyState,
    after: PolicyState,
    at: Date,
}

/// How many people a plan affects. Unless a field says otherwise, it counts people without an administrator's role whose
/// account is in the tenant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Impact {
    /// All of them who are in the registration report, or would be in scope and are not in it. Disabled accounts are left out.
    pub people: u64,
    /// Those who can reset now.
    pub now: u64,
    /// Those who can reset once the plan is applied, at the date.
    pub then: u64,
    /// Those who can reset then, and cannot now.
    pub gain: u64,
    /// Those who can reset now, and cannot then.
    pub lose: u64,
    /// Those who may reset then, and have registered a method that counts, but too few.
    pub short: u64,
    /// Those who may reset then, and have registered no method that counts.
    pub unregistered: u64,
    /// Those of whom it is not known for now or for then. Of the numbers above only `people` and `now` include some of them.
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
    /// What could not be read, because of which people are unclear.
    pub unread: Vec<UnreadFact>,
    /// What the plan takes from people, without those that a date takes.
    pub losses: Losses,
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

impl PolicyChange {
    /// The state of the policies as the tenant has them.
    #[must_use]
    pub(crate) fn before(&self) -> &PolicyState {
        &self.before
    }

    /// The state of the policies after the plan.
    #[must_use]
    pub(crate) fn after(&self) -> &PolicyState {
        &self.after
    }

    /// The numbers before anybody is counted.
    #[must_use]
    pub fn nobody(&self) -> Impact {
        Impact { at: Some(self.at), by_date_alone: self.before == self.after, ..Impact::default() }
    }

    /// Adds one person to the numbers, not to [`Impact::refreshed`] and [`Impact::unread`].
    pub fn count(&self, impact: &mut Impact, tenant: &TenantSituation, person: &PersonFacts<'_>) {
        if person.account.is_some_and(|account| account.home == AccountHome::Elsewhere) {
            impact.external += 1;
            return;
        }
        let (today, at) = (tenant.today, self.at);
        count_synchronised(&mut impact.synchronised, &self.after, tenant, person, at);
        let administrator = person.report.is_some_and(|report| report.administrator);
        // Whoever is not in the report counts as a user without a role, as new accounts are.
        let answer = if person.report.is_some() { assess } else { assess_user };
        let then = answer(&self.after, tenant, person, at);
        let now = match person.report {
            Some(_) => assess_now(&self.before, tenant, person),
            None => assess_user(&self.before, tenant, person, today),
        };
        let without_plan = at <= today || answer(&self.before, tenant, person, at) == Answer::Yes;
        impact.losses.count(&BeforeAndAfter { now: &now, then: &then, without_plan, administrator }, || {
            let [before, after] = [(&self.before, today), (&self.after, at)]
                .map(|(policy, at)| counted_methods(policy, tenant, person, at));
            &before - &after
        });
        if administrator {
            let now = assess_administrator_now(&self.before, tenant, person);
            let then = assess_administrator(&self.after, tenant, person, at);
            self.administrator(impact, &now, &then);
            return;
        }
        count_person(impact, person, &now, &then);
        impact.losses.now.count(&now, || assess_registered(&self.before, tenant, person, today));
        impact.losses.then.count(&then, || assess_registered(&self.after, tenant, person, at));
    }

    fn administrator(&self, impact: &mut Impact, now: &Answer, then: &Answer) {
        let switched_on = self.before.administrators == Some(false) && self.after.administrators == Some(true);
        impact.administrators_enabled += u64::from(switched_on);
        match (now.known(), then.known()) {
            (Some(true), Some(false)) => impact.administrators_lose += 1,
            (Some(_), Some(_)) => {}
            (None, _) | (_, None) if switched_on => {}
            (None, _) | (_, None) => {
                impact.administrators_unclear += 1;
                add_reasons(&mut impact.administrators_reasons, now, then);
            }
        }
    }
}

fn count_person(impact: &mut Impact, person: &PersonFacts<'_>, now: &Answer, then: &Answer) {
    impact.now += u64::from(now.known() == Some(true));
    let (Some(before), Some(after)) = (now.known(), then.known()) else {
        impact.at_risk += u64::from(now.known() == Some(true));
        impact.people += 1;
        impact.unclear += 1;
        add_reasons(&mut impact.reasons, now, then);
        return;
    };
    // Somebody who is neither in the report nor in scope concerns nobody.
    impact.people += u64::from(person.report.is_some());
    impact.then += u64::from(after);
    impact.gain += u64::from(after && !before);
    impact.lose += u64::from(before && !after);
    impact.short += u64::from(*then == Answer::No(AnswerReason::MethodsMissing));
    let nothing = [AnswerReason::NothingRegistered, AnswerReason::NothingAllowed, AnswerReason::MethodEnded];
    impact.unregistered += u64::from(nothing.iter().any(|reason| *then == Answer::No(*reason)));
}

/// Adds the reasons why somebody is unclear, each once.
fn add_reasons(reasons: &mut BTreeMap<AnswerReason, u64>, now: &Answer, then: &Answer) {
    for reason in now.open_reasons().chain(then.open_reasons()).collect::<BTreeSet<_>>() {
        *reasons.entry(reason).or_default() += 1;
    }
}
