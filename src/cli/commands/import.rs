//! `import`: writes the policy that describes a tenant as it is.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::BoolishValueParser;

use crate::base::cloud::Cloud;
use crate::base::exit::Exit;
use crate::cli::args::cloud;
use crate::cli::command_args::CommandArgs;
use crate::cli::context::{CommandSpec, Context};
use crate::cli::output::write_file;
use crate::cli::policies::repository_config;
use crate::engine::error::RunError;
use crate::engine::move_in::{MoveInSource, import_files};
use crate::engine::reimport::{EditedPolicy, edit_existing};
use crate::engine::show::{ImportedTenant, import};
use crate::policy::document::PolicyFile;
use crate::policy::write;
use crate::render::terminal::import::{comments, comments_of_files, edited, left_out_notes, unnamed_group};

/// Arguments of `import`. The tenant is `--tenant`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The file to write; standard output without it
    #[arg(long, env = "SSPRCTL_OUT", value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Make it from files of other tools instead of reading the tenant: `intunecd:DIR`, `cipp:FILE`, `monkey365:FILE` or
    /// `portal:FILE`; may be given several times
    #[arg(long, env = "SSPRCTL_FROM", value_name = "FORMAT:PATH")]
    pub(crate) from: Vec<MoveInSource>,
    /// Edit the file if it exists and is the policy of the tenant: what it extends, its waivers and comments stay. Any other file
    /// is left as it is
    #[arg(long, env = "SSPRCTL_FORCE", value_parser = BoolishValueParser::new())]
    pub(crate) force: bool,
    /// The cloud that hosts the tenant
    #[arg(long, env = "SSPRCTL_CLOUD", value_parser = cloud, default_value = "global")]
    pub(crate) cloud: Cloud,
}

impl CommandArgs for ImportArgs {
    const SPEC: CommandSpec = CommandSpec::READS;

    /// What could not be read, or what a policy may not say, is left out and named in a comment.
    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        // Every command writes its result to `--output`, and no existing policy may be lost whichever option names it.
        let out = self.out.as_deref().or(context.options.output.as_deref());
        if let Some(path) = out {
            check_out(path, self.force)?;
        }
        let config = repository_config(context)?;
        let imported = match self.from.as_slice() {
            [] => import(&context.run, self.cloud, &config).await?,
            sources => import_files(&context.run, sources, self.cloud, &config)?,
        };
        let unnamed = imported.unnamed_group().filter(|_| !self.from.is_empty());
        let ImportedTenant { snapshot, policy, skipped } = &imported;
        if let Some(why) = snapshot.documents.values().find_map(|read| read.as_ref().err())
            && snapshot.documents.values().all(Result::is_err)
        {
            return Err(why.clone().into());
        }
        let policy =
            policy.as_ref().ok_or_else(|| RunError::failed("the tenant's settings do not add up to a policy"))?;
        // A policy that manages nothing is of no use, and in place of another one it is a loss.
        if !self.from.is_empty() && !manages_anything(policy) {
            left_out_notes(snapshot, skipped).iter().for_each(|note| context.output.note(note));
            return Err(RunError::failed("nothing in these files can be taken over; nothing was written")
                .hint("the notes name each setting with the reason: save the files again, or import from the tenant"));
        }
        let schema = schema_from(out.unwrap_or(Path::new("policies/policy.yaml")));
        let sources: Vec<_> = self.from.iter().map(ToString::to_string).collect();
        let comments = match sources.as_slice() {
            [] => comments(snapshot, skipped),
            sources => comments_of_files(sources, unnamed.as_deref(), snapshot, skipped),
        };
        let edit = out.and_then(|path| edit_existing(&context.run, path, &imported, self.cloud, &comments));
        let text = match &edit {
            Some(Ok(EditedPolicy { text, .. })) => text.clone(),
            Some(Err(why)) => return Err(not_edited(out.unwrap_or(Path::new("")), why)),
            None => write::to_yaml(policy, &schema, &comments)
                .map_err(|error| RunError::failed(format!("the policy cannot be written: {error}")))?,
        };
        match out {
            None => context.output.write_result(&text)?,
            Some(path) => save(context, path, &text)?,
        }
        left_out_notes(snapshot, skipped).iter().for_each(|note| context.output.note(note));
        let notes = match &edit {
            Some(Ok(EditedPolicy { text: _, inherited, foreign, invalid_waivers })) => {
                edited(*inherited, foreign, *invalid_waivers)
            }
            Some(Err(_)) | None => Vec::new(),
        };
        let unnamed = unnamed.map(|id| format!("note: {}", unnamed_group(&id)));
        notes.iter().chain(&unnamed).for_each(|note| context.output.note(note));
        Ok(Exit::Done)
    }
}

/// Checks, before anything is read, that the policy would take the place of no file that is to stay.
///
/// # Errors
/// When there is a file and nobody forces its edit, or there is a link or a folder. What is no file, such as `/dev/stdout`, can
/// be written to by force.
fn check_out(path: &Path, force: bool) -> Result<(), RunError> {
    let Ok(there) = path.symlink_metadata() else { return Ok(()) };
    let shown = path.display();
    let special = path.metadata().is_ok_and(|leads_to| !leads_to.is_file() && !leads_to.is_dir());
    if there.is_symlink() && !special {
        return Err(RunError::failed(format!("{shown} is a symbolic link; nothing was read or written"))
            .hint("name the file that it leads to, or another one"));
    }
    if there.is_dir() {
        return Err(
            RunError::failed(format!("{shown} is a folder; nothing was read or written")).hint("name a file in it")
        );
    }
    if !force {
        return Err(RunError::failed(format!("{shown} is there already"))
            .hint("pass --force to edit it, if it is the policy of the tenant, or choose another --out"));
    }
    Ok(())
}

/// The error for a file that is there and cannot be edited; it stays as it is.
fn not_edited(path: &Path, why: &str) -> RunError {
    RunError::failed(format!("{} stays as it is, because it cannot be edited: {why}", path.display()))
        .hint("correct it or what it extends, or write to another file with --out; to give up what it says, remove it")
}

fn save(context: &Context, path: &Path, text: &str) -> Result<(), RunError> {
    write_file(path, text).map_err(|error| RunError::unwritten(path, &error))?;
    let plan = format!("ssprctl plan {}", path.display());
    context.output.note(&format!("wrote {}; `{plan}` compares it with the tenant", path.display()));
    Ok(())
}

/// Whether a policy has a setting, and not only a tenant.
fn manages_anything(policy: &PolicyFile) -> bool {
    let written = serde_json::to_value(policy).unwrap_or_default();
    written
        .as_object()
        .is_some_and(|keys| keys.keys().any(|key| !["version", "tenant", "cloud"].contains(&key.as_str())))
}

/// The way from a policy file to `schemas/policy.json` in the folder in which the run started.
fn schema_from(file: &Path) -> String {
    let folder = file.parent().filter(|_| file.is_relative());
    let depth = folder.map_or(0, |folder| folder.components().filter(|part| part.as_os_str() != ".").count());
    format!("{}schemas/policy.json", "../".repeat(depth))
}
