//! One emulator, one policy, and what the program does with them.

use std::error::Error;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

use entra_sandbox::{Audience, Faults, Person, RunningServer, ServedRequest, ServerOptions, World, portal_user, serve};
use jiff::civil::date;
use ssprctl::testing::apply::execute::execute;
use ssprctl::testing::apply::journal::Journal;
use ssprctl::testing::apply::options::{ApplyOptions, OnFailure};
use ssprctl::testing::apply::outcome::ApplyOutcome;
use ssprctl::testing::apply::precondition::PreconditionFailed;
use ssprctl::testing::apply::run_record;
use ssprctl::testing::base::clock::Clock;
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::base::finding::{Finding, Severity};
use ssprctl::testing::base::ids::{RunId, TenantName};
use ssprctl::testing::base::source::Source;
use ssprctl::testing::catalog::desired::Desired;
use ssprctl::testing::client::{
    self, Credentials, EndpointOverrides, HttpClient, RetryPolicy, TenantReader, TenantWriter, Token,
};
use ssprctl::testing::policy::load;
use ssprctl::testing::review::approve::{Review, plan_and_review};
use ssprctl::testing::review::config::ReviewConfig;
use ssprctl::testing::review::rule_context::RuleContext;
use ssprctl::testing::review::{limits, rollback, rules};
use ssprctl::testing::tenant::error::TenantError;
use ssprctl::testing::tenant::facts::FactsToRead;
use ssprctl::testing::tenant::snapshot::{self, ReadSet, Snapshot};
use ssprctl::testing::tenant::surface::Surface;
use tempfile::TempDir;

/// How every test ends.
pub(crate) type TestResult = Result<(), Box<dyn Error>>;

pub(crate) const CONTOSO: &str = "contoso.onmicrosoft.com";
pub(crate) const FABRIKAM: &str = "fabrikam.onmicrosoft.com";
pub(crate) const NORTHWIND: &str = "northwind.onmicrosoft.com";
pub(crate) const ADATUM: &str = "adatum.onmicrosoft.com";
pub(crate) const TAILSPIN: &str = "tailspin.onmicrosoft.com";

/// The five seeded tenants.
pub(crate) const TENANTS: [&str; 5] = [CONTOSO, FABRIKAM, NORTHWIND, ADATUM, TAILSPIN];

pub(crate) struct Harness {
    pub(crate) world: World,
    pub(crate) server: RunningServer,
    pub(crate) journals: TempDir,
    pub(crate) on_failure: OnFailure,
    /// The run that began last; all of them begin at the same fixed moment.
    last: Mutex<Option<RunId>>,
    clock: Clock,
    http: HttpClient,
    adopts: bool,
}

impl Harness {
    pub(crate) fn start() -> Result<Self, Box<dyn Error>> {
        Self::with(Faults::none())
    }

    pub(crate) fn with(faults: Faults) -> Result<Self, Box<dyn Error>> {
        Self::over(World::seeded(), faults)
    }

    /// A server over tenants that are there already.
    pub(crate) fn over(world: World, faults: Faults) -> Result<Self, Box<dyn Error>> {
        let clock = entra_sandbox::Clock::Fixed("2026-11-22T09:00:00Z".parse()?);
        Self::serving(world, faults, clock, Duration::ZERO)
    }

    /// With requests about Conditional Access so far apart.
    pub(crate) fn paced(faults: Faults, access_pause: Duration) -> Result<Self, Box<dyn Error>> {
        Self::serving(World::seeded(), faults, entra_sandbox::Clock::System, access_pause)
    }

    fn serving(
        world: World,
        faults: Faults,
        time: entra_sandbox::Clock,
        access_pause: Duration,
    ) -> Result<Self, Box<dyn Error>> {
        let server = serve(ServerOptions { port: 0, world: world.clone(), faults, clock: time.clone() })?;
        let clock = match time {
            entra_sandbox::Clock::System => Clock::System,
            entra_sandbox::Clock::Shifted(length) => Clock::Shifted(length),
            entra_sandbox::Clock::Fixed(moment) => Clock::Fixed(moment),
        };
        let http = HttpClient::new(RetryPolicy { access_pause, ..RetryPolicy::default() });
        let (journals, on_failure, last) = (tempfile::tempdir()?, OnFailure::Rollback, Mutex::default());
        Ok(Self { world, server, journals, on_failure, last, clock, http, adopts: false })
    }

