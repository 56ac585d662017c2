//! A hundred made-up tenants: the forecast, what `why` answers for each person, and the impact of a plan add up to the same
//! numbers.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use uuid::Uuid;

use crate::base::cloud::Cloud;
use crate::base::ids::ObjectId;
use crate::catalog::tenant_calendar::{MovedDate, TelephonyProvider, TenantCalendar};
use crate::person::answer::Answer;
use crate::person::census::Census;
use crate::person::explanation::explain;
use crate::person::facts::{GroupMemberships, PersonFacts, TenantSituation};
use crate::person::forecast::{StateCounts, forecast};
use crate::person::forecast_dates::ForecastRange;
use crate::person::policy_state::{ConvergedState, MethodTarget, MethodTargets, PolicyState, ResetScope, TargetPeople};
use crate::person::registered::every_name;
use crate::person::state::{Moment, PersonState};
use crate::policy::document::Method;
use crate::policy::repository::calendar::TelephonyChannel;
use crate::review::impact::PolicyChange;
use crate::tenant::account::{AccountHome, UserAccount};
use crate::tenant::facts::{Licence, Migration, ResetLicence};
use crate::tenant::registration::UserRegistrationDetails;

const TODAY: Date = date(2026, 11, 28);
const TENANTS: u64 = 100;
const PEOPLE: u128 = 30;
/// A role that is in Microsoft's list of those with a policy of their own.
const AUTHENTICATION_POLICY_ADMINISTRATOR: Uuid = Uuid::from_u128(0x0526_716b_113d_4c15_b2c8_68e3_c22b_9f80);

/// A sequence of numbers that look random (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn read<T>(&mut self, value: T) -> Option<T> {
        (!self.chance(4)).then_some(value)
    }

    fn group(&mut self) -> ObjectId {
        id(1_000 + u128::from(self.below(4)))
    }
}

fn id(number: u128) -> ObjectId {
    ObjectId(Uuid::from_u128(number))
}

fn policy(dice: &mut Dice) -> PolicyState {
    let scope = match dice.below(10) {
        0 => ResetScope::Nobody,
        1..=3 => ResetScope::Members(dice.group()),
        _ => ResetScope::Everybody,
    };
    let methods = [Method::MobileAppCode, Method::Email, Method::MobilePhone, Method::SecurityQuestions];
    let legacy = methods.into_iter().filter(|_| dice.chance(60)).collect();
    let names = ["Email", "Sms", "Voice", "MicrosoftAuthenticator", "SoftwareOath", "HardwareOath"];
    let configurations = names.map(|name| (name, targets(dice)));
    let migration = match dice.below(6) {
        0 => Migration::PreMigration,
        1 => Migration::InProgress,
        _ => Migration::Complete,
    };
    let required = if dice.chance(50) { 1 } else { 2 };
    PolicyState {
        scope: dice.read(scope),
        required: dice.read(required),
        administrators: Some(dice.chance(80)),
        writeback: Some(dice.chance(80)),
        legacy: Some(legacy),
        converged: dice.read(ConvergedState { migration, configurations: configurations.into() }),
    }
}

fn targets(dice: &mut Dice) -> MethodTargets {
    let people = match dice.below(10) {
        0 => TargetPeople::User(id(u128::from(dice.below(10)))),
        1..=3 => TargetPeople::Group(dice.group()),
        _ => TargetPeople::Everybody,
    };
    MethodTargets {
        on: Some(dice.chance(75)),
        include: Some(vec![MethodTarget { people, notifications: dice.chance(80) }]),
        exclude: Some(if dice.chance(15) { vec![dice.group()] } else { Vec::new() }),
        office_phone: dice.chance(50),
        authenticator_codes: dice.chance(70),
    }
}

fn situation(dice: &mut Dice) -> TenantSituation {
    let mut groups = GroupMemberships::default();
    for number in 0..4 {
        let members = (0..PEOPLE).filter(|_| dice.chance(50)).map(id).collect();
        groups.insert(id(1_000 + number), dice.read(members));
    }
    let mut calendar = TenantCalendar::of(if dice.chance(80) { Cloud::Global } else { Cloud::UsGov });
    if dice.chance(20) {
        let moved = MovedDate { date: date(2027, 5, 1), reason: String::new(), place: None };
        calendar.moved.insert("sms-voice-retirement", moved);
    }
    if dice.chance(25) {
        let groups = dice.chance(60).then(|| BTreeSet::from([dice.group()]));
        let channels = BTreeSet::from([TelephonyChannel::Sms]);
        calendar.provider = Some(TelephonyProvider { channels, groups, reason: String::new(), place: None });
    }
    let reset = if dice.chance(90) { ResetLicence::Permits } else { ResetLicence::NotKnown };
    let licence = Licence { reset, writeback: dice.chance(80) };
    TenantSituation {
        licence: dice.read(licence),
        synchronised: Some(dice.chance(50)),
        writeback_running: if dice.chance(50) { None } else { Some(dice.chance(50)) },
        needed_by_administrators: if dice.chance(80) { (2, 2) } else { (1, 2) },
        groups,
        calendar,
        today: TODAY,
    }
}

