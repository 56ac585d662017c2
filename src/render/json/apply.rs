//! The document of `apply`.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::apply::fence::Closed;
use crate::apply::outcome::{Outcome, Stale, StepOutcome, StepResult};
use crate::base::exit::Exit;
use crate::plan::change::{Plan, Step};
use crate::policy::schema;
use crate::render::json::finding::{FindingJson, WaivedJson, findings_json, waived_json};
use crate::render::json::setting::{self, ChangeJson, UnknownJson};
use crate::render::json::text::{FORMAT_VERSION, text};
use crate::render::json::trouble::{TroubleJson, trouble};
use crate::render::report::{Applied, Ending, PerTenant};
use crate::render::trouble::{closed, refusal, step_result};
use crate::review::approve::Review;
use crate::tenant::surface::Surface;

/// The result of `ssprctl apply --format json`: what was done to each tenant.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl apply")]
struct ApplyDocument {
    /// The version of this format.
    #[schemars(extend("const" = 1))]
    format_version: u32,
    /// The command that made the document.
    #[schemars(extend("const" = "apply"))]
    command: String,
    /// What the process ends with.
    exit_code: u8,
    /// What the tenants add up to.
    summary: ApplySummary,
    /// One entry for each policy, in the order of the files.
    tenants: Vec<ApplyTenant>,
}

/// What the tenants add up to.
#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ApplySummary {
    /// How many tenants were asked.
    tenants: usize,
    /// Settings that were written.
    changed: usize,
    /// Settings that the tenants were seen to show.
    verified: usize,
    /// Requests that were sent to write.
    requests: usize,
}

/// What was done to one tenant.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ApplyTenant {
    /// The tenant, as its policy names it.
    tenant: String,
    /// The policy's path, relative to where the run started, with `/`.
    path: String,
    /// The tenant's id; absent when the tenant could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "uuid"))]
    tenant_id: Option<String>,
    /// The cloud that hosts it, as in a policy; absent when the tenant could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    cloud: Option<String>,
    /// When the plan's reading began (RFC 3339, UTC); absent when the tenant could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    read_at: Option<String>,
    /// How it ended.
    ending: EndingJson,
    /// The ending in words, where it is not as wished.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// The changes that were planned, in the order of the steps.
    changes: Vec<ChangeJson>,
    /// What became of each request, in order; empty when nothing was begun.
    steps: Vec<StepJson>,
    /// The documents that moved since the plan saw them, for `stale`.
    moved: Vec<MovedJson>,
    /// Managed settings that could not be compared.
    unknown: Vec<UnknownJson>,
    /// What must be told about the plan, sorted by place.
    findings: Vec<FindingJson>,
    /// Findings that the policy accepts for a while; they count for nothing.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    waived: Vec<WaivedJson>,
    /// Why the tenant could not be read, for `unreadable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<TroubleJson>,
}

/// How an apply ended for one tenant.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Ending")]
enum EndingJson {
    /// The tenant already matched the policy; nothing was sent.
    Matched,
    /// Every request was sent and the tenant shows every change.
    Applied,
    /// Requests were begun and not all of them got through: see the steps.
    Incomplete,
    /// Findings or unknown settings forbid the plan; nothing was sent.
    Refused,
    /// A person said no; nothing was sent.
    Declined,
    /// The tenant was not what the plan saw; nothing was sent.
    Stale,
    /// The tenant could not be read, before planning or before the first write; nothing was sent.
    Unreadable,
}

/// One request with what became of it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Step")]
struct StepJson {
    /// The document that it writes, as in `passwordReset`.
    surface: String,
    /// The settings that it changes.
    settings: Vec<String>,
    /// Earlier steps without which this one is not sent: indexes, from 0.
    waits_for: Vec<usize>,
    /// What became of it.
    result: ResultJson,
    /// The result in words, where it is not `verified`.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// The settings that the tenant does not show, for `unverified`.
    pending: Vec<String>,
    /// The keys of the document that moved without being meant, for `collateral` and `moved`.
    keys: Vec<String>,
    /// The step that did not get through, for `skipped`: an index, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    waited_for: Option<usize>,
    /// The trouble that was met, for `failed` and, where the last read failed, for `unverified`.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<TroubleJson>,
}

/// What became of a request.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Result")]
enum ResultJson {
    /// Written, and the tenant shows it.
    Verified,
    /// Written, but the tenant does not show it within the time allowed.
    Unverified,
    /// Written and shown, but something that no change meant has moved as well.
    Collateral,
    /// Not written: the document is no longer what the plan saw.
    Moved,
    /// The service refused, or could not be reached; nothing was changed.
    Failed,
    /// Not tried: the run was interrupted before it.
    Interrupted,
    /// Not tried: a step that it waits for did not get through.
    Skipped,
}

/// A document that moved since the plan saw it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Moved")]
struct MovedJson {
    /// The document, as in `passwordReset`.
    surface: String,
    /// Its keys that moved.
    keys: Vec<String>,
}

