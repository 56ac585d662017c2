//! The dates of the service as they concern one tenant: what each takes from the methods in effect.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::catalog::calendar::{CalendarEffect, CalendarEntry, Population};
use crate::catalog::tenant_calendar::{MethodAvailability, MovedDate, ServedPeople, TenantCalendar};
use crate::policy::document::Method;

/// The methods of a tenant on which its dates act.
#[derive(Clone, Debug, Default)]
pub(crate) struct MethodsInEffect {
    /// Those that people may use.
    pub(crate) allowed: BTreeSet<Method>,
    /// How many a reset takes; `None` if that is not known.
    pub(crate) required: Option<u32>,
}

/// A date that lies ahead of a tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct ComingDate {
    /// The entry of the calendar.
    pub entry: &'static CalendarEntry,
    /// The first day on which it may be in force, and the first on which it surely is.
    pub days: (Date, Date),
    /// The date in words, with where it was moved from.
    pub(crate) date: String,
    /// The methods in effect that it ends, for the people whom it concerns.
    pub takes: Vec<Method>,
    /// The methods in effect that are left to most people afterwards.
    pub left: Vec<Method>,
    /// What it does to the tenant, in words.
    pub says: String,
    /// What `ssprctl.yaml` says about the date.
    pub moved: Option<MovedDate>,
}

/// The dates that are not surely in force yet, by day.
#[must_use]
pub(crate) fn coming(calendar: &TenantCalendar, today: Date, methods: &MethodsInEffect) -> Vec<ComingDate> {
    let ahead = calendar.entries().filter(|entry| calendar.dates(entry).1 > today);
    let mut dates: Vec<_> = ahead.map(|entry| coming_date(calendar, entry, methods)).collect();
    dates.sort_by_key(|date| date.days);
    dates
}

/// The methods in effect that have ended for most people, each with the entry that ended it.
#[must_use]
pub(crate) fn ended(
    calendar: &TenantCalendar,
    today: Date,
    methods: &BTreeSet<Method>,
) -> Vec<(Method, &'static CalendarEntry)> {
    let ended =
        methods.iter().filter_map(|method| match calendar.availability(*method, Population::MostPeople, today) {
            MethodAvailability::Ended(entry) => Some((*method, entry)),
            MethodAvailability::Works | MethodAvailability::ForSome(_) | MethodAvailability::Unclear(_) => None,
        });
    ended.collect()
}

fn coming_date(calendar: &TenantCalendar, entry: &'static CalendarEntry, methods: &MethodsInEffect) -> ComingDate {
    let days = calendar.dates(entry);
    let listed: Vec<Method> = match entry.effect {
        CalendarEffect::Ends(ending) => {
            ending.iter().copied().filter(|method| methods.allowed.contains(method)).collect()
        }
        CalendarEffect::RegisteredOnly | CalendarEffect::LegacyUnmanageable | CalendarEffect::Neighbour => Vec::new(),
    };
    let served = |method: &Method| calendar.served_with(*method, days.1);
    let takes: Vec<_> = listed.iter().copied().filter(|method| served(method) != ServedPeople::Everybody).collect();
    let works = |method: &Method| {
        !matches!(calendar.availability(*method, Population::MostPeople, days.1), MethodAvailability::Ended(_))
    };
    let left: Vec<_> = methods.allowed.iter().copied().filter(works).collect();
    let says = match entry.effect {
        CalendarEffect::RegisteredOnly | CalendarEffect::LegacyUnmanageable | CalendarEffect::Neighbour => {
            entry.what.to_owned()
        }
        CalendarEffect::Ends(_) if listed.is_empty() => format!("{}; no method in effect is among them", entry.what),
        CalendarEffect::Ends(_) if takes.is_empty() => {
            format!("{}; the tenant's own telephony provider carries {}", entry.what, words(&listed))
        }
        CalendarEffect::Ends(_) => {
            let some = takes.iter().any(|method| served(method) == ServedPeople::Members);
            let but = if some { ", but for those whom the tenant's own telephony provider serves" } else { "" };
            format!("{}: takes {}{but}; {}", entry.what, words(&takes), rest(&left, methods.required))
        }
    };
    let (date, moved) = (calendar.date_words(entry), calendar.moved(entry).cloned());
    ComingDate { entry, days, date, takes, left, says, moved }
}

/// What is left of the methods, and whether it is enough.
fn rest(left: &[Method], required: Option<u32>) -> String {
    let is = if left.len() == 1 { "is" } else { "are" };
    let left_over = if left.is_empty() { "none is left".to_owned() } else { format!("{} {is} left", words(left)) };
    match required {
        None => left_over,
        Some(required) if (left.len() as u64) < u64::from(required) => {
            format!("{left_over}, and a reset takes {required}: nobody could reset")
        }
        Some(required) => format!("{left_over}, of which a reset takes {required}"),
    }
}

/// The words of methods, as a list in a sentence.
#[must_use]
pub(crate) fn words(methods: &[Method]) -> String {
    let words: Vec<_> = methods.iter().map(|method| method.word()).collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
