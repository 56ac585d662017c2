//! What an apply keeps to.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// What becomes of requests that got through when a later one of the same tenant fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// They are taken back, and nothing more is tried.
    Rollback,
    /// They stand; what does not depend on the one that failed goes on.
    Stop,
}

/// Bounds of an apply.
#[derive(Clone, Copy, Debug)]
pub struct ApplyOptions<'a> {
    /// How long each step's verification may read before it gives up.
    pub verify_timeout: Duration,
    /// How many reads one after another must agree before what they show is believed; at least 1.
    pub consistent_reads: u32,
    /// What to do when a request fails.
    pub on_failure: OnFailure,
    /// Set from outside to begin no further step; the one in flight is settled first.
    pub cancel: &'a CancellationToken,
}
