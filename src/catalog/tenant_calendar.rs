//! The calendar as it holds for one tenant.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::base::cloud::Cloud;
use crate::catalog::calendar::{CALENDAR, CalendarEffect, CalendarEntry, PHONES, Population};
use crate::policy::document::Method;

/// The calendar as it holds for one tenant: its cloud, and what is known of the tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TenantCalendar {
    /// The cloud that hosts the tenant.
    pub cloud: Cloud,
    /// Dates that Microsoft moved, by the id of the entry.
    pub moved: BTreeMap<&'static str, Date>,
    /// Whether a telephony provider of the tenant's own sends texts and calls.
    pub own_provider: bool,
}

/// Whether a method still works at a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MethodAvailability {
    /// It works, as far as the calendar says.
    Works,
    /// It has ended by this entry.
    Ended(&'static CalendarEntry),
    /// The date is within what the sources leave open.
    Unclear(&'static CalendarEntry),
}

impl TenantCalendar {
    /// The calendar of a cloud, with nothing that a tenant says of itself.
    #[must_use]
    pub fn of(cloud: Cloud) -> Self {
        Self { cloud, ..Self::default() }
    }

    /// The entries that are announced for the tenant's cloud, by date. Those about texts and calls are left out where the
    /// tenant sends them itself.
    pub fn entries(&self) -> impl Iterator<Item = &'static CalendarEntry> + '_ {
        let by_provider = |entry: &CalendarEntry| entry.effect == CalendarEffect::Ends(PHONES) && self.own_provider;
        CALENDAR.iter().filter(move |entry| entry.clouds.contains(&self.cloud) && !by_provider(entry))
    }

    /// The first day on which an entry may be in force, and the first on which it surely is.
    #[must_use]
    pub fn dates(&self, entry: &CalendarEntry) -> (Date, Date) {
        self.moved.get(entry.id).map_or((entry.date, entry.certain), |moved| (*moved, *moved))
    }

    /// Whether a method works at a date for the people whom `concerns` selects.
    #[must_use]
    pub fn availability(&self, method: Method, concerns: Population, at: Date) -> MethodAvailability {
        let applies = |entry: &&CalendarEntry| {
            let ends = matches!(entry.effect, CalendarEffect::Ends(methods) if methods.contains(&method));
            ends && (entry.population == Population::Everybody || entry.population == concerns)
        };
        let states = self.entries().filter(applies).filter_map(|entry| {
            let (possible, certain) = self.dates(entry);
            match () {
                () if at >= certain => Some(MethodAvailability::Ended(entry)),
                () if at >= possible => Some(MethodAvailability::Unclear(entry)),
                () => None,
            }
        });
        states.min_by_key(|state| !matches!(state, MethodAvailability::Ended(_))).unwrap_or(MethodAvailability::Works)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::catalog::calendar::SMS_VOICE;

    /// The day before, the day and the day after of each end, for each population.
    #[test]
    fn methods_end_on_their_day() {
        let calendar = TenantCalendar::of(Cloud::Global);
        let at = |method, population, on| match calendar.availability(method, population, on) {
            MethodAvailability::Works => "works",
            MethodAvailability::Ended(_) => "ended",
            MethodAvailability::Unclear(_) => "unclear",
        };
        let (most, late) = (Population::MostPeople, Population::GlobalAdministratorsAndExternals);
        let (phone, questions) = (Method::MobilePhone, Method::SecurityQuestions);
        for (method, population, on, expected) in [
            (phone, most, date(2027, 1, 31), "works"),
            (phone, most, date(2027, 2, 1), "ended"),
            (phone, late, date(2027, 6, 30), "works"),
            (phone, late, date(2027, 7, 1), "ended"),
            (questions, most, date(2027, 2, 28), "works"),
            (questions, most, date(2027, 3, 1), "unclear"),
            (questions, late, date(2027, 3, 31), "unclear"),
            (questions, late, date(2027, 4, 1), "ended"),
            (Method::Email, most, date(2030, 1, 1), "works"),
        ] {
            assert_eq!(at(method, population, on), expected, "{method:?} {population:?} {on}");
        }
        let provider = TenantCalendar { own_provider: true, ..TenantCalendar::of(Cloud::Global) };
        assert_eq!(provider.availability(phone, most, date(2027, 8, 1)), MethodAvailability::Works);
        let china = TenantCalendar::of(Cloud::China);
        assert_eq!(china.availability(phone, most, date(2027, 8, 1)), MethodAvailability::Works);
        let moved = BTreeMap::from([(SMS_VOICE, date(2027, 5, 1))]);
        let moved = TenantCalendar { moved, ..TenantCalendar::of(Cloud::Global) };
        assert_eq!(moved.availability(phone, most, date(2027, 4, 30)), MethodAvailability::Works);
        assert!(matches!(moved.availability(phone, most, date(2027, 5, 1)), MethodAvailability::Ended(_)));
    }
}
