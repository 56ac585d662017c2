//! A deterministic simulation of whole runs: one process, simulated time, service and disk, all from one seed.

mod bugs;
mod content;
mod disk;
mod documents;
mod event_log;
mod fault_rates;
mod journals;
mod oracle;
mod power;
mod rng;
mod seeds;
mod service;
mod session;
mod tenant;
mod world;

use std::time::Duration;

use ssprctl::testing::catalog::desired::Desired;

pub(crate) use self::bugs::Bug;
pub(crate) use self::documents::policies;
use self::fault_rates::FaultRates;
use self::rng::Rng;
pub(crate) use self::seeds::{play_seeds, report};
use self::session::{Disturbance, End, Kind, Session};
use self::world::World;

/// What a seed was.
#[derive(Debug, Default)]
pub(crate) struct Played {
    /// What was wrong; empty if nothing was.
    pub(crate) problems: Vec<String>,
    /// How many requests that write were sent.
    pub(crate) writes: usize,
    /// How many sessions crashed.
    pub(crate) crashes: usize,
    /// What happened, line by line.
    pub(crate) event_log: Vec<String>,
}

/// Plays one seed, with a deliberate bug if there is one.
pub(crate) fn play(seed: u64, policies: &[Desired], bug: Option<Bug>) -> Played {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let played = runtime.map_err(|error| error.to_string()).and_then(|runtime| {
        let work = play_seed(seed, policies, bug);
        runtime.block_on(work)
    });
    played.unwrap_or_else(|problem| Played { problems: vec![problem], ..Played::default() })
}

async fn play_seed(seed: u64, policies: &[Desired], bug: Option<Bug>) -> Result<Played, String> {
    let mut rng = Rng::new(seed);
    let fault_rates = FaultRates::new(&mut rng);
    let world = World::new(&mut rng, fault_rates, bug);
    let mut sessions: Vec<Session> = Vec::new();
    let mut policy = rng.index(policies.len());
    for number in 0..rng.between(1, 4) {
        if number > 0 && rng.chance(400) {
            policy = rng.index(policies.len());
        }
        let last = sessions.iter().rposition(|session| !session.steps.is_empty());
        let kind = match last {
            Some(last) if rng.chance(400) => Kind::Rollback(last),
            _ => Kind::Apply(policy),
        };
        let disturbance = disturbance(&mut rng, fault_rates);
        next_session(&world, &mut sessions, policies, kind, disturbance).await?;
        tokio::time::sleep(Duration::from_millis(rng.between(0, 40_000))).await;
    }
    // At the end nothing fails any more: the last session finds out what became of those before.
    world.disk.repair();
    let no_faults = world.service().fault_rates.without_faults();
    world.service().fault_rates = no_faults;
    let last = sessions.iter().rposition(|session| !session.steps.is_empty());
    let kind = last.filter(|_| rng.chance(500)).map_or(Kind::Apply(policy), Kind::Rollback);
    next_session(&world, &mut sessions, policies, kind, Disturbance::default()).await?;
    tokio::time::sleep(Duration::from_secs(300)).await;
    oracle::check_not_done_reports(&mut world.service());
    journals::check_recovered(&world, &sessions)?;
    let service = world.service();
    Ok(Played {
        problems: service.problems.clone(),
        writes: service.writes.len(),
        crashes: sessions.iter().filter(|session| matches!(session.end, End::Crashed)).count(),
        event_log: if service.problems.is_empty() {
            Vec::new()
        } else {
            event_log::lines(&service, fault_rates, &sessions)
        },
    })
}

async fn next_session(
    world: &World,
    sessions: &mut Vec<Session>,
    policies: &[Desired],
    kind: Kind,
    disturbance: Disturbance,
) -> Result<(), String> {
    let session = session::play(world, sessions, policies, kind, disturbance).await?;
    oracle::check(world, sessions, &session);
    let crashed = matches!(session.end, End::Crashed);
    sessions.push(session);
    journals::check(world, sessions)?;
    if crashed {
        world.disk.crash();
        world.power.restore();
        journals::check(world, sessions)?;
    }
    Ok(())
}

/// When a session crashes or gets a signal, if it does.
fn disturbance(rng: &mut Rng, fault_rates: FaultRates) -> Disturbance {
    let mut some = Disturbance::default();
    let moment = |rng: &mut Rng| {
        let end = rng.pick(&[300, 1_000, 3_000, 25_000]);
        rng.below(end)
    };
    if rng.chance(fault_rates.crashes) {
        match rng.chance(500) {
            true => some.crash_at = Some(moment(rng)),
            false => some.crash_after_operations = Some(rng.below(60)),
        }
    }
    if rng.chance(fault_rates.signals) {
        some.signal_at = Some(moment(rng));
    }
    some
}
