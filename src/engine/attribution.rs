//! Who changed the settings that drifted, by the tenant's audit log and by the journals of this program's own runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};

use crate::apply::entry::WriteResult;
use crate::apply::run_record::{self, RequestRecord, RunRecord};
use crate::base::ids::TenantId;
use crate::catalog::desired::Desired;
use crate::client::TenantReader;
use crate::engine::context::RunContext;
use crate::engine::drift_state;
use crate::engine::result::DriftResult;
use crate::plan::attribution::{self, Attribution};
use crate::plan::change::{Change, Plan};
use crate::plan::drift_state::{ChangeWindow, DriftKind, DriftState};
use crate::plan::drifted_setting::{DriftedSetting, drifted_settings};
use crate::plan::own_requests::{OwnRequest, OwnWrites};
use crate::plan::reversal;
use crate::plan::reverts::{self, Revert, unchanged_settings};
use crate::review::approve::Review;
use crate::review::hold::conditional_settings;
use crate::tenant::error::TenantError;

/// How long before its first request a run may have begun: it may wait for a person to approve it, or for another run.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(24);

/// Who changed each setting, by the setting's name.
type Attributions = BTreeMap<&'static str, Attribution>;

/// What is known of the settings of a tenant that are not as its policy says, without those that were changed and taken back.
pub(crate) struct ExplainedDrift {
    /// Who changed each setting that is not pending, by its name.
    pub(crate) attributions: Attributions,
    /// Why each setting is not as the policy says, by its name.
    pub(crate) kinds: BTreeMap<&'static str, DriftKind>,
}

/// Who changed each setting that drifted. The log is asked only about those settings; an error of the log is part of the
/// answer. Observes the plan in the drift state.
pub(crate) async fn attribute_drift(
    context: &RunContext,
    log: &TenantReader,
    desired: &Desired,
    plan: &Plan,
) -> ExplainedDrift {
    let (_, seen) = drift_state::observe(context, plan);
    let kinds = kinds(plan, &seen, &conditional_settings(desired, plan));
    let drifted = changed_in_tenant(plan, &seen, &kinds);
    let journals = &context.folders.journal;
    let (attributions, _) = explain_settings(log, plan.tenant_id, journals, (&drifted, &[]), context.clock.now()).await;
    ExplainedDrift { attributions, kinds }
}

/// The drift of a reviewed tenant, and what somebody changed and took back since the run before: the log is asked about every
/// managed setting that an earlier run has seen.
pub(crate) async fn explain_drift(
    context: &RunContext,
    log: &TenantReader,
    desired: &Desired,
    review: Review,
) -> DriftResult {
    let plan = &review.plan;
    let (before, seen) = drift_state::observe(context, plan);
    let mut kinds = kinds(plan, &seen, &conditional_settings(desired, plan));
    let settings = (changed_in_tenant(plan, &seen, &kinds), unchanged_settings(plan, &before));
    let (drifted, unchanged) = (settings.0.as_slice(), settings.1.as_slice());
    let journals = &context.folders.journal;
    let (attributions, reverts) =
        explain_settings(log, plan.tenant_id, journals, (drifted, unchanged), context.clock.now()).await;
    // Somebody may have applied the policy elsewhere, and somebody else have taken that back.
    for revert in reverts.iter().flatten() {
        if let Some(kind) = kinds.get_mut(revert.setting.name).filter(|kind| **kind == DriftKind::Pending) {
            *kind = DriftKind::Returned;
        }
    }
    DriftResult::new(review, &kinds, attributions, reverts)
}

/// Why each setting of a plan is not as the policy says. A step that waits until enough people are ready is pending, unless the
/// tenant had it already.
fn kinds(plan: &Plan, seen: &DriftState, conditional: &BTreeSet<&str>) -> BTreeMap<&'static str, DriftKind> {
    let kind = |change: Change| {
        let name = change.setting.name;
        let value = plan.actual.get(name).unwrap_or(&change.before);
        match seen.drift_kind(name, value) {
            DriftKind::Unknown if conditional.contains(name) => (name, DriftKind::Pending),
            kind => (name, kind),
        }
    };
    plan.changes().into_iter().map(kind).collect()
}

