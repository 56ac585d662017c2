//! Many seeds of the simulation of `tests/simulate`, and how soon it finds deliberate bugs.

#[path = "../../tests/simulate/sim/mod.rs"]
mod sim;

use std::time::Instant;

use sim::{Bug, play_seeds, policies, report};

use crate::Measured;
use crate::row::Row;

/// How many seeds are played when the simulation is asked for by name, and with everything else.
const ALONE: u64 = 1_000_000;
const WITH_OTHERS: u64 = 20_000;
/// Within how many seeds a deliberate bug has to be found.
const MOST: u64 = 10_000;

pub(crate) fn rows() -> Measured {
    let policies = policies()?;
    let seeds = if std::env::args().any(|argument| argument == "simulate") { ALONE } else { WITH_OTHERS };
    let start = Instant::now();
    let sums = play_seeds(seeds, &policies, None);
    if let Some((seed, played)) = &sums.failed {
        return Err(report(*seed, played).into());
    }
    let (seconds, writes, crashes) = (start.elapsed().as_secs(), sums.writes, sums.crashes);
    let mut latest = Some(0);
    for bug in Bug::ALL {
        let found = play_seeds(MOST, &policies, Some(bug)).failed;
        latest = latest.zip(found).map(|(latest, (seed, _))| latest.max(seed + 1));
    }
    let measured = latest.map_or_else(|| "not all".to_owned(), |latest| format!("all, after at most {latest} seeds"));
    let found = Some(("each within 10,000 seeds", latest.is_some()));
    let bugs = format!("{} bugs", Bug::ALL.len());
    Ok(vec![
        Row {
            what: "simulated seeds",
            measured: format!("{seeds} in {seconds} s"),
            against: format!("{writes} writes, {crashes} crashes"),
            ratio: None,
            goal: Some(("nothing untrue, sent twice or lost", true)),
        },
        Row { what: "deliberate bugs found", measured, against: bugs, ratio: None, goal: found },
    ])
}
