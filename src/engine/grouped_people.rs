//! Counts the people who were read by what they have in common: the values of each profile, and the texts of the directory.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::ids::ObjectId;
use crate::client::TenantReader;
use crate::person::by_value::{CountedValue, GroupedBy, GroupedPeople, ValueTally, by_value};
use crate::person::census::Census;
use crate::person::facts::{PersonFacts, TenantSituation};
use crate::person::policy_state::PolicyState;
use crate::person::registered::RegisteredMethods;
use crate::person::state::Moment;
use crate::tenant::account::TextNumbers;
use crate::tenant::api::ReadTenant;
use crate::tenant::group::GroupQuery;

/// How many people of a profile have a text, by the number of the text and that of the profile.
pub(crate) type TextTally = BTreeMap<(u16, usize), u64>;

/// Counts the people of a census, of whom `texts` and `tally` have the texts, at each moment.
pub(crate) async fn grouped(
    reader: &TenantReader,
    by: GroupedBy,
    census: &Census,
    (tally, texts): (&TextTally, &TextNumbers),
    tenant: &TenantSituation,
    moments: &[Moment<'_>],
) -> GroupedPeople {
    let tally = match by {
        GroupedBy::Column(_) => by_text(tally, texts),
        GroupedBy::Group => by_group(reader, census, tenant, moments.iter().map(|moment| moment.policy)).await,
        GroupedBy::Method => by_method(census),
    };
    let profiles = census.people().map(|(person, _)| person);
    GroupedPeople { by, values: by_value(&tally, profiles, tenant, moments) }
}

/// How many people of which profile have which text of the directory.
fn by_text(tally: &TextTally, texts: &TextNumbers) -> ValueTally {
    let mut found = ValueTally::new();
    for ((text, profile), many) in tally {
        let value = match (*text, texts.text(*text)) {
            (TextNumbers::OTHERS, _) => CountedValue::Others,
            (_, Some(text)) => CountedValue::Named(text.to_owned()),
            (_, None) => CountedValue::Nothing,
        };
        *found.entry(value).or_default().entry(*profile).or_default() += many;
    }
    found
}

/// How many people of which profile are in which of the groups that the policies name. A group has its id
/// where its name cannot be read.
async fn by_group(
    reader: &TenantReader,
    census: &Census,
    tenant: &TenantSituation,
    policies: impl Iterator<Item = &PolicyState>,
) -> ValueTally {
    let mut names = BTreeMap::new();
    for group in policies.flat_map(PolicyState::groups).collect::<BTreeSet<_>>() {
        let found = reader.groups(&GroupQuery::Id(group)).await.ok().and_then(|found| found.into_iter().next());
        names.insert(group, found.map_or_else(|| group.to_string(), |group| group.name));
    }
    of_profiles(census, |person| {
        let has = |group: &ObjectId| tenant.groups.contains(*group, person.id) == Some(true);
        names.iter().filter(|(group, _)| has(group)).map(|(_, name)| name.clone()).collect()
    })
}

/// How many people of which profile have registered which method that may reset a password.
fn by_method(census: &Census) -> ValueTally {
    of_profiles(census, |person| {
        let registered = person.report.map(|report| RegisteredMethods::read(&report.methods)).unwrap_or_default();
        registered.kinds.iter().map(|kind| kind.method().word().to_owned()).collect()
    })
}

/// The tally of values that follow from a profile; somebody may have several.
fn of_profiles(census: &Census, values: impl Fn(&PersonFacts<'_>) -> BTreeSet<String>) -> ValueTally {
    let mut found = ValueTally::new();
    for (profile, (person, many)) in census.people().enumerate() {
        let values = values(&person);
        let nothing = values.is_empty().then_some(CountedValue::Nothing);
        for value in values.into_iter().map(CountedValue::Named).chain(nothing) {
            *found.entry(value).or_default().entry(profile).or_default() += many;
        }
    }
    found
}
