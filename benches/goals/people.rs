//! `forecast` with three dates and a file of people, of a tenant with many generated users, next to a bare client that downloads
//! the same pages and parses them: memory and processor time. And the same with fewer users under the limits that Microsoft documents, whose clock runs
//! faster, next to what these allow.
//!
//! `SSPRCTL_BENCH_USERS` makes the users fewer.

use std::env;
use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use entra_sandbox::{Audience, Faults, Person, RunningServer, ServerOptions, World, serve};
use serde::Deserialize;
use ssprctl::testing::base::clock::Stopwatch;
use uuid::Uuid;

use crate::Measured;
use crate::measure::{PROGRAM, clean, megabytes, processor_time_of_children, run, watch};
use crate::row::Row;

const USERS: u32 = 1_000_000;
/// How many users a page has.
const PAGE: u32 = 999;
const TENANT: &str = "contoso.onmicrosoft.com";
const LARGEST_PEAK: u64 = 100_000_000;
const MOST_TIME: f64 = 1.3;
/// The users that are read under the documented limits, and how much faster than documented time passes there.
const THROTTLED_USERS: u32 = 100_000;
const SPEED: u32 = 5;
/// The documented limit: so many requests in so many seconds.
const LIMIT: (u32, u32) = (5, 10);
const SLOWEST: f64 = 1.02;
/// The addresses that the bare client reads, one a line. It is this program with this variable.
const BARE: &str = "SSPRCTL_BENCH_BARE";
const TOKEN: &str = "SSPRCTL_BENCH_TOKEN";

/// What the forecast reads, page by page.
const LISTS: [&str; 2] = [
    "/v1.0/users?$select=id,userPrincipalName,accountEnabled,onPremisesSyncEnabled,externalUserState\
     ,displayName,department&$top=999",
    "/v1.0/reports/authenticationMethods/userRegistrationDetails\
     ?$select=id,userType,isAdmin,isSsprEnabled,isSsprCapable,methodsRegistered,lastUpdatedDateTime&$top=999",
];

/// The file of people, whose first two lines are a notice and the columns.
const FILE: &str = "people.csv";

/// A policy that changes for everybody whether they can reset.
const POLICY: &str = "\
version: 1
tenant: contoso.onmicrosoft.com
scope:
  users: all
methods:
  required: 2
  allowed: [mobileAppNotification, mobileAppCode, email]
";

/// A tenant with so many users, and its services.
struct Site {
    running: RunningServer,
    portal: String,
    graph: String,
}

pub(crate) fn rows() -> Measured {
    let users = env::var("SSPRCTL_BENCH_USERS").ok().and_then(|users| users.parse().ok()).unwrap_or(USERS);
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("policies"))?;
    fs::write(folder.path().join("policies/contoso.yaml"), POLICY)?;

    let site = Site::of(users, Faults::none())?;
    let before = processor_time_of_children();
    let (status, peak) = watch(&mut site.forecast(folder.path(), Duration::ZERO))?;
    let forecast = since(before);
    let listed = check(folder.path(), users).map_err(|why| format!("the forecast ended with {status}: {why}"))?;
    let before = processor_time_of_children();
    let mut bare = Command::new(env::current_exe()?);
    let addresses = LISTS.map(|list| format!("{}{list}", site.running.url())).join("\n");
    let counted = run(bare.env_clear().env(BARE, addresses).env(TOKEN, &site.graph))?;
    let bare = since(before);
    if counted.split_whitespace().filter(|count| count.parse().is_ok_and(|count: u32| count >= users)).count() != 2 {
        return Err(format!("the bare client counts {counted}").into());
    }
    let ratio = forecast.zip(bare).map(|(forecast, bare)| forecast.as_secs_f64() / bare.as_secs_f64());

    let limited = users.min(THROTTLED_USERS);
    let site = Site::of(limited, Faults::throttled_faster(SPEED))?;
    let pause = Duration::from_secs(LIMIT.1.into()) / LIMIT.0 / SPEED;
    let allowed = pause * LIMIT.0 * ((limited.div_ceil(PAGE) - 1) / LIMIT.0);
    let stopwatch = Stopwatch::start();
    let (_, _) = watch(&mut site.forecast(folder.path(), pause))?;
    let took = stopwatch.elapsed();
    check(folder.path(), limited)?;
    let refused = site.running.requests().iter().filter(|request| request.status == 429).count();
    let slower = took.as_secs_f64() / allowed.as_secs_f64();
    Ok(vec![
        Row {
            what: "people, peak memory",
            measured: megabytes(peak),
            against: format!("{users} users, {listed} in the file"),
            ratio: None,
            goal: Some(("below 100 MB", peak.is_none_or(|peak| peak < LARGEST_PEAK))),
        },
        Row {
            what: "people, processor time",
            measured: seconds(forecast),
            against: format!("download and parse: {}", seconds(bare)),
            ratio,
            goal: Some(("ratio below 1.30", ratio.is_none_or(|ratio| ratio < MOST_TIME))),
        },
        Row {
            what: "people, limited, 5 times fast",
            measured: format!("{:.1} s, {refused} refused", took.as_secs_f64()),
            against: format!("{limited} users, allowed: {:.1} s", allowed.as_secs_f64()),
            ratio: Some(slower),
            goal: Some(("ratio below 1.02", slower < SLOWEST && refused == 0)),
        },
    ])
}

