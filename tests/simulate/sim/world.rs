//! One simulated world: the service, the disk and the power of the machine, with their time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ssprctl::testing::apply::journal::Journal;
use ssprctl::testing::base::clock::{Clock, Stopwatch};
use ssprctl::testing::base::ids::RunId;
use ssprctl::testing::tenant::document::Document;
use ssprctl::testing::tenant::surface::Surface;

use super::bugs::Bug;
use super::disk::SimDisk;
use super::fault_rates::FaultRates;
use super::power::Power;
use super::rng::Rng;
use super::service::{Millis, Service};

/// 2026-11-27T09:00:00Z, in seconds.
const EPOCH: i64 = 1_795_770_000;
const FOLDER: &str = "/state/journal";

pub(crate) struct World {
    service: Mutex<Service>,
    /// What runs read last of each document, for bugs that take it for what the tenant has.
    memory: Mutex<BTreeMap<Surface, Document>>,
    /// The journals that were judged, by session, as they were then.
    judged: Mutex<BTreeMap<usize, String>>,
    pub(crate) disk: SimDisk,
    pub(crate) power: Power,
    pub(crate) clock: Clock,
    pub(crate) bug: Option<Bug>,
    since: Stopwatch,
}

impl World {
    pub(crate) fn new(rng: &mut Rng, fault_rates: FaultRates, bug: Option<Bug>) -> Self {
        let power = Power::default();
        let disk = SimDisk::new(Rng::new(rng.next()), fault_rates.disk, power.clone(), bug);
        let service = Mutex::new(Service::new(Rng::new(rng.next()), fault_rates));
        let since = Stopwatch::start();
        let clock = Clock::Running(jiff::Timestamp::from_second(EPOCH).unwrap_or_default(), since);
        Self { service, memory: Mutex::default(), judged: Mutex::default(), disk, power, clock, bug, since }
    }

    pub(crate) fn now(&self) -> Millis {
        u64::try_from(self.since.elapsed().as_millis()).unwrap_or_default()
    }

    /// The service as it is now.
    pub(crate) fn service(&self) -> MutexGuard<'_, Service> {
        let mut service = self.service.lock().unwrap_or_else(PoisonError::into_inner);
        service.advance(self.now());
        service
    }

    pub(crate) fn memory(&self) -> MutexGuard<'_, BTreeMap<Surface, Document>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the journal of a session is another one than when this was asked last.
    pub(crate) fn is_unjudged(&self, session: usize, text: &str) -> bool {
        let mut judged = self.judged.lock().unwrap_or_else(PoisonError::into_inner);
        judged.insert(session, text.to_owned()).is_none_or(|known| known != text)
    }

    /// The id of the run of a session; a later one sorts after an earlier one.
    pub(crate) fn run_id(session: usize) -> Option<RunId> {
        RunId::parse(&format!("20261127T09{session:02}00000Z-{session:08x}"))
    }

    pub(crate) fn journal_path(run: &RunId) -> PathBuf {
        Path::new(FOLDER).join(format!("{run}.jsonl"))
    }

    pub(crate) fn journal(&self, run: &RunId) -> Journal {
        Journal::on(Arc::new(self.disk.clone()), Path::new(FOLDER), run, &self.clock)
    }

    /// Waits between these numbers of milliseconds, by chance.
    pub(crate) async fn wait(&self, least: Millis, most: Millis) {
        let pause = self.service().rng.between(least, most);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}
