//! What a run reports while it works. The command line words each of these; the controller logs some of them.

use std::io;
use std::path::Path;

use crate::apply::recovery::RecoveredRun;
use crate::apply::run_record::RunRecord;
use crate::base::ids::{RunId, TenantId};
use crate::tenant::error::TenantError;
use crate::tenant::wire_schema::UnknownKey;

/// A ring of an apply, in the order of the rings that have tenants.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RingPosition<'a> {
    /// The ring's name.
    pub(crate) ring: &'a str,
    /// Which one it is, from 1.
    pub(crate) number: usize,
    /// How many there are.
    pub(crate) of: usize,
    /// How many of its tenants are not held back.
    pub(crate) tenants: usize,
}

/// Something that happens while a run works.
#[derive(Debug)]
pub(crate) enum Progress<'a> {
    /// The run's shard or ring has no tenant.
    NoTenants,
    /// The policies manage settings of a service that the run does not use.
    SettingsSkipped(&'a [&'static str]),
    /// Documents have keys that this version does not know.
    UnknownKeys(&'a [UnknownKey]),
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
    /// So many users were read so far, from the directory or from the registration report.
    UsersRead(u64),
    /// No more users are read.
    ReadingEnded,
    /// The state of earlier runs cannot be used; observations start with this run.
    DriftStateUnusable(&'a Path, &'a str),
    /// The state cannot be saved for later runs.
    DriftStateNotSaved(&'a Path, &'a io::Error),
    /// A public snapshot is used without checking its signature.
    SnapshotUnverified,
}
