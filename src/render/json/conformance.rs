//! The document of `conformance`: nothing in it comes from the tenant but statuses, types, presence and published words.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::conformance::judge::JudgedAssumption;
use crate::conformance::shape::FoundShape;
use crate::conformance::state::AssumptionState;
use crate::engine::conformance::ConformanceResult;
use crate::render::json::head::{DocumentHead, RunEnd, document_schema};
use crate::render::json::text::ended_text;

/// The result of `ssprctl conformance --format json`: which assumptions about the services hold in one tenant, without
/// values, names or ids of the tenant.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl conformance")]
struct ConformanceDocument {
    /// The fields with which every document begins.
    #[serde(flatten)]
    head: DocumentHead,
    /// The version of the program.
    version: &'static str,
    /// What became of the writes, with `--write`.
    #[serde(skip_serializing_if = "Option::is_none")]
    writes: Option<TrialsJson>,
    /// The assumptions, in the order of docs/emulator.md.
    assumptions: Vec<AssumptionJson>,
}

/// What became of the writes.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Writes")]
struct TrialsJson {
    /// How many were sent, without those that put things back.
    sent: usize,
    /// Whether everything is as it was before.
    restored: bool,
    /// The documents, and the kinds of objects, that could not be put back.
    left: Vec<&'static str>,
}

/// An assumption, and what the tenant shows of it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Assumption")]
struct AssumptionJson {
    /// Its name in docs/emulator.md.
    id: &'static str,
    /// How sure it is: `known`, `single` or `assumed`.
    evidence: &'static str,
    /// `holds`, `broken` or `not-seen`.
    state: &'static str,
    /// Why it was not seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// The HTTP status of the answer, if one shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// What was found at the paths that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<Vec<FoundJson>>,
}

/// What was found at a path of the answer.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Found")]
struct FoundJson {
    /// The path; `*` is every item of a list, `?key=value` the items with this text.
    path: &'static str,
    /// The types and published words that were seen.
    seen: Vec<&'static str>,
    /// Those of them that are not as assumed.
    #[serde(skip_serializing_if = "Option::is_none")]
    wrong: Option<Vec<&'static str>>,
}

/// The document of `conformance`.
#[must_use]
pub(crate) fn conformance(result: &ConformanceResult, end: RunEnd) -> String {
    let writes = result.writes.as_ref().map(|writes| TrialsJson {
        sent: writes.sent,
        restored: writes.left.is_empty(),
        left: writes.left.iter().map(|left| left.surface.name()).collect(),
    });
    ended_text(
        &ConformanceDocument {
            head: DocumentHead::new("conformance", end),
            version: env!("CARGO_PKG_VERSION"),
            writes,
            assumptions: result.judged.iter().map(assumption).collect(),
        },
        end,
    )
}

/// The JSON Schema of [`conformance`](fn@conformance)'s document.
#[must_use]
pub(crate) fn conformance_schema() -> Value {
    document_schema::<ConformanceDocument>("conformance")
}

fn assumption(judged: &JudgedAssumption) -> AssumptionJson {
    let JudgedAssumption { id, evidence, state, status, found } = judged;
    let (state, reason) = match state {
        AssumptionState::Holds => ("holds", None),
        AssumptionState::Broken => ("broken", None),
        AssumptionState::NotSeen(reason) => ("not-seen", Some(*reason)),
    };
    let found = found.iter().map(|FoundShape { path, seen, wrong }| FoundJson {
        path,
        seen: seen.iter().copied().collect(),
        wrong: (!wrong.is_empty()).then(|| wrong.iter().copied().collect()),
    });
    let found: Vec<FoundJson> = found.collect();
    let found = (!found.is_empty()).then_some(found);
    AssumptionJson { id, evidence: evidence.word(), state, reason, status: *status, found }
}
