//! Drift becomes the text of policies: the edited texts are written together or not at all.

use std::path::{Path, PathBuf};

use crate::base::file::write_atomic;
use crate::base::finding::Severity;
use crate::catalog::desired::Desired;
use crate::client::TenantReader;
use crate::engine::context::RunContext;
use crate::engine::drift_state;
use crate::engine::error::RunError;
use crate::engine::policies;
use crate::engine::result::{AcceptResult, TenantResult};
use crate::engine::tenants::for_each_tenant;
use crate::plan::accept::{AcceptedSetting, accept_drift};
use crate::plan::import::SkippedSetting;
use crate::policy::edit::{self, Edit};
use crate::review::approve;
use crate::review::config::ReviewConfig;
use crate::review::hold::conditional_settings;
use crate::tenant::error::TenantError;
use crate::tenant::snapshot;

/// Why a setting that is pending is not accepted.
const PENDING: &str = "only the policy changed since both agreed; apply it, or take the change of the policy back";

/// A file with its text before and after the edit.
struct EditedFile {
    path: String,
    before: String,
    after: String,
}

/// Writes into each tenant's own file what the tenant has where it drifted. Never changes a baseline, since other policies
/// extend it, and nothing in a tenant.
///
/// # Errors
/// When a file cannot be written, or the policies would not be valid afterwards; then all files are as they were.
pub(crate) async fn accept(
    context: &RunContext,
    desired: Vec<Desired>,
    config: &ReviewConfig,
    paths: &[PathBuf],
) -> Result<Vec<TenantResult<AcceptResult>>, RunError> {
    let mut tenants = for_each_tenant(context, desired, async |reader, desired| {
        Ok((accepted(context, &reader, &desired, config).await?, desired))
    })
    .await;
    let mut files = Vec::new();
    for (one, desired) in tenants.iter_mut().filter_map(|tenant| tenant.result.as_mut().ok()) {
        files.extend(edited(one, desired));
    }
    write(context, paths, &files)?;
    let results = tenants.into_iter().map(|TenantResult { tenant, path, result }| TenantResult {
        tenant,
        path,
        result: result.map(|(one, _)| one),
    });
    Ok(results.collect())
}

async fn accepted(
    context: &RunContext,
    reader: &TenantReader,
    desired: &Desired,
    config: &ReviewConfig,
) -> Result<AcceptResult, TenantError> {
    desired.check_not_empty()?;
    let snapshot = snapshot::read(reader, &desired.tenant, &desired.read_set(), &context.clock).await?;
    let plan = approve::plan_and_review(desired, &snapshot, config).plan;
    let (mut accepted, mut skipped) = accept_drift(&plan, &snapshot);
    // What was merged and is not applied yet is no drift: to accept it would take back the change of the policy.
    let pending = drift_state::pending(context, &plan, &conditional_settings(desired, &plan));
    accepted.retain(|one| !pending.contains(one.setting.name));
    skipped.extend(pending.into_iter().map(|setting| SkippedSetting { setting, reason: PENDING.to_owned() }));
    let unknown = plan.unknown.iter();
    skipped.extend(
        unknown.map(|unknown| SkippedSetting { setting: unknown.setting.name, reason: unknown.why.message.clone() }),
    );
    Ok(AcceptResult { accepted, skipped })
}

/// The tenant's own file with every setting edited that can be; the others are added to the skipped ones. `None` when
/// the text stays the same.
fn edited(one: &mut AcceptResult, desired: &Desired) -> Option<EditedFile> {
    let source = &desired.source;
    let mut text = source.text.clone();
    let mut written = Vec::new();
    for accepted in std::mem::take(&mut one.accepted) {
        let AcceptedSetting { setting, value, place } = &accepted;
        let elsewhere = place.as_ref().filter(|place| place.source.path != source.path);
        let path = setting.name.split('.').map(str::to_owned).collect();
        let changed = match (value, elsewhere) {
            (None, Some(place)) => {
                Err(format!("{} says it, and leaving the key out here would not change that", place.source.path))
            }
            _ => edit::edit(&text, &[Edit { path, value: value.clone() }]).map_err(|why| why.to_string()),
        };
        match changed {
            Ok(changed) => {
                text = changed;
                written.push(accepted);
            }
            Err(reason) => one.skipped.push(SkippedSetting { setting: setting.name, reason }),
        }
    }
    one.accepted = written;
    let (path, before) = (source.path.clone(), source.text.clone());
    (text != before).then_some(EditedFile { path, before, after: text })
}

/// Writes the files; restores all of them if the policies would not be valid.
fn write(context: &RunContext, paths: &[PathBuf], files: &[EditedFile]) -> Result<(), RunError> {
    for (done, EditedFile { path, after, .. }) in files.iter().enumerate() {
        if let Err(error) = write_atomic(Path::new(path), after.as_bytes()) {
            restore(files.get(..done).unwrap_or_default())?;
            return Err(RunError::unwritten(Path::new(path), &error));
        }
    }
    let loaded = policies::load(context, paths)?;
    if !loaded.is_invalid() {
        return Ok(());
    }
    restore(files)?;
    let error = loaded.findings.iter().find(|finding| finding.severity == Severity::Error);
    let why = error.map(|finding| finding.message.as_str()).unwrap_or_default();
    Err(RunError::failed(format!("the tenants' settings make no valid policy: {why}; the files are as they were"))
        .hint("change the tenant or the policy by hand, or accept fewer tenants with --tenant"))
}

/// Writes the texts that the files had before.
fn restore(files: &[EditedFile]) -> Result<(), RunError> {
    let write = |EditedFile { path, before, .. }: &EditedFile| {
        let path = Path::new(path);
        write_atomic(path, before.as_bytes()).map_err(|error| RunError::unwritten(path, &error))
    };
    files.iter().try_for_each(write)
}
