//! What runs observed of each tenant's settings, one small file for each tenant. It only serves to say who changed something,
//! so whatever is wrong with it is a warning and never an error.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::apply::outcome::{ApplyOutcome, StepOutcome, StepResult};
use crate::base::file::{ReadError, read_state};
use crate::base::ids::TenantId;
use crate::base::state_file;
use crate::base::value::Value;
use crate::engine::context::RunContext;
use crate::engine::progress::Progress;
use crate::engine::result::ApplyEnding;
use crate::plan::change::{Change, Plan};
use crate::plan::drift_state::{DriftKind, DriftState};

/// The largest file that is read, in bytes: a hundred times what one tenant needs.
const MAX_BYTES: u64 = 1024 * 1024;

/// Adds what a plan read to the observations of earlier runs and saves them. Returns the observations before and after that.
pub(crate) fn observe(context: &RunContext, plan: &Plan) -> (DriftState, DriftState) {
    let before = load(context, plan.tenant_id);
    let mut state = before.clone();
    state.observe_plan(plan);
    save(context, plan.tenant_id, &state);
    (before, state)
}

/// The settings of a plan of which only the policy changed since a run last saw the tenant in sync with it. Those in
/// `conditional`, whose step waits until enough people are ready, count unless a run has seen the tenant in sync.
pub(crate) fn pending(context: &RunContext, plan: &Plan, conditional: &BTreeSet<&str>) -> BTreeSet<&'static str> {
    let state = load(context, plan.tenant_id);
    let names = plan.changes().into_iter().map(|change| change.setting.name);
    let is_pending = |name: &&'static str| {
        plan.actual.get(name).is_some_and(|value| match state.drift_kind(name, value) {
            DriftKind::Pending => true,
            DriftKind::Unknown => conditional.contains(name),
            DriftKind::Drifted | DriftKind::Returned => false,
        })
    };
    names.filter(is_pending).collect()
}

/// The settings among some changes that somebody changed in the tenant since a run last saw it in sync with its policy.
pub(crate) fn drifted<'a>(
    context: &RunContext,
    tenant: TenantId,
    changes: impl Iterator<Item = &'a Change>,
) -> BTreeSet<&'static str> {
    let mut state = None;
    let is_drifted = |change: &&Change| {
        let state = state.get_or_insert_with(|| load(context, tenant));
        match state.drift_kind(change.setting.name, &change.before) {
            DriftKind::Drifted | DriftKind::Returned => true,
            DriftKind::Pending | DriftKind::Unknown => false,
        }
    };
    changes.filter(is_drifted).map(|change| change.setting.name).collect()
}

/// Adds what the plan of an apply read and, after that, the changes that were verified.
pub(crate) fn observe_apply(context: &RunContext, plan: &Plan, ending: &ApplyEnding) {
    let mut state = load(context, plan.tenant_id);
    state.observe_plan(plan);
    let steps = match ending {
        ApplyEnding::Executed(ApplyOutcome { steps, rollback: None }) => steps.as_slice(),
        ApplyEnding::Executed(_)
        | ApplyEnding::InSync
        | ApplyEnding::Refused(_)
        | ApplyEnding::Declined
        | ApplyEnding::RingNotStarted { .. }
        | ApplyEnding::PreconditionFailed(_) => &[],
    };
    let verified = steps.iter().filter(|done| done.result == StepResult::Verified);
    for change in verified.flat_map(|done| &done.step.changes) {
        state.observe(change.setting.name, &change.after, context.clock.now());
    }
    for (setting, value) in verified_values(plan, steps) {
        state.observe_in_sync(setting, &value);
    }
    save(context, plan.tenant_id, &state);
}

/// The values after an apply of the settings whose every request was verified; none of a rollback, because it
/// compares a tenant with a run.
fn verified_values(plan: &Plan, steps: &[StepOutcome]) -> Vec<(&'static str, Value)> {
    if !plan.rolled_back.is_empty() {
        return Vec::new();
    }
    let is_verified = |name: &str| {
        let mut about = steps.iter().filter(|done| done.settings().any(|setting| setting == name)).peekable();
        about.peek().is_some() && about.all(|done| done.result == StepResult::Verified)
    };
    let changes = plan.changes().into_iter().filter(|change| is_verified(change.setting.name));
    let value = |Change { setting, before, after, place: _ }: Change| {
        let whole = match (plan.actual.get(setting.name), &before, &after) {
            // A change of a setting that several documents decide has only the words that change.
            (Some(Value::Set(all)), Value::Set(before), Value::Set(after)) => {
                Value::Set(all.difference(before).chain(after).cloned().collect())
            }
            (Some(_) | None, _, _) => after,
        };
        (setting.name, whole)
    };
    changes.map(value).collect()
}

fn path(context: &RunContext, tenant: TenantId) -> PathBuf {
    context.folders.drift_state.join(format!("{tenant}.json"))
}

fn load(context: &RunContext, tenant: TenantId) -> DriftState {
    let path = path(context, tenant);
    let bytes = match read_state(&path, MAX_BYTES) {
        Ok(bytes) => bytes,
        Err(ReadError::NotFound) => return DriftState::new(tenant),
        Err(error) => return reset(context, &path, tenant, &error.to_string()),
    };
    let Ok(text) = String::from_utf8(bytes) else {
        return reset(context, &path, tenant, &ErrorKind::InvalidData.to_string());
    };
    DriftState::parse(&text, tenant).unwrap_or_else(|why| reset(context, &path, tenant, &why))
}

fn reset(context: &RunContext, path: &Path, tenant: TenantId, why: &str) -> DriftState {
    context.report(Progress::DriftStateUnusable(path, why));
    DriftState::new(tenant)
}

fn save(context: &RunContext, tenant: TenantId, state: &DriftState) {
    let path = path(context, tenant);
    let written = state.text().map_err(Into::into).and_then(|text| state_file::write(&path, text.as_bytes()));
    if let Err(error) = written {
        context.report(Progress::DriftStateNotSaved(&path, &error));
    }
}
