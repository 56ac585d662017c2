//! One round of the loop: poll the source, then reconcile every tenant that is due.

use std::collections::BTreeMap;
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

/// How long the loop may take to read one tenant or the source before it counts as stuck.
const STALL_AFTER: SignedDuration = SignedDuration::from_mins(30);

/// The loop, between two rounds.
#[derive(Debug)]
pub struct Controller<W: Reconcile> {
    /// Where the policies come from.
    pub(crate) source: PolicySource,
    /// Loads policies and reconciles tenants.
    pub(crate) work: W,
    /// When tenants and the source are due again.
    pub(crate) schedule: Schedule,
    /// How many tenants at once.
    pub(crate) parallel: usize,
    /// The clock that decides what is due.
    pub clock: Clock,
    /// The state that the HTTP server and the signal handlers see.
    pub shared: Arc<SharedState>,
    /// The active policies: those of the last valid revision.
    pub(crate) active: Option<ActiveRevision<W::Spec>>,
    /// The revision that was loaded last, valid or not.
    pub(crate) loaded_revision: Option<String>,
    /// Why the revision that was loaded last is not active.
    pub(crate) invalid: Option<ReconcileFailure>,
}

/// The policies of a valid revision.
#[derive(Debug)]
pub(crate) struct ActiveRevision<P> {
    pub(crate) revision: String,
    pub(crate) loaded: LoadedRevision<P>,
}

/// The values that are the same for every tenant of a round.
#[derive(Clone, Copy)]
struct RoundContext<'a> {
    revision: &'a str,
    config: &'a ControllerConfig,
    may_write: bool,
}

/// What prevented the write of a tenant that differs.
#[derive(Clone, Copy, Default)]
struct WriteBarrier<'a> {
    /// The reason of a freeze window.
    frozen: Option<&'a str>,
    /// An earlier ring of which not every tenant is in sync.
    ring: Option<&'a str>,
}

/// The result of comparing a tenant.
enum Comparison<'a, P> {
    /// Nothing is to be written; the state is updated.
    Done(Option<Event>),
    /// The policy is to be applied.
    Differs(&'a TenantPolicy<P>, ReconcileResult),
}

impl<W: Reconcile> Controller<W> {
    /// Creates a loop that has read neither the source nor a tenant.
    pub fn new(
        source: PolicySource,
        work: W,
        schedule: Schedule,
        parallel: usize,
        clock: Clock,
        shared: Arc<SharedState>,
    ) -> Self {
        Self { source, work, schedule, parallel, clock, shared, active: None, loaded_revision: None, invalid: None }
    }

    /// Reconciles what is due, or everything if `asked`. Returns the events to notify people of.
    pub async fn reconcile_due(&mut self, asked: bool) -> Vec<Event> {
        self.shared.heartbeat(self.clock.now(), STALL_AFTER);
        let mut events: Vec<Event> = self.poll_source(asked).await.into_iter().collect();
        events.extend(self.reconcile_tenants(asked).await);
        self.shared.save();
        if self.active.is_some() && !self.shared.signals.is_stopped() {
            self.shared.set_ready();
        }
        events
    }

    /// The `controller` section of the active revision.
    pub(crate) fn config(&self) -> Option<&ControllerConfig> {
        self.active.as_ref().map(|active| &active.loaded.controller)
    }

    /// The next moment at which something is due.
    pub fn due(&self) -> Option<Timestamp> {
        let state = self.shared.state();
        // Without active policies no tenant can be reconciled, however long it has been due.
        let followed = self.active.is_some();
        let tenants = state.tenants.values().filter(|tenant| followed && !tenant.is_suspended());
        tenants.filter_map(|tenant| tenant.next).chain(state.source.next).min()
    }

