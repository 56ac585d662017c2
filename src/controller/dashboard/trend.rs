//! How many people can reset, day by day: of one tenant, or of all tenants of a list together.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::controller::people::PeopleStatus;
use crate::render::html::page::{Markup, plural};
use crate::render::html::trend::trend;

/// The counts of one tenant.
pub(super) fn of_tenant(people: Option<&PeopleStatus>) -> Option<Markup> {
    trend(&people?.days, ", administrators among them", "trend")
}

/// The sums of several tenants. A day is left out unless all of them were counted on it that were on the day with the most: a sum
/// of fewer would look like people who lost the reset.
pub(super) fn of_tenants<'a>(people: impl Iterator<Item = Option<&'a PeopleStatus>>) -> Option<Markup> {
    let people: Vec<_> = people.collect();
    let counts = people.iter().flatten().map(|people| &people.days).filter(|days| !days.is_empty());
    let counts: Vec<_> = counts.collect();
    let mut by_day: BTreeMap<Date, usize> = BTreeMap::new();
    for day in counts.iter().flat_map(|days| days.keys()) {
        *by_day.entry(*day).or_default() += 1;
    }
    let (fullest, many) = by_day.iter().max_by_key(|(day, many)| (**many, **day))?;
    let chosen: Vec<_> = counts.iter().filter(|days| days.contains_key(fullest)).collect();
    let sum = |day: &Date| chosen.iter().map(|days| days.get(day).copied()).sum::<Option<u64>>();
    let sums = by_day.keys().filter_map(|day| Some((*day, sum(day)?))).collect();
    let tenants = plural(*many as u64, "tenant", "tenants");
    let of = match people.len() - many {
        0 => format!(", administrators among them, in {tenants}"),
        rest => format!(
            ", administrators among them, in the {tenants} that were counted on {fullest}; {} left out",
            plural(rest as u64, "is", "are")
        ),
    };
    trend(&sums, &of, "trend")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(days: &[(&str, u64)]) -> Option<PeopleStatus> {
        let days: BTreeMap<&str, u64> = days.iter().copied().collect();
        serde_json::from_value(serde_json::json!({ "days": days })).ok()
    }

    fn shown(tenants: &[Option<PeopleStatus>]) -> String {
        let shown = of_tenants(tenants.iter().map(Option::as_ref)).map(minijinja::Value::from);
        shown.map(|shown| shown.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_day_on_which_a_tenant_was_not_counted_is_a_gap_and_never_a_smaller_sum() {
        let one = people(&[("2026-11-25", 10), ("2026-11-26", 11), ("2026-11-27", 12), ("2026-11-28", 13)]);
        let other = people(&[("2026-11-25", 5), ("2026-11-27", 6)]);
        let shown = shown(&[one, other, None]);
        assert!(
            shown.contains("2 counts, from 2026-11-25 to 2026-11-27: 15 could reset on the first day, 18 on the last"),
            "{shown}"
        );
        assert!(shown.contains("in the 2 tenants that were counted on 2026-11-27; 1 is left out."), "{shown}");
        assert!(!shown.contains("2026-11-28") && shown.contains("Of 1 day between them"), "{shown}");
    }

    #[test]
    fn where_nobody_was_counted_nothing_is_shown() {
        assert_eq!(shown(&[None, people(&[])]), "");
        let one = shown(&[people(&[("2026-11-28", 3)])]);
        assert!(one.contains("3 can reset, administrators among them, in 1 tenant."), "{one}");
    }
}
