//! The answer for one person, step by step in the order in which the service asks.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::person::allowed::MethodState;
use crate::person::answer::{Answer, AnswerReason};
use crate::person::facts::{PersonFacts, TenantSituation};
use crate::person::methods::MethodQuestion;
use crate::person::policy_state::{PolicyState, ResetScope};
use crate::person::registered::{RegisteredMethods, every_name};
use crate::person::roles::{AdministratorRole, HeldPolicy};
use crate::policy::document::Method;
use crate::tenant::account::AccountHome;
use crate::tenant::facts::{ResetLicence, SynchronisedPeople};
use crate::tenant::registration::UserRegistrationDetails;

/// Whether a person can reset by some policies at a date. Registrations count as they are in the report, whatever the date.
#[must_use]
pub(crate) fn assess(policy: &PolicyState, tenant: &TenantSituation, person: &PersonFacts<'_>, at: Date) -> Answer {
    let as_user = || assess_user(policy, tenant, person, at);
    let as_administrator = || assess_administrator(policy, tenant, person, at);
    match HeldPolicy::of(person) {
        HeldPolicy::Users => as_user(),
        HeldPolicy::Administrators => as_administrator(),
        HeldPolicy::NotKnown => as_administrator().either(&as_user(), AnswerReason::AdministratorNotKnown),
    }
}

/// Whether a person can reset by the tenant's policy for users, whatever role they have.
#[must_use]
pub(crate) fn assess_user(
    policy: &PolicyState,
    tenant: &TenantSituation,
    person: &PersonFacts<'_>,
    at: Date,
) -> Answer {
    Answer::all(steps(policy, tenant, person, at, false).map(|(_, answer)| answer))
}

/// Whether a person can reset by Microsoft's policy for administrators, which leaves out a few roles, such as Global Reader.
#[must_use]
pub(crate) fn assess_administrator(
    policy: &PolicyState,
    tenant: &TenantSituation,
    person: &PersonFacts<'_>,
    at: Date,
) -> Answer {
    Answer::all(steps(policy, tenant, person, at, true).map(|(_, answer)| answer))
}

/// One step of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AnswerStep {
    /// Whether the person is in scope; for administrators, whether these may reset.
    Scope,
    /// Whether the account is enabled, and in this tenant.
    Account,
    /// Whether the tenant's licences permit it.
    Licence,
    /// Whether a new password gets to where the password is.
    Password,
    /// Whether enough methods are registered and count.
    Methods,
}

/// Every step with its answer, in the order in which the service asks, by the policy for users or the one for administrators.
pub(crate) fn steps(
    policy: &PolicyState,
    tenant: &TenantSituation,
    person: &PersonFacts<'_>,
    at: Date,
    of_administrators: bool,
) -> [(AnswerStep, Answer); 5] {
    let [account, licence, password] = account_steps(policy, tenant, person, at, of_administrators);
    let scope = if of_administrators { administrators(policy) } else { scope(policy, tenant, person) };
    let methods = methods(policy, tenant, person, at, |question| {
        if of_administrators { question.of_administrator() } else { question.of_user() }
    });
    [
        (AnswerStep::Scope, scope),
        (AnswerStep::Account, account),
        (AnswerStep::Licence, licence),
        (AnswerStep::Password, password),
        (AnswerStep::Methods, methods),
    ]
}

/// Whether administrators may reset.
fn administrators(policy: &PolicyState) -> Answer {
    match policy.administrators {
        Some(true) => Answer::Yes,
        Some(false) => Answer::No(AnswerReason::AdministratorsOff),
        None => Answer::unclear(AnswerReason::AdministratorsNotRead),
    }
}

