//! What people would have to register to be able to reset.

use std::collections::{BTreeMap, BTreeSet};

use crate::person::answer::Answer;
use crate::person::facts::{PersonFacts, TenantSituation};
use crate::person::registered::own_names;
use crate::person::state::Moment;
use crate::policy::document::Method;
use crate::tenant::registration::UserRegistrationDetails;

/// What people who have registered too little would have to register.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Registrations {
    /// How many of them need one method more.
    pub(crate) one: u64,
    /// How many of them need two methods more.
    pub(crate) two: u64,
    /// How many of them cannot reset for certain, whatever two methods they register.
    pub(crate) neither: u64,
    /// How many of those who need one more, and of those who need two, each method would serve.
    pub(crate) methods: BTreeMap<Method, (u64, u64)>,
}

/// The fewest methods that a person would have to register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MissingMethods {
    /// How many: one or two.
    pub(crate) many: u8,
    /// Those that would do: each of them, or each with another one.
    pub(crate) any_of: Vec<Method>,
}

/// The fewest methods that somebody who cannot reset would have to register; `None` if one or two are not enough for certain.
#[must_use]
pub(crate) fn missing(
    moment: Moment<'_>,
    tenant: &TenantSituation,
    person: &PersonFacts<'_>,
) -> Option<MissingMethods> {
    let report = person.report?;
    let can = |more: &[&String]| can_with(moment, tenant, person, report, more);
    let names: Vec<_> = own_names().filter(|(_, name)| !report.methods.contains(name)).collect();
    let serving = |serves: &dyn Fn(&String) -> bool| {
        let mut methods: Vec<_> = names.iter().filter(|(_, name)| serves(name)).map(|(method, _)| *method).collect();
        methods.sort_unstable();
        methods.dedup();
        methods
    };
    let one = serving(&|name| can(&[name]));
    if !one.is_empty() {
        return Some(MissingMethods { many: 1, any_of: one });
    }
    let two = serving(&|name| names.iter().any(|(_, other)| other != name && can(&[name, other])));
    (!two.is_empty()).then_some(MissingMethods { many: 2, any_of: two })
}

/// Whether somebody certainly can reset at a moment with more methods than they have registered.
fn can_with(
    moment: Moment<'_>,
    tenant: &TenantSituation,
    person: &PersonFacts<'_>,
    report: &UserRegistrationDetails,
    more: &[&String],
) -> bool {
    let mut report = report.clone();
    report.methods.extend(more.iter().copied().cloned());
    let person = PersonFacts { report: Some(&report), ..*person };
    // The report itself knows nothing of methods that are added to it.
    Moment { read: None, ..moment }.answer(tenant, &person) == Answer::Yes
}

/// The single methods of which each is enough to reset at the first of some moments, or else the pairs; only those that are
/// enough at every later moment, too, where there are such. None where neither one nor two are enough for certain.
#[must_use]
pub(crate) fn alternatives(
    moments: &[Moment<'_>],
    tenant: &TenantSituation,
    person: &PersonFacts<'_>,
) -> Vec<Vec<Method>> {
    let (Some(report), Some((first, later))) = (person.report, moments.split_first()) else { return Vec::new() };
    // Whatever is computed about somebody of whom the report says otherwise, no registration is enough for certain.
    if first.report_disagrees(tenant, person) {
        return Vec::new();
    }
    let names: Vec<_> = own_names().filter(|(_, name)| !report.methods.contains(name)).collect();
    let single = names.iter().map(|one| vec![one]);
    let pairs = names.iter().enumerate().flat_map(|(at, one)| names.iter().skip(at + 1).map(move |two| vec![one, two]));
    let pairs = pairs.filter(|pair| pair.iter().map(|(method, _)| method).collect::<BTreeSet<_>>().len() == 2);
    let can = |moment: &Moment<'_>, set: &Vec<&(Method, String)>| {
        let more: Vec<_> = set.iter().map(|(_, name)| name).collect();
        can_with(*moment, tenant, person, report, &more)
    };
    let of = |sets: Vec<Vec<&(Method, String)>>| {
        let now: Vec<_> = sets.into_iter().filter(|set| can(first, set)).collect();
        let lasting: Vec<_> = now.iter().filter(|set| later.iter().all(|moment| can(moment, set))).cloned().collect();
        let sets = if lasting.is_empty() { now } else { lasting };
        let methods = sets.into_iter().map(|set| set.into_iter().map(|(method, _)| *method).collect());
        methods.collect::<BTreeSet<BTreeSet<Method>>>()
    };
    let found = Some(of(single.collect())).filter(|found| !found.is_empty()).unwrap_or_else(|| of(pairs.collect()));
    found.into_iter().map(|set| set.into_iter().collect()).collect()
}

impl Registrations {
    /// Adds people who are alike and have registered too little.
    pub(crate) fn add(&mut self, missing: Option<MissingMethods>, many: u64) {
        let Some(MissingMethods { many: needed, any_of }) = missing else {
            self.neither += many;
            return;
        };
        let (one, two) = if needed == 1 { (many, 0) } else { (0, many) };
        self.one += one;
        self.two += two;
        for method in any_of {
            let served = self.methods.entry(method).or_default();
            *served = (served.0 + one, served.1 + two);
        }
    }
}
