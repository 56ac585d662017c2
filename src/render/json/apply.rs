//! The document of `apply`.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::apply::outcome::{ApplyOutcome, ChangedDocuments, RollbackOutcome, StepResult};
use crate::apply::precondition::PreconditionFailed;
use crate::base::source::Source;
use crate::engine::result::{ApplyEnding, ApplyResult, TenantResult};
use crate::plan::change::Plan;
use crate::render::json::effect::{self, UnreadJson};
use crate::render::json::error::{ErrorJson, error};
use crate::render::json::finding::{FindingJson, WaivedJson, findings_json, waived_json};
use crate::render::json::head::{PolicyRunHead, RunEnd, TenantHead, document_schema};
use crate::render::json::hold::{HeldJson, held_json};
use crate::render::json::impact::{PeopleJson, people};
use crate::render::json::setting::{self, ChangeJson, UnknownJson, names};
use crate::render::json::step::{StepJson, step};
use crate::render::json::text::ended_text;
use crate::render::text::error::{precondition_failed, refusal, ring_not_started, rolled_back};
use crate::render::text::impact::sum_of_applied;
use crate::render::text::summary_lines::{stale, unread};
use crate::review::approve::Review;
use crate::tenant::surface::Surface;

/// The result of `ssprctl apply --format json`: what was done to each tenant.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl apply")]
struct ApplyDocument {
    /// The fields with which documents about policies begin.
    #[serde(flatten)]
    head: PolicyRunHead,
    /// The counts over all tenants.
    summary: ApplySummary,
    /// One entry for each policy, in the order of the files.
    tenants: Vec<ApplyTenant>,
}

/// The counts over all tenants.
#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ApplySummary {
    /// How many tenants were asked.
    tenants: usize,
    /// Settings that were written.
    changed: usize,
    /// Settings that a read after the write has shown.
    verified: usize,
    /// Requests that were sent to write.
    requests: usize,
    /// Tenants that were held back because they are stale.
    stale: usize,
    /// How many could not be read, or not again before the first write.
    unreadable: usize,
    /// What is to be said of the people whom it affects, who were counted before anything was sent. Absent where nobody was
    /// counted, and in results of older versions.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    says: Vec<String>,
}

/// What was done to one tenant.
#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ApplyTenant {
    /// The fields with which every tenant begins.
    #[serde(flatten)]
    head: TenantHead,
    /// How the apply ended for this tenant.
    ending: EndingJson,
    /// The ending in words, where it is not success.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// The people whom the plan affects, who were counted before anything was sent; absent where nobody was counted, or
    /// nothing that was written is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    people: Option<PeopleJson>,
    /// The changes that were planned, in the order of the steps.
    changes: Vec<ChangeJson>,
    /// The settings that the policy changes and the plan leaves as they are, until enough people are ready.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    held: Vec<HeldJson>,
    /// The result of each request, in order; empty when nothing was sent.
    steps: Vec<StepJson>,
    /// The requests of the rollback, in order; empty when there was none.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    undone: Vec<StepJson>,
    /// Keys that the rollback did not restore, because somebody else had changed them since.
    #[serde(rename = "kept", skip_serializing_if = "Vec::is_empty", default)]
    diverged: Vec<ChangedDocumentJson>,
    /// The documents that have changed since the plan read them, for `stale`.
    moved: Vec<ChangedDocumentJson>,
    /// Managed settings that the run does not look at, because of `--surfaces`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    skipped: Vec<String>,
    /// Managed settings that could not be compared.
    unknown: Vec<UnknownJson>,
    /// The findings about the plan, sorted by place.
    findings: Vec<FindingJson>,
    /// Findings that the policy accepts for a while; they count for nothing.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    waived: Vec<WaivedJson>,
    /// Findings of rules that the repository turns off; they count for nothing.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    silenced: Vec<FindingJson>,
    /// What else could not be read; no managed setting depends on it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    unread: Vec<UnreadJson>,
    /// Why the tenant could not be read, for `unreadable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorJson>,
}

/// How an apply ended for one tenant.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Ending")]
enum EndingJson {
    /// The tenant was already in sync with the policy; nothing was sent.
    #[serde(rename = "matched")]
    InSync,
    /// Every request was sent and the tenant shows every change.
    Applied,
    /// Requests were sent and not all of them succeeded: see the steps.
    Incomplete,
    /// Findings or unknown settings forbid the plan; nothing was sent.
    Refused,
    /// A person declined; nothing was sent.
    Declined,
    /// An earlier ring failed, so that this tenant's ring was not started, or with `--stale stop` another tenant is stale or
    /// unreadable; nothing was sent.
    #[serde(rename = "not-begun")]
    RingNotStarted,
    /// The tenant has changed since the plan read it, or it or its policy differs from the saved review; nothing was sent.
    Stale,
    /// The tenant could not be read, before planning or before the first write; nothing was sent.
    #[default]
    Unreadable,
    /// A request failed and the requests before it were rolled back: the tenant has its previous values.
    RolledBack,
    /// The journal cannot be written; nothing was sent.
    Unrecorded,
    /// Another run works on the tenant; nothing was sent.
    Busy,
}

