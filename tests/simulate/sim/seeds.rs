//! Plays many seeds, on all cores.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use ssprctl::testing::catalog::desired::Desired;

use super::bugs::Bug;
use super::{Played, play};

/// What many seeds were together.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    /// How many requests that write were sent.
    pub(crate) writes: usize,
    /// How many sessions crashed.
    pub(crate) crashes: usize,
    /// The seed that failed, the first one of those that were played; with what happened in it.
    pub(crate) failed: Option<(u64, Played)>,
}

/// Plays the seeds from 0, with a deliberate bug if there is one, until one fails.
pub(crate) fn play_seeds(seeds: u64, policies: &[Desired], bug: Option<Bug>) -> Sums {
    let (next, sums) = (AtomicU64::new(0), Mutex::new(Sums::default()));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::SeqCst);
            if seed >= seeds {
                return;
            }
            let played = play(seed, policies, bug);
            let mut sums = sums.lock().unwrap_or_else(PoisonError::into_inner);
            sums.writes += played.writes;
            sums.crashes += played.crashes;
            if !played.problems.is_empty() {
                next.store(seeds, Ordering::SeqCst);
                if sums.failed.as_ref().is_none_or(|(known, _)| seed < *known) {
                    sums.failed = Some((seed, played));
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    sums.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// What was wrong in a seed, what happened in it, and how it is played again.
pub(crate) fn report(seed: u64, played: &Played) -> String {
    let (problems, event_log) = (played.problems.join("\n  "), played.event_log.join("\n"));
    format!("seed {seed}:\n  {problems}\n{event_log}\nplay it again: SSPRCTL_SEED={seed} cargo test --test simulate")
}
