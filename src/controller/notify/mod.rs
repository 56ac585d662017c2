//! Telling people: one message for each receiver and round, however many tenants it is about. Addresses and keys come from
//! the environment and are never shown.

pub mod bulletin;
pub mod deliver;
mod slack;
mod target;
mod teams;
mod webhook;

pub use target::{Addressed, address};
pub use webhook::notification_schema;

use crate::controller::notify::bulletin::Bulletin;
use crate::policy::upkeep::Receiver;

/// The body that a receiver understands.
///
/// # Errors
/// Never for what this program makes; the type says so because JSON writers do.
pub fn body(receiver: Receiver, bulletin: &Bulletin) -> serde_json::Result<String> {
    match receiver {
        Receiver::Teams => teams::body(bulletin),
        Receiver::Slack => slack::body(bulletin),
        Receiver::Webhook => webhook::body(bulletin),
    }
}
