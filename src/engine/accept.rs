//! Drift becomes the text of policies: the edited texts are written together or not at all.

use std::path::{Path, PathBuf};

use crate::base::finding::{Finding, Severity};
use crate::catalog::desired::Desired;
use crate::client::TenantReader;
use crate::engine::context::RunContext;
use crate::engine::drift_state;
use crate::engine::error::RunError;
use crate::engine::policies::{self, folder_of};
use crate::engine::result::{AcceptResult, AcceptedDrift, EditedFile, TenantResult};
use crate::engine::tenants::for_each_tenant;
use crate::plan::accept::{AcceptedSetting, accept_drift};
use crate::plan::import::SkippedSetting;
use crate::policy::edit::{self, Edit};
use crate::policy::gate::write_named;
use crate::policy::roots::{Roots, normalize};
use crate::review::approve;
use crate::review::config::ReviewConfig;
use crate::review::hold::conditional_settings;
use crate::tenant::error::TenantError;
use crate::tenant::snapshot;

/// Why a setting that is pending is not accepted.
const PENDING: &str = "only the policy changed since both agreed; apply it, or take the change of the policy back";

/// What `accept` is asked to do.
pub(crate) struct AcceptOptions<'a> {
    /// Only these settings; all of them when it is empty.
    pub(crate) settings: &'a [String],
    /// Whether nothing is written.
    pub(crate) dry_run: bool,
    /// What `validate` finds in the policies as they are.
    pub(crate) known: &'a [Finding],
}

impl AcceptOptions<'_> {
    fn is_named(&self, setting: &str) -> bool {
        self.settings.is_empty() || self.settings.iter().any(|named| named == setting)
    }
}

/// Writes into each tenant's own file what the tenant has where it drifted. Never changes a baseline, since other policies
/// extend it, and nothing in a tenant. What the policies would be warned of only afterwards comes along. A dry run does all of
/// it but writing.
///
/// # Errors
/// When a file cannot be written, or the policies would not be valid afterwards; then all files are as they were.
pub(crate) async fn accept(
    context: &RunContext,
    desired: Vec<Desired>,
    config: &ReviewConfig,
    paths: &[PathBuf],
    options: &AcceptOptions<'_>,
) -> Result<AcceptedDrift, RunError> {
    let mut tenants = for_each_tenant(context, desired, async |reader, desired| {
        Ok((accepted(context, &reader, &desired, config, options).await?, desired))
    })
    .await;
    let roots = Roots::new(folder_of(context)?, None);
    for (one, desired) in tenants.iter_mut().filter_map(|tenant| tenant.result.as_mut().ok()) {
        one.file = edited(one, desired, &roots);
    }
    let results = tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok());
    let files: Vec<&EditedFile> = results.filter_map(|(one, _)| one.file.as_ref()).collect();
    let found = check(context, roots, paths, &files)?;
    if !options.dry_run {
        write(&files)?;
    }
    let results = tenants.into_iter().map(|TenantResult { tenant, path, result }| TenantResult {
        tenant,
        path,
        result: result.map(|(one, _)| one),
    });
    Ok(AcceptedDrift { tenants: results.collect(), new: new_findings(options.known, found) })
}

