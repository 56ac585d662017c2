//! One request of an apply, in the document of `apply`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::apply::outcome::{StepOutcome, StepResult};
use crate::plan::change::Step;
use crate::render::json::error::{ErrorJson, error};
use crate::render::json::setting;
use crate::render::text::error::step_result;

/// One request with its result.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Step")]
pub(crate) struct StepJson {
    /// The document that it writes, as in `passwordReset`.
    surface: String,
    /// The settings that it changes.
    settings: Vec<String>,
    /// Earlier steps without which this one is not sent: indexes, from 0.
    waits_for: Vec<usize>,
    /// The result of the request.
    result: ResultJson,
    /// The result in words, where it is not `verified`.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// The settings that the tenant does not show, for `unverified`.
    pending: Vec<String>,
    /// The keys of the document that changed without being part of the step, for `collateral` and `moved`.
    keys: Vec<String>,
    /// The settings that the service left as they were though it took the request, for `differs`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    ignored: Vec<String>,
    /// The settings that are neither as they were nor as they were sent, for `differs`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    changed: Vec<String>,
    /// How many minutes it can take until the change has an effect, where a delay is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    acts_within_minutes: Option<u32>,
    /// The step that did not succeed, for `skipped` and `abandoned`: an index, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    waited_for: Option<usize>,
    /// The error, for `failed` and, where the last read failed, for `unverified`.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorJson>,
    /// For `verified` and `collateral`, the error of the service where the tenant shows the change although it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<ErrorJson>,
}

/// The result of a request.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Result")]
enum ResultJson {
    /// Written, and the tenant shows it.
    Verified,
    /// Written, but the tenant does not show it within the time allowed.
    Unverified,
    /// Written, and the tenant shows part of it, or something else; see `ignored` and `changed`.
    #[serde(rename = "differs")]
    Mismatch,
    /// Written and verified, but a key that is not part of the step has changed as well.
    #[serde(rename = "collateral")]
    SideEffects,
    /// Not written: the document has changed since the plan read it.
    #[serde(rename = "moved")]
    Conflict,
    /// The service refused, or could not be reached; nothing was changed.
    Failed,
    /// Not sent: the run was interrupted before it.
    Interrupted,
    /// Not sent: a step that it depends on did not succeed.
    Skipped,
    /// Not sent: another step failed, and the steps before it are rolled back.
    Abandoned,
}

/// One request with its result.
pub(crate) fn step(done: &StepOutcome) -> StepJson {
    let StepOutcome { step: Step { surface, body: _, changes, waits_for }, result, refused } = done;
    let (message, hint) = step_result(*surface, result).unzip();
    let mut entry = StepJson {
        surface: surface.name().to_owned(),
        settings: setting::names_of(changes),
        waits_for: waits_for.clone(),
        result: ResultJson::Verified,
        message,
        hint,
        pending: Vec::new(),
        keys: Vec::new(),
        ignored: Vec::new(),
        changed: Vec::new(),
        acts_within_minutes: done.acts_within_minutes(),
        waited_for: None,
        error: None,
        refused: refused.as_ref().map(error),
    };
    entry.result = match result {
        StepResult::Verified => ResultJson::Verified,
        StepResult::Unverified { pending, error: why } => {
            entry.pending = pending.iter().map(|name| (*name).to_owned()).collect();
            entry.error = why.as_ref().map(error);
            ResultJson::Unverified
        }
        StepResult::Mismatch { ignored, changed } => {
            let names = |settings: &[&str]| settings.iter().map(|name| (*name).to_owned()).collect();
            (entry.ignored, entry.changed) = (names(ignored), names(changed));
            ResultJson::Mismatch
        }
        StepResult::SideEffects { keys } => {
            entry.keys.clone_from(keys);
            ResultJson::SideEffects
        }
        StepResult::Conflict { keys } => {
            entry.keys.clone_from(keys);
            ResultJson::Conflict
        }
        StepResult::Failed(why) => {
            entry.error = Some(error(why));
            ResultJson::Failed
        }
        StepResult::Interrupted => ResultJson::Interrupted,
        StepResult::Abandoned { failed } => {
            entry.waited_for = Some(*failed);
            ResultJson::Abandoned
        }
        StepResult::Skipped { waited_for } => {
            entry.waited_for = Some(*waited_for);
            ResultJson::Skipped
        }
    };
    entry
}
