//! Floor 3: plans, that is what would change in a tenant. Everything here is pure: it does no I/O and reads no clock.

pub(crate) mod accept;
pub(crate) mod actual;
pub(crate) mod attribution;
pub(crate) mod build;
pub(crate) mod change;
pub(crate) mod dates;
pub(crate) mod diff;
pub(crate) mod documents_after;
pub(crate) mod drift_state;
pub(crate) mod drifted_setting;
pub(crate) mod effective;
pub(crate) mod effects;
pub(crate) mod import;
pub(crate) mod logged_change;
pub(crate) mod managed_objects;
pub(crate) mod named_locations;
pub(crate) mod order;
pub(crate) mod own_requests;
pub(crate) mod public_snapshot;
pub(crate) mod references;
pub(crate) mod reversal;
pub(crate) mod reverts;
pub(crate) mod route;
pub(crate) mod same_change;
pub(crate) mod score;
