//! The document of `apply`.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::apply::outcome::{ApplyOutcome, ChangedDocuments, RollbackOutcome, StepResult};
use crate::apply::precondition::PreconditionFailed;
use crate::base::exit::Exit;
use crate::plan::change::Plan;
use crate::render::json::error::{ErrorJson, trouble};
use crate::render::json::finding::{FindingJson, WaivedJson, findings_json, waived_json};
use crate::render::json::head::{DocumentHead, TenantHead, document_schema};
use crate::render::json::setting::{self, ChangeJson, UnknownJson};
use crate::render::json::step::{StepJson, step};
use crate::render::json::text::text;
use crate::render::report::{ApplyEnding, ApplyResult, TenantResult};
use crate::render::text::error::{closed, not_begun, refusal, undone as undone_in_words};
use crate::review::approve::Review;
use crate::tenant::surface::Surface;

/// The result of `ssprctl apply --format json`: what was done to each tenant.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl apply")]
struct ApplyDocument {
    /// The fields with which every document begins.
    #[serde(flatten)]
    head: DocumentHead,
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
#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ApplyTenant {
    /// The fields with which every tenant begins.
    #[serde(flatten)]
    head: TenantHead,
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
    /// The requests that took back what had got through, in order; empty when nothing was taken back.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    undone: Vec<StepJson>,
    /// What was to be taken back and was left, because somebody else had changed it meanwhile.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    kept: Vec<ChangedDocumentJson>,
    /// The documents that moved since the plan saw them, for `stale`.
    moved: Vec<ChangedDocumentJson>,
    /// Managed settings that could not be compared.
    unknown: Vec<UnknownJson>,
    /// What must be told about the plan, sorted by place.
    findings: Vec<FindingJson>,
    /// Findings that the policy accepts for a while; they count for nothing.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    waived: Vec<WaivedJson>,
    /// Why the tenant could not be read, for `unreadable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorJson>,
}

/// How an apply ended for one tenant.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Ending")]
enum EndingJson {
    /// The tenant already matched the policy; nothing was sent.
    #[serde(rename = "matched")]
    InSync,
    /// Every request was sent and the tenant shows every change.
    Applied,
    /// Requests were begun and not all of them got through: see the steps.
    Incomplete,
    /// Findings or unknown settings forbid the plan; nothing was sent.
    Refused,
    /// A person said no; nothing was sent.
    Declined,
    /// An earlier ring did not get through, so that this tenant's was not begun; nothing was sent.
    #[serde(rename = "not-begun")]
    RingNotStarted,
    /// The tenant was not what the plan saw, or a saved review is not what is there now; nothing was sent.
    Stale,
    /// The tenant could not be read, before planning or before the first write; nothing was sent.
    #[default]
    Unreadable,
    /// A request failed, and what had got through was taken back: the tenant shows what it had before.
    RolledBack,
    /// The journal cannot be written; nothing was sent.
    Unrecorded,
    /// Another run works on the tenant; nothing was sent.
    Busy,
}

/// A document that moved since the plan saw it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Moved")]
struct ChangedDocumentJson {
    /// The document, as in `passwordReset`.
    surface: String,
    /// Its keys that moved.
    keys: Vec<String>,
}

/// The document of `apply`.
#[must_use]
pub fn apply(tenants: &[TenantResult<ApplyResult>], exit: Exit) -> String {
    let mut summary = ApplySummary { tenants: tenants.len(), ..ApplySummary::default() };
    for applied in tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok()) {
        if let ApplyEnding::Executed(outcome) = &applied.ending {
            summary.changed += outcome.changed();
            summary.verified += outcome.verified();
            summary.requests += outcome.requests();
        }
    }
    text(&ApplyDocument {
        head: DocumentHead::new("apply", exit),
        summary,
        tenants: tenants.iter().map(tenant).collect(),
    })
}

/// The JSON Schema of [`apply`](fn@apply)'s document.
#[must_use]
pub fn apply_schema() -> Value {
    document_schema::<ApplyDocument>("apply")
}

