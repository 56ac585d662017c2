//! Freeze windows: whether something may be written to a tenant at a moment. Pure.

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

use crate::policy::repository::controller::{Day, FreezeWindow, applies_to};

/// The first window that prevents writes to a tenant at this time.
#[must_use]
pub(crate) fn frozen<'a>(windows: &'a [FreezeWindow], tenant: &str, now: Timestamp) -> Option<&'a FreezeWindow> {
    windows.iter().find(|window| applies_to(&window.tenants, tenant) && holds(window, now))
}

fn holds(window: &FreezeWindow, now: Timestamp) -> bool {
    let FreezeWindow { reason: _, days: _, from, to, first_day: _, last_day: _, time_zone, tenants: _ } = window;
    // The loader refuses unknown zones; should one get here, the tenant is frozen.
    let zone = time_zone.get().map_or(Ok(TimeZone::UTC), |name| TimeZone::get(name));
    let Ok(zone) = zone else { return true };
    let local = now.to_zoned_datetime(zone).datetime();
    let (today, time) = (local.date(), local.time());
    let from = from.get().and_then(|text| time_of(text)).unwrap_or(Time::midnight());
    // 24:00 does not parse and so, like an absent `to`, means the end of the day.
    let to = to.get().and_then(|text| time_of(text));
    match to {
        None => counts(window, today) && time >= from,
        Some(to) if from < to => counts(window, today) && from <= time && time < to,
        Some(to) => {
            let yesterday = today.yesterday().is_ok_and(|day| counts(window, day));
            (counts(window, today) && time >= from) || (yesterday && time < to)
        }
    }
}

fn time_of(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// Whether a window begins on this day.
fn counts(window: &FreezeWindow, day: Date) -> bool {
    let weekday = window.days.get().is_none_or(|days| days.iter().any(|one| weekday(*one) == day.weekday()));
    let first = window.first_day.get().is_none_or(|first| *first <= day);
    let last = window.last_day.get().is_none_or(|last| day <= *last);
    weekday && first && last
}

fn weekday(day: Day) -> Weekday {
    match day {
        Day::Monday => Weekday::Monday,
        Day::Tuesday => Weekday::Tuesday,
        Day::Wednesday => Weekday::Wednesday,
        Day::Thursday => Weekday::Thursday,
        Day::Friday => Weekday::Friday,
        Day::Saturday => Weekday::Saturday,
        Day::Sunday => Weekday::Sunday,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Ended = Result<(), Box<dyn std::error::Error>>;

    fn window(json: serde_json::Value) -> Result<FreezeWindow, serde_json::Error> {
        let mut window = serde_json::json!({ "reason": "a test" });
        if let (Some(window), Some(json)) = (window.as_object_mut(), json.as_object()) {
            window.extend(json.clone());
        }
        serde_json::from_value(window)
    }

    /// Asserts at which times a window prevents writes.
    fn check(json: serde_json::Value, moments: &[(&str, bool)]) -> Ended {
        let windows = [window(json)?];
        for (moment, expected) in moments {
            let found = frozen(&windows, "contoso.onmicrosoft.com", moment.parse()?).is_some();
            assert_eq!(found, *expected, "{windows:?} at {moment}");
        }
        Ok(())
    }

    #[test]
    fn a_window_within_a_day() -> Ended {
        check(
            serde_json::json!({ "days": ["monday"], "from": "09:00", "to": "17:00" }),
            &[
                ("2026-11-23T08:59:59Z", false),
                ("2026-11-23T09:00:00Z", true),
                ("2026-11-23T16:59:59Z", true),
                ("2026-11-23T17:00:00Z", false),
                ("2026-11-24T12:00:00Z", false),
            ],
        )
    }

    #[test]
    fn a_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> Ended {
        check(
            serde_json::json!({ "days": ["friday"], "from": "18:00", "to": "06:00" }),
            &[
                ("2026-11-27T05:00:00Z", false),
                ("2026-11-27T18:00:00Z", true),
                ("2026-11-28T05:59:00Z", true),
                ("2026-11-28T06:00:00Z", false),
                ("2026-11-28T18:00:00Z", false),
            ],
        )
    }

    #[test]
    fn whole_days_and_the_end_of_the_year() -> Ended {
        for end in [serde_json::json!({}), serde_json::json!({ "to": "24:00" })] {
            let mut json = serde_json::json!({ "firstDay": "2026-12-21", "lastDay": "2027-01-03" });
            if let (Some(json), Some(end)) = (json.as_object_mut(), end.as_object()) {
                json.extend(end.clone());
            }
            check(
                json,
                &[
                    ("2026-12-20T23:59:59Z", false),
                    ("2026-12-21T00:00:00Z", true),
                    ("2027-01-03T23:59:59Z", true),
                    ("2027-01-04T00:00:00Z", false),
                ],
            )?;
        }
        Ok(())
    }

    /// Berlin is an hour ahead of UTC in winter and two in summer.
    #[test]
    fn the_time_zone_decides_with_its_summer_time() -> Ended {
        check(
            serde_json::json!({ "from": "09:00", "to": "10:00", "timeZone": "Europe/Berlin" }),
            &[
                ("2026-11-23T08:30:00Z", true),
                ("2026-11-23T09:30:00Z", false),
                ("2026-07-23T07:30:00Z", true),
                ("2026-07-23T08:30:00Z", false),
            ],
        )
    }

    #[test]
    fn a_window_is_for_the_tenants_it_names() -> Ended {
        let windows = [window(serde_json::json!({ "tenants": ["fabrikam.*"] }))?];
        assert!(frozen(&windows, "fabrikam.onmicrosoft.com", Timestamp::UNIX_EPOCH).is_some());
        assert!(frozen(&windows, "contoso.onmicrosoft.com", Timestamp::UNIX_EPOCH).is_none());
        Ok(())
    }
}
