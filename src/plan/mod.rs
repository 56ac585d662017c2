//! Floor 3: plans, that is what would change in a tenant. Everything here is pure: it does no I/O and reads no clock.

pub mod accept;
pub mod actual;
pub mod attribution;
pub mod build;
pub mod change;
pub mod diff;
pub mod drift;
pub mod drift_state;
pub mod effective;
pub mod effects;
pub mod import;
pub mod managed_objects;
pub mod named_locations;
pub mod order;
pub mod public_snapshot;
pub mod references;
pub mod reversal;
pub mod route;
pub mod score;
