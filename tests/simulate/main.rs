//! Whole runs of the program in a simulated world, seed by seed; `sim` is that world. A seed that fails is printed with what
//! happened in it. `SSPRCTL_SEED=N cargo test --test simulate` plays one seed, `SSPRCTL_SEEDS=N` so many.

mod sim;

use std::error::Error;

use sim::{Bug, play, play_seeds, policies, report};

type TestResult = Result<(), Box<dyn Error>>;

/// How many seeds are played.
const SEEDS: u64 = 2_000;
/// The seeds in which the simulation found a mistake of the program, which was fixed since.
const FIXED: [u64; 2] = [54_273, 293_070];
/// Within how many seeds a deliberate bug has to be found.
const MOST: u64 = 10_000;
/// The variable that names one seed to play.
const SEED: &str = "SSPRCTL_SEED";

#[expect(clippy::print_stdout, reason = "`--nocapture` shows how much was played")]
#[test]
fn every_report_is_true_no_write_is_sent_twice_and_no_run_is_lost() -> TestResult {
    let policies = policies()?;
    if let Ok(seed) = std::env::var(SEED) {
        let seed = seed.parse()?;
        let played = play(seed, &policies, None);
        assert!(played.problems.is_empty(), "{}", report(seed, &played));
        return Ok(());
    }
    let seeds = std::env::var("SSPRCTL_SEEDS").map_or(Ok(SEEDS), |seeds| seeds.parse())?;
    for seed in FIXED {
        let played = play(seed, &policies, None);
        assert!(played.problems.is_empty(), "{}", report(seed, &played));
    }
    let sums = play_seeds(seeds, &policies, None);
    let failed = sums.failed.map(|(seed, played)| report(seed, &played)).unwrap_or_default();
    assert!(failed.is_empty(), "{failed}");
    println!("{seeds} seeds, {} writes, {} crashes", sums.writes, sums.crashes);
    assert!(sums.writes as u64 > seeds && sums.crashes as u64 > seeds / 10, "too little happens");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "`--nocapture` shows how soon each was found")]
#[test]
fn every_deliberate_bug_is_found() -> TestResult {
    if std::env::var(SEED).is_ok() {
        return Ok(());
    }
    let policies = policies()?;
    for bug in Bug::ALL {
        let found = play_seeds(MOST, &policies, Some(bug)).failed;
        let (seed, played) = found.ok_or_else(|| format!("{bug:?} was not found within {MOST} seeds"))?;
        println!("{bug:?}: found after {} seeds: {}", seed + 1, played.problems.join("; "));
    }
    Ok(())
}
