//! The dates of a forecast, and what happens on each.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::catalog::calendar::CalendarEntry;
use crate::catalog::tenant_calendar::TenantCalendar;
use crate::policy::waiver::Waiver;

/// Which dates a forecast is for, besides today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ForecastRange {
    /// One date.
    At(Date),
    /// Every date on which something happens, up to this one; without one, up to the last entry of the calendar.
    Until(Option<Date>),
}

/// Something that happens between one date of a forecast and the next.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum DateCause {
    /// A change of the service comes into force.
    Calendar {
        /// The change.
        entry: &'static CalendarEntry,
        /// Its date in words, with where it was moved from.
        date: String,
        /// Whether it is certain that it is in force.
        certain: bool,
    },
    /// A waiver ends, so that its finding counts again. That alone takes the reset from nobody.
    Waiver(Waiver),
}

/// The dates after today on which something happens, in order, each with what happened since the one before.
#[must_use]
pub(crate) fn dates_ahead(
    calendar: &TenantCalendar,
    waivers: &[Waiver],
    today: Date,
    range: ForecastRange,
) -> Vec<(Date, Vec<DateCause>)> {
    let of_entries = calendar.entries().map(|entry| calendar.dates(entry));
    let of_entries: Vec<Date> = of_entries.flat_map(|(possible, certain)| [possible, certain]).collect();
    let last = of_entries.iter().max().copied().unwrap_or(today);
    let mut dates = match range {
        ForecastRange::At(at) => vec![at],
        ForecastRange::Until(until) => {
            let ends = waivers.iter().map(first_day_without);
            of_entries.into_iter().chain(ends).filter(|date| *date <= until.unwrap_or(last)).collect()
        }
    };
    dates.retain(|date| *date > today);
    dates.sort_unstable();
    dates.dedup();
    let before = [today].into_iter().chain(dates.clone());
    dates.iter().zip(before).map(|(at, before)| (*at, causes(calendar, waivers, before, *at))).collect()
}

/// The day on which the finding of a waiver counts again.
fn first_day_without(waiver: &Waiver) -> Date {
    waiver.expires.saturating_add(1.day())
}

/// What happens after one day, up to another and on it.
fn causes(calendar: &TenantCalendar, waivers: &[Waiver], after: Date, at: Date) -> Vec<DateCause> {
    let within = |date: Date| after < date && date <= at;
    let entries = calendar.entries().filter_map(|entry| {
        let (possible, certain) = calendar.dates(entry);
        (within(possible) || within(certain)).then(|| DateCause::Calendar {
            entry,
            date: calendar.date_words(entry),
            certain: certain <= at,
        })
    });
    let ended = waivers.iter().filter(|waiver| within(first_day_without(waiver)));
    entries.chain(ended.cloned().map(DateCause::Waiver)).collect()
}
