//! The dates of a forecast, and what happens on each.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::catalog::calendar::CalendarEntry;
use crate::catalog::tenant_calendar::TenantCalendar;
use crate::policy::waiver::Waiver;

/// Which dates a forecast is for, besides today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ForecastRange {
    At(Date),
    /// Every date on which something happens, up to this one; without one, up to the last entry of the calendar.
    Until(Option<Date>),
}

impl ForecastRange {
    /// The last date of the range.
    #[must_use]
    pub(crate) fn end(self, calendar: &TenantCalendar, today: Date) -> Date {
        match self {
            Self::At(at) | Self::Until(Some(at)) => at,
            Self::Until(None) => {
                let dates = calendar.entries().map(|entry| calendar.dates(entry));
                dates.map(|(possible, certain)| possible.max(certain)).max().unwrap_or(today)
            }
        }
    }
}

/// Something that happens between one date of a forecast and the next.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum DateCause {
    /// A change of the service comes into force.
    Calendar {
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
    let of_entries = of_entries.flat_map(|(possible, certain)| [possible, certain]);
    let end = range.end(calendar, today);
    let mut dates: Vec<Date> = match range {
        ForecastRange::At(at) => vec![at],
        ForecastRange::Until(_) => {
            let ends = waivers.iter().map(first_day_without);
            of_entries.chain(ends).filter(|date| *date <= end).collect()
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

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::base::cloud::Cloud;
    use crate::catalog::tenant_calendar::MovedDate;

    const TODAY: Date = date(2026, 11, 28);

    fn waiver(expires: Date) -> Waiver {
        Waiver { rule: "one-method".to_owned(), reason: String::new(), owner: String::new(), expires }
    }

    /// Each date with the ids of what happens, a question mark where that is not certain.
    fn shown(calendar: &TenantCalendar, waivers: &[Waiver], range: ForecastRange) -> Vec<String> {
        let words = |cause: &DateCause| match cause {
            DateCause::Calendar { entry, date: _, certain } => {
                format!("{}{}", entry.id, if *certain { "" } else { "?" })
            }
            DateCause::Waiver(waiver) => waiver.rule.clone(),
        };
        let line = |(at, causes): &(Date, Vec<DateCause>)| {
            format!("{at} {}", causes.iter().map(words).collect::<Vec<_>>().join(" "))
        };
        dates_ahead(calendar, waivers, TODAY, range).iter().map(line).collect()
    }

    #[test]
    fn every_date_is_there_once_with_what_happens() {
        let public = TenantCalendar::of(Cloud::Global);
        let all = [
            "2027-02-01 sms-voice-retirement sms-sign-in-retirement",
            "2027-03-01 security-questions-retirement?",
            "2027-04-01 security-questions-retirement",
            "2027-07-01 sms-voice-retirement-late",
        ];
        assert_eq!(shown(&public, &[], ForecastRange::Until(None)), all);
        assert_eq!(shown(&public, &[], ForecastRange::Until(Some(date(2027, 3, 1)))), all[..2]);
        assert_eq!(shown(&public, &[], ForecastRange::Until(Some(date(2027, 1, 31)))), [""; 0]);
        let china = TenantCalendar::of(Cloud::China);
        assert_eq!(shown(&china, &[], ForecastRange::Until(None)), all[1..3]);
        let questions = MovedDate { date: date(2027, 5, 1), reason: String::new(), place: None };
        let moved = TenantCalendar { moved: [("security-questions-retirement", questions)].into(), ..public };
        assert_eq!(
            shown(&moved, &[], ForecastRange::Until(None)),
            [all[0], "2027-05-01 security-questions-retirement", all[3]]
        );
    }

    /// The finding of a waiver counts again on the day after its last one.
    #[test]
    fn the_end_of_a_waiver_is_a_date() {
        let china = TenantCalendar::of(Cloud::China);
        let waivers = [waiver(date(2027, 2, 28)), waiver(date(2027, 1, 14)), waiver(date(2027, 6, 30))];
        let shown = |range| shown(&china, &waivers, range);
        let until_april = [
            "2027-01-15 one-method",
            "2027-03-01 security-questions-retirement? one-method",
            "2027-04-01 security-questions-retirement",
        ];
        assert_eq!(shown(ForecastRange::Until(None)), until_april);
        let all = [until_april[0], until_april[1], until_april[2], "2027-07-01 one-method"];
        assert_eq!(shown(ForecastRange::Until(Some(date(2027, 7, 1)))), all);
    }

    /// One date has everything that happened until then; a date of the past is none.
    #[test]
    fn one_date_has_all_that_happened_until_then() {
        let public = TenantCalendar::of(Cloud::Global);
        let at = |at| shown(&public, &[waiver(date(2026, 12, 31))], ForecastRange::At(at));
        let both = "2027-03-15 sms-voice-retirement sms-sign-in-retirement security-questions-retirement? one-method";
        assert_eq!(at(date(2027, 3, 15)), [both]);
        assert_eq!(at(date(2026, 12, 31)), ["2026-12-31 "]);
        assert_eq!(at(TODAY), [""; 0]);
    }
}
