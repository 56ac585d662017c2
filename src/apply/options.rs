//! The options of an apply.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// What happens to applied requests when a later one of the same tenant fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// They are rolled back, and no further step is tried.
    Rollback,
    /// They are left; steps that do not depend on the failed one continue.
    Stop,
}

/// Options of an apply.
#[derive(Clone, Copy, Debug)]
pub struct ApplyOptions<'a> {
    /// How long each step's verification may read before it gives up.
    pub verify_timeout: Duration,
    /// How many consecutive reads must agree before their result counts; at least 1.
    pub consistent_reads: u32,
    /// What to do when a request fails.
    pub on_failure: OnFailure,
    /// Cancelled from outside to stop: no further step is started, and the one in flight is completed first.
    pub cancel: &'a CancellationToken,
}
