//! How many people can reset today, once a policy is applied, and on each date on which something happens. Who can is
//! answered by the model of one person; this file only counts.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::person::answer::{Answer, AnswerReason};
use crate::person::assess::has_role;
use crate::person::census::Census;
use crate::person::facts::{PersonFacts, TenantSituation};
use crate::person::forecast_dates::{DateCause, ForecastRange, dates_ahead};
use crate::person::policy_state::PolicyState;
use crate::person::registrations::{Registrations, missing};
use crate::person::state::{LossReason, Moment, PersonState};
use crate::policy::document::Method;
use crate::policy::waiver::Waiver;

/// How many people can reset at each of several moments. A person without an administrator's role counts if they are in the
/// registration report, or may be in scope at one of the moments. The report lags behind the directory: a disabled account that
/// it still lists counts, as one that may not reset.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForecastCounts {
    /// Today, then today with what is planned, if that differs, then each date, in order.
    pub(crate) rows: Vec<ForecastRow>,
    /// The last date of the range that was asked for: nothing is known beyond it.
    pub(crate) end: Date,
    /// Of how many people without an administrator's role it is not known whether they fall out: at one of the moments it is not
    /// known whether they can reset, and it is not certain that they fall out. Somebody of whom it is not known for today alone,
    /// and who can reset at each moment after it, does not fall out.
    pub(crate) unclear: u64,
    /// The same of administrators.
    pub(crate) administrators_unclear: u64,
    /// People whose account is in another tenant, whose policy decides about them; they are in no other number.
    pub(crate) external: u64,
    /// Whether the first moment is a day that had passed when the tenant was read: settings and people are those of the reading,
    /// judged by that day.
    pub(crate) past: bool,
}

/// How many people can reset at one moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ForecastRow {
    pub(crate) at: Date,
    /// Whether the policies are those after the plan, and other than the tenant's own.
    pub(crate) planned: bool,
    /// What happened since the row before.
    pub(crate) causes: Vec<DateCause>,
    /// People without an administrator's role.
    pub(crate) people: StateCounts,
    /// Administrators, by Microsoft's policy for them. It holds for all but a few roles, and the report
    /// does not say who has one of these.
    pub(crate) administrators: StateCounts,
    /// Of how many people without an administrator's role who may reset a registered method counted in the row before and
    /// does not in this one.
    pub(crate) ended: BTreeMap<Method, u64>,
    /// What people without an administrator's role who may reset and have registered too little would have to register.
    pub(crate) registrations: Registrations,
    /// How many people without an administrator's role could reset at this date without the plan; `None` for the moments of
    /// today, and where the plan changes nothing.
    pub(crate) able_without_plan: Option<u64>,
}

impl ForecastRow {
    /// Whether everybody is in the state of the row before.
    #[must_use]
    pub(crate) fn nobody_moves(&self) -> bool {
        self.people.nobody_moves() && self.administrators.nobody_moves()
    }

    /// Whether the row says of everybody what the row before it says.
    #[must_use]
    pub(crate) fn repeats(&self, before: &Self) -> bool {
        self.nobody_moves()
            && self.registrations == before.registrations
            && self.able_without_plan == before.able_without_plan
    }
}

/// The people of one row, by state.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct StateCounts {
    /// How many are in each state; none where a state is not listed.
    pub(crate) states: BTreeMap<PersonState, u64>,
    /// How many were in which state in the row before, and are in which now.
    pub(crate) flows: BTreeMap<(PersonState, PersonState), u64>,
    /// Those who cannot reset and could when it was last known, in an earlier row.
    pub(crate) lose: u64,
    /// Those who can reset and could not when it was last known, in an earlier row.
    pub(crate) gain: u64,
    /// Those who cannot reset and can today.
    pub(crate) lose_since_today: u64,
    /// Those who can reset and cannot today.
    pub(crate) gain_since_today: u64,
    /// Why those who lose it do.
    pub(crate) losses: BTreeMap<LossReason, u64>,
    /// How many are unclear for which reason; somebody may have several.
    pub(crate) reasons: BTreeMap<AnswerReason, u64>,
}

impl StateCounts {
    fn nobody_moves(&self) -> bool {
        self.flows.keys().all(|(before, now)| before == now)
    }

    /// How many are in a state.
    #[must_use]
    pub(crate) fn of(&self, state: PersonState) -> u64 {
        self.states.get(&state).copied().unwrap_or_default()
    }

    /// How many they are.
    #[must_use]
    pub(crate) fn all(&self) -> u64 {
        self.states.values().sum()
    }
}

/// Counts the people of a tenant: by its own policies, then by those after a plan, which are the same where nothing is planned
/// that decides about a reset. The waivers are those of the policy.
#[must_use]
pub(crate) fn forecast(
    census: &Census,
    tenant: &TenantSituation,
    [live, planned]: [&PolicyState; 2],
    waivers: &[Waiver],
    range: ForecastRange,
) -> ForecastCounts {
    let differs = live != planned;
    let moments = moments(tenant, [live, planned], waivers, range);
    let rows = moments.iter().enumerate().map(|(index, (moment, causes))| ForecastRow {
        at: moment.at,
        planned: differs && index > 0,
        causes: causes.clone(),
        people: StateCounts::default(),
        administrators: StateCounts::default(),
        ended: BTreeMap::new(),
        registrations: Registrations::default(),
        able_without_plan: (differs && moment.at > tenant.today).then_some(0),
    });
    let end = range.end(&tenant.calendar, tenant.today);
    let external = census.external;
    let mut counts = ForecastCounts { rows: rows.collect(), end, external, ..ForecastCounts::default() };
    let moments: Vec<_> = moments.into_iter().map(|(moment, _)| moment).collect();
    for (person, many) in census.people() {
        counts.add(&PeopleAlike { tenant, moments: &moments, person: &person, many }, live);
    }
    counts
}

