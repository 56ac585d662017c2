//! One look at the source: what is new is loaded, and is in force when it is valid.

use jiff::Timestamp;

use crate::base::digest::digest;
use crate::controller::condition::Reason;
use crate::controller::git::short;
use crate::controller::news::News;
use crate::controller::pass::{Controller, InForce, enrol};
use crate::controller::schedule::Class;
use crate::controller::source::{Found, Source};
use crate::controller::state::{Mark, SourceState};
use crate::controller::work::{Failure, Loaded, Work};

/// The name that jitter knows the source by; no tenant is called so.
const SOURCE: &str = "the source";
/// How many failures in a row that pass by themselves are no news yet.
const FORGIVEN: u32 = 2;

impl<W: Work> Controller<W> {
    /// Looks at the source when it is time to. What goes wrong leaves in force what was.
    pub(crate) async fn follow(&mut self, asked: bool) -> Option<News> {
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
            self.fall_back(&source).await;
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

    async fn take(&mut self, source: &Source, found: Found) -> Option<News> {
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
        let mark = Mark { revision: revision.clone(), at: self.clock.now() };
        self.shared.state().source.last_attempted = Some(mark.clone());
        if let Some(why) = loaded.invalid {
            let failure = Failure { class: Class::Terminal, reason: Reason::InvalidPolicy, message: why };
            self.wrong = Some(failure.clone());
            return self.fail(failure, &revision);
        }
        self.wrong = None;
        let message = format!("revision {} is in force", short(&revision));
        self.put_in_force(revision, loaded, mark);
        self.well(&message)
    }

    fn put_in_force(&mut self, revision: String, loaded: Loaded<W::Policy>, mark: Mark) {
        let mut state = self.shared.state();
        enrol(&mut state, &loaded);
        state.source.last_applied = Some(mark);
        drop(state);
        self.in_force = Some(InForce { revision, loaded });
    }

    /// After a restart on a revision that is not valid: the last one that was is compared with, and never written.
    async fn fall_back(&mut self, source: &Source) {
        let last = self.shared.state().source.last_applied.clone();
        let (Source::Branch(git), Some(mark)) = (source, last) else { return };
        if git.check_out(&mark.revision).await.is_err() {
            return;
        }
        let loaded = self.work.load(&git.folder);
        if loaded.invalid.is_none() {
            self.put_in_force(mark.revision.clone(), loaded, mark);
        }
    }

    /// The revision is the one that is known, and as right or wrong as it was.
    fn same(&self) -> Option<News> {
        if let Some(failure) = &self.wrong {
            return self.fail(failure.clone(), self.seen.as_deref().unwrap_or_default());
        }
        self.well(&format!("revision {} is in force", short(self.seen.as_deref().unwrap_or_default())))
    }

    fn well(&self, message: &str) -> Option<News> {
        let now = self.clock.now();
        let mut state = self.shared.state();
        let source = &mut state.source;
        source.failures = 0;
        source.next = Some(self.pace.next(SOURCE, now));
        source.conditions.well(Reason::Fetched, message, now);
        // That a commit is in force is no news by itself: the tenants tell what came of it.
        let told = source.told.take();
        told.map(|_| news(source, Reason::Fetched, true, message, now))
    }

    fn fail(&self, failure: Failure, revision: &str) -> Option<News> {
        let Failure { class, reason, message } = failure;
        let now = self.clock.now();
        let mut state = self.shared.state();
        let source = &mut state.source;
        source.failures = if class == Class::Terminal { 0 } else { source.failures.saturating_add(1) };
        // A commit that does not count is not loaded again, but the branch is still followed.
        source.next = self.pace.again(class, source.failures, SOURCE, now).or(Some(self.pace.next(SOURCE, now)));
        match class {
            Class::Terminal => source.conditions.stuck(reason, message.as_str(), now),
            Class::Passing | Class::Standing => source.conditions.retrying(reason, message.as_str(), now),
        }
        if class == Class::Passing && source.failures <= FORGIVEN {
            return None;
        }
        let key = if class == Class::Passing { "" } else { message.as_str() };
        let told = digest([revision, key]);
        if source.told.as_ref() == Some(&told) {
            return None;
        }
        source.told = Some(told);
        Some(news(source, reason, false, &message, now))
    }
}

fn news(source: &SourceState, reason: Reason, well: bool, message: &str, at: Timestamp) -> News {
    let revision = source.last_attempted.as_ref().map(|mark| mark.revision.clone()).unwrap_or_default();
    News { tenant: None, revision, reason, well, message: message.to_owned(), drift: Vec::new(), at }
}
