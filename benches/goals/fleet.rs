//! `plan` of a whole fleet in one run, three of whose tenants let nobody in, against services that take 50 ms for every
//! answer: how long it takes next to what its requests take at best, and whether memory grows with the fleet.

use std::error::Error;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault, Faults};
use entra_sandbox::{RunningServer, ServerOptions, World, seed, serve};
use ssprctl::testing::base::clock::Stopwatch;
use tempfile::TempDir;

use crate::Measured;
use crate::measure::{PROGRAM, Times, clean, megabytes, watch};
use crate::row::Row;

const RUNS: usize = 3;
const SMALL: u32 = 500;
const LARGE: u32 = 2_000;
const BROKEN: [u32; 3] = [77, 278, 379];
const LATENCY: Duration = Duration::from_millis(50);
const PARALLEL: u32 = 8;
/// In which cloud the tenant is, a token, then whose it is and the policy, side by side.
const REQUESTS: u32 = 4;
/// One after another of them. A run could do no better than these turns by latency by places; the requests themselves by
/// latency by places would be half as strict again.
const TURNS: u32 = 3;
const SLOWEST: f64 = 1.3;
const LARGEST_PEAK: u64 = 150_000_000;
const STEEPEST: f64 = 2.0;
/// A tenant whose sign-in is refused, which is the end of a plan of it.
const EXPIRED: &str = r#"{"error":"invalid_client","error_description":"AADSTS7000222: expired."}"#;

/// The services of a fleet, and a policy for each of its tenants.
struct Fleet {
    tenants: u32,
    running: RunningServer,
    folder: TempDir,
    client: String,
}

pub(crate) fn rows() -> Measured {
    let (mut times, mut small) = (Vec::with_capacity(RUNS), None);
    for _ in 0..RUNS {
        let (time, peak) = Fleet::of(SMALL)?.plan()?;
        times.push(time);
        small = small.max(peak);
    }
    let (_, large) = Fleet::of(LARGE)?.plan()?;
    let (times, best) = (Times::of(times), LATENCY * of_each(SMALL, TURNS) / PARALLEL);
    let slower = times.median().as_secs_f64() / best.as_secs_f64();
    let steeper = small.zip(large).map(|(small, large)| bytes(large) / bytes(small));
    Ok(vec![
        Row {
            what: "plan, 500 tenants",
            measured: times.to_string(),
            against: format!(
                "{} turns of {} requests, {PARALLEL} at once: {:.0} ms",
                of_each(SMALL, TURNS),
                of_each(SMALL, REQUESTS),
                best.as_secs_f64() * 1e3
            ),
            ratio: Some(slower),
            goal: Some(("ratio below 1.3", slower < SLOWEST)),
        },
        Row {
            what: "plan, 500 tenants, memory",
            measured: megabytes(small),
            against: String::new(),
            ratio: None,
            goal: small.map(|peak| ("under 150 MB", peak < LARGEST_PEAK)),
        },
        Row {
            what: "plan, 2,000 tenants, memory",
            measured: megabytes(large),
            against: format!("500 tenants: {}", megabytes(small)),
            ratio: steeper,
            goal: steeper.map(|steeper| ("ratio below 2.0", steeper < STEEPEST)),
        },
    ])
}

/// So many of each tenant that lets somebody in; where nobody is let in, the token is the last, which is the second.
fn of_each(tenants: u32, many: u32) -> u32 {
    (tenants - 3) * many + 3 * 2
}

#[expect(clippy::cast_precision_loss, reason = "a process holds far less than 2^53 bytes")]
fn bytes(peak: u64) -> f64 {
    peak as f64
}

fn name(number: u32) -> String {
    format!("tenant-{number:04}.onmicrosoft.com")
}

impl Fleet {
    fn of(tenants: u32) -> Result<Self, Box<dyn Error>> {
        let seeds = seed::fleet(tenants);
        let client = seeds.first().and_then(|one| one.apps.first()).ok_or("no application")?.client_id.to_string();
        let refused = Action::Respond { status: 401, headers: Vec::new(), body: EXPIRED.to_owned() };
        let faults = BROKEN.into_iter().fold(Faults::slow(LATENCY), |faults, number| {
            faults.and(Fault::on(Method::POST, &name(number), refused.clone()))
        });
        let running = serve(ServerOptions { faults, ..ServerOptions::new(World::of(seeds)) })?;
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("policies"))?;
        for number in 1..=tenants {
            let policy = format!("version: 1\ntenant: {}\nscope:\n  administrators: true\n", name(number));
            fs::write(folder.path().join(format!("policies/{number:04}.yaml")), policy)?;
        }
        Ok(Self { tenants, running, folder, client })
    }

    /// Plans all of them in a new process, and makes sure that it did, with as many requests as it takes. How long that took,
    /// and the most memory it held.
    fn plan(&self) -> Result<(Duration, Option<u64>), Box<dyn Error>> {
        let said = self.folder.path().join("said");
        let mut command = self.command(&said)?;
        let stopwatch = Stopwatch::start();
        let (_, peak) = watch(&mut command)?;
        let took = stopwatch.elapsed();
        let (said, asked) = (fs::read_to_string(said)?, self.running.requests().len());
        let planned = self.tenants - 3;
        let summary = format!("{} tenants: {planned} to change, 0 in sync, 3 could not be read.", self.tenants);
        let named = (1..=self.tenants).all(|number| said.contains(&name(number)));
        // Those that could not be read are named right above the reason.
        let above = said.split("\n\nerror: the sign-in service refuses").next().unwrap_or_default();
        let title = above.rsplit("\n\n").next().unwrap_or_default();
        let named = named && BROKEN.iter().all(|number| title.contains(&name(*number)));
        if !said.contains(&summary) || !named || asked != usize::try_from(of_each(self.tenants, REQUESTS))? {
            let end: String = said.lines().rev().take(3).collect::<Vec<_>>().join(" / ");
            return Err(format!("plan makes {asked} requests and ends with: {end}").into());
        }
        Ok((took, peak))
    }

    fn command(&self, said: &Path) -> Result<Command, Box<dyn Error>> {
        let mut command = clean(PROGRAM);
        command.args(["plan", "--full", "--parallel", &PARALLEL.to_string()]).current_dir(self.folder.path());
        for service in ["SSPRCTL_PORTAL_URL", "SSPRCTL_GRAPH_URL", "SSPRCTL_LOGIN_URL"] {
            command.env(service, self.running.url());
        }
        command.env("AZURE_CLIENT_ID", &self.client).env("AZURE_CLIENT_SECRET", seed::APP_SECRET);
        command.stdout(File::create(said)?);
        Ok(command)
    }
}
