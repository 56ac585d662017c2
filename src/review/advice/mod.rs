//! Which policies for methods a tenant could have, which of them are the best for its people, and in which steps it gets
//! there. Who can reset is answered by the model of one person; nothing here reads or writes a tenant.

pub(crate) mod able_people;
pub(crate) mod candidates;
pub(crate) mod front;
pub(crate) mod steps;
#[cfg(test)]
mod tests;
pub(crate) mod weakest_way;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::base::finding::{Finding, Severity};
use crate::base::value::Value;
use crate::catalog::desired::Desired;
use crate::catalog::{calendar, methods, registration};
use crate::person::answer::Answer;
use crate::person::census::Census;
use crate::person::facts::TenantSituation;
use crate::person::forecast_dates::{ForecastRange, dates_ahead};
use crate::person::policy_state::PolicyState;
use crate::person::state::Moment;
use crate::plan::{actual, build};
use crate::policy::document::Method;
use crate::review::config::ReviewConfig;
use crate::tenant::error::TenantError;
use crate::tenant::snapshot::Snapshot;
use able_people::AblePeople;
use candidates::{CandidatePolicy, CandidateSource, MethodChoice};
use front::{RatedPolicy, front};
use steps::StepOrder;
use weakest_way::WeakestWay;

/// What a tenant is advised to do about its methods.
#[derive(Clone, Debug)]
pub(crate) struct Advice {
    /// The first day, then each date ahead on which something happens.
    pub(crate) dates: Vec<Date>,
    /// The methods that the tenant has.
    pub(crate) today: RatedChoice,
    /// The methods of the policy, where they are others.
    pub(crate) policy: Option<RatedChoice>,
    /// How many policies were tried.
    pub(crate) tried: usize,
    /// Of how many of them a rule says on one of the dates that they are wrong, by its code; one may break several.
    pub(crate) broken: BTreeMap<&'static str, usize>,
    /// How many the rules allow.
    pub(crate) allowed: usize,
    /// How many the rules allow, and no order of steps leads to without taking the reset from somebody.
    pub(crate) without_order: usize,
    /// The best ones, by the people who can reset on the worst date.
    pub(crate) options: Vec<AdvisedPolicy>,
    /// How many people would lose the reset by what the policy says about scope and writeback; it is left out of account then.
    pub(crate) lost_by_policy: u64,
    /// The codes of the errors for which what the policy says about anything but methods cannot be planned, such as a group that
    /// is not there; what it says about scope and writeback is left out of account then.
    pub(crate) not_counted: BTreeSet<&'static str>,
    /// Whether people have to register at sign-in; `None` if that is not known.
    pub(crate) registration_required: Option<bool>,
    /// People whose account is in another tenant.
    pub(crate) external: u64,
}

/// Methods with what they do for people.
#[derive(Clone, Debug)]
pub(crate) struct RatedChoice {
    pub(crate) choice: MethodChoice,
    pub(crate) able: AblePeople,
    pub(crate) weakest: WeakestWay,
}

/// A policy that is among the best, with the way to it.
#[derive(Clone, Debug)]
pub(crate) struct AdvisedPolicy {
    /// Its number, from 1.
    pub(crate) number: usize,
    pub(crate) policy: CandidatePolicy,
    pub(crate) able: AblePeople,
    pub(crate) weakest: WeakestWay,
    pub(crate) order: StepOrder,
}

/// The dates of an advice: the first day, and each date ahead on which something happens.
fn dates(tenant: &TenantSituation, start: Date) -> Vec<Date> {
    let ahead = dates_ahead(&tenant.calendar, &[], start, ForecastRange::Until(None));
    [start].into_iter().chain(ahead.into_iter().map(|(at, _)| at)).collect()
}

/// States of the policies that ask about every group and user on which an answer may depend, whichever methods are chosen: people
/// have to be read for all of them.
///
/// # Errors
/// When it is not known which methods the tenant has.
pub(crate) fn states(
    desired: &Desired,
    snapshot: &Snapshot,
    config: &ReviewConfig,
) -> Result<[PolicyState; 3], TenantError> {
    let source = CandidateSource::new(desired, snapshot, config, &[])?;
    let live = PolicyState::of(|surface| snapshot.document(surface).ok());
    let every_method = MethodChoice { allowed: Method::ALL.into_iter().collect(), required: 2 };
    Ok([live, state(desired, snapshot), source.candidate(every_method, snapshot).0.state])
}

