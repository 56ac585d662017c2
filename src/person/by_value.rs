//! How many people of each department, country, group or method can reset, over the moments of a forecast. Nobody is singled
//! out: values of fewer than [`FEWEST`] people are counted together, at least two of them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::person::answer::Answer;
use crate::person::assess::has_role;
use crate::person::facts::{PersonFacts, TenantSituation};
use crate::person::state::{Moment, PersonState};
use crate::tenant::account::AccountColumn;

/// The fewest people of a value that are counted apart.
pub(crate) const FEWEST: u64 = 5;

/// What people are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GroupedBy {
    /// What the directory says of them.
    Column(AccountColumn),
    /// The groups that the scope or the authentication methods policy names.
    Group,
    /// The registered methods that may reset a password.
    Method,
}

impl GroupedBy {
    pub(crate) const DEPARTMENT: Self = Self::Column(AccountColumn::Department);
    pub(crate) const COUNTRY: Self = Self::Column(AccountColumn::Country);
}

/// A value by which people are counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CountedValue {
    /// A department, a country, a group or a method: untrusted text.
    Named(String),
    /// People without a value, such as no department or no method.
    Nothing,
    /// Several values of few people each.
    Others,
}

/// People by what they have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupedPeople {
    pub(crate) by: GroupedBy,
    pub(crate) values: Vec<ValueCounts>,
}

/// The people of one value without an administrator's role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ValueCounts {
    pub(crate) value: CountedValue,
    pub(crate) people: u64,
    /// At each moment of the forecast.
    pub(crate) moments: Vec<MomentCounts>,
}

/// The people of one value at one moment, by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct MomentCounts {
    pub(crate) able: u64,
    pub(crate) short: u64,
    pub(crate) unregistered: u64,
    pub(crate) not_permitted: u64,
    pub(crate) unclear: u64,
    /// Those who cannot reset and could when it was last known, at an earlier moment.
    pub(crate) lose: u64,
}

impl MomentCounts {
    fn add(&mut self, other: &Self, many: u64) {
        let Self { able, short, unregistered, not_permitted, unclear, lose } = self;
        *able += other.able * many;
        *short += other.short * many;
        *unregistered += other.unregistered * many;
        *not_permitted += other.not_permitted * many;
        *unclear += other.unclear * many;
        *lose += other.lose * many;
    }
}

impl ValueCounts {
    fn none(value: CountedValue, moments: usize) -> Self {
        Self { value, people: 0, moments: vec![MomentCounts::default(); moments] }
    }

    fn add(&mut self, other: &[MomentCounts], many: u64) {
        self.moments.iter_mut().zip(other).for_each(|(all, other)| all.add(other, many));
    }

    fn join(&mut self, other: &Self) {
        self.people += other.people;
        self.add(&other.moments, 1);
    }

    /// How many of them fall out over all moments.
    fn lose(&self) -> u64 {
        self.moments.iter().map(|moment| moment.lose).sum()
    }
}

/// How many people of which profile have which value, by the number of the profile in a census.
pub(crate) type ValueTally = BTreeMap<CountedValue, BTreeMap<usize, u64>>;

/// Counts people by value. `profiles` has a person for each profile, as a census has them. Those come first of whom most fall out, and those that are counted together come last.
#[must_use]
pub(crate) fn by_value<'a>(
    tally: &ValueTally,
    profiles: impl Iterator<Item = PersonFacts<'a>>,
    tenant: &TenantSituation,
    moments: &[Moment<'_>],
) -> Vec<ValueCounts> {
    let profiles: Vec<_> = profiles.map(|person| one_person(&person, tenant, moments)).collect();
    let of_value = |(value, people): (&CountedValue, &BTreeMap<usize, u64>)| {
        let mut counts = ValueCounts::none(value.clone(), moments.len());
        for (profile, many) in people {
            if let Some(Some(one)) = profiles.get(*profile) {
                counts.people += many;
                counts.add(one, *many);
            }
        }
        (counts.people > 0).then_some(counts)
    };
    together(tally.iter().filter_map(of_value).collect(), moments.len())
}

