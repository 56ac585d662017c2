//! A JSON document for any webhook.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

use crate::controller::condition::Reason;
use crate::controller::event::Event;
use crate::controller::notify::notification::Notification;
use crate::controller::reconcile::DriftEntry;
use crate::policy::schema;

/// The most events in one document.
const MOST: usize = 1_000;

/// What the controller sends to a webhook: the changes of state of one round.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl controller notification")]
struct WebhookBody {
    /// The version of this format.
    #[schemars(extend("const" = 1))]
    format_version: u32,
    /// When it was made (RFC 3339, UTC).
    #[schemars(with = "String", extend("format" = "date-time"))]
    at: Timestamp,
    /// The events, those that need attention first.
    events: Vec<WebhookEvent>,
    /// How many more events there are; `/status` lists all of them.
    more: usize,
}

/// A change of state.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct WebhookEvent {
    /// The tenant, as its policy names it; absent when it is about the source of the policies.
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    /// The revision in question; empty when none is known.
    revision: String,
    /// The reason of the condition.
    reason: Reason,
    /// Whether all is well now.
    well: bool,
    /// What happened, for people. It may quote the tenant and is not escaped for anything.
    message: String,
    /// The settings that differ, or differed before the write, from the policy.
    drift: Vec<DriftEntry>,
    /// When (RFC 3339, UTC).
    #[schemars(with = "String", extend("format" = "date-time"))]
    at: Timestamp,
}

pub(crate) fn body(notification: &Notification) -> serde_json::Result<String> {
    let Notification { at, events } = notification;
    serde_json::to_string(&WebhookBody {
        format_version: 1,
        at: *at,
        events: events.iter().take(MOST).map(webhook_event).collect(),
        more: events.len().saturating_sub(MOST),
    })
}

fn webhook_event(event: &Event) -> WebhookEvent {
    let Event { tenant, revision, reason, well, message, drift, at } = event.clone();
    WebhookEvent { tenant, revision, reason, well, message, drift, at }
}

/// The JSON Schema of what a webhook gets.
#[must_use]
pub(crate) fn notification_schema() -> Json {
    schema::of::<WebhookBody>()
}