/// Somebody of the tenant: their account and their line of the report.
type MadeUpPerson = (ObjectId, Option<UserAccount>, Option<UserRegistrationDetails>);

fn people(dice: &mut Dice, live: &PolicyState, tenant: &TenantSituation) -> Vec<MadeUpPerson> {
    let one = |number| {
        let home = if dice.chance(8) { AccountHome::Elsewhere } else { AccountHome::Here };
        let account = UserAccount { home, enabled: Some(dice.chance(97)), synchronised: dice.chance(25) };
        let account = dice.read(account);
        let names = every_name().map(|(_, name)| name).chain(["fido2SecurityKey".to_owned(), "telepathy".to_owned()]);
        let methods = names.filter(|name| dice.chance(if name == "telepathy" { 2 } else { 30 })).collect();
        let (administrator, capable) = (dice.chance(15), dice.chance(50));
        let line = UserRegistrationDetails {
            id: id(number),
            member: true,
            administrator,
            methods,
            enabled: true,
            capable,
            refreshed: None,
        };
        let facts = PersonFacts { id: id(number), account, report: Some(&line), roles: None };
        let answer = Moment { policy: live, at: TODAY, live: false }.answer(tenant, &facts);
        // Most lines of the report say what the settings say.
        let capable = if dice.chance(90) { answer == Answer::Yes } else { capable };
        (id(number), account, dice.read(UserRegistrationDetails { capable, ..line }))
    };
    (0..PEOPLE).map(one).collect()
}

