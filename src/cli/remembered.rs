//! What runs remember of tenants, in `.ssprctl/drift/`: one small file for each tenant. It only serves to tell who changed
//! something, so that whatever is wrong with it is a warning and never an error.

use std::path::{Path, PathBuf};

use crate::apply::outcome::{ApplyOutcome, StepResult};
use crate::base::file::{self, ReadError};
use crate::base::ids::TenantId;
use crate::cli::compose::Context;
use crate::cli::output::write_atomic;
use crate::plan::change::Plan;
use crate::plan::drift_state::DriftState;
use crate::render::report::ApplyEnding;

/// Where the files are, below the folder in which a run starts.
const FOLDER: &str = ".ssprctl/drift";
/// The most bytes of a file that are read: a hundred times what there is to remember.
const MOST: u64 = 1024 * 1024;

/// A run saw what the plan read. What was remembered is brought up to date and returned.
pub fn observe(setup: &Context, plan: &Plan) -> DriftState {
    let mut seen = load(setup, plan.tenant_id);
    seen.observe_plan(plan);
    save(setup, plan.tenant_id, &seen);
    seen
}

/// An apply saw what the plan read and, after that, the changes that were verified.
pub fn observe_apply(setup: &Context, plan: &Plan, ending: &ApplyEnding) {
    let mut seen = load(setup, plan.tenant_id);
    seen.observe_plan(plan);
    let steps = match ending {
        ApplyEnding::Executed(ApplyOutcome { steps, rollback: None }) => steps.as_slice(),
        _ => &[],
    };
    let verified = steps.iter().filter(|done| done.result == StepResult::Verified);
    for change in verified.flat_map(|done| &done.step.changes) {
        seen.observe(change.setting.name, &change.after, setup.clock.now());
    }
    save(setup, plan.tenant_id, &seen);
}

fn path(tenant: TenantId) -> PathBuf {
    Path::new(FOLDER).join(format!("{tenant}.json"))
}

fn load(setup: &Context, tenant: TenantId) -> DriftState {
    let path = path(tenant);
    let text = match file::read_bounded(&path, MOST).and_then(file::text) {
        Ok(text) => text,
        Err(ReadError::NotFound) => return DriftState::new(tenant),
        Err(error) => return reset(setup, &path, tenant, &error.to_string()),
    };
    DriftState::parse(&text, tenant).unwrap_or_else(|why| reset(setup, &path, tenant, &why))
}

fn reset(setup: &Context, path: &Path, tenant: TenantId, why: &str) -> DriftState {
    let path = path.display();
    setup
        .output
        .note(&format!("warning: {path} is not used: {why}; when settings drifted is counted from this run on"));
    DriftState::new(tenant)
}

fn save(setup: &Context, tenant: TenantId, seen: &DriftState) {
    let path = path(tenant);
    let written = seen.text().map_err(Into::into).and_then(|text| write_atomic(&path, text.as_bytes()));
    if let Err(error) = written {
        let path = path.display();
        setup
            .output
            .note(&format!("warning: {path} cannot be written: {error}; the next drift cannot tell since when"));
    }
}
