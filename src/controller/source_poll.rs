//! One look at the source: what is new is loaded, and is in force when it is valid.

use jiff::Timestamp;

use crate::base::digest::hash_texts;
use crate::controller::condition::Reason;
use crate::controller::event::Event;
use crate::controller::git::short;
use crate::controller::reconcile::{LoadedRevision, Reconcile, ReconcileFailure};
use crate::controller::round::{ActiveRevision, Controller, sync_tenants};
use crate::controller::schedule::Retry;
use crate::controller::source::{PolicySource, SourceRevision};
use crate::controller::state::{ObservedRevision, SourceState};

/// The name that jitter knows the source by; no tenant is called so.
const SOURCE: &str = "the source";
/// How many failures in a row that pass by themselves are no news yet.
const TOLERATED_FAILURES: u32 = 2;

impl<W: Reconcile> Controller<W> {
    /// Looks at the source when it is time to. What goes wrong leaves in force what was.
    pub(crate) async fn poll_source(&mut self, asked: bool) -> Option<Event> {
        let now = self.clock.now();
        self.meet();
        let due = self.shared.state().source.next.is_none_or(|next| next <= now);
        if !asked && !due && self.seen.is_some() {
            return None;
        }
        let (shared, source) = (self.shared.clone(), self.source.clone());
        let looked = shared.signals.or(source.look()).await?;
        shared.metrics.fetched(looked.is_ok());
        let news = match looked {
            Ok(found) => self.take(&source, found).await,
            Err(failure) => self.fail(failure, ""),
        };
        if self.in_force.is_none() {
            self.restore_last_valid(&source).await;
        }
        news
    }

    /// What is remembered of another source says nothing about this one.
    fn meet(&self) {
        let unknown = self.source.unknown();
        let mut state = self.shared.state();
        if (&state.source.address, &state.source.branch) != (&unknown.address, &unknown.branch) {
            state.source = unknown;
        }
    }

    async fn take(&mut self, source: &PolicySource, found: SourceRevision) -> Option<Event> {
        // A commit that was loaded is as it was; what is wrong with it is still wrong.
        if found.commit.is_some() && found.commit == self.seen {
            return self.same();
        }
        if let Err(failure) = source.open(&found).await {
            return self.fail(failure, found.commit.as_deref().unwrap_or_default());
        }
        let loaded = self.work.load(&found.folder);
        let revision = found.commit.unwrap_or_else(|| loaded.digest.clone());
        if self.seen.as_ref() == Some(&revision) {
            return self.same();
        }
        self.seen = Some(revision.clone());
        let mark = ObservedRevision { revision: revision.clone(), at: self.clock.now() };
        self.shared.state().source.last_attempted = Some(mark.clone());
        if let Some(why) = loaded.invalid {
            let failure = ReconcileFailure { class: Retry::Never, reason: Reason::InvalidPolicy, message: why };
            self.wrong = Some(failure.clone());
            return self.fail(failure, &revision);
        }
        self.wrong = None;
        let message = format!("revision {} is in force", short(&revision));
        self.activate(revision, loaded, mark);
        self.well(&message)
    }

    fn activate(&mut self, revision: String, loaded: LoadedRevision<W::Policy>, mark: ObservedRevision) {
        let mut state = self.shared.state();
        sync_tenants(&mut state, &loaded);
        state.source.last_applied = Some(mark);
        drop(state);
        self.in_force = Some(ActiveRevision { revision, loaded });
    }

    /// After a restart on a revision that is not valid: the last one that was is compared with, and never written.
    async fn restore_last_valid(&mut self, source: &PolicySource) {
        let last = self.shared.state().source.last_applied.clone();
        let (PolicySource::Branch(git), Some(mark)) = (source, last) else { return };
        if git.check_out(&mark.revision).await.is_err() {
            return;
        }
        let loaded = self.work.load(&git.folder);
        if loaded.invalid.is_none() {
            self.activate(mark.revision.clone(), loaded, mark);
        }
    }

    /// The revision is the one that is known, and as right or wrong as it was.
    fn same(&self) -> Option<Event> {
        if let Some(failure) = &self.wrong {
            return self.fail(failure.clone(), self.seen.as_deref().unwrap_or_default());
        }
        self.well(&format!("revision {} is in force", short(self.seen.as_deref().unwrap_or_default())))
    }

    fn well(&self, message: &str) -> Option<Event> {
        let now = self.clock.now();
        let mut state = self.shared.state();
        let source = &mut state.source;
        source.failures = 0;
        source.next = Some(self.pace.after_success(SOURCE, now));
        source.conditions.set_ready(Reason::Fetched, message, now);
        // That a commit is in force is no news by itself: the tenants tell what came of it.
        let told = source.notified.take();
        told.map(|_| news(source, Reason::Fetched, true, message, now))
    }

    fn fail(&self, failure: ReconcileFailure, revision: &str) -> Option<Event> {
        let ReconcileFailure { class, reason, message } = failure;
        let now = self.clock.now();
        let mut state = self.shared.state();
        let source = &mut state.source;
        source.failures = if class == Retry::Never { 0 } else { source.failures.saturating_add(1) };
        // A commit that does not count is not loaded again, but the branch is still followed.
        source.next =
            self.pace.after_failure(class, source.failures, SOURCE, now).or(Some(self.pace.after_success(SOURCE, now)));
        match class {
            Retry::Never => source.conditions.set_stalled(reason, message.as_str(), now),
            Retry::Transient | Retry::Persistent => source.conditions.set_retrying(reason, message.as_str(), now),
        }
        if class == Retry::Transient && source.failures <= TOLERATED_FAILURES {
            return None;
        }
        let key = if class == Retry::Transient { "" } else { message.as_str() };
        let told = hash_texts([revision, key]);
        if source.notified.as_ref() == Some(&told) {
            return None;
        }
        source.notified = Some(told);
        Some(news(source, reason, false, &message, now))
    }
}

fn news(source: &SourceState, reason: Reason, well: bool, message: &str, at: Timestamp) -> Event {
    let revision = source.last_attempted.as_ref().map(|mark| mark.revision.clone()).unwrap_or_default();
    Event { tenant: None, revision, reason, well, message: message.to_owned(), drift: Vec::new(), at }
}