/// The settings of a plan that somebody may have changed in the tenant.
fn changed_in_tenant(plan: &Plan, seen: &DriftState, kinds: &BTreeMap<&'static str, DriftKind>) -> Vec<DriftedSetting> {
    let is_pending = |one: &DriftedSetting| kinds.get(one.setting.name) == Some(&DriftKind::Pending);
    drifted_settings(plan, seen).into_iter().filter(|one| !is_pending(one)).collect()
}

/// Who changed the first of these settings, and what was changed and taken back of the second. `journals` is the folder with
/// the journals of this program's runs, and `now` the time of the answer.
pub async fn explain_settings(
    log: &TenantReader,
    tenant: TenantId,
    journals: &Path,
    (drifted, unchanged): (&[DriftedSetting], &[DriftedSetting]),
    now: Timestamp,
) -> (Attributions, Result<Vec<Revert>, TenantError>) {
    // One after another: the service allows five requests in ten seconds.
    let wanted = attribution::queries(drifted).into_iter().chain(reverts::revert_queries(unchanged));
    let queries = stream::iter(reverts::combined(wanted));
    let answers: Vec<_> = queries
        .then(async |query| {
            let answer = log.audit(&query).await;
            (query, answer)
        })
        .collect()
        .await;
    let own = OwnWrites {
        requests: own_requests(journals, tenant, drifted.iter().chain(unchanged)),
        application: if answers.is_empty() { Vec::new() } else { log.own_application().await },
    };
    let attributions = drifted.iter().map(|one| (one.setting.name, attribution::attribute(one, &answers, &own, now)));
    (attributions.collect(), reverts::reverts(unchanged, &answers, &own))
}

/// The requests to a tenant of the runs that may have changed these settings in the time in which they changed. A journal
/// that cannot be read has none; every command that reads journals reports it.
fn own_requests<'a>(
    journals: &Path,
    tenant: TenantId,
    settings: impl Iterator<Item = &'a DriftedSetting>,
) -> Vec<OwnRequest> {
    let begin = |one: &DriftedSetting| match one.window {
        Some(ChangeWindow::Between { after, .. }) => Some(after),
        Some(ChangeWindow::UnchangedSince(_) | ChangeWindow::SeenOnce(_)) | None => None,
    };
    let Some(first) = settings.filter_map(begin).min() else { return Vec::new() };
    let earliest = first.saturating_sub(LONGEST_WAIT).unwrap_or(first);
    let runs = run_record::list_runs(journals).unwrap_or_default();
    let runs = runs.into_iter().filter(|run| !run.began_before(earliest));
    let records = runs.filter_map(|run| run_record::read_run_of(journals, &run, tenant).ok());
    records.flat_map(|record| requests_of(&record, tenant)).collect()
}

fn requests_of(record: &RunRecord, tenant: TenantId) -> Vec<OwnRequest> {
    let requests = record.tenants.get(&tenant).into_iter().flat_map(|known| &known.requests);
    let requests = requests.filter(|request| request.result != Some(WriteResult::NotDone));
    requests.flat_map(|request| changes_of(record, request)).collect()
}

fn changes_of(record: &RunRecord, request: &RequestRecord) -> Vec<OwnRequest> {
    let Some(at) = request.at else { return Vec::new() };
    let verified = matches!(request.result, Some(WriteResult::Verified | WriteResult::SideEffects));
    let changes = reversal::intended_changes(&request.sent).into_iter().map(|change| OwnRequest {
        run: record.run.clone(),
        at,
        setting: change.setting.name,
        before: change.before,
        after: change.after,
        verified,
    });
    changes.collect()
}
