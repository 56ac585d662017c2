//! When a share of people can reset, at the pace of the days before: the median of the slopes between any two days (Theil and
//! Sen), on which single odd days have no effect, and the interval of slopes that Kendall's rank test does not reject.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::person::readiness::{ReadyCounts, ReadyDays};

/// How many days before the newest one count: an older pace says little about the next weeks.
const WINDOW: i32 = 60;
/// The fewest days from which a pace follows.
const FEWEST: usize = 5;
/// The fewest days between the first and the last of them.
const SHORTEST: i32 = 7;
/// How many days ahead a date is named at most.
const FARTHEST: i32 = 366;
/// The quantile of the normal distribution for an interval of 90 % on both sides.
const QUANTILE: f64 = 1.645;

/// Whether a share of people is reached, or when it will be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Pace {
    Reached,
    /// Nobody is permitted to reset, or it is not known of too many.
    NotKnown,
    /// There are too few days with known counts to say.
    TooFew(usize),
    /// The share does not grow for certain. The number is the middle change in percentage points a week.
    NotGrowing(f64),
    /// The share grows so slowly that a date would be too far ahead.
    TooFar(f64),
    /// It is reached about a day.
    About {
        /// The middle change in percentage points a week.
        week: f64,
        /// The day by the middle change.
        at: Date,
        /// The first day of the interval.
        from: Date,
        /// Its last day; `None` where that is too far ahead.
        to: Option<Date>,
    },
}

/// How many people a policy lets reset, and when a share of them will.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TenantReadiness {
    /// The day of the report, in UTC.
    pub(crate) report: Date,
    pub(crate) counts: ReadyCounts,
    /// The share that is asked about, in percent of those of whom it is known.
    pub(crate) threshold: u32,
    pub(crate) pace: Pace,
    /// The counts of each day from which the pace follows, until the report.
    pub(crate) days: ReadyDays,
}

impl Pace {
    /// The word in JSON.
    #[must_use]
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::NotKnown => "not-known",
            Self::TooFew(_) => "too-few-days",
            Self::NotGrowing(_) => "not-growing",
            Self::TooFar(_) => "too-far",
            Self::About { .. } => "about",
        }
    }
}

/// When so many percent of the people of whom it is known can reset, judged on the newest of the days.
#[must_use]
pub(crate) fn pace(days: &ReadyDays, threshold: u32) -> Pace {
    let share = |counts: &ReadyCounts| counts.tenths().filter(|_| !counts.is_unclear());
    let Some((last, newest)) = days.last_key_value().filter(|(_, counts)| share(counts).is_some()) else {
        return Pace::NotKnown;
    };
    if share(newest).is_some_and(|tenths| tenths >= u64::from(threshold) * 10) {
        return Pace::Reached;
    }
    // The share in percent by the day, counted from the newest one.
    let points: Vec<(f64, f64)> = days
        .iter()
        .filter(|(_, counts)| share(counts).is_some())
        .map(|(at, counts)| (days_between(*last, *at), 100.0 * counts.able as f64 / counts.known() as f64))
        .filter(|(at, _)| *at >= -f64::from(WINDOW))
        .collect();
    let spans = points.first().is_some_and(|(first, _)| *first <= -f64::from(SHORTEST));
    if points.len() < FEWEST || !spans {
        return Pace::TooFew(points.len());
    }
    let [low, middle, high] = slopes(&points);
    let week = middle * 7.0;
    if low <= 0.0 {
        return Pace::NotGrowing(week);
    }
    let days_until = |slope: f64| {
        let offsets = points.iter().map(|(at, share)| share - slope * at).collect();
        ((f64::from(threshold) - median(offsets)) / slope).max(1.0)
    };
    let [from, about, to] = [high, middle, low].map(days_until);
    let date = |days: f64| (days <= f64::from(FARTHEST)).then(|| last.saturating_add((days as i32).days()));
    match date(about.ceil()) {
        None => Pace::TooFar(week),
        Some(at) => Pace::About {
            week,
            at,
            from: date(from.floor()).map_or(at, |from| from.min(at)),
            to: date(to.ceil()).map(|to| to.max(at)),
        },
    }
}

/// The lower end of the interval, the median and the upper end of the slopes between any two points, which are in order.
fn slopes(points: &[(f64, f64)]) -> [f64; 3] {
    let pairs = points.iter().enumerate().flat_map(|(index, (at, share))| {
        points.iter().skip(index + 1).map(move |(later, then)| (then - share) / (later - at))
    });
    let mut slopes: Vec<f64> = pairs.collect();
    slopes.sort_by(f64::total_cmp);
    let many = points.len() as f64;
    let width = QUANTILE * (many * (many - 1.0) * (2.0 * many + 5.0) / 18.0).sqrt();
    let rank = ((slopes.len() as f64 - width) / 2.0).max(1.0) as usize;
    let low = slopes.get(rank - 1).copied().unwrap_or_default();
    let high = slopes.get(slopes.len() - rank).copied().unwrap_or_default();
    [low, median(slopes), high]
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let at = |index: usize| numbers.get(index).copied().unwrap_or_default();
    (at(numbers.len().saturating_sub(1) / 2) + at(numbers.len() / 2)) / 2.0
}

