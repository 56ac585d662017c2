//! Who changed a drifted setting.

use schemars::JsonSchema;
use serde::Serialize;

use crate::plan::attribution::{Attribution, Author, ChangedBy, Confidence, Doubt, UnknownReason};
use crate::plan::drift_state::ChangeWindow;
use crate::render::json::error::{ErrorJson, error};
use crate::render::text::attribution::reason;
use crate::tenant::audit::{Actor, ActorKind, AuditEvent};

/// Who changed a setting, as far as the tenant's audit log proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Attribution")]
pub(crate) struct AttributionJson {
    /// How sure it is.
    confidence: ConfidenceJson,
    /// Who changed it, by the audit log; absent when that is unknown, and for a run of ssprctl.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<ActorJson>,
    /// The run of ssprctl that changed it, where it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<OwnRunJson>,
    /// The audit event; of several by the same actor, the newest. Absent when it is unknown who did it, and where only the
    /// journal of a run shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<EventJson>,
    /// Why it is not certain; absent when it is, and when it is unknown who did it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    doubts: Vec<Doubt>,
    /// From when on the audit log has every event of that time (RFC 3339, UTC): a later look may give another answer. Absent
    /// where waiting changes nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    log_complete_at: Option<String>,
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
    /// One event alone fits. It names the setting, leads from the value that was last seen to the one that was found, and the
    /// log has had its hour to show others.
    Certain,
    /// Everything that is known points to one author; `doubts` says what is missing.
    Likely,
    /// Nobody can be named without guessing.
    Unknown,
}

/// A run of ssprctl.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "OwnRun")]
pub(super) struct OwnRunJson {
    /// Its id, as in `ssprctl history`; absent where its journal is not here and only the application is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// When it sent the request (RFC 3339, UTC), by its own clock; absent where its journal is not here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    at: Option<String>,
}

/// A person or an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Actor")]
pub(super) struct ActorJson {
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
pub(super) struct EventJson {
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
    let Attribution { window, author, log_complete_at } = attribution;
    let (after, by) = match window {
        None => (None, None),
        Some(ChangeWindow::UnchangedSince(first) | ChangeWindow::SeenOnce(first)) => (None, Some(first.to_string())),
        Some(ChangeWindow::Between { after, by }) => (Some(after.to_string()), Some(by.to_string())),
    };
    let nobody = AttributionJson {
        confidence: ConfidenceJson::Unknown,
        actor: None,
        run: None,
        event: None,
        doubts: Vec::new(),
        log_complete_at: log_complete_at.map(|at| at.to_string()),
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

fn blamed(found: &ChangedBy, nobody: AttributionJson) -> AttributionJson {
    let ChangedBy { author, event, events, doubts } = found;
    let (actor, run) = named(author);
    AttributionJson {
        confidence: match found.confidence() {
            Confidence::Certain => ConfidenceJson::Certain,
            Confidence::Likely => ConfidenceJson::Likely,
        },
        actor,
        run,
        event: event.as_ref().map(|one| audit_event(one, *events)),
        doubts: doubts.clone(),
        ..nobody
    }
}

/// The person or application, and the run of ssprctl, that an author is.
pub(super) fn named(author: &Author) -> (Option<ActorJson>, Option<OwnRunJson>) {
    match author {
        Author::Actor(one) => (Some(actor(one)), None),
        Author::Run { run, at } => (None, Some(OwnRunJson { id: Some(run.to_string()), at: Some(at.to_string()) })),
        Author::OwnApplication(one) => (Some(actor(one)), Some(OwnRunJson { id: None, at: None })),
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn actor(actor: &Actor) -> ActorJson {
    ActorJson {
        kind: match actor.kind {
            ActorKind::User => ActorKindJson::User,
            ActorKind::App => ActorKindJson::App,
        },
        id: some(&actor.id),
        name: actor.name.clone(),
    }
}

pub(super) fn audit_event(event: &AuditEvent, of: usize) -> EventJson {
    EventJson { id: some(&event.id), at: event.at.to_string(), activity: event.activity.clone(), of }
}
