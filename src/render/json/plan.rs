//! The document of `plan`.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::base::finding::{Finding, Severity};
use crate::base::ids::TenantName;
use crate::engine::changed_since::ChangedSince;
use crate::engine::result::{PlanScope, TenantResult};
use crate::plan::change::{Plan, Step};
use crate::plan::public_snapshot::read::PublicSnapshot;
use crate::render::json::effect::{EffectiveSettingJson, UnreadJson, effect, unread};
use crate::render::json::error::{ErrorJson, error};
use crate::render::json::exception::{ExceptionJson, exceptions_json};
use crate::render::json::finding::{FindingJson, WaivedJson, findings_json, waived_json};
use crate::render::json::head::{PolicyRunHead, RunEnd, TenantHead, document_schema};
use crate::render::json::hold::{HeldJson, held_json};
use crate::render::json::impact::{PeopleJson, people};
use crate::render::json::setting::{self, ChangeJson, UnknownJson, names};
use crate::render::json::text::ended_text;
use crate::render::text::rings;
use crate::render::text::summary_lines::PlanCounts;
use crate::review::approve::Review;
use crate::review::exceptions::Exception;
use crate::review::rings::Rings;

/// The result of `ssprctl plan --format json`: what would change in each tenant.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl plan")]
struct PlanDocument {
    /// The fields with which documents about policies begin.
    #[serde(flatten)]
    head: PolicyRunHead,
    /// The snapshot that was planned against; absent where the tenants themselves were read. Such a plan cannot be applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<AgainstJson>,
    /// The change that touches the tenants; absent without `--changed-since`.
    #[serde(skip_serializing_if = "Option::is_none")]
    changed_since: Option<ChangedSinceJson>,
    /// The rings that have tenants of this run, in the order in which an apply goes through them; absent without rings.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    rings: Vec<String>,
    /// The same with their tenants and with what happens to them, in sentences; absent in results of older versions, too.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    rings_say: Vec<String>,
    /// The counts over all tenants.
    summary: PlanSummary,
    /// The exceptions that the plans were reviewed with; those that are new or were widened since `--base` come first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    exceptions: Vec<ExceptionJson>,
    /// One entry for each policy, in the order of the files.
    tenants: Vec<PlanTenant>,
}

/// The counts over all tenants.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PlanSummary {
    /// How many tenants were asked.
    tenants: usize,
    /// How many could not be read.
    unreadable: usize,
    /// How many would change.
    changing: usize,
    /// Settings that would change.
    to_change: usize,
    /// Managed settings that are as the policy says.
    unchanged: usize,
    /// Settings that the policies leave to the tenants.
    unmanaged: usize,
    /// Managed settings that the run does not look at, because of `--surfaces`.
    #[serde(default)]
    skipped: usize,
    /// Managed settings that could not be compared.
    unknown: usize,
    /// Requests that would be sent.
    requests: usize,
    /// Settings that wait until enough people are ready.
    #[serde(default)]
    held: usize,
    /// Findings that forbid to apply.
    errors: usize,
    /// Findings that do not forbid to apply.
    warnings: usize,
}

/// A snapshot that was planned against.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Against")]
struct AgainstJson {
    /// When it was taken (RFC 3339, UTC).
    #[schemars(extend("format" = "date-time"))]
    taken_at: String,
    /// How old it was then, in seconds.
    age_seconds: u64,
    /// Whether its signature was checked.
    signature_checked: bool,
}

/// The change that touches the tenants of the plan.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ChangedSince")]
struct ChangedSinceJson {
    /// The commit, branch or tag that `--changed-since` names.
    r#ref: String,
    /// The commit whose files were compared: the last one that `ref` and the checked-out commit share.
    commit: String,
    /// How many tenants the run would have without the comparison.
    tenants: usize,
    /// How many of them the change touches.
    touched: usize,
    /// Tenants that had a policy at that commit and have none now.
    left: Vec<String>,
}

fn changed_since_json(since: &ChangedSince) -> ChangedSinceJson {
    let ChangedSince { since, commit, touched, of, left } = since;
    ChangedSinceJson {
        r#ref: since.clone(),
        commit: commit.clone(),
        tenants: *of,
        touched: *touched,
        left: left.iter().map(ToString::to_string).collect(),
    }
}

fn against_json(against: &PublicSnapshot) -> AgainstJson {
    AgainstJson {
        taken_at: against.taken.to_string(),
        age_seconds: against.age.as_secs().unsigned_abs(),
        signature_checked: against.checked,
    }
}

/// What would change in one tenant.
#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PlanTenant {
    /// The fields with which every tenant begins.
    #[serde(flatten)]
    head: TenantHead,
    /// The ring of the tenant; absent without rings.
    #[serde(skip_serializing_if = "Option::is_none")]
    ring: Option<String>,
    /// Whether every managed setting was looked at and is known and no finding is an error, so that this is all there is to change.
    complete: bool,
    /// Whether the plan may be approved. True also when there is nothing to change.
    applicable: bool,
    /// The settings that would change, in the order of the requests.
    changes: Vec<ChangeJson>,
    /// The settings that the policy changes and the plan leaves as they are, until enough people are ready.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    held: Vec<HeldJson>,
    /// The requests that would be sent, in order.
    requests: Vec<RequestJson>,
    /// Managed settings that are as the policy says.
    unchanged: Vec<String>,
    /// Settings that the policy leaves to the tenant.
    unmanaged: Vec<String>,
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
    /// The effect once the plan is applied: one entry for each managed setting that is known.
    effects: Vec<EffectiveSettingJson>,
    /// What else could not be read; no managed setting depends on it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    unread: Vec<UnreadJson>,
    /// The people whom it affects; absent when the forecast was not requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    people: Option<PeopleJson>,
    /// Why the tenant could not be read; nothing else is known then.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorJson>,
}

