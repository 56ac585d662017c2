//! A hundred made-up tenants: the forecast, its counts by what people have in common, what `why` answers for each person, the
//! impact of a plan, and the file of people add up to the same numbers.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use uuid::Uuid;

use crate::base::cloud::Cloud;
use crate::base::ids::ObjectId;
use crate::catalog::tenant_calendar::{MovedDate, TelephonyProvider, TenantCalendar};
use crate::person::answer::{Answer, AnswerReason};
use crate::person::assess::assess_registered;
use crate::person::by_value::{CountedValue, FEWEST, MomentCounts, ValueTally, by_value};
use crate::person::census::Census;
use crate::person::explanation::explain;
use crate::person::facts::{GroupMemberships, PersonFacts, TenantSituation};
use crate::person::forecast::{StateCounts, forecast};
use crate::person::forecast_dates::ForecastRange;
use crate::person::outlook::{PersonOutlook, outlook};
use crate::person::policy_state::{ConvergedState, MethodTarget, MethodTargets, PolicyState, ResetScope, TargetPeople};
use crate::person::registered::every_name;
use crate::person::roles::AUTHENTICATION_ADMINISTRATOR;
use crate::person::state::{Moment, PersonState};
use crate::policy::document::Method;
use crate::policy::repository::calendar::TelephonyChannel;
use crate::review::dice::Dice;
use crate::review::impact::PolicyChange;
use crate::tenant::account::{AccountHome, UserAccount};
use crate::tenant::facts::{Licence, Migration, ResetLicence};
use crate::tenant::registration::UserRegistrationDetails;

const TODAY: Date = date(2026, 11, 28);
const TENANTS: u64 = 100;
const PEOPLE: u128 = 20;
/// Each of the later half of them has so many others who are alike in everything but the id.
const ALIKE: u128 = 2;
fn id(number: u128) -> ObjectId {
    ObjectId(Uuid::from_u128(number))
}

/// The numbers of all who are like a person.
fn alike(number: u128) -> impl Iterator<Item = u128> {
    let others = if number < PEOPLE / 2 { 0 } else { ALIKE };
    (0..=others).map(move |other| number + other * PEOPLE)
}

fn group(dice: &mut Dice) -> ObjectId {
    id(1_000 + u128::from(dice.below(4)))
}

fn policy(dice: &mut Dice) -> PolicyState {
    let scope = match dice.below(10) {
        0 => ResetScope::Nobody,
        1..=3 => ResetScope::Members(group(dice)),
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
        1..=3 => TargetPeople::Group(group(dice)),
        _ => TargetPeople::Everybody,
    };
    MethodTargets {
        on: Some(dice.chance(75)),
        include: Some(vec![MethodTarget { people, notifications: dice.chance(80) }]),
        exclude: Some(if dice.chance(15) { vec![group(dice)] } else { Vec::new() }),
        office_phone: dice.chance(50),
        authenticator_codes: dice.chance(70),
    }
}