    /// Reconciles the tenants that are due, at most `parallel` at once.
    async fn reconcile_tenants(&self, asked: bool) -> Vec<Event> {
        let Some(ActiveRevision { revision, loaded }) = &self.active else { return Vec::new() };
        let may_write = self.may_write(revision);
        let due: Vec<&TenantPolicy<W::Spec>> = {
            let (state, now) = (self.shared.state(), self.clock.now());
            let due = |desired: &&TenantPolicy<W::Spec>| {
                state.tenants.get(&desired.tenant).is_some_and(|tenant| is_due(tenant, revision, asked, now))
            };
            loaded.tenants.iter().filter(due).collect()
        };
        let round = RoundContext { revision, config: &loaded.controller, may_write };
        let comparing = due.into_iter().map(|desired| self.compare(desired, round));
        let compared: Vec<Comparison<'_, W::Spec>> =
            stream::iter(comparing).buffer_unordered(self.parallel.max(1)).collect().await;
        let mut events = Vec::new();
        let mut differing = Vec::new();
        for one in compared {
            match one {
                Comparison::Done(event) => events.extend(event),
                Comparison::Differs(desired, result) => differing.push((desired, result)),
            }
        }
        events.extend(self.write(differing, &loaded.tenants, round).await);
        events
    }

    /// Applies the policies of tenants that differ, ring by ring and at most `parallel` at once; if a limit is exceeded, none is
    /// written. A ring is written only when every tenant of the rings before it is in sync with this revision.
    async fn write(
        &self,
        differing: Vec<(&TenantPolicy<W::Spec>, ReconcileResult)>,
        tenants: &[TenantPolicy<W::Spec>],
        round: RoundContext<'_>,
    ) -> Vec<Event> {
        let policies: Vec<_> = differing.iter().map(|(desired, _)| &desired.policy).collect();
        let held = self.work.limit_exceeded(&policies);
        if let Some(why) = held {
            let failure = ReconcileFailure { class: Retry::Never, reason: Reason::Refused, message: why };
            let events = differing.into_iter().filter_map(|(desired, result)| {
                let outcome = ReconcileOutcome::Failed(failure.clone());
                self.update_status(desired, ReconcileResult { outcome, ..result }, round, WriteBarrier::default())
            });
            return events.collect();
        }
        let mut rings: BTreeMap<usize, Vec<_>> = BTreeMap::new();
        for one in differing {
            let ring = one.0.ring.as_ref().map_or(0, |(ring, _)| *ring);
            rings.entry(ring).or_default().push(one);
        }
        let mut events = Vec::new();
        for (ring, differing) in rings {
            if let Some(unfinished) = self.unfinished_before(ring, tenants, round.revision) {
                let barrier = WriteBarrier { frozen: None, ring: Some(unfinished) };
                let waiting = differing.into_iter();
                events.extend(waiting.filter_map(|(one, result)| self.update_status(one, result, round, barrier)));
                continue;
            }
            let works = differing.into_iter().map(|(desired, _)| async move {
                let result = self.reconcile(desired, true).await;
                let event = self.update_status(desired, result, round, WriteBarrier::default());
                self.shared.save();
                event
            });
            let written = stream::iter(works).buffer_unordered(self.parallel.max(1));
            events.extend(written.filter_map(std::future::ready).collect::<Vec<_>>().await);
        }
        events
    }

