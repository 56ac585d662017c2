//! Policy files that change value by value: their texts before and after, written together or not at all.

use std::path::Path;

use crate::base::finding::Severity;
use crate::catalog::desired::Desired;
use crate::cli::compose::Context;
use crate::cli::failure::RunError;
use crate::cli::options::Paths;
use crate::cli::output::write_atomic;
use crate::cli::policies;
use crate::plan::accept::AcceptedSetting;
use crate::plan::import::SkippedSetting;
use crate::policy::edit::{self, Edit};
use crate::render::terminal::accept::AcceptResult;

/// A file with its text before and after.
pub struct EditedFile {
    path: String,
    before: String,
    after: String,
}

/// The text of a tenant's own file with everything accepted that can be; what cannot goes to what is left out.
pub fn amended(one: &mut AcceptResult, desired: &Desired) -> Option<EditedFile> {
    let source = &desired.source;
    let mut text = source.text.clone();
    let mut kept = Vec::new();
    for accepted in std::mem::take(&mut one.accepted) {
        let AcceptedSetting { setting, value, place } = &accepted;
        let elsewhere = place.as_ref().filter(|place| place.source.path != source.path);
        let path = setting.name.split('.').map(str::to_owned).collect();
        let changed = match (value, elsewhere) {
            (None, Some(place)) => Err(format!("{} says it, and cannot be overruled by silence", place.source.path)),
            _ => edit::edit(&text, &[Edit { path, value: value.clone() }]).map_err(|why| why.to_string()),
        };
        match changed {
            Ok(changed) => {
                text = changed;
                kept.push(accepted);
            }
            Err(reason) => one.left_out.push(SkippedSetting { setting: setting.name, reason }),
        }
    }
    one.accepted = kept;
    let (path, before) = (source.path.clone(), source.text.clone());
    (text != before).then_some(EditedFile { path, before, after: text })
}

/// Writes the files, and takes all of them back where the policies would not be valid.
///
/// # Errors
/// When a file cannot be written, or the policies would not be valid; the latter with all files as they were.
pub fn write(setup: &Context, arguments: &Paths, texts: &[EditedFile]) -> Result<(), RunError> {
    for EditedFile { path, after, .. } in texts {
        write_atomic(Path::new(path), after.as_bytes())?;
    }
    let now = policies::load(&arguments.paths, &setup.options);
    if !now.is_invalid() {
        return Ok(());
    }
    for EditedFile { path, before, .. } in texts {
        write_atomic(Path::new(path), before.as_bytes())?;
    }
    let error = now.findings.iter().find(|finding| finding.severity == Severity::Error);
    let why = error.map(|finding| finding.message.as_str()).unwrap_or_default();
    Err(RunError::failed(format!("what the tenants have is no valid policy: {why}; the files are as they were"))
        .hint("change the tenant or the policy by hand, or accept fewer tenants with --tenant"))
}
