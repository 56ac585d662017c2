//! How long the reading of people takes and how far it is, in words.

use std::time::Duration;

use crate::engine::progress::ReadingProgress;

/// How far a long reading is, in a line.
pub(crate) fn how_far(read: &ReadingProgress) -> String {
    let of = read.of.map(|of| format!(" of {of}")).unwrap_or_default();
    let rate = read.rate().map(|rate| format!(", {rate} a second")).unwrap_or_default();
    let left = read.left().map(|left| format!(", {} left", about(left))).unwrap_or_default();
    format!("{}{of} users read{rate}{left}", read.users)
}

/// The warning about options that allow less time than a reading takes, with values that are enough.
pub(crate) fn too_short(options: &[(&str, Duration)]) -> String {
    let names: Vec<_> = options.iter().map(|(option, _)| *option).collect();
    let values: Vec<_> = options.iter().map(|(option, least)| format!("{option} {}", enough(*least))).collect();
    let allow = if names.len() == 1 { "allows" } else { "allow" };
    format!("warning: that is longer than {} {allow}; add `{}`", names.join(" and "), values.join(" "))
}

/// A length of time and a twentieth more, in whole minutes, as options take it.
fn enough(least: Duration) -> String {
    format!("{}m", (least.as_millis() * 21).div_ceil(20 * 60_000))
}

/// A length of time, rounded up, in its two largest units.
pub(crate) fn about(time: Duration) -> String {
    let seconds = time.as_millis().div_ceil(1_000);
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_reading_shows_count_rate_and_time_left() {
        let second = Duration::from_secs(1);
        let read =
            ReadingProgress { users: 9_990, of: Some(1_000_000), now: 9_990, elapsed: second * 18, least: second };
        assert_eq!(how_far(&read), "9990 of 1000000 users read, 555 a second, 29 min 43 s left");
        let read = ReadingProgress { of: None, ..read };
        assert_eq!(how_far(&read), "9990 users read, 555 a second");
        assert_eq!(how_far(&ReadingProgress { elapsed: Duration::ZERO, ..read }), "9990 users read");
    }

    #[test]
    fn every_limit_that_is_too_short_is_named_with_a_value_that_is_enough() {
        let time = Duration::from_secs(2_000);
        let tenant = ("--tenant-timeout", time);
        assert_eq!(
            too_short(&[("--timeout", time + Duration::from_secs(30)), tenant]),
            "warning: that is longer than --timeout and --tenant-timeout allow; add `--timeout 36m --tenant-timeout 35m`"
        );
        assert!(too_short(&[tenant]).ends_with(" --tenant-timeout allows; add `--tenant-timeout 35m`"));
        assert_eq!(crate::cli::args::duration(&enough(time)), Ok(Duration::from_secs(2_100)));
    }

    #[test]
    fn times_are_rounded_up() {
        let about = |millis| about(Duration::from_millis(millis));
        assert_eq!([about(0), about(1), about(60_000)], ["0 s", "1 s", "1 min"]);
        assert_eq!([about(2_000_000), about(7_260_001)], ["33 min 20 s", "2 h 1 min"]);
    }
}
