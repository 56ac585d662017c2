//! When to reconcile again. Pure: the next time follows from the current one, the number of failures, and a seed.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::digest::fnv1a;

/// The shortest interval, because the services limit the number of requests.
pub(crate) const SHORTEST: SignedDuration = SignedDuration::from_mins(1);
/// The wait after the first transient failure; each further one doubles it.
const FIRST_RETRY: SignedDuration = SignedDuration::from_secs(15);
/// The longest wait after failures that a person has to fix.
const LONGEST_RETRY: SignedDuration = SignedDuration::from_hours(1);

/// Whether and when a failure is retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Retry {
    /// The failure is transient: it is retried soon, then less often, at least once an interval.
    Transient,
    /// A person has to grant access or the like: it is retried once an interval, then less often, at
    /// least once an hour.
    Persistent,
    /// A retry has the same result until the commit changes.
    Never,
}

/// The interval of reconciliations and its jitter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The time between two reconciliations of the same tenant, at least [`SHORTEST`].
    pub interval: SignedDuration,
    /// The most by which a wait is lengthened, in percent, so that many tenants and controllers do not
    /// send requests at once.
    pub jitter: u8,
    /// The seed of the jitter, which also depends on the name and the time.
    pub seed: u64,
}

impl Schedule {
    /// The next time after a success.
    #[must_use]
    pub(crate) fn after_success(&self, name: &str, now: Timestamp) -> Timestamp {
        self.after(self.interval, name, now)
    }

    /// The next time after `failures` failures in a row, of which the last was of this class; `None` if only
    /// a new commit helps.
    #[must_use]
    pub(crate) fn after_failure(&self, class: Retry, failures: u32, name: &str, now: Timestamp) -> Option<Timestamp> {
        let (first, longest) = match class {
            Retry::Transient => (FIRST_RETRY, self.interval),
            Retry::Persistent => (self.interval, LONGEST_RETRY.max(self.interval)),
            Retry::Never => return None,
        };
        let doubled = 1_i32.checked_shl(failures.saturating_sub(1).min(20)).unwrap_or(i32::MAX);
        let wait = first.checked_mul(doubled).unwrap_or(longest).min(longest);
        Some(self.after(wait, name, now))
    }

    fn after(&self, wait: SignedDuration, name: &str, now: Timestamp) -> Timestamp {
        let most = wait.as_millis().saturating_mul(i128::from(self.jitter)) / 100;
        let more = i64::try_from(most * i128::from(self.fraction(name, now)) / 1000).unwrap_or_default();
        let wait = wait.saturating_add(SignedDuration::from_millis(more));
        now.checked_add(wait).unwrap_or(now)
    }

    /// A number from 0 to 999, evenly distributed.
    fn fraction(&self, name: &str, now: Timestamp) -> u64 {
        let moment = now.as_millisecond().to_le_bytes();
        let folded = fnv1a(name.bytes().chain(moment).chain(self.seed.to_le_bytes()));
        ((folded ^ (folded >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32) % 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn pace(jitter: u8) -> Schedule {
        Schedule { interval: SignedDuration::from_mins(5), jitter, seed: 7 }
    }

    fn seconds(at: Timestamp) -> i64 {
        at.as_second()
    }

    #[test]
    fn without_jitter_the_interval_is_exact() {
        assert_eq!(seconds(pace(0).after_success("contoso", NOW)), 300);
    }

    #[test]
    fn jitter_only_makes_waits_longer_and_spreads_them() {
        let waits: Vec<i64> = (0..1000).map(|n| seconds(pace(20).after_success(&format!("tenant-{n}"), NOW))).collect();
        assert!(waits.iter().all(|wait| (300..360).contains(wait)), "{waits:?}");
        for part in 0..6 {
            let within = waits.iter().filter(|wait| (300 + part * 10..310 + part * 10).contains(*wait)).count();
            assert!((100..240).contains(&within), "{within} of 1000 in part {part}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_moment() {
        assert_eq!(pace(20).after_success("contoso", NOW), pace(20).after_success("contoso", NOW));
        let other = Schedule { seed: 8, ..pace(20) };
        assert_ne!(pace(20).after_success("contoso", NOW), other.after_success("contoso", NOW));
    }

    #[test]
    fn each_class_backs_off_in_its_own_way() {
        let waits = |class| -> Vec<Option<i64>> {
            (1..=7).map(|failures| pace(0).after_failure(class, failures, "contoso", NOW).map(seconds)).collect()
        };
        assert_eq!(waits(Retry::Transient), [15, 30, 60, 120, 240, 300, 300].map(Some));
        assert_eq!(waits(Retry::Persistent), [300, 600, 1200, 2400, 3600, 3600, 3600].map(Some));
        assert_eq!(waits(Retry::Never), [None; 7]);
        assert_eq!(pace(0).after_failure(Retry::Transient, u32::MAX, "contoso", NOW).map(seconds), Some(300));
    }
}