/// What one person counts as at each moment; `None` for somebody whom a forecast does not count among the people.
fn one_person(person: &PersonFacts<'_>, tenant: &TenantSituation, moments: &[Moment<'_>]) -> Option<Vec<MomentCounts>> {
    let answers: Vec<_> = moments.iter().map(|moment| moment.answer(tenant, person)).collect();
    let permitted = answers.iter().any(|answer| PersonState::from(answer) != PersonState::NotPermitted);
    if has_role(person) || person.report.is_none() && !permitted {
        return None;
    }
    let mut was_able = false;
    let counts = answers.iter().map(|answer| {
        let mut counts =
            MomentCounts { lose: u64::from(was_able && matches!(answer, Answer::No(_))), ..Default::default() };
        let state = match PersonState::from(answer) {
            PersonState::Able => &mut counts.able,
            PersonState::Short => &mut counts.short,
            PersonState::Unregistered => &mut counts.unregistered,
            PersonState::NotPermitted => &mut counts.not_permitted,
            PersonState::Unclear => &mut counts.unclear,
        };
        *state = 1;
        was_able = answer.known().unwrap_or(was_able);
        counts
    });
    Some(counts.collect())
}

/// Counts the values of few people together. The numbers of all people are known, so one value alone would follow from those of
/// all others: there are always at least two, with enough people between them.
fn together(values: Vec<ValueCounts>, moments: usize) -> Vec<ValueCounts> {
    let mut others = ValueCounts::none(CountedValue::Others, moments);
    let (rest, mut values): (Vec<_>, Vec<_>) =
        values.into_iter().partition(|counts| counts.value == CountedValue::Others);
    values.sort_by(|one, other| (one.people, &one.value).cmp(&(other.people, &other.value)));
    let few = values.iter().filter(|counts| counts.people < FEWEST).count();
    let alone = few > 0 && rest.is_empty();
    let mut folded = 0;
    for counts in &rest {
        others.join(counts);
    }
    while folded < few || alone && folded < 2 || few > 0 && others.people < FEWEST {
        let Some(counts) = values.get(folded) else { break };
        others.join(counts);
        folded += 1;
    }
    values.drain(..folded);
    values.sort_by_cached_key(|counts| (Reverse((counts.lose(), counts.people)), counts.value.clone()));
    values.extend((others.people > 0).then_some(others));
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(people: &[u64]) -> Vec<(String, u64)> {
        let value = |(number, people): (usize, &u64)| ValueCounts {
            people: *people,
            ..ValueCounts::none(CountedValue::Named(number.to_string()), 0)
        };
        let name = |value| match value {
            CountedValue::Named(name) => name,
            CountedValue::Nothing => "nothing".to_owned(),
            CountedValue::Others => "others".to_owned(),
        };
        let values = together(people.iter().enumerate().map(value).collect(), 0);
        values.into_iter().map(|counts| (name(counts.value), counts.people)).collect()
    }

    /// No value of few people is shown, nor can it be computed as what is left of all.
    #[test]
    fn values_of_few_people_are_counted_together() {
        let expected =
            |list: &[(&str, u64)]| list.iter().map(|(name, many)| ((*name).to_owned(), *many)).collect::<Vec<_>>();
        assert_eq!(shown(&[9, 5]), expected(&[("0", 9), ("1", 5)]));
        assert_eq!(shown(&[9, 4, 7]), expected(&[("0", 9), ("others", 11)]));
        assert_eq!(shown(&[9, 1, 7, 2]), expected(&[("0", 9), ("others", 10)]));
        assert_eq!(shown(&[9, 3, 2]), expected(&[("0", 9), ("others", 5)]));
        assert_eq!(shown(&[9, 4]), expected(&[("others", 13)]));
        assert_eq!(shown(&[1, 1]), expected(&[("others", 2)]));
        assert_eq!(shown(&[]), []);
        for case in 0..2_000_u64 {
            let people: Vec<_> = (0..case % 7).map(|at| case.wrapping_mul(at * at + 11) / 7 % 13 + 1).collect();
            let shown = shown(&people);
            assert_eq!(shown.iter().map(|(_, many)| many).sum::<u64>(), people.iter().sum::<u64>());
            let enough = |(name, many): &(String, u64)| *many >= FEWEST || name == "others" && shown.len() == 1;
            assert!(shown.iter().all(enough), "{people:?}: {shown:?}");
            if shown.iter().any(|(name, _)| name == "others") && people.len() > 1 {
                assert!(people.len() - (shown.len() - 1) >= 2, "{people:?}: {shown:?}");
            }
        }
    }
}
