//! What a list of people says of one of them: the state today, and at the moment that matters most.

use jiff::civil::Date;

use crate::person::answer::{Answer, AnswerReason};
use crate::person::facts::{PersonFacts, TenantSituation};
use crate::person::forecast_dates::ForecastRange;
use crate::person::registrations::alternatives;
use crate::person::state::{Moment, PersonState};
use crate::policy::document::Method;

/// One person's state today and at a later moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PersonOutlook {
    pub(crate) today: PersonState,
    /// The date of the moment; `None` for today with what is planned.
    pub(crate) at: Option<Date>,
    pub(crate) then: PersonState,
    /// The first reason of the answer then; `None` where it is yes.
    pub(crate) reason: Option<AnswerReason>,
    /// The sets of methods of which one is enough to reset then; none where that is not certain of any.
    pub(crate) register: Vec<Vec<Method>>,
}

/// What a list says of a person; `None` for somebody who can reset at every moment, and for somebody who may not at any of them,
/// whatever they register. The moments are those of a forecast of this range.
///
/// It is about the first moment from which it is not certain that they can reset, although it was before, else about the last
/// one. A range of one date is about that date.
#[must_use]
pub(crate) fn outlook(
    moments: &[Moment<'_>],
    range: ForecastRange,
    tenant: &TenantSituation,
    person: &PersonFacts<'_>,
) -> Option<PersonOutlook> {
    let answers: Vec<_> = moments.iter().map(|moment| moment.answer(tenant, person)).collect();
    let states: Vec<_> = answers.iter().map(PersonState::from).collect();
    let all = |state| states.iter().all(|other| *other == state);
    if all(PersonState::Able) || all(PersonState::NotPermitted) {
        return None;
    }
    let falls =
        states.windows(2).position(|pair| pair.first() == Some(&PersonState::Able) && pair.last() != pair.first());
    let falls = falls.filter(|_| matches!(range, ForecastRange::Until(_))).map(|before| before + 1);
    let index = falls.unwrap_or(states.len().saturating_sub(1));
    let (moment, answer, then) = (moments.get(index)?, answers.get(index)?, *states.get(index)?);
    let reason = match answer {
        Answer::Yes => None,
        Answer::No(reason) => Some(*reason),
        Answer::Unclear(_) => answer.open_reasons().next(),
    };
    let register = match then {
        PersonState::Able | PersonState::NotPermitted => Vec::new(),
        PersonState::Short | PersonState::Unregistered | PersonState::Unclear => {
            alternatives(moments.get(index..).unwrap_or_default(), tenant, person)
        }
    };
    let at = (index == 0 || moment.at > tenant.today).then_some(moment.at);
    Some(PersonOutlook { today: *states.first()?, at, then, reason, register })
}
