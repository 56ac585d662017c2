//! People of a forecast by what they have in common, in JSON.

use schemars::JsonSchema;
use serde::Serialize;

use crate::person::by_value::{CountedValue, FEWEST, GroupedPeople, MomentCounts, ValueCounts};
use crate::render::text::grouped::grouping;

/// People without an administrator's role, by what they have in common.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "GroupedPeople")]
pub(super) struct GroupedPeopleJson {
    /// What they are counted by: `department`, `country`, `group` or `method`. Somebody may be in several
    /// groups, and have several methods.
    by: &'static str,
    /// Values of fewer people are counted together.
    fewest: u64,
    /// One entry for each value: those first of whom most fall out.
    values: Vec<ValueCountsJson>,
}

/// The people of one value.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ValueCounts")]
struct ValueCountsJson {
    /// The value, a text of the tenant; absent for people without one and for the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// Whether these are the people of at least two values of few people each.
    others: bool,
    /// How many they are.
    people: u64,
    /// How many are in which state, for each of `forecast.rows`.
    rows: Vec<MomentCountsJson>,
}

/// The people of one value at one moment.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "MomentCounts")]
struct MomentCountsJson {
    /// Those who can reset.
    able: u64,
    /// Those who may reset and have registered too few methods.
    short: u64,
    /// Those who may reset and have registered no method that counts.
    unregistered: u64,
    /// Those who may not reset, whatever they register.
    not_permitted: u64,
    /// Those of whom it is not known.
    unclear: u64,
    /// Those who cannot reset and could when it was last known, in an earlier row.
    lose: u64,
}

/// The people of a forecast by what they have in common.
pub(super) fn grouped(grouped: &GroupedPeople) -> GroupedPeopleJson {
    let GroupedPeople { by, values } = grouped;
    let value = |ValueCounts { value, people, moments }: &ValueCounts| ValueCountsJson {
        value: match value {
            CountedValue::Named(name) => Some(name.clone()),
            CountedValue::Nothing | CountedValue::Others => None,
        },
        others: *value == CountedValue::Others,
        people: *people,
        rows: moments.iter().map(row).collect(),
    };
    GroupedPeopleJson { by: grouping(*by), fewest: FEWEST, values: values.iter().map(value).collect() }
}

fn row(counts: &MomentCounts) -> MomentCountsJson {
    let MomentCounts { able, short, unregistered, not_permitted, unclear, lose } = *counts;
    MomentCountsJson { able, short, unregistered, not_permitted, unclear, lose }
}
