//! The document of `drift`.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::base::source::Source;
use crate::engine::attribution::ExplainedDrift;
use crate::engine::common_drift::{CommonDrift, common_drift};
use crate::engine::result::{DriftResult, TenantResult};
use crate::plan::attribution::Attribution;
use crate::plan::change::Change;
use crate::plan::change::Plan;
use crate::plan::drift_state::DriftKind;
use crate::plan::same_change::key;
use crate::render::json::attribution::{AttributionJson, attribution};
use crate::render::json::effect::{UnreadJson, unread};
use crate::render::json::error::{ErrorJson, error};
use crate::render::json::finding::{FindingJson, WaivedJson, findings_json, waived_json};
use crate::render::json::head::{PolicyRunHead, RunEnd, TenantHead, document_schema};
use crate::render::json::reverts::{RevertedJson, reverted};
use crate::render::json::setting::{self, UnknownJson, names};
use crate::render::json::text::ended_text;
use crate::render::json::value::{ValueJson, value};
use crate::render::text::value::GroupNames;
use crate::review::approve::Review;

/// The result of `ssprctl drift --format json`: where tenants are no longer as their policies say.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl drift")]
struct DriftDocument {
    /// The fields with which documents about policies begin.
    #[serde(flatten)]
    head: PolicyRunHead,
    /// The counts over all tenants.
    summary: DriftSummary,
    /// The drift that at least three tenants have in common, that of most tenants first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    common: Vec<CommonJson>,
    /// One entry for each policy, in the order of the files.
    tenants: Vec<DriftTenant>,
}

/// One drift of several tenants: the same setting, with the same two values as people read them. A group is compared by its name.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CommonDrift")]
struct CommonJson {
    /// The `key` of the setting in each of these tenants. It does not change when a tenant joins or leaves.
    key: String,
    /// The setting, as in `methods.required`.
    setting: String,
    /// The tenants, in the order of the files.
    tenants: Vec<String>,
}

/// The counts over all tenants.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DriftSummary {
    /// How many tenants were asked.
    tenants: usize,
    /// How many could not be read.
    unreadable: usize,
    /// How many have drifted.
    drifted: usize,
    /// Settings that drifted, of all tenants.
    settings: usize,
    /// Settings that are pending: only the policy changed, and it is not applied yet.
    pending: usize,
    /// Managed settings that the run does not look at, because of `--surfaces`.
    #[serde(default)]
    skipped: usize,
    /// Managed settings that could not be compared.
    unknown: usize,
}

/// Where one tenant is not as its policy says.
#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DriftTenant {
    /// The fields with which every tenant begins.
    #[serde(flatten)]
    head: TenantHead,
    /// Whether every managed setting was looked at and is known and no finding is an error, so that this is all the drift there is.
    complete: bool,
    /// The settings that are not as the policy says, without those that are pending.
    settings: Vec<DriftedJson>,
    /// The settings in which the tenant still has the value with which it was last in sync with its policy, and only the policy
    /// changed: they wait for an apply and are no drift.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pending: Vec<PendingJson>,
    /// Managed settings that are as the policy says.
    unchanged: Vec<String>,
    /// Settings that the policy leaves to the tenant.
    unmanaged: Vec<String>,
    /// Managed settings that the run does not look at, because of `--surfaces`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    skipped: Vec<String>,
    /// Managed settings that could not be compared.
    unknown: Vec<UnknownJson>,
    /// The findings about policy and tenant, sorted by place.
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
    /// What somebody changed and took back since the run before, by the audit log. It is no drift and changes no exit code.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    reverted: Vec<RevertedJson>,
    /// Why the audit log could not be read for `reverted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reverted_error: Option<ErrorJson>,
    /// Why the tenant could not be read; nothing else is known then.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorJson>,
}

/// One setting that is not as the policy says.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Drifted")]
struct DriftedJson {
    /// The setting, as in `methods.required`.
    setting: String,
    /// The name of this drift: the same in every tenant in which this setting has the same two values as people read them. Only
    /// results of versions before this key lack it.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    #[schemars(extend("pattern" = "^[a-z0-9-]+$"))]
    key: String,
    /// What the policy says.
    expected: ValueJson,
    /// What the tenant has.
    found: ValueJson,
    /// The file that says so, relative to where the run started, with `/`; a baseline where the baseline says so.
    path: String,
    /// The line, from 1.
    #[schemars(range(min = 1))]
    line: usize,
    /// The column, from 1, in characters.
    #[schemars(range(min = 1))]
    column: usize,
    /// Whether the tenant is known to have changed.
    state: DriftStateJson,
    /// Who changed it, and when.
    #[serde(skip_serializing_if = "Option::is_none")]
    attribution: Option<AttributionJson>,
}

/// Whether a setting that is not as its policy says is known to have drifted.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "State")]
enum DriftStateJson {
    /// The tenant no longer has the value with which it was last in sync with its policy.
    Drifted,
    /// No run has seen the tenant in sync with its policy, or somebody changed it and changed it back since: the tenant may have
    /// changed, or the policy alone.
    Unknown,
}

/// One setting that waits for an apply.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Pending")]
struct PendingJson {
    /// The setting, as in `methods.required`.
    setting: String,
    /// What the policy says.
    expected: ValueJson,
    /// What the tenant has.
    found: ValueJson,
    /// The file that says so, relative to where the run started, with `/`; a baseline where the baseline says so.
    path: String,
    /// The line, from 1.
    #[schemars(range(min = 1))]
    line: usize,
    /// The column, from 1, in characters.
    #[schemars(range(min = 1))]
    column: usize,
}

