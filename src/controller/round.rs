//! One round of the loop: look at the source, then at every tenant whose time has come.

use std::sync::Arc;

use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};

use crate::base::clock::{Clock, Stopwatch};
use crate::controller::condition::{ConditionStatus, Reason};
use crate::controller::event::Event;
use crate::controller::freeze::frozen;
use crate::controller::reconcile::{
    LoadedRevision, Reconcile, ReconcileFailure, ReconcileOutcome, ReconcileResult, TenantPolicy,
};
use crate::controller::schedule::{Retry, Schedule};
use crate::controller::shared::SharedState;
use crate::controller::source::PolicySource;
use crate::controller::state::{ControllerState, TenantState};
use crate::controller::tenant_status;
use crate::controller::tenant_status::update_status;
use crate::policy::repository::controller::{ControllerConfig, matches_any};

/// How long the loop may be silent while it looks at tenants or at the source.
const STALL_AFTER: SignedDuration = SignedDuration::from_mins(30);

/// The loop, between two rounds.
#[derive(Debug)]
pub struct Controller<W: Reconcile> {
    /// Where the policies come from.
    pub(crate) source: PolicySource,
    /// What knows tenants.
    pub(crate) work: W,
    /// How often is looked.
    pub(crate) pace: Schedule,
    /// How many tenants at once.
    pub(crate) parallel: usize,
    /// The time.
    pub clock: Clock,
    /// What others see.
    pub shared: Arc<SharedState>,
    /// The policies in force.
    pub(crate) in_force: Option<ActiveRevision<W::Policy>>,
    /// The revision that was loaded last, in force or not.
    pub(crate) seen: Option<String>,
    /// Why the revision that was loaded last is not in force.
    pub(crate) wrong: Option<ReconcileFailure>,
}

/// The policies of a valid revision.
#[derive(Debug)]
pub(crate) struct ActiveRevision<P> {
    pub(crate) revision: String,
    pub(crate) loaded: LoadedRevision<P>,
}

/// What is the same for every tenant of a round.
#[derive(Clone, Copy)]
struct RoundContext<'a> {
    revision: &'a str,
    config: &'a ControllerConfig,
    may_write: bool,
}

/// What came of comparing a tenant.
enum Comparison<'a, P> {
    /// All there is to do.
    Settled(Option<Event>),
    /// It is to be written.
    Differs(&'a TenantPolicy<P>, ReconcileResult),
}

impl<W: Reconcile> Controller<W> {
    /// A loop that has not looked at anything yet.
    pub fn new(
        source: PolicySource,
        work: W,
        pace: Schedule,
        parallel: usize,
        clock: Clock,
        shared: Arc<SharedState>,
    ) -> Self {
        Self { source, work, pace, parallel, clock, shared, in_force: None, seen: None, wrong: None }
    }

    /// Looks at what is due, or at everything when somebody asked. Returns what people have to be told.
    pub async fn reconcile_due(&mut self, asked: bool) -> Vec<Event> {
        self.shared.heartbeat(self.clock.now(), STALL_AFTER);
        let mut news: Vec<Event> = self.poll_source(asked).await.into_iter().collect();
        news.extend(self.reconcile_tenants(asked).await);
        self.shared.save();
        if self.in_force.is_some() && !self.shared.signals.is_stopped() {
            self.shared.set_ready();
        }
        news
    }

    /// What the repository tells the controller.
    pub(crate) fn config(&self) -> Option<&ControllerConfig> {
        self.in_force.as_ref().map(|in_force| &in_force.loaded.controller)
    }

    /// The next moment at which something is due.
    pub fn due(&self) -> Option<Timestamp> {
        let state = self.shared.state();
        // Without policies in force no tenant can be looked at, however long it has been due.
        let followed = self.in_force.is_some();
        let tenants = state.tenants.values().filter(|tenant| followed && !tenant.is_suspended());
        tenants.filter_map(|tenant| tenant.next).chain(state.source.next).min()
    }

    /// Looks at the tenants whose time has come, several at once.
    async fn reconcile_tenants(&self, asked: bool) -> Vec<Event> {
        let Some(ActiveRevision { revision, loaded }) = &self.in_force else { return Vec::new() };
        let may_write = self.may_write(revision);
        let due: Vec<&TenantPolicy<W::Policy>> = {
            let (state, now) = (self.shared.state(), self.clock.now());
            let due = |wanted: &&TenantPolicy<W::Policy>| {
                state.tenants.get(&wanted.tenant).is_some_and(|tenant| is_due(tenant, revision, asked, now))
            };
            loaded.tenants.iter().filter(due).collect()
        };
        let round = RoundContext { revision, config: &loaded.controller, may_write };
        let looks = due.into_iter().map(|wanted| self.compare(wanted, round));
        let looked: Vec<Comparison<'_, W::Policy>> =
            stream::iter(looks).buffer_unordered(self.parallel.max(1)).collect().await;
        let mut news = Vec::new();
        let mut wanting = Vec::new();
        for one in looked {
            match one {
                Comparison::Settled(told) => news.extend(told),
                Comparison::Differs(wanted, attended) => wanting.push((wanted, attended)),
            }
        }
        news.extend(self.write(wanting, round).await);
        news
    }

