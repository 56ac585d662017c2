//! One session of the program: it reads and plans, recovers what was interrupted before, and applies or rolls back. It ends by
//! itself, by a signal, or by a crash at any moment.

use std::sync::Arc;
use std::time::Duration;

use ssprctl::testing::apply::execute::execute;
use ssprctl::testing::apply::options::{ApplyOptions, OnFailure};
use ssprctl::testing::apply::outcome::{ApplyOutcome, StepResult};
use ssprctl::testing::apply::precondition::PreconditionFailed;
use ssprctl::testing::apply::recovery::{RecoveryOptions, recover_run};
use ssprctl::testing::apply::run_record::{self, RunRecord};
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::base::ids::{RunId, TenantId, TenantName};
use ssprctl::testing::base::source::Source;
use ssprctl::testing::catalog::desired::Desired;
use ssprctl::testing::plan::build::build;
use ssprctl::testing::plan::change::Step;
use ssprctl::testing::review::approve::Review;
use ssprctl::testing::review::rollback;
use ssprctl::testing::tenant::snapshot::{self, ReadSet};
use tokio_util::sync::CancellationToken;

use super::bugs::Bug;
use super::documents::TENANT;
use super::fault_rates::VERIFY_TIMEOUT;
use super::journals;
use super::oracle;
use super::service::{Millis, Phase};
use super::tenant::Tenant;
use super::world::World;

/// What a session is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Apply the policy with this index.
    Apply(usize),
    /// Roll back the run of this session.
    Rollback(usize),
}

/// How a session ended.
#[derive(Debug)]
pub(crate) enum End {
    Crashed,
    /// There was no plan that can be approved, for this reason.
    NotPlanned(String),
    InSync,
    PreconditionFailed(PreconditionFailed),
    Executed(ApplyOutcome),
}

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) number: usize,
    pub(crate) kind: Kind,
    pub(crate) run: RunId,
    pub(crate) consistent_reads: u32,
    /// When it was asked to stop.
    pub(crate) cancelled: Option<Millis>,
    pub(crate) ended: Millis,
    pub(crate) end: End,
    /// The requests of its plan; empty until there is one.
    pub(crate) steps: Vec<Step>,
    /// Whether its plan left out keys that others have changed since.
    pub(crate) leaves_changes: bool,
    /// Whether a line of its journal could not be written.
    pub(crate) is_journal_broken: bool,
}

/// When and how a session is disturbed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Disturbance {
    pub(crate) crash_at: Option<Millis>,
    pub(crate) crash_after_operations: Option<u64>,
    pub(crate) signal_at: Option<Millis>,
}

/// What a session leaves while it works, so that it is there after a crash.
#[derive(Default)]
struct Progress {
    steps: Vec<Step>,
    leaves_changes: bool,
    is_journal_broken: bool,
}

/// Plays a session.
pub(crate) async fn play(
    world: &World,
    earlier: &[Session],
    policies: &[Desired],
    kind: Kind,
    disturbance: Disturbance,
) -> Result<Session, String> {
    let number = earlier.len();
    let run = World::run_id(number).ok_or("no run id")?;
    let consistent_reads = world.service().rng.pick(&[1, 2, 2, 2, 3]);
    let on_failure = world.service().rng.pick(&[OnFailure::Rollback, OnFailure::Rollback, OnFailure::Stop]);
    let (stop, mut cancelled, mut progress) = (CancellationToken::new(), None, Progress::default());
    world.disk.fail_power_after(disturbance.crash_after_operations);
    let started = Started { world, earlier, number, run: &run, consistent_reads, on_failure, stop: &stop };
    let end = {
        let pause = |at: Option<Millis>| tokio::time::sleep(Duration::from_millis(at.unwrap_or(Millis::MAX / 4)));
        let mut work = std::pin::pin!(started.work(policies, kind, &mut progress));
        let (mut crash, mut signal) =
            (std::pin::pin!(pause(disturbance.crash_at)), std::pin::pin!(pause(disturbance.signal_at)));
        loop {
            tokio::select! {
                biased;
                () = world.power.failed() => break End::Crashed,
                () = &mut crash, if disturbance.crash_at.is_some() => {
                    world.power.fail();
                    break End::Crashed;
                }
                () = &mut signal, if cancelled.is_none() && disturbance.signal_at.is_some() => {
                    cancelled = Some(world.now());
                    stop.cancel();
                }
                end = &mut work => break end?,
            }
        }
    };
    let end = if world.power.is_off() { End::Crashed } else { end };
    world.disk.fail_power_after(None);
    let Progress { steps, leaves_changes, is_journal_broken } = progress;
    let ended = world.now();
    Ok(Session { number, kind, run, consistent_reads, cancelled, ended, end, steps, leaves_changes, is_journal_broken })
}

