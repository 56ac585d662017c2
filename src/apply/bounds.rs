//! What an apply keeps to.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Bounds of an apply.
#[derive(Clone, Copy, Debug)]
pub struct Bounds<'a> {
    /// How long each step's verification may read before it gives up.
    pub verify: Duration,
    /// Set from outside to begin no further step; the one in flight is settled first.
    pub stop: &'a AtomicBool,
}