fn situation(dice: &mut Dice) -> TenantSituation {
    let mut groups = GroupMemberships::default();
    for number in 0..4 {
        let members = (0..PEOPLE).filter(|_| dice.chance(50)).flat_map(alike).map(id).collect();
        groups.insert(id(1_000 + number), dice.read(members));
    }
    let mut calendar = TenantCalendar::of(if dice.chance(80) { Cloud::Global } else { Cloud::UsGov });
    if dice.chance(20) {
        let moved = MovedDate { date: date(2027, 5, 1), reason: String::new(), place: None };
        calendar.moved.insert("sms-voice-retirement", moved);
    }
    if dice.chance(25) {
        let groups = dice.chance(60).then(|| BTreeSet::from([group(dice)]));
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
        let answer = Moment { policy: live, at: TODAY, read: None }.answer(tenant, &facts);
        // Most lines of the report say what the settings say.
        let capable = if dice.chance(90) { answer == Answer::Yes } else { capable };
        (id(number), account, dice.read(UserRegistrationDetails { capable, ..line }))
    };
    let with_others = |(number, (_, account, line)): (u128, MadeUpPerson)| {
        alike(number).map(id).map(move |id| {
            let line = line.as_ref().map(|line| UserRegistrationDetails { id, ..line.clone() });
            (id, account, line)
        })
    };
    let people: Vec<_> = (0..PEOPLE).map(one).collect();
    (0..PEOPLE).zip(people).flat_map(with_others).collect()
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

/// `why` answers for each person what counts of them. Where the report contradicts what is computed for today, nothing is certain
/// at any moment but a new reason that no method changes. Returns how many such answers there are.
fn why_agrees(people: &[MadeUpPerson], tenant: &TenantSituation, moments: &[Moment<'_>]) -> usize {
    let mut contradicted = 0;
    for (id, account, report) in people {
        let person = PersonFacts { id: *id, account: *account, report: report.as_ref(), roles: None };
        // `why` reads the roles of administrators, and so knows more of some of them than can be counted.
        let administrator = report.as_ref().is_some_and(|report| report.administrator);
        let roles: &[Uuid] = if administrator { &[AUTHENTICATION_ADMINISTRATOR] } else { &[] };
        let asked = PersonFacts { roles: Some(roles), ..person };
        let today = moments.first().map(|today| Moment { read: None, ..*today }.answer(tenant, &person));
        let capable = report.as_ref().map(|report| report.capable);
        let disagrees = capable.is_some_and(|can| today.as_ref().and_then(Answer::known) == Some(!can));
        for moment in moments {
            let answer = moment.answer(tenant, &person);
            let is_new = |why: AnswerReason| {
                let every_method = assess_registered(moment.policy, tenant, &person, moment.at);
                let never = administrator || matches!(every_method, Answer::No(_));
                (!why.is_about_methods() || never) && today != Some(Answer::No(why))
            };
            assert!(!disagrees || matches!(answer, Answer::No(why) if is_new(why)) || answer.known().is_none());
            contradicted += usize::from(disagrees && answer.known().is_none());
            let why = explain(*moment, tenant, &asked).answer;
            let is_the_same = match (administrator, answer.known()) {
                (true, None) => true,
                (true, known) => why.known() == known,
                (false, _) => why == answer,
            };
            assert!(is_the_same, "{id:?} at {}: {why:?} instead of {answer:?}", moment.at);
        }
    }
    contradicted
}

/// What people without an administrator's role count as, by state and those who fall out, summed over all values.
fn sums<'a>(values: impl Iterator<Item = &'a MomentCounts>) -> [u64; 6] {
    values.fold([0; 6], |sums, counts| {
        let MomentCounts { able, short, unregistered, not_permitted, unclear, lose } = *counts;
        let mut added = [able, short, unregistered, not_permitted, unclear, lose].into_iter();
        sums.map(|sum| sum + added.next().unwrap_or_default())
    })
}

fn sums_of(counts: &StateCounts) -> [u64; 6] {
    let of = |state| counts.of(state);
    let states = [PersonState::Able, PersonState::Short, PersonState::Unregistered, PersonState::NotPermitted];
    let [able, short, unregistered, not_permitted] = states.map(of);
    [able, short, unregistered, not_permitted, of(PersonState::Unclear), counts.lose]
}

/// Counts the people of each department alone, as one would count a tenant that has no other people, and compares.
fn departments_add_up(
    census: &Census,
    tally: &ValueTally,
    departments: &BTreeMap<String, Vec<MadeUpPerson>>,
    tenant: &TenantSituation,
    moments: &[Moment<'_>],
) -> u64 {
    let values = by_value(tally, census.people().map(|(person, _)| person), tenant, moments);
    let (all, _) = one_by_one(&departments.values().flatten().cloned().collect::<Vec<_>>(), tenant, moments);
    for (index, [people, _]) in all.iter().enumerate() {
        let of_values = sums(values.iter().filter_map(|value| value.moments.get(index)));
        assert_eq!(of_values, sums_of(people), "{index}: {values:?}");
    }
    let mut named = 0;
    for value in &values {
        let CountedValue::Named(name) = &value.value else { continue };
        let (alone, _) = one_by_one(departments.get(name).map(Vec::as_slice).unwrap_or_default(), tenant, moments);
        let expected: Vec<_> = alone.iter().map(|[people, _]| sums_of(people)).collect();
        assert_eq!(value.moments.iter().map(|counts| sums([counts].into_iter())).collect::<Vec<_>>(), expected);
        assert!(value.people >= FEWEST, "{value:?}");
        named += 1;
    }
    named
}

/// The file of people has those whom a forecast of one date counts as having too little or as unclear then, and those who gain
/// or lose the reset.
fn file_adds_up(
    people: &[MadeUpPerson],
    tenant: &TenantSituation,
    moments: &[Moment<'_>],
    range: ForecastRange,
    last: [&StateCounts; 2],
) -> usize {
    let of_tenant = people.iter().filter(|(_, account, _)| account.is_none_or(|one| one.home == AccountHome::Here));
    let listed: Vec<PersonOutlook> = of_tenant
        .filter_map(|(id, account, report)| {
            let person = PersonFacts { id: *id, account: *account, report: report.as_ref(), roles: None };
            outlook(moments, range, tenant, &person)
        })
        .collect();
    let lines =
        |of: &dyn Fn(&PersonOutlook) -> bool| u64::try_from(listed.iter().filter(|one| of(one)).count()).unwrap_or(0);
    for state in [PersonState::Short, PersonState::Unregistered, PersonState::Unclear] {
        assert_eq!(
            lines(&|one| one.then == state),
            last.iter().map(|counts| counts.of(state)).sum::<u64>(),
            "{state:?}"
        );
    }
    let (lose, gain) = last
        .iter()
        .fold((0, 0), |(lose, gain), counts| (lose + counts.lose_since_today, gain + counts.gain_since_today));
    let is_always = |one: &PersonOutlook, state| one.today == state && one.then == state && moments.len() == 2;
    assert_eq!(lines(&|one| is_always(one, PersonState::Able) || is_always(one, PersonState::NotPermitted)), 0);
    let moves = |from, to| lines(&|one| one.today.known() == Some(from) && one.then.known() == Some(to));
    assert_eq!((moves(true, false), moves(false, true)), (lose, gain));
    listed.len()
}

/// The counts without the reasons.
fn numbers(counts: &StateCounts) -> StateCounts {
    StateCounts { losses: BTreeMap::new(), reasons: BTreeMap::new(), ..counts.clone() }
}

#[test]
fn forecast_people_and_impact_add_up() {
    let (mut losing, mut unclear, mut listed, mut departments_seen, mut contradicted) = (0, 0, 0, 0, 0);
    for number in 0..TENANTS {
        let dice = &mut Dice(number);
        let (live, other, tenant) = (policy(dice), policy(dice), situation(dice));
        let planned = if dice.chance(20) { live.clone() } else { other };
        let people = people(dice, &live, &tenant);
        let mut census = Census::new([&live, &planned]);
        let (mut tally, mut departments) = (ValueTally::new(), BTreeMap::<String, Vec<_>>::new());
        for one @ (id, account, report) in &people {
            let person = PersonFacts { id: *id, account: *account, report: report.as_ref(), roles: None };
            let department = format!("Department {}", dice.below(4) * dice.below(3));
            if let Some(profile) = census.add(&tenant.groups, &person) {
                let profiles = tally.entry(CountedValue::Named(department.clone())).or_default();
                *profiles.entry(profile).or_default() += 1;
            }
            departments.entry(department).or_default().push(one.clone());
        }
        let today = Moment { policy: &live, at: TODAY, read: Some(&live) };
        let moment = |at| Moment { policy: &planned, at, read: Some(&live) };
        let ranges = [TODAY, date(2027, 2, 1), date(2027, 7, 1)].map(ForecastRange::At);
        for range in [ForecastRange::Until(None)].into_iter().chain(ranges) {
            let counts = forecast(&census, &tenant, [&live, &planned], &[], range);
            let later = counts.rows.iter().skip(1).map(|row| moment(row.at));
            let moments: Vec<_> = [today].into_iter().chain(later).collect();
            contradicted += why_agrees(&people, &tenant, &moments);
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
            departments_seen += departments_add_up(&census, &tally, &departments, &tenant, &moments);
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
                listed += file_adds_up(&people, &tenant, &moments, range, [&last.people, &last.administrators]);
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
    assert!(
        listed > 3_000 && departments_seen > 500 && contradicted > 500,
        "{listed} {departments_seen} {contradicted}"
    );
}