/// Checks that a forecast has three dates and that everybody is in the file whom it is about; returns how many they are.
///
/// # Errors
/// When one of them is not so.
fn check(folder: &Path, users: u32) -> Result<usize, Box<dyn Error>> {
    let said = fs::read_to_string(folder.join("forecast.txt"))?;
    let dates = ["2027-02-01", "2027-03-01", "2027-04-01"];
    if !dates.iter().all(|date| said.contains(&format!("\n    {date} "))) || !said.contains("\nForecast: ") {
        return Err(format!("the forecast says: {said}").into());
    }
    let listed = BufReader::new(fs::File::open(folder.join(FILE))?).lines().count().saturating_sub(2);
    fs::remove_file(folder.join(FILE))?;
    if listed < usize::try_from(users)? / 2 {
        return Err(format!("the file has {listed} of {users} people").into());
    }
    Ok(listed)
}

/// Reads the lists of [`BARE`] if that is what this process is for, and prints how many items each has.
///
/// # Errors
/// When a page cannot be read.
pub(crate) fn bare_client() -> Option<Result<Vec<u64>, Box<dyn Error>>> {
    let addresses = env::var(BARE).ok()?;
    Some(read_all(&addresses))
}

fn read_all(addresses: &str) -> Result<Vec<u64>, Box<dyn Error>> {
    let token = env::var(TOKEN)?;
    // The client wants one, although nothing is encrypted on loopback.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let mut counts = Vec::new();
        for address in addresses.lines() {
            let (mut next, mut count) = (Some(address.to_owned()), 0);
            while let Some(address) = next {
                let page = client.get(address).bearer_auth(&token).send().await?.error_for_status()?.bytes().await?;
                let page: BarePage<'_> = serde_json::from_slice(&page)?;
                count += page.value.iter().map(BareItem::count).sum::<u64>();
                next = page.next;
            }
            counts.push(count);
        }
        Ok(counts)
    })
}

#[derive(Deserialize)]
struct BarePage<'a> {
    #[serde(borrow)]
    value: Vec<BareItem<'a>>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
}

/// The columns of both lists that the forecast reads, too.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BareItem<'a> {
    id: Uuid,
    user_type: Option<&'a str>,
    is_admin: Option<bool>,
    is_sspr_enabled: Option<bool>,
    is_sspr_capable: Option<bool>,
    #[serde(borrow, default)]
    methods_registered: Vec<&'a str>,
    last_updated_date_time: Option<&'a str>,
    user_principal_name: Option<&'a str>,
    account_enabled: Option<bool>,
    on_premises_sync_enabled: Option<bool>,
    external_user_state: Option<&'a str>,
    display_name: Option<&'a str>,
    department: Option<&'a str>,
}

impl BareItem<'_> {
    /// One, which depends on every column, so that none of them is left out.
    fn count(&self) -> u64 {
        let texts = [
            self.user_type,
            self.last_updated_date_time,
            self.user_principal_name,
            self.external_user_state,
            self.display_name,
            self.department,
        ];
        let flags = [
            self.is_admin,
            self.is_sspr_enabled,
            self.is_sspr_capable,
            self.account_enabled,
            self.on_premises_sync_enabled,
        ];
        let seen = texts.iter().flatten().map(|text| text.len()).sum::<usize>()
            + flags.iter().flatten().count()
            + self.methods_registered.len();
        u64::from(seen > 0 && !self.id.is_nil())
    }
}

impl Site {
    fn of(users: u32, faults: Faults) -> Result<Self, Box<dyn Error>> {
        let world = World::seeded();
        world.populate(TENANT, users)?;
        let options = ServerOptions { faults, ..ServerOptions::new(world.clone()) };
        let token = |audience| world.person_token(TENANT, audience, &Person::Administrator, &options.clock);
        let (portal, graph) = (token(Audience::Portal)?, token(Audience::Graph)?);
        Ok(Self { running: serve(options)?, portal, graph })
    }

    /// A forecast that lists the users, with this time for each request of the report.
    fn forecast(&self, folder: &Path, pause: Duration) -> Command {
        let mut command = clean(PROGRAM);
        // The day is given, so that the same dates lie ahead whenever this runs.
        let dates = ["--as-of", "2026-11-22", "--until", "2027-04-01"];
        command.arg("forecast").args(dates).args(["--people", FILE, "--output", "forecast.txt"]);
        command.args(["--timeout", "1h", "--tenant-timeout", "1h"]).current_dir(folder);
        command.env("SSPRCTL_REPORT_PAUSE", format!("{}ms", pause.as_millis()));
        command.env("SSPRCTL_PORTAL_TOKEN", &self.portal).env("SSPRCTL_GRAPH_TOKEN", &self.graph);
        for service in ["SSPRCTL_PORTAL_URL", "SSPRCTL_GRAPH_URL", "SSPRCTL_LOGIN_URL"] {
            command.env(service, self.running.url());
        }
        command
    }
}

/// The processor time that children took since then; `None` where it is not known.
fn since(before: Option<Duration>) -> Option<Duration> {
    Some(processor_time_of_children()?.saturating_sub(before?))
}

fn seconds(time: Option<Duration>) -> String {
    time.map_or_else(|| "not measured: needs Linux".to_owned(), |time| format!("{:.2} s", time.as_secs_f64()))
}