struct Started<'a> {
    world: &'a World,
    earlier: &'a [Session],
    number: usize,
    run: &'a RunId,
    consistent_reads: u32,
    on_failure: OnFailure,
    stop: &'a CancellationToken,
}

impl Started<'_> {
    async fn work(&self, policies: &[Desired], kind: Kind, progress: &mut Progress) -> Result<End, String> {
        let is_rollback = matches!(kind, Kind::Rollback(_));
        let tenant = Tenant::new(self.world, self.number, self.run, is_rollback);
        let review = match kind {
            Kind::Apply(policy) => self.plan(&tenant, &policies[policy]).await,
            Kind::Rollback(session) => self.plan_rollback(&tenant, &self.earlier[session]).await?,
        };
        let review = match review {
            Ok(review) => review,
            Err(why) => return Ok(End::NotPlanned(why)),
        };
        progress.leaves_changes = !review.findings.is_empty();
        let is_empty = review.plan.steps.is_empty();
        let Ok(approved) = review.clone().approve() else { return Ok(End::NotPlanned("refused".to_owned())) };
        tenant.enter(Phase::Recover);
        if let Err(error) = self.recover(&tenant).await {
            return Ok(if is_empty { End::InSync } else { End::NotPlanned(error) });
        }
        if is_empty {
            return Ok(End::InSync);
        }
        progress.steps = review.plan.steps;
        tenant.enter(Phase::Execute);
        let journal = self.world.journal(self.run);
        let unheard = CancellationToken::new();
        let bounds = ApplyOptions {
            verify_timeout: Duration::from_millis(VERIFY_TIMEOUT),
            consistent_reads: self.consistent_reads,
            on_failure: self.on_failure,
            cancel: if self.world.bug == Some(Bug::IgnoredSignal) { &unheard } else { self.stop },
        };
        let executed = execute(&tenant, &approved, bounds, &journal).await;
        progress.is_journal_broken = journal.failure().is_some();
        Ok(match executed {
            Ok(outcome) => End::Executed(self.mistaken(outcome)),
            Err(why) => End::PreconditionFailed(why),
        })
    }

    /// The outcome as a bug would have it.
    fn mistaken(&self, mut outcome: ApplyOutcome) -> ApplyOutcome {
        for step in &mut outcome.steps {
            if self.world.bug == Some(Bug::TimeoutIsSuccess) && matches!(step.result, StepResult::Unverified { .. }) {
                step.result = StepResult::Verified;
            }
        }
        outcome
    }

    async fn plan(&self, tenant: &Tenant<'_>, desired: &Desired) -> Result<Review, String> {
        let snapshot = snapshot::read(tenant, &desired.tenant, &desired.read_set(), &self.world.clock).await;
        let (plan, findings) = build(desired, &snapshot.map_err(|error| error.message)?);
        Ok(Review::new(plan, findings))
    }

    async fn plan_rollback(&self, tenant: &Tenant<'_>, session: &Session) -> Result<Result<Review, String>, String> {
        let Some(record) = read_record(self.world, session) else { return Ok(Err("no journal".to_owned())) };
        let id = tenant_id()?;
        let sent = record.tenants.get(&id).map(|tenant| tenant.sent()).unwrap_or_default();
        let mut surfaces: Vec<_> = sent.iter().map(|one| one.surface).collect();
        surfaces.sort_unstable();
        surfaces.dedup();
        let reads = ReadSet { surfaces, ..ReadSet::default() };
        if sent.is_empty() {
            return Ok(Err("nothing to roll back".to_owned()));
        }
        let snapshot = snapshot::read(tenant, &TenantName::Id(id), &reads, &self.world.clock).await;
        let source = Arc::new(Source::new(format!("run {}", session.run), ""));
        let review = snapshot.and_then(|snapshot| rollback::plan_and_review(&sent, &snapshot, Cloud::Global, &source));
        Ok(review.map_err(|error| error.message).map(|mut review| {
            if self.world.bug == Some(Bug::ShortRollback) && review.plan.steps.len() > 1 {
                review.plan.steps.pop();
            }
            review
        }))
    }

    /// Recovers the runs that were interrupted before.
    async fn recover(&self, tenant: &Tenant<'_>) -> Result<(), String> {
        let id = tenant_id()?;
        for session in self.earlier {
            let Some(mut record) = read_record(self.world, session) else { continue };
            if !record.is_interrupted(id) || self.world.bug == Some(Bug::NoRecovery) {
                continue;
            }
            let (mut lag, mut consistent_reads) = (Duration::from_millis(VERIFY_TIMEOUT), self.consistent_reads);
            if self.world.bug == Some(Bug::HastyRecovery) {
                (lag, consistent_reads) = (Duration::ZERO, 1);
            }
            if self.world.bug == Some(Bug::ForgottenRequest) {
                record.tenants.values_mut().for_each(|tenant| drop(tenant.requests.pop()));
            }
            let care = RecoveryOptions { lag, consistent_reads, clock: &self.world.clock };
            let open = journals::open_requests(self.world, session);
            let journal = self.world.journal(&session.run);
            let recovered = recover_run(tenant, id, &record, &journal, care).await.map_err(|error| error.message)?;
            let requests = recovered.requests.into_iter().filter(|(request, _)| request.result.is_none());
            let found: Vec<_> = requests.map(|(request, result)| (request.sent, result)).collect();
            oracle::check_recovered(self.world, self.number, session, &found);
            if found.len() < open {
                let problem =
                    format!("session {}: {open} requests are open, and {} are looked for", session.number, found.len());
                self.world.service().problems.push(problem);
            }
        }
        Ok(())
    }
}

pub(crate) fn tenant_id() -> Result<TenantId, String> {
    TENANT.parse::<TenantId>().map_err(|error| error.to_string())
}

/// The journal of a session as the program reads it; `None` if there is none, or it cannot be used.
pub(crate) fn read_record(world: &World, session: &Session) -> Option<RunRecord> {
    let mut text = world.disk.text(&World::journal_path(&session.run))?;
    if world.bug == Some(Bug::NoChecksum) {
        text = text.lines().map(|line| unchecked(line) + "\n").collect();
    }
    let mut record = run_record::parse(&session.run, &text).ok()?;
    if world.bug == Some(Bug::NoLineNumbers) {
        record.damaged.clear();
    }
    Some(record)
}

/// A line without its number and checksum, as earlier versions of the program wrote it.
fn unchecked(line: &str) -> String {
    let end = line.rfind(",\"checksum\":").filter(|_| line.ends_with('}'));
    let line = end.map_or_else(|| line.to_owned(), |end| format!("{}}}", &line[..end]));
    let numbered = line.strip_prefix("{\"line\":").and_then(|rest| rest.split_once(','));
    numbered.map_or_else(|| line.clone(), |(_, rest)| format!("{{{rest}"))
}