    /// The same with `--adopt`.
    pub(crate) fn adopting(self) -> Self {
        Self { adopts: true, ..self }
    }

    /// The same without it.
    pub(crate) fn without_adopting(self) -> Self {
        Self { adopts: false, ..self }
    }

    /// Waits for the server no longer than this.
    pub(crate) fn wait_only(&mut self, retry_policy: RetryPolicy) {
        self.http = HttpClient::new(retry_policy);
    }

    /// A reader for `tenant` with the tokens of a person of `home`.
    pub(crate) fn reader(&self, tenant: &str, home: &str, person: &Person) -> Result<TenantReader, Box<dyn Error>> {
        let url = Some(self.server.url());
        let time = entra_sandbox::Clock::Fixed(self.clock.now());
        let token = |audience| self.world.person_token(home, audience, person, &time).map(Token::new);
        let options = client::ConnectOptions {
            cloud: Cloud::Global,
            tenant: TenantName::parse(tenant),
            overrides: EndpointOverrides { portal: url.clone(), graph: url.clone(), login: url },
            credentials: Credentials::fixed(Some(token(Audience::Portal)?), Some(token(Audience::Graph)?)),
            clock: self.clock.clone(),
            http: self.http.clone(),
        };
        Ok(client::connect(options).map_err(|error| error.message)?.adopting(self.adopts))
    }

    /// The review of a policy by an administrator of its own tenant.
    pub(crate) async fn review(&self, policy: &str) -> Result<Review, Box<dyn Error>> {
        let desired = wanted(policy)?;
        let tenant = desired.tenant.to_string();
        Ok(self.review_as(policy, &tenant, &Person::Administrator).await?.map_err(|error| error.message)?)
    }

    /// The review of a policy by a person of some tenant.
    pub(crate) async fn review_as(
        &self,
        policy: &str,
        home: &str,
        person: &Person,
    ) -> Result<Result<Review, TenantError>, Box<dyn Error>> {
        let desired = wanted(policy)?;
        let reader = self.reader(&desired.tenant.to_string(), home, person)?;
        let snapshot = snapshot::read(&reader, &desired.tenant, &desired.read_set(), &self.clock).await;
        Ok(snapshot.map(|snapshot| plan_and_review(&desired, &snapshot, &standards())))
    }

    /// Applies a review as a person of the tenant.
    pub(crate) async fn apply_as(
        &self,
        review: Review,
        person: &Person,
    ) -> Result<Result<ApplyOutcome, PreconditionFailed>, Box<dyn Error>> {
        let tenant = review.plan.tenant.to_string();
        let migration = review.plan.migration();
        let approved = review.approve().map_err(|refusal| format!("{refusal:?}"))?;
        let writer = TenantWriter::new(self.reader(&tenant, &tenant, person)?).with_migration(migration);
        let stop = CancellationToken::new();
        let (verify, agreeing) = (Duration::from_millis(300), 2);
        let bounds = ApplyOptions {
            verify_timeout: verify,
            consistent_reads: agreeing,
            on_failure: self.on_failure,
            cancel: &stop,
        };
        let journal = Journal::new(self.journals.path(), &self.clock);
        *self.last.lock().map_err(|_| "a test panicked")? = Some(journal.run().clone());
        Ok(execute(&writer, &approved, bounds, &journal).await)
    }

    /// Plans and applies a policy, and expects that all of it takes.
    pub(crate) async fn apply(&self, policy: &str) -> Result<ApplyOutcome, Box<dyn Error>> {
        let review = self.review(policy).await?;
        let changes = review.plan.changes().len();
        let outcome = self.apply_as(review, &Person::Administrator).await?.map_err(|closed| format!("{closed:?}"))?;
        assert_eq!(outcome.verified(), changes, "{outcome:#?}");
        Ok(outcome)
    }