/// The moments of a forecast, each with what happens: today, then today with what is planned, if that differs, then each date.
/// They do not depend on who is in which group.
#[must_use]
pub(crate) fn moments<'a>(
    tenant: &TenantSituation,
    [live, planned]: [&'a PolicyState; 2],
    waivers: &[Waiver],
    range: ForecastRange,
) -> Vec<(Moment<'a>, Vec<DateCause>)> {
    let today = Moment { policy: live, at: tenant.today, read: Some(live) };
    let applied = Moment { policy: planned, ..today };
    let ahead = dates_ahead(&tenant.calendar, waivers, tenant.today, range);
    let ahead = ahead.into_iter().map(|(at, causes)| (Moment { at, ..applied }, causes));
    let applied = (live != planned).then_some((applied, Vec::new()));
    [(today, Vec::new())].into_iter().chain(applied).chain(ahead).collect()
}

/// People with the same answers, at the moments of the rows.
struct PeopleAlike<'a> {
    tenant: &'a TenantSituation,
    moments: &'a [Moment<'a>],
    person: &'a PersonFacts<'a>,
    many: u64,
}

impl ForecastCounts {
    /// Whether there is a moment besides that of today: the plan changes what decides about a reset, or a date lies ahead.
    #[must_use]
    pub(crate) fn looks_ahead(&self) -> bool {
        self.rows.len() > 1
    }

    fn add(&mut self, group: &PeopleAlike<'_>, live: &PolicyState) {
        let PeopleAlike { tenant, moments, person, many } = group;
        let answers: Vec<_> = moments.iter().map(|moment| moment.answer(tenant, person)).collect();
        let states: Vec<_> = answers.iter().map(PersonState::from).collect();
        // Somebody who is neither in the report nor in scope concerns nobody.
        if person.report.is_none() && states.iter().all(|state| *state == PersonState::NotPermitted) {
            return;
        }
        let administrator = has_role(person);
        // The row in which it was last known whether they can reset.
        let mut last_known: Option<(usize, bool)> = None;
        let mut falls_out = false;
        for (index, row) in self.rows.iter_mut().enumerate() {
            let (Some(moment), Some(answer), Some(state)) =
                (moments.get(index), answers.get(index), states.get(index).copied())
            else {
                continue;
            };
            let before = index.checked_sub(1).and_then(|before| Some((moments.get(before)?, *states.get(before)?)));
            let no_longer = |earlier: &Moment<'_>| &earlier.methods(tenant, person) - &moment.methods(tenant, person);
            if !administrator {
                row.add(group, moment, state, live);
                let permitted = before.filter(|(_, state)| *state != PersonState::NotPermitted);
                for method in permitted.map(|(earlier, _)| no_longer(earlier)).into_iter().flatten() {
                    *row.ended.entry(method).or_default() += many;
                }
            }
            let counts = if administrator { &mut row.administrators } else { &mut row.people };
            *counts.states.entry(state).or_default() += many;
            if let Some((_, before)) = before {
                *counts.flows.entry((before, state)).or_default() += many;
            }
            for reason in answer.open_reasons() {
                *counts.reasons.entry(reason).or_default() += many;
            }
            if let (Some((earlier, true)), Answer::No(why)) = (last_known, answer) {
                counts.lose += many;
                falls_out = true;
                let methods = || moments.get(earlier).map(no_longer).unwrap_or_default();
                *counts.losses.entry(LossReason::new(*why, methods)).or_default() += many;
            }
            let Some(able) = state.known() else { continue };
            counts.gain += if able && last_known.is_some_and(|(_, able)| !able) { *many } else { 0 };
            match states.first().and_then(|today| today.known()) {
                Some(true) if !able => counts.lose_since_today += many,
                Some(false) if able => counts.gain_since_today += many,
                Some(_) | None => {}
            }
            last_known = Some((index, able));
        }
        let is_open = |state: &PersonState| *state == PersonState::Unclear;
        let able_later = states.len() > 1 && states.iter().skip(1).all(|state| *state == PersonState::Able);
        if states.iter().any(is_open) && !able_later && !falls_out {
            let unclear = if administrator { &mut self.administrators_unclear } else { &mut self.unclear };
            *unclear += many;
        }
    }
}

impl ForecastRow {
    /// Adds people without an administrator's role to what is counted of them alone.
    fn add(&mut self, group: &PeopleAlike<'_>, moment: &Moment<'_>, state: PersonState, live: &PolicyState) {
        let PeopleAlike { tenant, moments: _, person, many } = group;
        if matches!(state, PersonState::Short | PersonState::Unregistered) {
            self.registrations.add(missing(*moment, tenant, person), *many);
        }
        if let Some(able) = &mut self.able_without_plan {
            let without = Moment { policy: live, ..*moment }.answer(tenant, person);
            *able += if without == Answer::Yes { *many } else { 0 };
        }
    }
}