/// One request that makes some changes.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Request")]
struct RequestJson {
    /// The document that it writes, as in `passwordReset`.
    surface: String,
    /// The settings that it changes.
    settings: Vec<String>,
    /// Earlier requests without which this one is not sent: indexes, from 0.
    waits_for: Vec<usize>,
}

/// The document of `plan`. It names the scope of the plans and the exceptions of their review.
#[must_use]
pub fn plan(tenants: &[TenantResult<Review>], scope: PlanScope<'_>, exceptions: &[Exception], end: RunEnd) -> String {
    ended_text(
        &PlanDocument {
            head: PolicyRunHead::new("plan", scope.policies, end),
            against: scope.against.map(against_json),
            changed_since: scope.since.map(changed_since_json),
            rings: ring_names(tenants, scope.fleet.rings),
            rings_say: rings::lines(tenants, scope.fleet.rings, str::to_owned),
            summary: summary(tenants),
            exceptions: exceptions_json(exceptions),
            tenants: tenants
                .iter()
                .map(|one| PlanTenant { ring: ring(one, scope.fleet.rings), ..tenant(one) })
                .collect(),
        },
        end,
    )
}

/// The name of the ring of a tenant; `None` without rings.
fn ring(tenant: &TenantResult<Review>, rings: Option<&Rings>) -> Option<String> {
    let rings = rings?;
    rings.names().get(rings.of(&TenantName::parse(&tenant.tenant))).map(|name| (*name).to_owned())
}

fn ring_names(tenants: &[TenantResult<Review>], rings: Option<&Rings>) -> Vec<String> {
    let used: BTreeSet<_> = tenants.iter().filter_map(|one| ring(one, rings)).collect();
    let names = rings.map(Rings::names).unwrap_or_default();
    names.into_iter().filter(|name| used.contains(*name)).map(str::to_owned).collect()
}

/// The JSON Schema of [`plan`]'s document.
#[must_use]
pub(crate) fn plan_schema() -> Value {
    document_schema::<PlanDocument>("plan")
}

fn summary(tenants: &[TenantResult<Review>]) -> PlanSummary {
    let reviews: Vec<_> = tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok()).collect();
    let PlanCounts { to_change, unchanged, unmanaged, skipped, unknown, requests, held } =
        PlanCounts::of(reviews.iter().copied());
    let findings = || reviews.iter().flat_map(|review| &review.findings);
    PlanSummary {
        tenants: tenants.len(),
        unreadable: tenants.len() - reviews.len(),
        changing: reviews.iter().filter(|review| !review.plan.steps.is_empty()).count(),
        to_change,
        unchanged,
        unmanaged,
        skipped,
        unknown,
        requests,
        held,
        errors: how_many(findings(), Severity::Error),
        warnings: how_many(findings(), Severity::Warning),
    }
}

fn how_many<'a>(findings: impl Iterator<Item = &'a Finding>, severity: Severity) -> usize {
    findings.filter(|finding| finding.severity == severity).count()
}

fn tenant(tenant: &TenantResult<Review>) -> PlanTenant {
    match &tenant.result {
        Ok(review) => reviewed(TenantHead::new(tenant, Some(&review.plan)), review),
        Err(why) => {
            PlanTenant { head: TenantHead::new(tenant, None), error: Some(error(why)), ..PlanTenant::default() }
        }
    }
}

fn reviewed(head: TenantHead, review: &Review) -> PlanTenant {
    let Review { plan, findings, waived, silenced, held, impact: touched } = review;
    // Bodies and documents stay inside: they hold more of the tenant than the policy manages.
    let Plan {
        tenant: _,
        tenant_id: _,
        cloud: _,
        source: _,
        files: _,
        taken: _,
        steps,
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
    let errors = how_many(findings.iter(), Severity::Error);
    PlanTenant {
        head,
        ring: None,
        complete: skipped.is_empty() && unknown.is_empty() && errors == 0,
        applicable: review.refusal().is_none(),
        changes: setting::changes(steps, group_names),
        held: held.iter().map(|held| held_json(held, group_names)).collect(),
        requests: steps.iter().map(request).collect(),
        unchanged: names(unchanged),
        unmanaged: names(unmanaged),
        skipped: names(skipped),
        unknown: unknown.iter().map(setting::unknown).collect(),
        findings: findings_json(findings),
        waived: waived_json(waived),
        silenced: findings_json(silenced),
        effects: plan.managed_effects().map(|acts| effect(acts, group_names)).collect(),
        unread: unread(not_read),
        people: touched.as_ref().map(people),
        error: None,
    }
}

fn request(step: &Step) -> RequestJson {
    let Step { surface, body: _, changes, waits_for } = step;
    RequestJson {
        surface: surface.name().to_owned(),
        settings: setting::names_of(changes),
        waits_for: waits_for.clone(),
    }
}
