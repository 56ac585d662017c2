//! Who changed a drifted setting.

use schemars::JsonSchema;
use serde::Serialize;

use crate::plan::attribution::{Attribution, ChangedBy, Confidence, UnknownReason};
use crate::plan::drift_state::ChangeWindow;
use crate::render::json::error::{ErrorJson, error};
use crate::render::text::attribution::reason;
use crate::tenant::audit::ActorKind;

/// Who changed a setting, as far as the tenant's audit log proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Attribution")]
pub(crate) struct AttributionJson {
    /// How sure it is.
    confidence: ConfidenceJson,
    /// Who changed it; absent when that is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<ActorJson>,
    /// The audit event; of several by the same actor, the newest. Absent when it is unknown who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<EventJson>,
    /// The last run that saw another value (RFC 3339, UTC): the change is later. Absent when no run has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    after: Option<String>,
    /// The first run that saw the value (RFC 3339, UTC): the change is no later. Absent when no run has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    by: Option<String>,
    /// Why it is unknown who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Why the audit log could not be read, where that is the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorJson>,
}

/// How sure it is who changed a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Confidence")]
enum ConfidenceJson {
    /// One event alone fits, and it names the setting.
    Certain,
    /// Only one actor's events fit.
    Likely,
    /// Nobody can be named without guessing.
    Unknown,
}

/// A person or an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Actor")]
struct ActorJson {
    /// Which of the two.
    kind: ActorKindJson,
    /// The id in the directory, or the application's id; absent where the log has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// The sign-in name of a person, the display name of an application.
    name: String,
}

/// What changed a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "ActorKind")]
enum ActorKindJson {
    /// The account of a person.
    User,
    /// An application or a service principal.
    App,
}

/// An event of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AuditEvent")]
struct EventJson {
    /// Its id in the log; absent where the log has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// When it happened (RFC 3339, UTC), by the service's clock.
    #[schemars(extend("format" = "date-time"))]
    at: String,
    /// What was done, in the service's words.
    activity: String,
    /// How many events it may have been, all by the same actor.
    #[schemars(range(min = 1))]
    of: usize,
}

pub(crate) fn attribution(attribution: &Attribution) -> AttributionJson {
    let Attribution { window, author } = attribution;
    let (after, by) = match window {
        None => (None, None),
        Some(ChangeWindow::UnchangedSince(first)) => (None, Some(first.to_string())),
        Some(ChangeWindow::Between { after, by }) => (Some(after.to_string()), Some(by.to_string())),
    };
    let nobody = AttributionJson {
        confidence: ConfidenceJson::Unknown,
        actor: None,
        event: None,
        after,
        by,
        reason: None,
        error: None,
    };
    match author {
        Ok(blame) => blamed(blame, nobody),
        Err(doubt) => AttributionJson {
            reason: Some(reason(doubt, *window)),
            error: match doubt {
                UnknownReason::Unreadable(why) => Some(error(why)),
                _ => None,
            },
            ..nobody
        },
    }
}

fn blamed(blame: &ChangedBy, nobody: AttributionJson) -> AttributionJson {
    let ChangedBy { confidence, actor, event, events } = blame;
    let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    AttributionJson {
        confidence: match confidence {
            Confidence::Certain => ConfidenceJson::Certain,
            Confidence::Likely => ConfidenceJson::Likely,
        },
        actor: Some(ActorJson {
            kind: match actor.kind {
                ActorKind::User => ActorKindJson::User,
                ActorKind::App => ActorKindJson::App,
            },
            id: some(&actor.id),
            name: actor.name.clone(),
        }),
        event: Some(EventJson {
            id: some(&event.id),
            at: event.at.to_string(),
            activity: event.activity.clone(),
            of: *events,
        }),
        ..nobody
    }
}
