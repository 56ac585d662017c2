//! What people would have to register to be able to reset.

use std::collections::BTreeMap;

use crate::person::answer::Answer;
use crate::person::facts::{PersonFacts, TenantSituation};
use crate::person::registered::every_name;
use crate::person::state::Moment;
use crate::policy::document::Method;

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
    let can = |more: &[&String]| {
        let mut report = report.clone();
        report.methods.extend(more.iter().copied().cloned());
        let person = PersonFacts { report: Some(&report), ..*person };
        // The report itself knows nothing of methods that are added to it.
        Moment { live: false, ..moment }.answer(tenant, &person) == Answer::Yes
    };
    let names: Vec<_> = every_name().filter(|(_, name)| !report.methods.contains(name)).collect();
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