/// How many days it is from one date to another; negative where that is earlier.
fn days_between(from: Date, to: Date) -> f64 {
    f64::from(from.until(to).map(|span| span.get_days()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const LAST: Date = date(2026, 11, 22);

    fn day(offset: i32) -> Date {
        LAST.saturating_add(offset.days())
    }

    /// The share in a hundredth of a percent, by the day counted from the last one.
    fn days(shares: impl IntoIterator<Item = (i32, i32)>) -> ReadyDays {
        let counts = |share: i32| {
            let able = share.clamp(0, 10_000).unsigned_abs().into();
            ReadyCounts { able, not_able: 10_000 - able, unclear: 0 }
        };
        shares.into_iter().map(|(at, share)| (day(at), counts(share))).collect()
    }

    /// 71 %, and one point a day: 90 % nineteen days later. One day on which half of the report was missing changes nothing.
    #[test]
    fn a_steady_pace_reaches_the_threshold_on_its_day() -> Result<(), String> {
        let steady = || (-30..=0).map(|at| (at, 7_100 + 100 * at));
        for odd in [None, Some((-3, 1_000))] {
            let found = pace(&days(steady().chain(odd)), 90);
            let Pace::About { week, at, from, to: Some(to) } = found else { return Err(format!("{found:?}")) };
            assert!((week - 7.0).abs() < 1e-6 && at == day(19), "{week} {at}");
            assert!(day(17) <= from && to <= day(21), "{from} {to}");
        }
        Ok(())
    }

    #[test]
    fn too_little_is_no_pace() {
        let growing = |range: std::ops::RangeInclusive<i32>| range.map(|at| (at, 5_000 + 10 * at));
        assert_eq!(pace(&days([]), 90), Pace::NotKnown);
        assert_eq!(pace(&days(growing(-3..=0)), 90), Pace::TooFew(4));
        assert_eq!(pace(&days(growing(-6..=0)), 90), Pace::TooFew(7), "of less than a week");
        assert!(matches!(pace(&days(growing(-7..=0)), 90), Pace::TooFar(_)), "a tenth of a point a day");
        let long_ago = growing(-90..=-80).chain([(0, 5_000)]);
        assert_eq!(pace(&days(long_ago), 90), Pace::TooFew(1), "an old pace");
        let shrinking = days((-20..=0).map(|at| (at, 5_000 - 50 * at)));
        assert!(matches!(pace(&shrinking, 90), Pace::NotGrowing(week) if (week + 3.5).abs() < 1e-6));
        let flat = days((-20..=0).map(|at| (at, 5_000)));
        assert!(matches!(pace(&flat, 90), Pace::NotGrowing(_)));
        assert_eq!(pace(&flat, 50), Pace::Reached);
        let mut unclear = shrinking;
        unclear.insert(LAST, ReadyCounts { able: 80, not_able: 8, unclear: 12 });
        assert_eq!(pace(&unclear, 90), Pace::NotKnown);
    }

    proptest! {
        /// The day of a known pace is in the interval, whichever days were counted, and their order does not matter.
        #[test]
        fn a_known_pace_is_in_the_interval(
            slope in 5..80_i32,
            missing in prop::collection::btree_set(-39..0_i32, 0..20),
            share in 2_000..6_000_i32,
        ) {
            let counted: Vec<_> =
                (-40..=0).filter(|at| !missing.contains(at)).map(|at| (at, share + slope * at)).collect();
            prop_assume!(counted.iter().all(|(_, share)| *share > 0));
            let found = pace(&days(counted.clone()), 90);
            prop_assert_eq!(found, pace(&days(counted.into_iter().rev()), 90));
            let known = (9_000 - share + slope - 1) / slope;
            match found {
                Pace::About { week: _, at, from, to } => {
                    prop_assert!(days_between(at, day(known)).abs() <= 1.0, "{at} and {}", day(known));
                    prop_assert!(from <= day(known) && to.is_none_or(|to| to >= day(known)), "{from} {to:?} {known}");
                    prop_assert!(at <= day(FARTHEST));
                }
                Pace::TooFar(_) => prop_assert!(known >= FARTHEST),
                other => prop_assert!(false, "{other:?}"),
            }
        }

        /// Whatever was counted, a date is later than the newest count and within the bound, and the interval has it.
        #[test]
        fn every_date_is_within_its_interval(shares in prop::collection::vec(0..10_000_i32, 0..60), threshold in 1..=100_u32) {
            let counted = days((1 - i32::try_from(shares.len()).unwrap_or_default()..=0).zip(shares));
            if let Pace::About { week, at, from, to } = pace(&counted, threshold) {
                prop_assert!(week > 0.0 && LAST < from && from <= at && at <= day(FARTHEST));
                prop_assert!(to.is_none_or(|to| at <= to && to <= day(FARTHEST)));
            }
        }
    }

    /// The interval has the true day in most of many noisy series: of 300 with a fixed seed, in at least 80 %.
    #[test]
    fn the_interval_has_the_true_day_of_noisy_counts() {
        let mut seed = 1_u64;
        let mut noise = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i32::try_from(seed >> 56).unwrap_or_default() - 128
        };
        let hits = (0..300).filter(|_| {
            let counted: Vec<_> = (-30..=0).map(|at| (at, 6_000 + 60 * at + noise())).collect();
            match pace(&days(counted), 90) {
                Pace::About { from, to, .. } => from <= day(50) && to.is_none_or(|to| day(50) <= to),
                Pace::Reached | Pace::NotKnown | Pace::TooFew(_) | Pace::NotGrowing(_) | Pace::TooFar(_) => false,
            }
        });
        let hits = hits.count();
        assert!(hits >= 240, "{hits} of 300");
    }
}
