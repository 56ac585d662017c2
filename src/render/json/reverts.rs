//! Changes that somebody took back between two runs.

use schemars::JsonSchema;
use serde::Serialize;

use crate::plan::reverts::{Revert, RevertEvent};
use crate::render::json::attribution::{ActorJson, EventJson, OwnRunJson, audit_event, named};

/// A change of a setting that was taken back before this run.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Reverted")]
pub(super) struct RevertedJson {
    /// The setting, as in `methods.required`.
    setting: String,
    /// What led away from the value that both runs saw.
    changed: RevertEventJson,
    /// What led back to it.
    back: RevertEventJson,
}

/// One of the two changes.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RevertEvent")]
struct RevertEventJson {
    /// Who did it, by the audit log; absent where the log does not say, and for a run of ssprctl.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<ActorJson>,
    /// The run of ssprctl that did it, where it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<OwnRunJson>,
    /// The audit event of the change.
    event: EventJson,
}

pub(super) fn reverted(revert: &Revert) -> RevertedJson {
    let Revert { setting, changed, back } = revert;
    RevertedJson { setting: setting.name.to_owned(), changed: one(changed), back: one(back) }
}

fn one(RevertEvent { author, event }: &RevertEvent) -> RevertEventJson {
    let (actor, run) = author.as_ref().map(named).unwrap_or_default();
    RevertEventJson { actor, run, event: audit_event(event, 1) }
}
