//! What a list of people says of one of them: the state today, and at the moment that matters most.

use jiff::civil::Date;

use crate::person::answer::{Answer, AnswerReason};
use crate::person::facts::{PersonFacts, TenantSituation};
use crate::person::forecast_dates::{ForecastRange, dates_ahead};
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

/// The first day from which a person has the state that they have at a moment, and keeps it until then. A forecast of one date
/// has none of the dates before it, of which one may have moved the person.
fn since(moment: &Moment<'_>, then: PersonState, tenant: &TenantSituation, person: &PersonFacts<'_>) -> Date {
    let before = dates_ahead(&tenant.calendar, &[], tenant.today, ForecastRange::Until(Some(moment.at)));
    let before = [tenant.today].into_iter().chain(before.into_iter().map(|(date, _)| date));
    let has_state = |at: &Date| PersonState::from(&Moment { at: *at, ..*moment }.answer(tenant, person)) == then;
    before.collect::<Vec<_>>().into_iter().rev().take_while(has_state).last().unwrap_or(moment.at).min(moment.at)
}

/// What a list says of a person; `None` for somebody who can reset at every moment, and for somebody who may not at any of them,
/// whatever they register. The moments are those of a forecast of this range.
///
/// It is about the first moment from which it is not certain that they can reset, although it was before, else about the last
/// one. A range of one date is about the state on that date, and names the day since when it is so.
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
    let at = match range {
        ForecastRange::At(_) => since(moment, then, tenant, person),
        ForecastRange::Until(_) => moment.at,
    };
    let at = (index == 0 || at > tenant.today).then_some(at);
    Some(PersonOutlook { today: *states.first()?, at, then, reason, register })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;
    use crate::base::cloud::Cloud;
    use crate::base::ids::ObjectId;
    use crate::catalog::tenant_calendar::TenantCalendar;
    use crate::person::facts::GroupMemberships;
    use crate::person::policy_state::{
        ConvergedState, MethodTarget, MethodTargets, PolicyState, ResetScope, TargetPeople,
    };
    use crate::tenant::account::{AccountHome, UserAccount};
    use crate::tenant::facts::{Licence, Migration, ResetLicence};
    use crate::tenant::registration::UserRegistrationDetails;

    const TODAY: Date = date(2026, 11, 27);

    /// A tenant that has migrated, with configurations that are on for everybody and so many methods required.
    fn policy(required: u32, on: &[&'static str]) -> PolicyState {
        let everybody = MethodTarget { people: TargetPeople::Everybody, notifications: true };
        let targets = MethodTargets {
            on: Some(true),
            include: Some(vec![everybody]),
            exclude: Some(Vec::new()),
            office_phone: false,
            authenticator_codes: true,
        };
        let configurations = on.iter().map(|id| (*id, targets.clone())).collect();
        PolicyState {
            scope: Some(ResetScope::Everybody),
            required: Some(required),
            administrators: Some(true),
            writeback: Some(true),
            legacy: Some(BTreeSet::new()),
            converged: Some(ConvergedState { migration: Migration::Complete, configurations }),
        }
    }

    fn tenant() -> TenantSituation {
        TenantSituation {
            licence: Some(Licence { reset: ResetLicence::Permits, writeback: true }),
            synchronised: Some(false),
            writeback_running: Some(true),
            needed_by_administrators: (2, 2),
            groups: GroupMemberships::default(),
            calendar: TenantCalendar::of(Cloud::Global),
            today: TODAY,
        }
    }

    /// Somebody's line of the report, which says that they can reset, or not.
    fn line(methods: &[&str], capable: bool) -> UserRegistrationDetails {
        UserRegistrationDetails {
            id: ObjectId(Uuid::from_u128(1)),
            member: true,
            administrator: false,
            methods: methods.iter().map(|name| (*name).to_owned()).collect(),
            enabled: true,
            capable,
            refreshed: None,
        }
    }

    fn person(report: &UserRegistrationDetails) -> PersonFacts<'_> {
        let account = UserAccount { home: AccountHome::Here, enabled: Some(true), synchronised: false };
        PersonFacts { id: report.id, account: Some(account), report: Some(report), roles: None }
    }

    /// Texts end on 2027-02-01. A forecast of a later date alone names that day, too, and not the one that was asked for.
    #[test]
    fn a_forecast_of_one_date_names_the_day_of_the_loss() {
        let (policy, report) = (policy(1, &["Sms"]), line(&["mobilePhone"], true));
        let today = Moment { policy: &policy, at: TODAY, read: Some(&policy) };
        let named = |at: Date| {
            let moments = [today, Moment { at, ..today }];
            outlook(&moments, ForecastRange::At(at), &tenant(), &person(&report))
                .map(|outlook| (outlook.then, outlook.at))
        };
        let lost = Some((PersonState::Unregistered, Some(date(2027, 2, 1))));
        assert_eq!(named(date(2027, 1, 31)), None);
        assert_eq!([named(date(2027, 2, 1)), named(date(2027, 7, 1)), named(date(2030, 1, 1))], [lost, lost, lost]);
    }

    /// The code of a hardware token is a method of its own next to a notification, that of an app perhaps not: nobody is advised to
    /// register a code next to a notification.
    #[test]
    fn no_registration_is_named_that_may_not_be_enough() {
        let policy = policy(2, &["MicrosoftAuthenticator", "SoftwareOath", "HardwareOath"]);
        let today = Moment { policy: &policy, at: TODAY, read: Some(&policy) };
        let register = |methods: &[&str]| {
            let report = line(methods, false);
            outlook(&[today], ForecastRange::Until(None), &tenant(), &person(&report)).map(|outlook| outlook.register)
        };
        assert_eq!(register(&["microsoftAuthenticatorPush"]), Some(Vec::new()));
        assert_eq!(register(&["hardwareOneTimePasscode"]), Some(vec![vec![Method::MobileAppNotification]]));
    }

    /// Where the report contradicts what is computed for today, later dates are unclear, too, and no registration is named.
    #[test]
    fn a_contradiction_of_the_report_holds_on_later_dates() {
        let (policy, report) = (policy(1, &["Email", "Sms"]), line(&["mobilePhone"], false));
        let today = Moment { policy: &policy, at: TODAY, read: Some(&policy) };
        let moments = [today, Moment { at: date(2027, 2, 1), ..today }];
        let found = outlook(&moments, ForecastRange::Until(None), &tenant(), &person(&report));
        let expected = PersonOutlook {
            today: PersonState::Unclear,
            at: Some(date(2027, 2, 1)),
            then: PersonState::Unclear,
            reason: Some(AnswerReason::ReportDisagrees),
            register: Vec::new(),
        };
        assert_eq!(found, Some(expected));
    }
}