    /// The last run.
    pub(crate) fn run(&self) -> Result<RunId, Box<dyn Error>> {
        Ok(self.last.lock().map_err(|_| "a test panicked")?.clone().ok_or("nothing was applied")?)
    }

    /// The review of taking back the last run.
    pub(crate) async fn rollback(&self, tenant: &str) -> Result<Review, Box<dyn Error>> {
        let run = self.run()?;
        let past = run_record::read_run(self.journals.path(), &run)?;
        let sent = past.tenants.values().next().ok_or("a run without a tenant")?.sent();
        let source = Arc::new(Source::new(format!("run {run}"), ""));
        let snapshot = self.snapshot(tenant).await?;
        Ok(rollback::plan_and_review(&sent, &snapshot, Cloud::Global, &source).map_err(|error| error.message)?)
    }

    /// Everything there is to read of a tenant.
    pub(crate) async fn snapshot(&self, tenant: &str) -> Result<Snapshot, Box<dyn Error>> {
        let reader = self.reader(tenant, tenant, &Person::Administrator)?;
        let wanted = ReadSet { surfaces: Surface::ALL.to_vec(), groups: Vec::new(), ..ReadSet::default() };
        let snapshot = snapshot::read(&reader, &TenantName::parse(tenant), &wanted, &self.clock).await;
        Ok(snapshot.map_err(|error| error.message)?)
    }

    /// What `snapshot` reads for a policy.
    pub(crate) async fn everything(&self, desired: &Desired) -> Result<Snapshot, Box<dyn Error>> {
        let tenant = desired.tenant.to_string();
        let reader = self.reader(&tenant, &tenant, &Person::Administrator)?;
        let asked = FactsToRead { licence: true, hybrid: true };
        let wanted =
            ReadSet { surfaces: Surface::ALL.to_vec(), groups: desired.read_set().groups, asked, ..ReadSet::default() };
        let snapshot = snapshot::read(&reader, &desired.tenant, &wanted, &self.clock).await;
        Ok(snapshot.map_err(|error| error.message)?)
    }

    /// A portal user changes something.
    pub(crate) fn set(&self, tenant: &str, setting: &str, value: &str) -> TestResult {
        Ok(portal_user::set(&self.world, tenant, setting, value)?)
    }

    /// How many requests so far read a path.
    pub(crate) fn reads(&self, path: &str) -> usize {
        self.server.requests().iter().filter(|seen| seen.method == "GET" && seen.path == path).count()
    }

    /// The requests so far that write.
    pub(crate) fn writes(&self) -> Vec<ServedRequest> {
        self.server.requests().into_iter().filter(|seen| seen.method != "GET").collect()
    }
}

/// The desired settings of a policy text; the text is a file of its own.
pub(crate) fn wanted(policy: &str) -> Result<Desired, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("policy.yaml"), policy)?;
    let options = load::LoadOptions { folder: folder.path().to_owned(), root: Some(folder.path().to_owned()) };
    let loaded = load::load(&[PathBuf::from("policy.yaml")], &options);
    let policy = loaded.policies.first().ok_or_else(|| format!("{policy}\n{:#?}", loaded.findings))?;
    Ok(Desired::from_policy(policy))
}

/// A policy for a tenant with these sections.
pub(crate) fn policy(tenant: &str, sections: &str) -> String {
    format!("version: 1\ntenant: {tenant}\n{sections}\n")
}

/// The names of the settings that a review would change.
pub(crate) fn changed(review: &Review) -> Vec<&'static str> {
    review.plan.changes().iter().map(|change| change.setting.name).collect()
}

/// Every rule with its default severity, on the day of the tests. Limits have tests of their own; here anything may be
/// switched off.
pub(crate) fn standards() -> ReviewConfig {
    ReviewConfig::new(date(2026, 11, 22)).allow(limits::CODES.iter().map(|known| known.code))
}

/// What the rules refuse in a policy.
pub(crate) fn errors(desired: &Desired) -> Vec<Finding> {
    let findings = rules::check_all(&RuleContext::policy_only(desired));
    findings.into_iter().filter(|finding| finding.severity == Severity::Error).collect()
}