/// An answer of any moment, checked against what the report says itself of its own day, for which `today` is computed: where
/// the two contradict each other, nothing that is computed about the person is certain. What newly keeps everybody from a reset
/// whatever they register, such as a plan that leaves nobody in scope, holds whatever the report says. `with_every_method` gives
/// the answers for then and for today if the person had registered every method.
#[must_use]
pub(crate) fn checked_by_report(
    answer: Answer,
    today: &Answer,
    person: &PersonFacts<'_>,
    with_every_method: impl FnOnce(&PersonFacts<'_>) -> [Answer; 2],
) -> Answer {
    if !report_disagrees(today, person) {
        return answer;
    }
    let never = || {
        let report = every_method(person);
        let [then, today] = with_every_method(&PersonFacts { report: Some(&report), ..*person });
        matches!(then, Answer::No(_)) && !matches!(today, Answer::No(_))
    };
    match answer {
        Answer::No(why) if *today != Answer::No(why) && (!why.is_about_methods() || never()) => answer,
        answer => Answer::Unclear(answer.open_reasons().chain([AnswerReason::ReportDisagrees]).collect()),
    }
}

/// Whether the report contradicts what is computed for its own day.
pub(crate) fn report_disagrees(today: &Answer, person: &PersonFacts<'_>) -> bool {
    person.report.is_some_and(|report| today.known().is_some_and(|can| can != report.capable))
}

/// Counts so many people who are alike, whose password is on premises and who are or may be in scope, by what is known
/// without looking at their methods.
pub(crate) fn count_synchronised(
    counted: &mut SynchronisedPeople,
    many: u64,
    policy: &PolicyState,
    tenant: &TenantSituation,
    person: &PersonFacts<'_>,
    at: Date,
) {
    if !person.account.is_some_and(|account| account.synchronised && account.home == AccountHome::Here) {
        return;
    }
    let steps = [scope(policy, tenant, person)].into_iter().chain(account_steps(policy, tenant, person, at, false));
    match Answer::all(steps) {
        Answer::No(why) if why.is_about_writeback() => {
            counted.people += many;
            counted.cannot += many;
            counted.why = why.words();
        }
        Answer::No(_) => {}
        Answer::Yes => counted.people += many,
        Answer::Unclear(reasons) => {
            counted.people += many;
            counted.unclear += if reasons.contains(&AnswerReason::WritebackNotRead) { many } else { 0 };
        }
    }
}

/// The methods that a person has registered and that count by the policy for users, or may count.
#[must_use]
pub(crate) fn counted_methods(
    policy: &PolicyState,
    tenant: &TenantSituation,
    person: &PersonFacts<'_>,
    at: Date,
) -> BTreeSet<Method> {
    let Some(report) = person.report else { return BTreeSet::new() };
    let registered = &RegisteredMethods::read(&report.methods);
    question(policy, tenant, person, registered, at).counted()
}

/// The answer if the person had registered every method that there is: whether they could reset at all.
#[must_use]
pub(crate) fn assess_registered(
    policy: &PolicyState,
    tenant: &TenantSituation,
    person: &PersonFacts<'_>,
    at: Date,
) -> Answer {
    let report = UserRegistrationDetails { administrator: false, ..every_method(person) };
    assess_user(policy, tenant, &PersonFacts { report: Some(&report), ..*person }, at)
}

/// The line of the report that a person would have who had registered every method.
fn every_method(person: &PersonFacts<'_>) -> UserRegistrationDetails {
    UserRegistrationDetails {
        id: person.id,
        member: true,
        administrator: has_role(person),
        methods: every_name().map(|(_, name)| name).collect(),
        enabled: true,
        capable: true,
        refreshed: None,
    }
}

/// Whether the report says that a person has an administrator's role.
pub(crate) fn has_role(person: &PersonFacts<'_>) -> bool {
    person.report.is_some_and(|report| report.administrator)
}

/// Every kind of method, with what it does for the person by the policy for users or the one for administrators. Which are
/// registered is not known where the report does not have the person.
pub(crate) fn method_states(
    policy: &PolicyState,
    tenant: &TenantSituation,
    person: &PersonFacts<'_>,
    at: Date,
    by_administrators: bool,
) -> Vec<MethodState> {
    let registered = person.report.map(|report| RegisteredMethods::read(&report.methods)).unwrap_or_default();
    let mut states = question(policy, tenant, person, &registered, at).states(by_administrators);
    if person.report.is_none() {
        states.iter_mut().for_each(|state| state.registered = None);
    }
    states
}

/// Whether notification and code of the app surely are one method by the policy for users; no document says it of
/// administrators.
pub(crate) fn app_is_one(
    policy: &PolicyState,
    tenant: &TenantSituation,
    person: &PersonFacts<'_>,
    at: Date,
    by_administrators: bool,
) -> bool {
    !by_administrators && question(policy, tenant, person, &RegisteredMethods::default(), at).app_is_one()
}

/// What does not depend on methods, by the policy for users or the one for administrators.
fn account_steps(
    policy: &PolicyState,
    tenant: &TenantSituation,
    person: &PersonFacts<'_>,
    at: Date,
    of_administrators: bool,
) -> [Answer; 3] {
    [account(person), licence(tenant, person, of_administrators), password(policy, tenant, person, at)]
}

fn methods(
    policy: &PolicyState,
    tenant: &TenantSituation,
    person: &PersonFacts<'_>,
    at: Date,
    answer: impl FnOnce(MethodQuestion<'_>) -> Answer,
) -> Answer {
    let Some(report) = person.report else { return Answer::unclear(AnswerReason::NotInReport) };
    answer(question(policy, tenant, person, &RegisteredMethods::read(&report.methods), at))
}

fn question<'a>(
    policy: &'a PolicyState,
    tenant: &'a TenantSituation,
    person: &PersonFacts<'_>,
    registered: &'a RegisteredMethods,
    at: Date,
) -> MethodQuestion<'a> {
    let home = person.account.map(|account| account.home);
    MethodQuestion { policy, tenant, person: person.id, registered, role: AdministratorRole::of(person), home, at }
}

