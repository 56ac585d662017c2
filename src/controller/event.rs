//! What people are told: that the state of a tenant, or of the source, is another one than they were told last.

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
    /// What it came to, as a word.
    pub reason: Reason,
    /// Whether all is well now.
    pub well: bool,
    /// What happened, for people.
    pub message: String,
    /// Where the tenant is not, or was not, as its policy says.
    pub drift: Vec<DriftEntry>,
    /// When.
    pub at: Timestamp,
}