/// What a tenant is advised to do. The census has to serve questions about [`states`].
///
/// # Errors
/// When it is not known which methods the tenant has.
pub(crate) fn advise(
    desired: &Desired,
    snapshot: &Snapshot,
    config: &ReviewConfig,
    census: &Census,
    tenant: &TenantSituation,
) -> Result<Advice, TenantError> {
    let dates = dates(tenant, config.today());
    let live = PolicyState::of(|surface| snapshot.document(surface).ok());
    let other_settings = |desired: &Desired| state(&desired.without_methods(), snapshot);
    let not_counted = errors_without_methods(desired, snapshot);
    let is_whole = not_counted.is_empty();
    let lost_by_policy = if is_whole { lost(census, tenant, [&live, &other_settings(desired)], &dates) } else { 0 };
    let considered = if lost_by_policy > 0 || !is_whole { desired.without_people() } else { desired.clone() };
    let source = CandidateSource::new(&considered, snapshot, config, &dates)?;
    let mut broken = BTreeMap::new();
    let mut rated = Vec::new();
    for choice in MethodChoice::all() {
        let (policy, _) = source.candidate(choice, snapshot);
        // A write of methods before the migration is not sure to act, so it is no advice.
        let unmanaged = policy.warnings.get(calendar::LEGACY);
        let forbids: BTreeSet<_> = policy.errors.iter().chain(unmanaged).copied().collect();
        if forbids.is_empty() {
            let able = AblePeople::count(census, tenant, &policy.state, &dates, &live);
            rated.push(RatedPolicy::new(policy, able, &source.live));
        } else {
            forbids.into_iter().for_each(|code| *broken.entry(code).or_default() += 1);
        }
    }
    let (allowed, mut without_order) = (rated.len(), 0);
    // The order of steps is worked out for the best alone; where there is none, others become the best.
    let mut orders: BTreeMap<MethodChoice, StepOrder> = BTreeMap::new();
    let best = loop {
        let best = front(&rated);
        let mut dropped = BTreeSet::new();
        for choice in best.iter().filter_map(|index| rated.get(*index)).map(|rated| &rated.policy.choice) {
            if orders.contains_key(choice) {
                continue;
            }
            match steps::order(&source, choice, census, tenant).filter(|order| order.lose == 0) {
                Some(order) => drop(orders.insert(choice.clone(), order)),
                None => drop(dropped.insert(choice.clone())),
            }
        }
        if dropped.is_empty() {
            break best;
        }
        without_order += dropped.len();
        rated.retain(|rated| !dropped.contains(&rated.policy.choice));
    };
    let best = best.into_iter().filter_map(|index| rated.get(index).cloned());
    let options = best.enumerate().filter_map(|(place, RatedPolicy { policy, able, weakest, .. })| {
        let order = orders.remove(&policy.choice)?;
        // Which configurations are left on may depend on the way, so the end of the steps is what counts.
        let (policy, able) = match order.steps.last().map(|step| step.policy.clone()) {
            Some(end) if end.state != policy.state => {
                let able = AblePeople::count(census, tenant, &end.state, &dates, &live);
                (end, able)
            }
            Some(_) | None => (policy, able),
        };
        Some(AdvisedPolicy { number: place + 1, policy, able, weakest, order })
    });
    let options = options.collect();
    let rate = |choice: MethodChoice, policy: &PolicyState| RatedChoice {
        able: AblePeople::count(census, tenant, policy, &dates, &live),
        weakest: WeakestWay::of(&choice.allowed, choice.required),
        choice,
    };
    let policy = Some(written(desired, &source.live)).filter(|choice| *choice != source.live);
    Ok(Advice {
        today: rate(source.live.clone(), &live),
        policy: policy.map(|choice| rate(choice, &state(if is_whole { desired } else { &considered }, snapshot))),
        tried: MethodChoice::all().count(),
        broken,
        allowed,
        without_order,
        options,
        lost_by_policy,
        not_counted,
        registration_required: match actual::document_value(&registration::REQUIRED_AT_SIGN_IN, snapshot) {
            Ok(Value::Bool(required)) => Some(required),
            Ok(_) | Err(_) => None,
        },
        external: census.external,
        dates,
    })
}

/// The methods that a policy asks for, and where it asks for none those of the tenant.
fn written(desired: &Desired, live: &MethodChoice) -> MethodChoice {
    let value = |name| desired.setting(name).map(|setting| &setting.value);
    let allowed = match value(methods::ALLOWED.name) {
        Some(Value::Set(words)) => words.iter().filter_map(|word| Method::from_word(word).ok()).collect(),
        Some(_) | None => live.allowed.clone(),
    };
    let required = match value(methods::REQUIRED.name) {
        Some(Value::Number(required)) => *required,
        Some(_) | None => live.required,
    };
    MethodChoice { allowed, required }
}

/// The codes of the errors for which a policy cannot be planned even without what it says of methods.
fn errors_without_methods(desired: &Desired, snapshot: &Snapshot) -> BTreeSet<&'static str> {
    let (_, findings) = build::build(&desired.without_methods(), snapshot);
    let errors = findings.iter().filter(|finding: &&Finding| finding.severity == Severity::Error);
    errors.map(|finding| finding.code).collect()
}

/// The state of the policies once a policy is applied.
fn state(desired: &Desired, snapshot: &Snapshot) -> PolicyState {
    let (plan, _) = build::build(desired, snapshot);
    let documents = plan.documents_after();
    PolicyState::of(|surface| documents.get(&surface))
}

/// How many people can reset by one policy and cannot for certain by another one, on any of the dates, by what is computed.
fn lost(census: &Census, tenant: &TenantSituation, [before, after]: [&PolicyState; 2], dates: &[Date]) -> u64 {
    if before == after {
        return 0;
    }
    let lost = census.people().filter(|(person, _)| {
        let can = |policy, at| Moment { policy, at, read: None }.answer(tenant, person) == Answer::Yes;
        dates.iter().any(|at| can(before, *at) && !can(after, *at))
    });
    lost.map(|(_, many)| many).sum()
}
