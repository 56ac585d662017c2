//! How many people can reset by one policy, on the first day and on each date ahead.

use jiff::civil::Date;

use crate::person::assess::has_role;
use crate::person::census::Census;
use crate::person::facts::TenantSituation;
use crate::person::policy_state::PolicyState;
use crate::person::registrations::{Registrations, missing};
use crate::person::state::{Moment, PersonState};

/// How many people can reset on one date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DateCounts {
    pub(crate) at: Date,
    /// People without an administrator's role who can reset.
    pub(crate) able: u64,
    /// Those of whom it is not known.
    pub(crate) unclear: u64,
    /// Administrators who can reset, by Microsoft's policy for them.
    pub(crate) administrators_able: u64,
    /// Administrators of whom it is not known.
    pub(crate) administrators_unclear: u64,
}

/// How many people can reset by one policy, if nobody registers anything new.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AblePeople {
    /// The first day, then each date ahead.
    pub(crate) dates: Vec<DateCounts>,
    /// What people without an administrator's role who have registered too little would have to register for the last date.
    pub(crate) registrations: Registrations,
}

impl AblePeople {
    /// Counts the people of a tenant by a policy. `read` is the policies as they were read, by which the registration report is
    /// compared with what is computed.
    pub(crate) fn count(
        census: &Census,
        tenant: &TenantSituation,
        policy: &PolicyState,
        dates: &[Date],
        read: &PolicyState,
    ) -> Self {
        let start =
            |at: &Date| DateCounts { at: *at, able: 0, unclear: 0, administrators_able: 0, administrators_unclear: 0 };
        let mut counted = Self { dates: dates.iter().map(start).collect(), registrations: Registrations::default() };
        for (person, many) in census.people() {
            let mut last = None;
            for counts in &mut counted.dates {
                let moment = Moment { policy, at: counts.at, read: Some(read) };
                let state = PersonState::from(&moment.answer(tenant, &person));
                let (able, unclear) = if has_role(&person) {
                    (&mut counts.administrators_able, &mut counts.administrators_unclear)
                } else {
                    (&mut counts.able, &mut counts.unclear)
                };
                *able += if state == PersonState::Able { many } else { 0 };
                *unclear += if state == PersonState::Unclear { many } else { 0 };
                last = Some((moment, state));
            }
            if let Some((moment, PersonState::Short | PersonState::Unregistered)) = last.filter(|_| !has_role(&person))
            {
                counted.registrations.add(missing(moment, tenant, &person), many);
            }
        }
        counted
    }

    /// The people who can reset on the worst date.
    pub(crate) fn fewest(&self) -> u64 {
        self.dates.iter().map(|counts| counts.able).min().unwrap_or_default()
    }

    /// How much has to be registered, to compare policies: people whom no registration helps count before everything else.
    pub(crate) fn effort(&self) -> (u64, u64) {
        let Registrations { one, two, neither, methods: _ } = &self.registrations;
        (*neither, one + 2 * two)
    }
}
