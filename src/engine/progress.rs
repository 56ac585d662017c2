//! What a run reports while it works. The command line words each of these; the controller logs some of them.

use std::io;
use std::path::Path;
use std::time::Duration;

use crate::apply::recovery::RecoveredRun;
use crate::apply::run_record::RunRecord;
use crate::base::ids::{RunId, TenantId};
use crate::tenant::error::TenantError;
use crate::tenant::wire_schema::UnknownKey;

/// A ring of an apply, in the order of the rings that have tenants.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RingPosition<'a> {
    pub(crate) ring: &'a str,
    /// Which one it is, from 1.
    pub(crate) number: usize,
    /// How many there are.
    pub(crate) of: usize,
    /// How many of its tenants are not held back.
    pub(crate) tenants: usize,
    /// How many of its tenants are held back, because they are not as they were reviewed or could not be read again.
    pub(crate) held_back: usize,
}

/// What becomes of the reading of a registration report that was not ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum UnfinishedReading<'a> {
    /// So many users were read and are stored.
    Stored(u64),
    /// What was read cannot be stored, for this reason.
    NotStored(&'a str),
    /// The reading goes on after so many users, whom an earlier run has read.
    Resumed(u64),
    /// There is nothing to go on with, for this reason.
    NotResumed(&'a str),
}

/// How far a long reading is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReadingProgress {
    /// How many users were read.
    pub(crate) users: u64,
    /// How many there are; `None` where that is not known.
    pub(crate) of: Option<u64>,
    /// How many of them this run has read.
    pub(crate) now: u64,
    /// How long it has taken to read them.
    pub(crate) elapsed: Duration,
    /// How long the others take at least, because the service limits requests.
    pub(crate) least: Duration,
}

impl ReadingProgress {
    /// How many users were read in a second; `None` at the beginning.
    pub(crate) fn rate(&self) -> Option<u64> {
        let seconds = u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX);
        self.now.saturating_mul(1_000).checked_div(seconds)
    }

    /// How long the others take, at this rate or at that of the service, whichever is slower; `None` if nobody knows how many.
    pub(crate) fn left(&self) -> Option<Duration> {
        let left = self.of?.saturating_sub(self.users);
        let seconds = left.checked_div(self.rate()?)?;
        Some(Duration::from_secs(seconds).max(self.least))
    }
}

/// Something that happens while a run works.
#[derive(Debug)]
pub(crate) enum Progress<'a> {
    /// The run's shard or ring has no tenant.
    NoTenants,
    /// The policies manage settings of a service that the run does not use.
    SettingsSkipped(&'a [&'static str]),
    /// Documents have keys that this version does not know, each with its tenant where the run has several.
    UnknownKeys(&'a [(Option<String>, UnknownKey)]),
    /// Another apply of the tenant holds the lock; this one waits for it.
    WaitingForLock,
    /// Another apply of a tenant is running, so what was read may be half of it.
    ApplyRunning,
    /// An earlier run was interrupted while it worked on the tenant, and nothing has recovered it yet.
    RunInterrupted(&'a RunRecord, TenantId),
    /// An interrupted run was recovered by reading, or could not be.
    RunRecovered(&'a RunRecord, TenantId, Result<&'a RecoveredRun, &'a TenantError>),
    /// A journal, or the folder of all of them, cannot be used.
    JournalUnusable(&'a Path, &'a io::Error),
    /// A line of the run's own journal could not be written; the text says why. Nothing is sent any more.
    JournalIncomplete(&'a Path, &'a str),
    /// A ring of several is started.
    RingStarted(RingPosition<'a>),
    /// A ring of several has ended, with the number of its tenants that are as their policies say.
    RingEnded(RingPosition<'a>, usize),
    /// The run wrote a journal.
    RunRecorded(&'a RunId),
    /// The registration report of so many users is read next, which takes this long at least, because the service limits
    /// requests; not reported for a few seconds. The last value has the options that allow less time, each with how long the
    /// whole run, or all of the tenant, takes at least.
    ReadingTakes(u64, Duration, &'a [(&'static str, Duration)]),
    /// So many tenants of so many are done; of one tenant alone it is not reported.
    TenantsDone(usize, usize),
    /// Users were read, from the directory or from the registration report.
    UsersRead(ReadingProgress),
    /// The reading of a registration report was not ended, or is gone on with.
    Unfinished(UnfinishedReading<'a>),
    /// No more users are read.
    ReadingEnded,
    /// The state of earlier runs cannot be used; observations start with this run.
    DriftStateUnusable(&'a Path, &'a str),
    /// The state cannot be saved for later runs.
    DriftStateNotSaved(&'a Path, &'a io::Error),
    /// The counts of earlier runs cannot be used; the file stays as it is, and nothing is saved.
    ReadinessUnusable(&'a Path, &'a str),
    /// The counts cannot be saved for later runs.
    ReadinessNotSaved(&'a Path, &'a io::Error),
    /// A public snapshot is used without checking its signature.
    SnapshotUnverified,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_that_of_the_slower_of_rate_and_service() {
        let second = Duration::from_secs(1);
        let some = ReadingProgress { users: 4_000, of: Some(10_000), now: 3_000, elapsed: second * 3, least: second };
        assert_eq!((some.rate(), some.left()), (Some(1_000), Some(second * 6)));
        assert_eq!(ReadingProgress { least: second * 12, ..some }.left(), Some(second * 12));
        assert_eq!(ReadingProgress { of: None, ..some }.left(), None);
        assert_eq!(ReadingProgress { elapsed: Duration::ZERO, ..some }.left(), None);
        assert_eq!(ReadingProgress { now: 0, ..some }.left(), None);
    }
}
