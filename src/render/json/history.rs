//! The document of `history`.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::apply::entry::{ApplyEnd, ResponseKind, WriteResult};
use crate::apply::run_record::{RequestRecord, RunRecord, TenantRecord};
use crate::base::exit::Exit;
use crate::base::ids::TenantId;
use crate::plan::reversal;
use crate::render::json::head::{DocumentHead, RunEnd, document_schema};
use crate::render::json::text::text;
use crate::render::json::value::{ValueJson, value};
use crate::render::text::value::GroupNames;

/// The result of `ssprctl history --format json`: runs that wrote, as their journals record them.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl history")]
struct HistoryDocument {
    /// The fields with which every document begins.
    #[serde(flatten)]
    head: DocumentHead,
    /// The runs, the oldest first; only one if a run was given.
    runs: Vec<RunJson>,
}

/// One run that wrote to tenants.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Run")]
struct RunJson {
    /// Its id, as `rollback` takes it.
    run: String,
    /// When its first line was written; absent when no line can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    began: Option<String>,
    /// `true` where its tenants are embedded ones, not real ones; absent elsewhere, and for runs of older versions.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    sandbox: bool,
    /// The tenants that it worked on.
    tenants: Vec<RunTenantJson>,
    /// The lines of the journal that cannot be read, counted from 1.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    damaged_lines: Vec<u64>,
}

/// What a run did to one tenant.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RunTenant")]
struct RunTenantJson {
    /// The id of the Entra tenant.
    #[schemars(extend("format" = "uuid"))]
    tenant_id: String,
    /// The tenant, as its policy names it; absent when that line cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    /// The policy's path, or the run that was rolled back.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<String>,
    /// How many requests were planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    planned_requests: Option<usize>,
    /// How the run ended for the tenant; absent when the journal has no line about it: the run was interrupted and no later run
    /// has recovered it, or the end of the file is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<ApplyEnd>,
    /// The requests, in order.
    requests: Vec<RunRequestJson>,
}

/// One request of a run.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RunRequest")]
struct RunRequestJson {
    /// Its index, from 0.
    request: usize,
    /// Whether it reverses an earlier one.
    undoing: bool,
    /// When it was about to be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    at: Option<String>,
    /// The document it writes, as in `passwordReset`.
    surface: String,
    /// The settings that it was to change.
    changes: Vec<ValueChangeJson>,
    /// The kind of response; absent when the run was interrupted before.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<ResponseKind>,
    /// The result of the write; absent when that is not known yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<WriteResult>,
}

/// One setting that a request was to change.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Shift")]
struct ValueChangeJson {
    /// The setting, as in `methods.required`.
    setting: String,
    /// What the tenant had.
    before: ValueJson,
    /// The value that the request carried.
    after: ValueJson,
}

/// The document of `history`.
#[must_use]
pub fn history(pasts: &[RunRecord], exit: Exit) -> String {
    text(&HistoryDocument {
        head: DocumentHead::new("history", RunEnd::real(exit)),
        runs: pasts.iter().map(run).collect(),
    })
}

/// The JSON Schema of [`history`](fn@history)'s document.
#[must_use]
pub(crate) fn history_schema() -> Value {
    document_schema::<HistoryDocument>("history")
}

fn run(past: &RunRecord) -> RunJson {
    let RunRecord { run, began, tenants, damaged, cut_off: _ } = past;
    RunJson {
        run: run.to_string(),
        began: began.map(|at| at.to_string()),
        sandbox: past.is_embedded() == Some(true),
        tenants: tenants.iter().map(|(id, known)| tenant(*id, known)).collect(),
        damaged_lines: damaged.clone(),
    }
}

fn tenant(id: TenantId, known: &TenantRecord) -> RunTenantJson {
    let TenantRecord { started: begun, requests, ended } = known;
    RunTenantJson {
        tenant_id: id.to_string(),
        tenant: begun.as_ref().map(|begun| begun.tenant.clone()),
        policy: begun.as_ref().map(|begun| begun.policy.clone()),
        planned_requests: begun.as_ref().map(|begun| begun.requests),
        ended: *ended,
        requests: requests.iter().map(request).collect(),
    }
}

fn request(done: &RequestRecord) -> RunRequestJson {
    let RequestRecord { index, sent, settings: _, is_reversal, at, response, result } = done;
    let names = GroupNames::new();
    let changes = reversal::intended_changes(sent).into_iter().map(|shift| ValueChangeJson {
        setting: shift.setting.name.to_owned(),
        before: value(&shift.before, &names),
        after: value(&shift.after, &names),
    });
    RunRequestJson {
        request: *index,
        undoing: *is_reversal,
        at: at.map(|at| at.to_string()),
        surface: sent.surface.name().to_owned(),
        changes: changes.collect(),
        answer: *response,
        result: *result,
    }
}
