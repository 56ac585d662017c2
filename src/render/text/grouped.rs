//! How many people of each department, country, group or method can reset, in tables.

use std::cmp::Reverse;

use crate::person::by_value::{CountedValue, GroupedBy, GroupedPeople, MomentCounts, ValueCounts};
use crate::person::forecast::ForecastCounts;
use crate::render::text::forecast::label;

/// The columns of a table after that of the values.
pub(crate) const GROUPED_COLUMNS: [&str; 7] = ["people", "now", "can", "lose", "short", "nothing", "unclear"];
/// The most values of a table; JSON has all of them.
const MOST_VALUES: usize = 20;

/// The table of one moment: a title, and for each value its name, which is untrusted, and the cells.
pub(crate) struct GroupedTable {
    pub(crate) title: String,
    pub(crate) rows: Vec<(String, [String; 7])>,
    /// How many values it leaves out.
    pub(crate) left_out: usize,
}

/// What people are counted by, in a word.
pub(crate) fn grouping(by: GroupedBy) -> &'static str {
    match by {
        GroupedBy::DEPARTMENT => "department",
        GroupedBy::COUNTRY => "country",
        GroupedBy::Group => "group",
        GroupedBy::Method => "method",
    }
}

/// The tables of the moments at which people move, or of the last one where nobody does; those come first of whom most fall out.
pub(crate) fn grouped_tables(counts: &ForecastCounts, grouped: &GroupedPeople) -> Vec<GroupedTable> {
    let GroupedPeople { by, values } = grouped;
    let moves = |index: &usize| {
        counts.rows.get(*index).is_some_and(|row| row.people.flows.keys().any(|(before, after)| before != after))
    };
    let mut shown: Vec<usize> = (0..counts.rows.len()).filter(moves).collect();
    if shown.is_empty() {
        shown.extend(counts.rows.len().checked_sub(1));
    }
    let table = |index: usize| {
        let of = |value: &ValueCounts| value.moments.get(index).copied().unwrap_or_default();
        let mut values: Vec<_> = values.iter().collect();
        values.sort_by_key(|value| (value.value == CountedValue::Others, Reverse((of(value).lose, value.people))));
        let left_out = values.len().saturating_sub(MOST_VALUES);
        values.truncate(MOST_VALUES);
        let when = counts.rows.get(index).map(|row| label(counts, row)).unwrap_or_default();
        let cells = |value: &ValueCounts| {
            let today = value.moments.first().copied().unwrap_or_default().able;
            let MomentCounts { able, short, unregistered, not_permitted: _, unclear, lose } = of(value);
            [value.people, today, able, lose, short, unregistered, unclear].map(|many| many.to_string())
        };
        let rows = values.into_iter().map(|value| (name(*by, &value.value), cells(value))).collect();
        GroupedTable { title: format!("by {}, {when}", grouping(*by)), rows, left_out }
    };
    shown.into_iter().map(table).collect()
}

/// A value in words.
fn name(by: GroupedBy, value: &CountedValue) -> String {
    match (value, by) {
        (CountedValue::Named(name), _) => name.clone(),
        (CountedValue::Others, _) => "others (few people each)".to_owned(),
        (CountedValue::Nothing, GroupedBy::Column(_)) => format!("no {}", grouping(by)),
        (CountedValue::Nothing, GroupedBy::Group) => "in none of these groups".to_owned(),
        (CountedValue::Nothing, GroupedBy::Method) => "none that resets a password".to_owned(),
    }
}