/// What the rows of a forecast must say, by asking of one person at a time, and how many people and administrators are unclear
/// in one of them and fall out in none.
fn one_by_one(
    people: &[MadeUpPerson],
    tenant: &TenantSituation,
    moments: &[Moment<'_>],
) -> (Vec<[StateCounts; 2]>, [u64; 2]) {
    let mut rows: Vec<[StateCounts; 2]> = moments.iter().map(|_| Default::default()).collect();
    let mut unclear = [0; 2];
    for (id, account, report) in people {
        let person = PersonFacts { id: *id, account: *account, report: report.as_ref(), roles: None };
        let answers: Vec<_> = moments.iter().map(|moment| moment.answer(tenant, &person)).collect();
        let states: Vec<_> = answers.iter().map(PersonState::from).collect();
        let elsewhere = account.is_some_and(|account| account.home == AccountHome::Elsewhere);
        let concerned = report.is_some() || states.iter().any(|state| *state != PersonState::NotPermitted);
        if elsewhere || !concerned {
            continue;
        }
        let administrator = usize::from(report.as_ref().is_some_and(|report| report.administrator));
        let known: Vec<_> = states.iter().filter_map(|state| state.known()).collect();
        let falls_out = known.windows(2).any(|pair| pair == [true, false]);
        if let Some(unclear) = unclear.get_mut(administrator) {
            let later = states.split_first().map(|(_, later)| later).unwrap_or_default();
            let able_later = !later.is_empty() && later.iter().all(|state| *state == PersonState::Able);
            *unclear += u64::from(known.len() < states.len() && !able_later && !falls_out);
        }
        // `why` reads the roles of administrators, and so knows more of some of them than can be counted.
        let roles: &[Uuid] = if administrator == 1 { &[AUTHENTICATION_POLICY_ADMINISTRATOR] } else { &[] };
        let asked = PersonFacts { roles: Some(roles), ..person };
        for (moment, answer) in moments.iter().zip(&answers) {
            let Moment { policy, at, live } = *moment;
            let why = explain(policy, tenant, &asked, at, live && report.is_some()).answer;
            let is_the_same = match (administrator, answer.known()) {
                (1, None) => true,
                (1, known) => why.known() == known,
                (_, _) => why == *answer,
            };
            assert!(is_the_same, "{id:?} at {at}: {why:?} instead of {answer:?}");
        }
        for (index, (row, state)) in rows.iter_mut().zip(&states).enumerate() {
            let Some(counts) = row.get_mut(administrator) else { continue };
            let (known, earlier) = (state.known(), states.get(..index).unwrap_or_default());
            let last_known = earlier.iter().rev().find_map(|state| state.known());
            let today = earlier.first().and_then(|state| state.known());
            *counts.states.entry(*state).or_default() += 1;
            counts.lose += u64::from(last_known == Some(true) && known == Some(false));
            counts.gain += u64::from(last_known == Some(false) && known == Some(true));
            counts.lose_since_today += u64::from(today == Some(true) && known == Some(false));
            counts.gain_since_today += u64::from(today == Some(false) && known == Some(true));
            if let Some(before) = earlier.last() {
                *counts.flows.entry((*before, *state)).or_default() += 1;
            }
        }
    }
    (rows, unclear)
}

/// The counts without the reasons.
fn numbers(counts: &StateCounts) -> StateCounts {
    StateCounts { losses: BTreeMap::new(), reasons: BTreeMap::new(), ..counts.clone() }
}

#[test]
fn forecast_people_and_impact_add_up() {
    let (mut losing, mut unclear) = (0, 0);
    for number in 0..TENANTS {
        let dice = &mut Dice(number);
        let (live, other, tenant) = (policy(dice), policy(dice), situation(dice));
        let planned = if dice.chance(20) { live.clone() } else { other };
        let people = people(dice, &live, &tenant);
        let mut census = Census::new([&live, &planned]);
        for (id, account, report) in &people {
            census
                .add(&tenant.groups, &PersonFacts { id: *id, account: *account, report: report.as_ref(), roles: None });
        }
        let today = Moment { policy: &live, at: TODAY, live: true };
        let moment = |at| Moment { policy: &planned, at, live: false };
        let ranges = [TODAY, date(2027, 2, 1), date(2027, 7, 1)].map(ForecastRange::At);
        for range in [ForecastRange::Until(None)].into_iter().chain(ranges) {
            let counts = forecast(&census, &tenant, [&live, &planned], &[], range);
            let later = counts.rows.iter().skip(1).map(|row| moment(row.at));
            let moments: Vec<_> = [today].into_iter().chain(later).collect();
            let (expected, expected_unclear) = one_by_one(&people, &tenant, &moments);
            let found = counts.rows.iter().map(|row| [numbers(&row.people), numbers(&row.administrators)]);
            assert_eq!(found.collect::<Vec<_>>(), expected, "{number} {range:?}");
            assert_eq!([counts.unclear, counts.administrators_unclear], expected_unclear, "{number} {range:?}");
            for row in &counts.rows {
                let registrations = &row.registrations;
                let to_help = registrations.one + registrations.two + registrations.neither;
                let helpless = row.people.of(PersonState::Short) + row.people.of(PersonState::Unregistered);
                assert_eq!(to_help, helpless, "{number} {range:?}");
                losing += row.people.losses.values().sum::<u64>();
            }
            unclear += counts.unclear;
            let (ForecastRange::At(at), Some(first), Some(last)) = (range, counts.rows.first(), counts.rows.last())
            else {
                continue;
            };
            let change = PolicyChange { before: live.clone(), after: planned.clone(), at };
            let impact = change.count(&census, &tenant);
            let (now, then) = (&first.people, &last.people);
            let (both, _) = one_by_one(&people, &tenant, &[today, moment(at)]);
            let flows = both.last().map(|[people, _]| people.flows.clone()).unwrap_or_default();
            let of = |wanted: &dyn Fn(PersonState, PersonState) -> bool| -> u64 {
                flows.iter().filter(|((before, after), _)| wanted(*before, *after)).map(|(_, many)| many).sum()
            };
            let is_unclear = |state| state == PersonState::Unclear;
            assert_eq!(impact.now, now.of(PersonState::Able), "{number} {at}");
            assert_eq!(impact.unclear, of(&|before, after| is_unclear(before) || is_unclear(after)), "{number} {at}");
            assert_eq!(impact.external, counts.external, "{number} {at}");
            if last.at == at && counts.looks_ahead() {
                assert_eq!((impact.lose, impact.gain), (then.lose_since_today, then.gain_since_today), "{number} {at}");
                for (of_impact, state) in [
                    (impact.then, PersonState::Able),
                    (impact.short, PersonState::Short),
                    (impact.unregistered, PersonState::Unregistered),
                ] {
                    assert_eq!(of_impact, then.of(state), "{number} {at} {state:?}");
                }
                assert_eq!(impact.administrators_lose, last.administrators.lose_since_today, "{number} {at}");
            }
        }
    }
    assert!(losing > 500 && unclear > 500, "{losing} {unclear}");
}
