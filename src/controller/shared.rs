//! What the loop shares with the HTTP server and the signal handlers: the state, the signals, the metrics.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::controller::event_log::EventLog;
use crate::controller::metrics::{Metrics, ProcessInfo};
use crate::controller::state::ControllerState;
use crate::controller::store::StateStore;
use crate::controller::tenant_view::TenantViews;
use crate::controller::wakeup::LoopSignals;

/// The state that the loop shares with the HTTP server.
#[derive(Debug)]
pub struct SharedState {
    state: Mutex<ControllerState>,
    store: StateStore,
    /// The requests to reconcile or stop.
    pub signals: LoopSignals,
    /// The counters and histograms.
    pub metrics: Metrics,
    /// The facts that are fixed when the process starts.
    pub facts: ProcessInfo,
    /// What was read of each tenant, for the pages of the dashboard.
    pub(crate) views: Arc<TenantViews>,
    changes: watch::Sender<u64>,
    ready: AtomicBool,
    alive_until: AtomicI64,
    log: Mutex<EventLog>,
}

impl SharedState {
    /// Starts with the state of an earlier run.
    #[must_use]
    pub fn new(store: StateStore, state: ControllerState, metrics: Metrics, facts: ProcessInfo) -> Self {
        Self {
            state: Mutex::new(state),
            store,
            signals: LoopSignals::default(),
            metrics,
            facts,
            views: Arc::default(),
            changes: watch::Sender::new(0),
            ready: AtomicBool::new(false),
            alive_until: AtomicI64::new(i64::MAX),
            log: Mutex::default(),
        }
    }

    /// Locks the state. The guard must not be held across an await.
    pub fn state(&self) -> MutexGuard<'_, ControllerState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Saves the state. A failure is only logged: the loop continues with the state in memory.
    pub(crate) fn save(&self) {
        let state = self.state();
        if let Err(error) = self.store.save(&state) {
            tracing::error!("the state cannot be written: {error}; a restart would continue from an older one");
        }
        drop(state);
        self.notify_watchers();
    }

    /// Lets those who watch know that the state has changed.
    pub(crate) fn notify_watchers(&self) {
        self.changes.send_modify(|number| *number += 1);
    }

    /// The number of changes so far, to be watched.
    pub(crate) fn watch_changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Locks the events that `/events` answers. The guard must not be held across an await.
    pub(crate) fn log_entries(&self) -> MutexGuard<'_, EventLog> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes these tenants due, and the source with them, so that they are compared with its newest revision.
    pub(crate) fn set_due(&self, tenants: &BTreeSet<String>, now: Timestamp) {
        let mut state = self.state();
        for tenant in tenants {
            state.source.next = Some(now);
            if let Some(known) = state.tenants.get_mut(tenant) {
                known.next = Some(now);
            }
        }
    }

    /// Whether policies are active and every tenant was reconciled once.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::SeqCst)
    }

    /// Records that policies are active and every tenant was reconciled once.
    pub(crate) fn set_ready(&self) {
        self.ready.store(true, Ordering::SeqCst);
    }

    /// Records that the loop makes progress, and will again within this time.
    pub(crate) fn heartbeat(&self, now: Timestamp, within: SignedDuration) {
        let until = now.checked_add(within).map_or(i64::MAX, Timestamp::as_second);
        self.alive_until.store(until, Ordering::SeqCst);
    }

    /// Whether the loop made progress within the time of its last heartbeat.
    #[must_use]
    pub(crate) fn is_alive(&self, now: Timestamp) -> bool {
        now.as_second() <= self.alive_until.load(Ordering::SeqCst)
    }
}