    /// Writes to the tenants that are not as they should be, several at once; to none of them where they are too many.
    async fn write(
        &self,
        wanting: Vec<(&TenantPolicy<W::Policy>, ReconcileResult)>,
        round: RoundContext<'_>,
    ) -> Vec<Event> {
        let many = wanting.len();
        let held = wanting.first().and_then(|(wanted, _)| self.work.limit_exceeded(&wanted.policy, many));
        if let Some(why) = held {
            let failure = ReconcileFailure { class: Retry::Never, reason: Reason::Refused, message: why };
            let settled = wanting.into_iter().filter_map(|(wanted, attended)| {
                let outcome = ReconcileOutcome::Failed(failure.clone());
                self.update_status(wanted, ReconcileResult { outcome, ..attended }, round, None)
            });
            return settled.collect();
        }
        let works = wanting.into_iter().map(|(wanted, _)| async move {
            let attended = self.reconcile(wanted, true).await;
            let told = self.update_status(wanted, attended, round, None);
            self.shared.save();
            told
        });
        stream::iter(works).buffer_unordered(self.parallel.max(1)).filter_map(std::future::ready).collect().await
    }

    /// Whether writing is wanted, and what is in force is what the source has now: what was pushed meanwhile may want
    /// something else.
    fn may_write(&self, revision: &str) -> bool {
        let state = self.shared.state();
        let newest = state.source.last_attempted.as_ref().is_some_and(|mark| mark.revision == revision);
        self.shared.facts.remediate && newest && state.source.conditions.ready.status == ConditionStatus::True
    }

    /// Compares a tenant with its policy. Nothing is written yet.
    async fn compare<'a>(
        &self,
        wanted: &'a TenantPolicy<W::Policy>,
        round: RoundContext<'_>,
    ) -> Comparison<'a, W::Policy> {
        if self.shared.signals.is_stopped() {
            return Comparison::Settled(None);
        }
        let now = self.clock.now();
        self.with(&wanted.tenant, |state| {
            state.conditions.reconciling.set(
                ConditionStatus::True,
                Reason::Progressing,
                "the tenant is being looked at",
                now,
            );
        });
        let windows = round.config.freeze.get().map(Vec::as_slice).unwrap_or_default();
        let window = frozen(windows, &wanted.tenant, now).filter(|_| round.may_write);
        let attended = self.reconcile(wanted, false).await;
        if attended.outcome == ReconcileOutcome::Differs && round.may_write && window.is_none() {
            return Comparison::Differs(wanted, attended);
        }
        Comparison::Settled(self.update_status(wanted, attended, round, window.map(|window| window.reason.as_str())))
    }

    async fn reconcile(&self, wanted: &TenantPolicy<W::Policy>, may_write: bool) -> ReconcileResult {
        if self.shared.signals.is_stopped() {
            return interrupted();
        }
        let watch = Stopwatch::start();
        let attended = self.work.reconcile(&wanted.policy, may_write).await;
        self.shared.metrics.reconciled(&attended.outcome, watch.elapsed());
        self.shared.metrics.signed_in(&wanted.tenant, self.work.sign_ins(&wanted.policy));
        self.shared.heartbeat(self.clock.now(), STALL_AFTER);
        attended
    }

    fn update_status(
        &self,
        wanted: &TenantPolicy<W::Policy>,
        attended: ReconcileResult,
        round: RoundContext<'_>,
        frozen: Option<&str>,
    ) -> Option<Event> {
        let (tenant, now) = (wanted.tenant.as_str(), self.clock.now());
        let context = tenant_status::StatusContext { tenant, revision: round.revision, pace: &self.pace, frozen, now };
        self.with(tenant, |state| update_status(state, attended, &context)).flatten()
    }

    fn with<T>(&self, tenant: &str, change: impl FnOnce(&mut TenantState) -> T) -> Option<T> {
        self.shared.state().tenants.get_mut(tenant).map(change)
    }
}

/// Whether it is time to look at a tenant: whoever asks wants to know, a new commit wants to be compared, and else the moment
/// decides.
fn is_due(tenant: &TenantState, revision: &str, asked: bool, now: Timestamp) -> bool {
    let new = tenant.last_attempted.as_ref().is_none_or(|mark| mark.revision != revision);
    !tenant.is_suspended() && (asked || new || tenant.next.is_some_and(|next| next <= now))
}

/// Makes room for the tenants of a revision and takes leave of those that are no longer in it.
pub(crate) fn sync_tenants<P>(state: &mut ControllerState, loaded: &LoadedRevision<P>) {
    let wanted = |name: &str| loaded.tenants.iter().any(|wanted| wanted.tenant == name);
    state.tenants.retain(|name, _| wanted(name));
    let suspend = loaded.controller.suspend.get().map(Vec::as_slice).unwrap_or_default();
    for TenantPolicy { tenant, path, policy: _ } in &loaded.tenants {
        let known = state.tenants.entry(tenant.clone()).or_default();
        known.path.clone_from(path);
        known.suspended_by_file = matches_any(suspend, tenant);
    }
}

/// What came of a tenant that was not looked after because the controller is to stop.
#[must_use]
pub(crate) fn interrupted() -> ReconcileResult {
    ReconcileResult { outcome: ReconcileOutcome::Interrupted, drift: Vec::new() }
}
