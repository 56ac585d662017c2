//! What the loop shares with whoever asks about it: the state, the wishes, the counters.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::controller::metrics::{Metrics, ProcessInfo};
use crate::controller::state::ControllerState;
use crate::controller::store::StateStore;
use crate::controller::wakeup::LoopSignals;

/// What the loop shares.
#[derive(Debug)]
pub struct SharedState {
    state: Mutex<ControllerState>,
    store: StateStore,
    /// Wishes from outside.
    pub signals: LoopSignals,
    /// What has happened.
    pub metrics: Metrics,
    /// What is known from the start.
    pub facts: ProcessInfo,
    ready: AtomicBool,
    alive_until: AtomicI64,
}

impl SharedState {
    /// Begins with the state of an earlier run.
    #[must_use]
    pub fn new(store: StateStore, state: ControllerState, metrics: Metrics, facts: ProcessInfo) -> Self {
        Self {
            state: Mutex::new(state),
            store,
            signals: LoopSignals::default(),
            metrics,
            facts,
            ready: AtomicBool::new(false),
            alive_until: AtomicI64::new(i64::MAX),
        }
    }

    /// Looks at the state. Not to be held for long.
    pub fn state(&self) -> MutexGuard<'_, ControllerState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the state down. Whether that worked is told in the log: the loop goes on with what it knows.
    pub(crate) fn save(&self) {
        let state = self.state();
        if let Err(error) = self.store.save(&state) {
            tracing::error!("the state cannot be written: {error}; a restart would go on from an older one");
        }
    }

    /// Whether policies are in force and every tenant was looked at once.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::SeqCst)
    }

    /// Policies are in force, and every tenant was looked at once.
    pub(crate) fn set_ready(&self) {
        self.ready.store(true, Ordering::SeqCst);
    }

    /// The loop moves, and will again within this time.
    pub(crate) fn heartbeat(&self, now: Timestamp, within: SignedDuration) {
        let until = now.checked_add(within).map_or(i64::MAX, Timestamp::as_second);
        self.alive_until.store(until, Ordering::SeqCst);
    }

    /// Whether the loop has moved as it said it would.
    #[must_use]
    pub(crate) fn is_alive(&self, now: Timestamp) -> bool {
        now.as_second() <= self.alive_until.load(Ordering::SeqCst)
    }
}