fn scope(policy: &PolicyState, tenant: &TenantSituation, person: &PersonFacts<'_>) -> Answer {
    match policy.scope {
        Some(ResetScope::Everybody) => Answer::Yes,
        Some(ResetScope::Nobody) => Answer::No(AnswerReason::ScopeNone),
        Some(ResetScope::Members(group)) => match tenant.groups.contains(group, person.id) {
            Some(true) => Answer::Yes,
            Some(false) => Answer::No(AnswerReason::NotInScope),
            None => Answer::unclear(AnswerReason::ScopeNotRead),
        },
        None => Answer::unclear(AnswerReason::ScopeNotRead),
    }
}

fn account(person: &PersonFacts<'_>) -> Answer {
    match person.account {
        None => Answer::unclear(AnswerReason::AccountNotRead),
        Some(account) => match (account.home, account.enabled) {
            (_, Some(false)) => Answer::No(AnswerReason::AccountDisabled),
            (AccountHome::Elsewhere, _) => Answer::unclear(AnswerReason::HomeTenantDecides),
            (AccountHome::Here, Some(true)) => Answer::Yes,
            // The report leaves out disabled accounts.
            (AccountHome::Here, None) if person.report.is_some() => Answer::Yes,
            (AccountHome::Here, None) => Answer::unclear(AnswerReason::AccountNotRead),
        },
    }
}

fn licence(tenant: &TenantSituation, person: &PersonFacts<'_>, of_administrators: bool) -> Answer {
    let Some(licence) = tenant.licence else { return Answer::unclear(AnswerReason::LicenceNotRead) };
    let synchronised = person.account.is_some_and(|account| account.synchronised);
    match licence.reset {
        _ if synchronised && !licence.writeback => Answer::No(AnswerReason::WritebackNotLicensed),
        ResetLicence::Permits => Answer::Yes,
        ResetLicence::NotKnown => Answer::unclear(AnswerReason::LicenceNotKnown),
        // Microsoft speaks of administrators who reset in free tenants.
        ResetLicence::ChangeOnly if of_administrators => Answer::unclear(AnswerReason::LicenceNotKnown),
        ResetLicence::ChangeOnly => Answer::No(AnswerReason::LicenceChangeOnly),
    }
}

fn password(policy: &PolicyState, tenant: &TenantSituation, person: &PersonFacts<'_>, at: Date) -> Answer {
    match (person.account, tenant.synchronised) {
        (Some(account), _) if account.synchronised => {}
        (Some(_), _) | (None, Some(false)) => return Answer::Yes,
        (None, _) => return Answer::unclear(AnswerReason::PasswordSourceNotRead),
    }
    match (policy.writeback, tenant.writeback_running) {
        (Some(false), _) => Answer::No(AnswerReason::WritebackOff),
        (Some(true), Some(true)) => Answer::Yes,
        (Some(true), Some(false)) if at <= tenant.today => Answer::No(AnswerReason::WritebackNotRunning),
        (Some(true), _) | (None, _) => Answer::unclear(AnswerReason::WritebackNotRead),
    }
}