fn tenant(tenant: &TenantResult<ApplyResult>) -> ApplyTenant {
    let plan = tenant.result.as_ref().ok().map(|applied| &applied.review.plan);
    let mut entry = ApplyTenant { head: TenantHead::new(tenant, plan), ..ApplyTenant::default() };
    match &tenant.result {
        Ok(ApplyResult { review, ending }) => {
            add_review(&mut entry, review);
            set_ending(&mut entry, ending);
        }
        Err(why) => entry.error = Some(trouble(why)),
    }
    entry
}

fn add_review(entry: &mut ApplyTenant, review: &Review) {
    let Review { plan, findings, waived, impact: _ } = review;
    let Plan {
        tenant: _,
        tenant_id: _,
        cloud: _,
        source: _,
        files: _,
        taken: _,
        steps,
        seen: _,
        unchanged: _,
        unmanaged: _,
        unknown,
        live: _,
        effects: _,
        unread: _,
        new_keys: _,
        group_names,
    } = plan;
    entry.changes = setting::changes(steps, group_names);
    entry.unknown = unknown.iter().map(setting::unknown).collect();
    entry.findings = findings_json(findings);
    entry.waived = waived_json(waived);
}

fn set_ending(entry: &mut ApplyTenant, ending: &ApplyEnding) {
    entry.ending = match ending {
        ApplyEnding::InSync => EndingJson::InSync,
        ApplyEnding::Declined => EndingJson::Declined,
        ApplyEnding::RingNotStarted { .. } => EndingJson::RingNotStarted,
        ApplyEnding::Refused(_) => EndingJson::Refused,
        ApplyEnding::PreconditionFailed(
            PreconditionFailed::TenantChanged(_) | PreconditionFailed::ReviewOutdated(_),
        ) => EndingJson::Stale,
        ApplyEnding::PreconditionFailed(PreconditionFailed::ReadFailed(_)) => EndingJson::Unreadable,
        ApplyEnding::PreconditionFailed(PreconditionFailed::JournalFailed(_)) => EndingJson::Unrecorded,
        ApplyEnding::PreconditionFailed(PreconditionFailed::Locked(_)) => EndingJson::Busy,
        ApplyEnding::Executed(ApplyOutcome { steps: _, rollback: Some(undone) }) if undone.is_complete() => {
            EndingJson::RolledBack
        }
        ApplyEnding::Executed(ApplyOutcome { steps, rollback: None })
            if steps.iter().all(|step| step.result == StepResult::Verified) =>
        {
            EndingJson::Applied
        }
        ApplyEnding::Executed(_) => EndingJson::Incomplete,
    };
    match ending {
        ApplyEnding::InSync | ApplyEnding::Declined => {}
        ApplyEnding::RingNotStarted { ring, after } => {
            let (message, hint) = not_begun(ring, after);
            (entry.message, entry.hint) = (Some(message), Some(hint));
        }
        ApplyEnding::Refused(why) => {
            let (message, hint) = refusal(*why);
            (entry.message, entry.hint) = (Some(message.to_owned()), Some(hint.to_owned()));
        }
        ApplyEnding::PreconditionFailed(why) => {
            let (message, hint) = closed(why);
            (entry.message, entry.hint) = (Some(message), Some(hint));
            match why {
                PreconditionFailed::TenantChanged(ChangedDocuments { moved: all }) => {
                    entry.moved = all.iter().map(|(surface, keys)| moved(*surface, keys)).collect();
                }
                // The message says it all: no request met this.
                PreconditionFailed::ReviewOutdated(_) => {}
                PreconditionFailed::ReadFailed(why)
                | PreconditionFailed::JournalFailed(why)
                | PreconditionFailed::Locked(why) => entry.error = Some(trouble(why)),
            }
        }
        ApplyEnding::Executed(ApplyOutcome { steps, rollback: undone }) => {
            entry.steps = steps.iter().map(step).collect();
            if let Some(undone) = undone {
                let (message, hint) = undone_in_words(undone);
                (entry.message, entry.hint) = (Some(message), hint);
                let RollbackOutcome { steps, diverged: kept } = undone;
                entry.undone = steps.iter().map(step).collect();
                entry.kept = kept.iter().map(|kept| moved(kept.surface, &kept.keys)).collect();
            }
        }
    }
}

fn moved(surface: Surface, keys: &[String]) -> ChangedDocumentJson {
    ChangedDocumentJson { surface: surface.name().to_owned(), keys: keys.to_vec() }
}
