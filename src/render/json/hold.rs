//! What waits until enough people are ready, in JSON.

use schemars::JsonSchema;
use serde::Serialize;

use crate::render::json::error::{ErrorJson, error};
use crate::render::json::readiness::{ReadinessJson, readiness};
use crate::render::json::setting::{ChangeJson, one};
use crate::render::text::hold::lines;
use crate::render::text::value::GroupNames;
use crate::review::hold::{HeldChange, HoldReason};

/// A setting that waits until enough people are ready.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Held")]
pub(super) struct HeldJson {
    /// What the policy asks for; no request makes it.
    #[serde(flatten)]
    change: ChangeJson,
    /// `not-ready` (too few people can reset with it, or it is unclear of too many), `old-report` (the registration report is older
    /// than `reportAge`), `not-known` (people could not be counted), or `reviewed` (the review that is applied holds it).
    why: &'static str,
    /// The share that has to be able to reset, in percent.
    able: u32,
    /// How old the registration report may be, as in `2d`.
    report_age: String,
    /// The reason in words.
    message: String,
    /// How many people are ready, for `not-ready`.
    #[serde(skip_serializing_if = "Option::is_none")]
    readiness: Option<ReadinessJson>,
    /// When the newest line of the report was refreshed (RFC 3339, UTC), for `old-report`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    refreshed: Option<String>,
    /// Why people could not be counted, for `not-known`.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorJson>,
}

pub(super) fn held_json(held: &HeldChange, names: &GroupNames) -> HeldJson {
    let HeldChange { change, condition, why } = held;
    let (word, ready, refreshed, unknown) = match why {
        HoldReason::NotReady(ready) => ("not-ready", Some(readiness(ready)), None, None),
        HoldReason::OldReport(newest) => ("old-report", None, Some(newest.to_string()), None),
        HoldReason::NotKnown(why) => ("not-known", None, None, Some(error(why))),
        HoldReason::Reviewed => ("reviewed", None, None, None),
    };
    HeldJson {
        change: one(change, Vec::new(), names),
        why: word,
        able: condition.readiness.able.0,
        report_age: condition.readiness.most_age().to_string(),
        message: lines(held).join("; "),
        readiness: ready,
        refreshed,
        error: unknown,
    }
}