/// A document that has changed since the plan read it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Moved")]
struct ChangedDocumentJson {
    /// The document, as in `passwordReset`.
    surface: String,
    /// Its keys that have changed.
    keys: Vec<String>,
}

/// The document of `apply`, which was made from these policies.
#[must_use]
pub fn apply(tenants: &[TenantResult<ApplyResult>], policies: &[Arc<Source>], end: RunEnd) -> String {
    let (stale, unreadable) = (stale(tenants), unread(tenants));
    let says = sum_of_applied(tenants).into_iter().collect();
    let mut summary = ApplySummary { tenants: tenants.len(), stale, unreadable, says, ..ApplySummary::default() };
    for applied in tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok()) {
        if let ApplyEnding::Executed(outcome) = &applied.ending {
            summary.changed += outcome.changed();
            summary.verified += outcome.verified();
            summary.requests += outcome.requests();
        }
    }
    ended_text(
        &ApplyDocument {
            head: PolicyRunHead::new("apply", policies, end),
            summary,
            tenants: tenants.iter().map(tenant).collect(),
        },
        end,
    )
}

/// The JSON Schema of [`apply`](fn@apply)'s document.
#[must_use]
pub(crate) fn apply_schema() -> Value {
    document_schema::<ApplyDocument>("apply")
}

fn tenant(tenant: &TenantResult<ApplyResult>) -> ApplyTenant {
    let plan = tenant.result.as_ref().ok().map(|applied| &applied.review.plan);
    let mut entry = ApplyTenant { head: TenantHead::new(tenant, plan), ..ApplyTenant::default() };
    match &tenant.result {
        Ok(applied) => {
            let ApplyResult { review, ending } = applied;
            entry.people = applied.affected().map(people);
            add_review(&mut entry, review);
            set_ending(&mut entry, ending);
        }
        Err(why) => entry.error = Some(error(why)),
    }
    entry
}

fn add_review(entry: &mut ApplyTenant, review: &Review) {
    let Review { plan, findings, waived, silenced, held, impact: _ } = review;
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
        skipped,
        unknown,
        actual: _,
        effects_now: _,
        effects: _,
        ended: _,
        unread: not_read,
        new_keys: _,
        rolled_back: _,
        group_names,
    } = plan;
    entry.changes = setting::changes(steps, group_names);
    entry.held = held.iter().map(|held| held_json(held, group_names)).collect();
    entry.skipped = names(skipped);
    entry.unknown = unknown.iter().map(setting::unknown).collect();
    entry.findings = findings_json(findings);
    entry.waived = waived_json(waived);
    entry.silenced = findings_json(silenced);
    entry.unread = effect::unread(not_read);
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
        ApplyEnding::PreconditionFailed(PreconditionFailed::ReviewStopped) => EndingJson::RingNotStarted,
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
            let (message, hint) = ring_not_started(ring, after);
            (entry.message, entry.hint) = (Some(message), Some(hint));
        }
        ApplyEnding::Refused(why) => {
            let (message, hint) = refusal(*why);
            (entry.message, entry.hint) = (Some(message.to_owned()), Some(hint.to_owned()));
        }
        ApplyEnding::PreconditionFailed(why) => {
            let (message, hint) = precondition_failed(why);
            (entry.message, entry.hint) = (Some(message), Some(hint));
            match why {
                PreconditionFailed::TenantChanged(ChangedDocuments { moved: all }) => {
                    entry.moved = all.iter().map(|(surface, keys)| moved(*surface, keys)).collect();
                }
                // The message says it all: no request met this.
                PreconditionFailed::ReviewOutdated(_) | PreconditionFailed::ReviewStopped => {}
                PreconditionFailed::ReadFailed(why)
                | PreconditionFailed::JournalFailed(why)
                | PreconditionFailed::Locked(why) => entry.error = Some(error(why)),
            }
        }
        ApplyEnding::Executed(ApplyOutcome { steps, rollback: undone }) => {
            entry.steps = steps.iter().map(step).collect();
            if let Some(undone) = undone {
                let (message, hint) = rolled_back(undone);
                (entry.message, entry.hint) = (Some(message), hint);
                let RollbackOutcome { steps, diverged } = undone;
                entry.undone = steps.iter().map(step).collect();
                entry.diverged = diverged.iter().map(|document| moved(document.surface, &document.keys)).collect();
            }
        }
    }
}

fn moved(surface: Surface, keys: &[String]) -> ChangedDocumentJson {
    ChangedDocumentJson { surface: surface.name().to_owned(), keys: keys.to_vec() }
}
