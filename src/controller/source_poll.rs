//! Polls the source: a new revision is loaded, and activated if it is valid.

use jiff::Timestamp;

use crate::base::digest::hash_texts;
use crate::controller::condition::Reason;
use crate::controller::event::Event;
use crate::controller::git::short;
use crate::controller::reconcile::{LoadedRevision, Reconcile, ReconcileFailure};
use crate::controller::round::{ActiveRevision, Controller, sync_tenants};
use crate::controller::schedule::Retry;
use crate::controller::source::PolicySource;
use crate::controller::state::{ObservedRevision, SourceState};

/// The name of the source for the jitter; no tenant has this name.
const SOURCE: &str = "the source";
/// How many transient failures in a row are not notified.
const TOLERATED_FAILURES: u32 = 2;

impl<W: Reconcile> Controller<W> {
    /// Polls the source if it is due. After a failure the active revision stays active.
    pub(crate) async fn poll_source(&mut self, asked: bool) -> Option<Event> {
        let now = self.clock.now();
        self.drop_other_source();
        let due = self.shared.state().source.next.is_none_or(|next| next <= now);
        if !asked && !due && self.loaded_revision.is_some() {
            return None;
        }
        let (shared, source) = (self.shared.clone(), self.source.clone());
        let polled = shared.signals.or(source.find_revision()).await?;
        shared.metrics.fetched(polled.is_ok());
        let event = match polled {
            Ok(found) => self.take(&source, found).await,
            Err(failure) => self.fail(failure, ""),
        };
        if self.active.is_none() {
            self.restore_last_valid(&source).await;
        }
        event
    }

    /// Drops the state of another source, which says nothing about this one.
    fn drop_other_source(&self) {
        let unknown = self.source.unknown();
        let mut state = self.shared.state();
        if (&state.source.address, &state.source.branch) != (&unknown.address, &unknown.branch) {
            state.source = unknown;
        }
    }

    async fn take(&mut self, source: &PolicySource, commit: Option<String>) -> Option<Event> {
        // A commit never changes, so its errors are still the same.
        if commit.is_some() && commit == self.loaded_revision {
            return self.same();
        }
        let known = commit.as_deref().unwrap_or_default();
        let files = match source.open(known).await {
            Err(failure) => return self.fail(failure, known),
            Ok(files) => files,
        };
        let loaded = self.work.load(&files);
        let revision = commit.unwrap_or_else(|| loaded.digest.clone());
        if self.loaded_revision.as_ref() == Some(&revision) {
            return self.same();
        }
        self.loaded_revision = Some(revision.clone());
        let mark = ObservedRevision { revision: revision.clone(), at: self.clock.now() };
        self.shared.state().source.last_attempted = Some(mark.clone());
        if let Some(why) = loaded.invalid {
            let failure = ReconcileFailure { class: Retry::Never, reason: Reason::InvalidPolicy, message: why };
            self.invalid = Some(failure.clone());
            return self.fail(failure, &revision);
        }
        self.invalid = None;
        source.retain(&revision).await;
        let message = format!("revision {} is active", short(&revision));
        self.activate(revision.clone(), loaded, mark);
        let event = self.well(&message);
        if event.is_none() {
            let (reason, drift, at) = (Reason::Fetched, Vec::new(), self.clock.now());
            self.shared.log_entries().push(Event { tenant: None, revision, reason, well: true, message, drift, at });
        }
        event
    }

    fn activate(&mut self, revision: String, loaded: LoadedRevision<W::Spec>, mark: ObservedRevision) {
        let mut state = self.shared.state();
        sync_tenants(&mut state, &loaded);
        state.source.last_applied = Some(mark);
        drop(state);
        self.active = Some(ActiveRevision { revision, loaded });
    }

    /// After a restart on an invalid revision, activates the last valid one: tenants are compared with
    /// it, but never written.
    async fn restore_last_valid(&mut self, source: &PolicySource) {
        let last = self.shared.state().source.last_applied.clone();
        let (PolicySource::Branch(git), Some(mark)) = (source, last) else { return };
        let Ok(files) = git.read(&mark.revision).await else { return };
        let loaded = self.work.load(&files);
        if loaded.invalid.is_none() {
            self.activate(mark.revision.clone(), loaded, mark);
        }
    }

    /// Handles a revision that was loaded before: it is as valid or invalid as it was.
    fn same(&self) -> Option<Event> {
        if let Some(failure) = &self.invalid {
            return self.fail(failure.clone(), self.loaded_revision.as_deref().unwrap_or_default());
        }
        self.well(&format!("revision {} is active", short(self.loaded_revision.as_deref().unwrap_or_default())))
    }

    fn well(&self, message: &str) -> Option<Event> {
        let now = self.clock.now();
        let mut state = self.shared.state();
        let source = &mut state.source;
        source.failures = 0;
        source.next = Some(self.schedule.after_success(SOURCE, now));
        source.conditions.set_ready(Reason::Fetched, message, now);
        // An active commit is no event by itself: the events of the tenants report the result.
        let notified = source.notified.take();
        notified.map(|_| event(source, Reason::Fetched, true, message, now))
    }

    fn fail(&self, failure: ReconcileFailure, revision: &str) -> Option<Event> {
        let ReconcileFailure { class, reason, message } = failure;
        let now = self.clock.now();
        let mut state = self.shared.state();
        let source = &mut state.source;
        source.failures = if class == Retry::Never { 0 } else { source.failures.saturating_add(1) };
        // An invalid commit is not loaded again, but the branch is still polled.
        source.next = self
            .schedule
            .after_failure(class, source.failures, SOURCE, now)
            .or(Some(self.schedule.after_success(SOURCE, now)));
        match class {
            Retry::Never => source.conditions.set_stalled(reason, message.as_str(), now),
            Retry::Transient | Retry::Persistent => source.conditions.set_retrying(reason, message.as_str(), now),
        }
        if class == Retry::Transient && source.failures <= TOLERATED_FAILURES {
            return None;
        }
        let key = if class == Retry::Transient { "" } else { message.as_str() };
        let notified = hash_texts([revision, key]);
        if source.notified.as_ref() == Some(&notified) {
            return None;
        }
        source.notified = Some(notified);
        Some(event(source, reason, false, &message, now))
    }
}

fn event(source: &SourceState, reason: Reason, well: bool, message: &str, at: Timestamp) -> Event {
    let revision = source.last_attempted.as_ref().map(|mark| mark.revision.clone()).unwrap_or_default();
    Event { tenant: None, revision, reason, well, message: message.to_owned(), drift: Vec::new(), at }
}
