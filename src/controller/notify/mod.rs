//! Notifications: one for each receiver and round, however many tenants it is about. Addresses and keys come from the
//! environment and are never shown.

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

/// The body of the request to a receiver.
///
/// # Errors
/// Never for what this program makes; the type says so because JSON writers do.
pub fn body(receiver: ReceiverKind, notification: &Notification) -> serde_json::Result<String> {
    match receiver {
        ReceiverKind::Teams => teams::body(notification),
        ReceiverKind::Slack => slack::body(notification),
        ReceiverKind::Webhook => webhook::body(notification),
    }
}
