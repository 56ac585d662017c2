//! Telling people: one message for each receiver and round, however many tenants it is about. Addresses and keys come from
//! the environment and are never shown.

pub(crate) mod deliver;
pub(crate) mod notification;
mod slack;
mod target;
mod teams;
mod webhook;

pub(crate) use target::Destination;
pub use target::address;
pub(crate) use webhook::notification_schema;

use crate::controller::notify::notification::Notification;
use crate::policy::repository::controller::ReceiverKind;

/// The body that a receiver understands.
///
/// # Errors
/// Never for what this program makes; the type says so because JSON writers do.
pub fn body(receiver: ReceiverKind, bulletin: &Notification) -> serde_json::Result<String> {
    match receiver {
        ReceiverKind::Teams => teams::body(bulletin),
        ReceiverKind::Slack => slack::body(bulletin),
        ReceiverKind::Webhook => webhook::body(bulletin),
    }
}