/// The document of `apply`.
#[must_use]
pub fn apply(tenants: &[PerTenant<Applied>], exit: Exit) -> String {
    let mut summary = ApplySummary { tenants: tenants.len(), ..ApplySummary::default() };
    for applied in tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok()) {
        if let Ending::Done(outcome) = &applied.ending {
            summary.changed += outcome.changed();
            summary.verified += outcome.verified();
            summary.requests += outcome.requests();
        }
    }
    text(&ApplyDocument {
        format_version: FORMAT_VERSION,
        command: "apply".to_owned(),
        exit_code: exit.code(),
        summary,
        tenants: tenants.iter().map(tenant).collect(),
    })
}

/// The JSON Schema of [`apply`](fn@apply)'s document.
#[must_use]
pub fn apply_schema() -> Value {
    schema::of::<ApplyDocument>()
}

fn tenant(tenant: &PerTenant<Applied>) -> ApplyTenant {
    let PerTenant { tenant, path, result } = tenant;
    let mut entry = ApplyTenant {
        tenant: tenant.clone(),
        path: path.clone(),
        tenant_id: None,
        cloud: None,
        read_at: None,
        ending: EndingJson::Unreadable,
        message: None,
        hint: None,
        changes: Vec::new(),
        steps: Vec::new(),
        moved: Vec::new(),
        unknown: Vec::new(),
        findings: Vec::new(),
        waived: Vec::new(),
        error: None,
    };
    match result {
        Ok(Applied { review, ending }) => {
            tell_review(&mut entry, review);
            tell_ending(&mut entry, ending);
        }
        Err(why) => entry.error = Some(trouble(why)),
    }
    entry
}

fn tell_review(entry: &mut ApplyTenant, review: &Review) {
    let Review { plan, findings, waived } = review;
    let Plan {
        tenant: _,
        tenant_id,
        cloud,
        source: _,
        taken,
        steps,
        seen: _,
        unchanged: _,
        unmanaged: _,
        unknown,
        live: _,
        effects: _,
        unread: _,
        group_names,
    } = plan;
    entry.tenant_id = Some(tenant_id.to_string());
    entry.cloud = Some(cloud.name().to_owned());
    entry.read_at = Some(taken.to_string());
    entry.changes = setting::changes(steps, group_names);
    entry.unknown = unknown.iter().map(setting::unknown).collect();
    entry.findings = findings_json(findings);
    entry.waived = waived_json(waived);
}

fn tell_ending(entry: &mut ApplyTenant, ending: &Ending) {
    entry.ending = match ending {
        Ending::Matched => EndingJson::Matched,
        Ending::Declined => EndingJson::Declined,
        Ending::Refused(_) => EndingJson::Refused,
        Ending::Closed(Closed::Stale(_)) => EndingJson::Stale,
        Ending::Closed(Closed::Unreadable(_)) => EndingJson::Unreadable,
        Ending::Done(Outcome { steps }) if steps.iter().all(|step| step.result == StepResult::Verified) => {
            EndingJson::Applied
        }
        Ending::Done(_) => EndingJson::Incomplete,
    };
    match ending {
        Ending::Matched | Ending::Declined => {}
        Ending::Refused(why) => {
            let (message, hint) = refusal(*why);
            (entry.message, entry.hint) = (Some(message.to_owned()), Some(hint.to_owned()));
        }
        Ending::Closed(why) => {
            let (message, hint) = closed(why);
            (entry.message, entry.hint) = (Some(message), Some(hint));
            match why {
                Closed::Stale(Stale { moved: all }) => {
                    entry.moved = all.iter().map(|(surface, keys)| moved(*surface, keys)).collect();
                }
                Closed::Unreadable(why) => entry.error = Some(trouble(why)),
            }
        }
        Ending::Done(Outcome { steps }) => entry.steps = steps.iter().map(step).collect(),
    }
}

fn moved(surface: Surface, keys: &[String]) -> MovedJson {
    MovedJson { surface: surface.name().to_owned(), keys: keys.to_vec() }
}

fn step(done: &StepOutcome) -> StepJson {
    let StepOutcome { step: Step { surface, body: _, changes, waits_for }, result } = done;
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
        waited_for: None,
        error: None,
    };
    entry.result = match result {
        StepResult::Verified => ResultJson::Verified,
        StepResult::Unverified { pending, trouble: why } => {
            entry.pending = pending.iter().map(|name| (*name).to_owned()).collect();
            entry.error = why.as_ref().map(trouble);
            ResultJson::Unverified
        }
        StepResult::Collateral { keys } => {
            entry.keys.clone_from(keys);
            ResultJson::Collateral
        }
        StepResult::Moved { keys } => {
            entry.keys.clone_from(keys);
            ResultJson::Moved
        }
        StepResult::Failed(why) => {
            entry.error = Some(trouble(why));
            ResultJson::Failed
        }
        StepResult::Interrupted => ResultJson::Interrupted,
        StepResult::Skipped { waited_for } => {
            entry.waited_for = Some(*waited_for);
            ResultJson::Skipped
        }
    };
    entry
}
