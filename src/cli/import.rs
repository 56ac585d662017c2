//! `import`: a tenant as it is becomes a policy file.

use std::path::Path;

use crate::base::exit::Exit;
use crate::cli::compose::Context;
use crate::cli::failure::RunError;
use crate::cli::options::ImportArgs;
use crate::cli::output::write_atomic;
use crate::cli::show;
use crate::plan::import::import_policy;
use crate::policy::write;
use crate::render::terminal::import::comments;
use crate::render::text::error;
use crate::review::import_check;

/// Writes the policy that describes a tenant. What could not be read, or what a policy may not say, is left out and named
/// in a comment.
///
/// # Errors
/// When no tenant is named, it cannot be read at all, or the file is there already.
pub async fn run(setup: &Context, arguments: &ImportArgs) -> Result<Exit, RunError> {
    // `--output` is where any command writes its result, and a policy is not to be lost whichever way it is named.
    let out = arguments.out.as_deref().or(setup.options.output.as_deref());
    if let Some(path) = out.filter(|path| path.exists() && !arguments.force) {
        return Err(RunError::failed(format!("{} is there already", path.display()))
            .hint("pass --force to overwrite it, or choose another --out"));
    }
    let (name, snapshot) = show::everything(setup, arguments.cloud).await?;
    if let Some(why) = snapshot.documents.values().find_map(|read| read.as_ref().err())
        && snapshot.documents.values().all(Result::is_err)
    {
        return Err(why.clone().into());
    }
    let (policy, left_out) = import_policy(&snapshot, &name, arguments.cloud, import_check::first_invalid_setting);
    let policy = policy.ok_or_else(|| RunError::failed("the tenant's settings do not add up to a policy"))?;
    let schema = schema_from(out.unwrap_or(Path::new("policies/policy.yaml")));
    let text = write::to_yaml(&policy, &schema, &comments(&snapshot, &left_out))
        .map_err(|error| RunError::failed(format!("the policy cannot be written: {error}")))?;
    match out {
        None => setup.output.write_result(&text)?,
        Some(path) => save(setup, path, &text)?,
    }
    for why in snapshot.documents.values().filter_map(|read| read.as_ref().err()) {
        setup.output.note(&error::error_block(why));
    }
    Ok(Exit::Done)
}

fn save(setup: &Context, path: &Path, text: &str) -> Result<(), RunError> {
    write_atomic(path, text.as_bytes())
        .map_err(|error| RunError::failed(format!("{} cannot be written: {error}", path.display())))?;
    setup.output.note(&format!(
        "wrote {}; `ssprctl plan {}` compares it with the tenant",
        path.display(),
        path.display()
    ));
    Ok(())
}

/// The way from a policy file to `schemas/policy.json` in the folder in which the run started.
fn schema_from(file: &Path) -> String {
    let folder = file.parent().filter(|_| file.is_relative());
    let depth = folder.map_or(0, |folder| folder.components().filter(|part| part.as_os_str() != ".").count());
    format!("{}schemas/policy.json", "../".repeat(depth))
}