async fn accepted(
    context: &RunContext,
    reader: &TenantReader,
    desired: &Desired,
    config: &ReviewConfig,
    options: &AcceptOptions<'_>,
) -> Result<AcceptResult, TenantError> {
    desired.check_not_empty()?;
    let snapshot = snapshot::read(reader, &desired.tenant, &desired.read_set(), &context.clock).await?;
    let plan = approve::plan_and_review(desired, &snapshot, config).plan;
    let (mut accepted, mut skipped) = accept_drift(&plan, &snapshot, |name| options.is_named(name));
    // What was merged and is not applied yet is no drift: to accept it would take back the change of the policy.
    let pending = drift_state::pending(context, &plan, &conditional_settings(desired, &plan));
    accepted.retain(|one| !pending.contains(one.setting.name));
    let is_done = |name: &str| {
        accepted.iter().any(|one| one.setting.name == name) || skipped.iter().any(|one| one.setting == name)
    };
    let drifted = plan.changes().into_iter().map(|change| change.setting.name).filter(|name| !pending.contains(name));
    let not_named = drifted.filter(|name| !is_done(name)).count();
    let pending = pending.into_iter().filter(|setting| options.is_named(setting));
    skipped.extend(pending.map(|setting| SkippedSetting { setting, reason: PENDING.to_owned() }));
    let unknown = plan.unknown.iter().filter(|unknown| options.is_named(unknown.setting.name));
    skipped.extend(
        unknown.map(|unknown| SkippedSetting { setting: unknown.setting.name, reason: unknown.why.message.clone() }),
    );
    Ok(AcceptResult { accepted, skipped, not_named, file: None })
}

/// The tenant's own file with every setting edited that can be; the others are added to the skipped ones. `None` when
/// the text stays the same.
fn edited(one: &mut AcceptResult, desired: &Desired, roots: &Roots) -> Option<EditedFile> {
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
    let link_to = linked(&path, roots);
    (text != before).then_some(EditedFile { path, link_to, before, after: text })
}

/// The file that a path leads to, where that is another one.
fn linked(path: &str, roots: &Roots) -> Option<String> {
    let named = normalize(&roots.folder().join(path));
    let real = roots.canonical(&named).ok()?;
    (real != named).then(|| roots.display(&real))
}

/// Checks that the policies would be valid with the new texts, and gives what is found in them. Nothing is where no text is new.
///
/// # Errors
/// When they would not.
fn check(
    context: &RunContext,
    roots: Roots,
    paths: &[PathBuf],
    files: &[&EditedFile],
) -> Result<Vec<Finding>, RunError> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let with_text = |roots: Roots, file: &&EditedFile| roots.with_text(Path::new(&file.path), &file.after);
    let roots = files.iter().fold(roots, with_text);
    let loaded = policies::load_from(&roots, paths, &context.selection, context.today);
    if !loaded.is_invalid() {
        return Ok(loaded.findings);
    }
    let error = loaded.findings.iter().find(|finding| finding.severity == Severity::Error);
    let why = error.map(|finding| finding.message.as_str()).unwrap_or_default();
    Err(RunError::failed(format!("the tenants' settings make no valid policy: {why}; the files are as they were"))
        .hint("change the tenant or the policy by hand, or accept less, with --tenant or --setting"))
}

/// The findings that were not known before. An edit moves lines, so the same finding in the same file is known wherever it is.
fn new_findings(known: &[Finding], found: Vec<Finding>) -> Vec<Finding> {
    let key = |one: &Finding| {
        let path = one.at.as_ref().map(|label| label.place.source.path.clone());
        (one.code, one.message.clone(), path)
    };
    let mut known: Vec<_> = known.iter().map(key).collect();
    let is_new = |one: &Finding| {
        let at = known.iter().position(|known| *known == key(one));
        at.map(|at| known.swap_remove(at)).is_none()
    };
    found.into_iter().filter(is_new).collect()
}

/// Writes the files; restores all of them if one cannot be written.
fn write(files: &[&EditedFile]) -> Result<(), RunError> {
    for (done, file) in files.iter().enumerate() {
        let path = Path::new(&file.path);
        if let Err(error) = write_named(path, file.after.as_bytes()) {
            restore(files.get(..done).unwrap_or_default())?;
            return Err(RunError::unwritten(path, &error));
        }
    }
    Ok(())
}

/// Writes the texts that the files had before.
fn restore(files: &[&EditedFile]) -> Result<(), RunError> {
    let write = |file: &&EditedFile| {
        let path = Path::new(&file.path);
        write_named(path, file.before.as_bytes()).map_err(|error| RunError::unwritten(path, &error))
    };
    files.iter().try_for_each(write)
}