    /// The first ring before this one of which a tenant is not in sync with the revision; suspended tenants do not count.
    fn unfinished_before<'a>(
        &self,
        ring: usize,
        tenants: &'a [TenantPolicy<W::Spec>],
        revision: &str,
    ) -> Option<&'a str> {
        let state = self.shared.state();
        let is_open = |tenant: &str| {
            let Some(known) = state.tenants.get(tenant).filter(|known| !known.is_suspended()) else { return false };
            let in_sync = known.conditions.ready.status == ConditionStatus::True;
            !in_sync || known.last_applied.as_ref().is_none_or(|mark| mark.revision != revision)
        };
        let earlier = tenants.iter().filter_map(|one| Some((one.ring.as_ref()?, one.tenant.as_str())));
        let open = earlier.filter(|((index, _), tenant)| *index < ring && is_open(tenant));
        open.min_by_key(|((index, _), _)| *index).map(|((_, name), _)| name.as_str())
    }

    /// Whether `--remediate` is on and the active revision is the newest of the source: a newer commit
    /// may say something else.
    fn may_write(&self, revision: &str) -> bool {
        let state = self.shared.state();
        let newest = state.source.last_attempted.as_ref().is_some_and(|mark| mark.revision == revision);
        self.shared.facts.remediate && newest && state.source.conditions.ready.status == ConditionStatus::True
    }

    /// Compares a tenant with its policy. Nothing is written yet.
    async fn compare<'a>(
        &self,
        desired: &'a TenantPolicy<W::Spec>,
        round: RoundContext<'_>,
    ) -> Comparison<'a, W::Spec> {
        if self.shared.signals.is_stopped() {
            return Comparison::Done(None);
        }
        let now = self.clock.now();
        self.with(&desired.tenant, |state| {
            state.conditions.reconciling.set(
                ConditionStatus::True,
                Reason::Progressing,
                "the tenant is being reconciled",
                now,
            );
        });
        let windows = round.config.freeze.get().map(Vec::as_slice).unwrap_or_default();
        let window = frozen(windows, &desired.tenant, now).filter(|_| round.may_write);
        let result = self.reconcile(desired, false).await;
        if result.outcome == ReconcileOutcome::Differs && round.may_write && window.is_none() {
            return Comparison::Differs(desired, result);
        }
        let barrier = WriteBarrier { frozen: window.map(|window| window.reason.as_str()), ring: None };
        Comparison::Done(self.update_status(desired, result, round, barrier))
    }

    async fn reconcile(&self, desired: &TenantPolicy<W::Spec>, may_write: bool) -> ReconcileResult {
        // A tenant may be suspended between the comparison and the write.
        let suspended = self.with(&desired.tenant, |state| state.is_suspended()).unwrap_or(false);
        if suspended || self.shared.signals.is_stopped() {
            return interrupted();
        }
        let watch = Stopwatch::start();
        let result = self.work.reconcile(&desired.policy, may_write).await;
        self.shared.metrics.reconciled(&result.outcome, watch.elapsed());
        self.shared.metrics.signed_in(&desired.tenant, self.work.sign_ins(&desired.policy));
        self.shared.heartbeat(self.clock.now(), STALL_AFTER);
        result
    }

    fn update_status(
        &self,
        desired: &TenantPolicy<W::Spec>,
        result: ReconcileResult,
        round: RoundContext<'_>,
        WriteBarrier { frozen, ring }: WriteBarrier<'_>,
    ) -> Option<Event> {
        let (tenant, now) = (desired.tenant.as_str(), self.clock.now());
        let context = tenant_status::StatusContext {
            tenant,
            revision: round.revision,
            schedule: &self.schedule,
            frozen,
            waits_for_ring: ring,
            now,
        };
        let updated = self.with(tenant, |state| {
            let before = state.history.last().cloned();
            let event = update_status(state, result, &context);
            let entry = state.history.last().filter(|last| before.as_ref() != Some(*last)).cloned();
            (event, entry, state.conditions.ready.status == ConditionStatus::True)
        });
        let (event, entry, well) = updated?;
        self.shared.notify_watchers();
        if let Some(entry) = entry {
            self.shared.log_entries().push(entry.event(tenant, well));
        }
        event
    }

    /// Changes the state of a tenant, if it has a policy.
    pub(crate) fn with<T>(&self, tenant: &str, change: impl FnOnce(&mut TenantState) -> T) -> Option<T> {
        self.shared.state().tenants.get_mut(tenant).map(change)
    }
}

/// Whether a tenant is due: on request, for a new revision, or when its time has come. A suspended tenant is never due.
fn is_due(tenant: &TenantState, revision: &str, asked: bool, now: Timestamp) -> bool {
    let new = tenant.last_attempted.as_ref().is_none_or(|mark| mark.revision != revision);
    !tenant.is_suspended() && (asked || new || tenant.next.is_some_and(|next| next <= now))
}

/// Adds the state of new tenants of a revision, and removes the state of tenants that are no longer in it.
pub(crate) fn sync_tenants<P>(state: &mut ControllerState, loaded: &LoadedRevision<P>) {
    let desired = |name: &str| loaded.tenants.iter().any(|desired| desired.tenant == name);
    state.tenants.retain(|name, _| desired(name));
    let suspend = loaded.controller.suspend.get().map(Vec::as_slice).unwrap_or_default();
    for TenantPolicy { tenant, path, ring, policy: _ } in &loaded.tenants {
        let known = state.tenants.entry(tenant.clone()).or_default();
        known.path.clone_from(path);
        known.ring = ring.as_ref().map(|(_, name)| name.clone());
        known.suspended_by_file = matches_any(suspend, tenant);
    }
}

/// The result for a tenant that was not reconciled because the controller was asked to stop.
#[must_use]
pub(crate) fn interrupted() -> ReconcileResult {
    ReconcileResult { outcome: ReconcileOutcome::Interrupted, drift: Vec::new(), unread: Vec::new() }
}
