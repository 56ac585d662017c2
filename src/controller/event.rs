//! An event: the state of a tenant, or of the source, differs from the one that was last notified.

use jiff::Timestamp;

use crate::controller::condition::Reason;
use crate::controller::reconcile::DriftEntry;

/// A change of state.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The tenant, as its policy names it; `None` for the source.
    pub tenant: Option<String>,
    /// The revision in question; empty when none is known.
    pub revision: String,
    /// The reason of the condition.
    pub reason: Reason,
    /// Whether all is well now.
    pub well: bool,
    /// What happened, for people.
    pub message: String,
    /// The settings that differ, or differed before a write, from the policy.
    pub drift: Vec<DriftEntry>,
    /// When the state changed.
    pub at: Timestamp,
}
