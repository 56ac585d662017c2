//! What can go wrong in one seed, and how often.

use super::disk::DiskFaults;
use super::rng::Rng;

/// How long the program reads after a write, in milliseconds.
pub(crate) const VERIFY_TIMEOUT: u64 = 20_000;

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FaultRates {
    /// How many replicas answer reads; at least 1.
    pub(crate) replicas: usize,
    /// How long a replica may lag behind, in milliseconds.
    pub(crate) lag: u64,
    /// How many of a thousand reads fail.
    pub(crate) read_errors: u64,
    /// How many of a thousand reads and writes the second administrator meets.
    pub(crate) edits: u64,
    /// How many of a thousand writes are not simply accepted.
    pub(crate) write_faults: u64,
    /// How many of a thousand sessions crash.
    pub(crate) crashes: u64,
    /// How many of a thousand sessions get a signal to stop.
    pub(crate) signals: u64,
    pub(crate) disk: DiskFaults,
}

impl FaultRates {
    pub(crate) fn new(rng: &mut Rng) -> Self {
        let no_faults = Self { replicas: 1, ..Self::default() };
        if rng.chance(50) {
            return no_faults;
        }
        let mut maybe = |chance: u64, values: &[u64]| if rng.chance(chance) { rng.pick(values) } else { 0 };
        Self {
            replicas: usize::try_from(1 + maybe(400, &[1, 2])).unwrap_or(1),
            lag: maybe(400, &[50, 500, 3_000]),
            read_errors: maybe(200, &[20, 150]),
            edits: maybe(400, &[30, 150]),
            write_faults: maybe(600, &[200, 500]),
            crashes: maybe(500, &[300, 700]),
            signals: maybe(200, &[300]),
            disk: DiskFaults {
                errors: maybe(150, &[10, 50]),
                free: Some(maybe(150, &[300, 3_000, 9_000, 15_000])).filter(|free| *free > 0),
                rot: maybe(150, &[400]),
            },
        }
    }

    /// Whether nothing can go wrong.
    pub(crate) fn are_zero(&self) -> bool {
        let Self { replicas, lag, read_errors, edits, write_faults, crashes, signals, disk } = self;
        *replicas == 1
            && lag + read_errors + edits + write_faults + crashes + signals + disk.errors + disk.rot == 0
            && disk.free.is_none()
    }

    /// The same service, but nothing goes wrong any more.
    pub(crate) fn without_faults(self) -> Self {
        Self { replicas: self.replicas, lag: self.lag, ..Self::default() }
    }
}
