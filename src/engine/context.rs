//! What a run over tenants works with, whether a command or the controller started it.

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use jiff::civil::Date;
use tokio_util::sync::CancellationToken;

use crate::apply::journal::Journal;
use crate::apply::options::OnFailure;
use crate::base::clock::{Clock, Stopwatch};
use crate::base::cloud::Cloud;
use crate::base::ids::TenantName;
use crate::client::{CacheKey, TenantReader};
use crate::engine::journals::JournalIndex;
use crate::engine::people_file::PeopleFile;
use crate::engine::progress::Progress;
use crate::engine::selection::Selection;
use crate::tenant::error::TenantError;

/// Makes a reader for one tenant; it sends nothing yet.
pub(crate) type Connect = dyn Fn(&TenantName, Cloud) -> Result<TenantReader, TenantError> + Send + Sync;

/// What a run over tenants works with.
pub(crate) struct RunContext {
    /// Judges ages and deadlines, and dates what is written to disk.
    pub(crate) clock: Clock,
    /// The date by which rules and waivers are judged.
    pub(crate) today: Date,
    /// The folder in which the run started: paths of policies start from it and are shown relative to it. Or why it cannot be
    /// read, which only commands with policies report.
    pub(crate) working_folder: std::io::Result<PathBuf>,
    /// Which tenants and which services the run uses.
    pub(crate) selection: Selection,
    /// Makes a reader for one tenant.
    pub(crate) connect: Box<Connect>,
    /// How many tenants are read at the same time; at least 1.
    pub(crate) parallel: usize,
    /// How long one tenant may take.
    pub(crate) tenant_timeout: Duration,
    /// How long the whole run may take, where the run itself has to stop in time; `None` where its caller does that.
    pub(crate) deadline: Option<Deadline>,
    /// Cancelled to stop the run: no further request that writes is begun.
    pub(crate) cancel: CancellationToken,
    /// Where the run reads and writes state.
    pub(crate) folders: StateFolders,
    /// Where a reading of people that does not come to its end is stored.
    pub(crate) readings: ReadingStore,
    /// Whether the tenants are embedded ones, not real ones.
    pub(crate) sandbox: bool,
    /// The file of people that the run makes; `None` where names are not asked for.
    pub(crate) people_file: Option<PeopleFile>,
    /// The journals of earlier runs, once they are read.
    pub(crate) journals: Mutex<Option<JournalIndex>>,
    /// Receives what happens while the run works.
    pub(crate) observe: Box<dyn Fn(Progress<'_>) + Send + Sync>,
}

/// A limit on the time of a whole run.
pub(crate) struct Deadline {
    pub(crate) timeout: Duration,
    /// Runs since the run began.
    pub(crate) started: Stopwatch,
}

impl Deadline {
    /// The time that is left; zero when none is.
    pub(crate) fn left(&self) -> Duration {
        self.timeout.saturating_sub(self.started.elapsed())
    }
}

/// Where readings of people are stored that do not come to their end, and whether one is gone on with.
pub(crate) struct ReadingStore {
    pub(crate) folder: PathBuf,
    pub(crate) key: CacheKey,
    /// Whether an earlier reading is gone on with; `None` where the command has no `--resume`, so that nothing is stored for it.
    pub(crate) resume: Option<bool>,
}

/// The folders of a run's state, outside of the repository unless the caller named others.
#[derive(Clone, Debug)]
pub(crate) struct StateFolders {
    /// The journals of applies.
    pub(crate) journal: PathBuf,
    /// What earlier runs observed of each tenant's settings.
    pub(crate) drift_state: PathBuf,
    /// How many people could reset by earlier registration reports.
    pub(crate) readiness: PathBuf,
    /// The locks that allow one apply of a tenant at a time on this machine.
    pub(crate) locks: PathBuf,
}

impl RunContext {
    /// A reader for one tenant; it sends nothing yet.
    ///
    /// # Errors
    /// When an address that the environment gives is not allowed, or the embedded tenant is not one of the seeded ones.
    pub(crate) fn reader(&self, tenant: &TenantName, cloud: Cloud) -> Result<TenantReader, TenantError> {
        (self.connect)(tenant, cloud)
    }

    /// A journal for this run, which says whether its tenants are embedded ones. Nothing is written yet.
    pub(crate) fn new_journal(&self) -> Journal {
        Journal::new(&self.folders.journal, &self.clock).about_embedded(self.sandbox)
    }

    /// Reports something that happens while the run works.
    pub(crate) fn report(&self, progress: Progress<'_>) {
        (self.observe)(progress);
    }
}

/// How a run writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WriteOptions {
    /// How long to read each step back until the tenant shows it.
    pub(crate) verify_timeout: Duration,
    /// How many reads one after another must show a change; at least 1.
    pub(crate) verify_reads: u32,
    /// What becomes of applied requests when a later one of the same tenant fails.
    pub(crate) on_failure: OnFailure,
    /// How long to wait for another apply of the same tenant on this machine.
    pub(crate) lock_timeout: Duration,
}
