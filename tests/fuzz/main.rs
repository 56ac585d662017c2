//! Whatever is read from outside may be anything. Real files and real answers are damaged in every way that comes to mind,
//! and nothing may panic, hang or reach a terminal raw.
//!
//! `SSPRCTL_FUZZ_CASES` is the number of cases of each property (64 without it), `SSPRCTL_FUZZ_SEED` begins elsewhere.

mod answers;
mod damage;
mod files;

use std::time::Duration;

use proptest::test_runner::{Config, RngSeed, TestCaseError};
use ssprctl::testing::base::clock::Stopwatch;

/// Longer than this is a hang: a case takes milliseconds.
const HANG: Duration = Duration::from_secs(20);

/// As many cases as are asked for; the same ones in every run that asks for no others.
fn config() -> Config {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let cases = number("SSPRCTL_FUZZ_CASES").and_then(|cases| u32::try_from(cases).ok()).unwrap_or(64);
    let seed = RngSeed::Fixed(number("SSPRCTL_FUZZ_SEED").unwrap_or(20_261_125));
    Config { cases, rng_seed: seed, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() }
}

/// Runs one case, and sees that it ends soon.
fn soon<T>(work: impl FnOnce() -> Result<T, TestCaseError>) -> Result<T, TestCaseError> {
    let watch = Stopwatch::start();
    let done = work()?;
    let elapsed = watch.elapsed();
    if elapsed < HANG { Ok(done) } else { Err(TestCaseError::fail(format!("it took {elapsed:?}"))) }
}

fn failed(error: impl std::fmt::Display) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

/// Whether a terminal, or a program that runs pipelines, would act on this text.
fn acts(text: &str) -> bool {
    let mut armed = text.match_indices("##").map(|(at, _)| text[at..].trim_start_matches('#'));
    text.contains(|c: char| {
        (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    }) || armed.any(|rest| rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).starts_with('['))
}