/// The document of `drift`, which was made from these policies.
#[must_use]
pub fn drift(tenants: &[TenantResult<DriftResult>], policies: &[Arc<Source>], end: RunEnd) -> String {
    let common = common_drift(tenants).iter().filter_map(common).collect();
    let tenants: Vec<_> = tenants.iter().map(tenant).collect();
    ended_text(
        &DriftDocument {
            head: PolicyRunHead::new("drift", policies, end),
            summary: DriftSummary {
                tenants: tenants.len(),
                unreadable: tenants.iter().filter(|tenant| tenant.error.is_some()).count(),
                drifted: tenants.iter().filter(|tenant| !tenant.settings.is_empty()).count(),
                settings: tenants.iter().map(|tenant| tenant.settings.len()).sum(),
                pending: tenants.iter().map(|tenant| tenant.pending.len()).sum(),
                skipped: tenants.iter().map(|tenant| tenant.skipped.len()).sum(),
                unknown: tenants.iter().map(|tenant| tenant.unknown.len()).sum(),
            },
            common,
            tenants,
        },
        end,
    )
}

fn common(common: &CommonDrift<'_>) -> Option<CommonJson> {
    let CommonDrift { key, changes, members } = common;
    let setting = changes.first()?.setting.name.to_owned();
    let tenants = members.iter().map(|(tenant, _)| tenant.tenant.clone()).collect();
    Some(CommonJson { key: key.clone(), setting, tenants })
}

/// The JSON Schema of [`drift`](fn@drift)'s document.
#[must_use]
pub(crate) fn drift_schema() -> Value {
    document_schema::<DriftDocument>("drift")
}

fn tenant(tenant: &TenantResult<DriftResult>) -> DriftTenant {
    match &tenant.result {
        Ok(drifting) => reviewed(TenantHead::new(tenant, Some(&drifting.review.plan)), drifting),
        Err(why) => {
            DriftTenant { head: TenantHead::new(tenant, None), error: Some(error(why)), ..DriftTenant::default() }
        }
    }
}

fn reviewed(head: TenantHead, drifting: &DriftResult) -> DriftTenant {
    let DriftResult { review, pending: not_applied, undecided, returned: _, attributions, reverts } = drifting;
    let Review { plan, findings, waived, silenced, held: _, impact: _ } = review;
    let Plan {
        tenant: _,
        tenant_id: _,
        cloud: _,
        source: _,
        files: _,
        taken: _,
        steps: _,
        seen: _,
        unchanged,
        unmanaged,
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
    DriftTenant {
        head,
        complete: skipped.is_empty() && review.refusal().is_none(),
        settings: plan
            .changes()
            .iter()
            .map(|one| {
                let is_known = !undecided.contains(one.setting.name);
                drifted(one, group_names, is_known, attributions.get(one.setting.name))
            })
            .collect(),
        pending: not_applied.iter().map(|one| pending(one, group_names)).collect(),
        unchanged: names(unchanged),
        unmanaged: names(unmanaged),
        skipped: names(skipped),
        unknown: unknown.iter().map(setting::unknown).collect(),
        findings: findings_json(findings),
        waived: waived_json(waived),
        silenced: findings_json(silenced),
        unread: unread(not_read),
        reverted: reverts.iter().flatten().map(reverted).collect(),
        reverted_error: reverts.as_ref().err().map(error),
        error: None,
    }
}

/// A change read the other way: what the plan would set is expected, and what is there now was found.
fn drifted(change: &Change, names: &GroupNames, is_known: bool, by_whom: Option<&Attribution>) -> DriftedJson {
    let Change { setting, before: found, after: expected, place } = change;
    let (line, column) = place.line_column();
    DriftedJson {
        setting: setting.name.to_owned(),
        key: key(change, names),
        expected: value(expected, names),
        found: value(found, names),
        path: place.source.path.clone(),
        line,
        column,
        state: if is_known { DriftStateJson::Drifted } else { DriftStateJson::Unknown },
        attribution: by_whom.map(attribution),
    }
}

/// The settings of a tenant that are not pending, each as the document of `drift` has it.
#[must_use]
pub(crate) fn drifted_settings(plan: &Plan, explained: &ExplainedDrift) -> Vec<Value> {
    let ExplainedDrift { attributions, kinds } = explained;
    let kind = |one: &Change| kinds.get(one.setting.name).copied();
    let changes = plan.changes().into_iter().filter(|one| kind(one) != Some(DriftKind::Pending));
    let settings = changes.map(|one| {
        let is_known = kind(&one) == Some(DriftKind::Drifted);
        drifted(&one, &plan.group_names, is_known, attributions.get(one.setting.name))
    });
    settings.filter_map(|setting| serde_json::to_value(setting).ok()).collect()
}

fn pending(change: &Change, names: &GroupNames) -> PendingJson {
    let Change { setting, before: found, after: expected, place } = change;
    let (line, column) = place.line_column();
    PendingJson {
        setting: setting.name.to_owned(),
        expected: value(expected, names),
        found: value(found, names),
        path: place.source.path.clone(),
        line,
        column,
    }
}
