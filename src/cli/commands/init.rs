//! `init`: writes the beginnings of a policy repository, pipelines included.

use std::path::{Component, Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::base::exit::Exit;
use crate::base::file::{read_bounded, write_atomic};
use crate::cli::args::action;
use crate::cli::command_args::CommandArgs;
use crate::cli::context::{CommandSpec, Context};
use crate::cli::output::check_file;
use crate::cli::policies::is_tenant;
use crate::cli::question::{ask, can_ask};
use crate::cli::scaffold::{self, Pipeline, RepositoryOptions};
use crate::engine::error::RunError;

/// Arguments of `init`. The tenant is `--tenant`. What is not given is asked for at a terminal.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The folder to write into
    #[arg(value_name = "DIR", default_value = ".", env = "SSPRCTL_DIR")]
    pub(crate) folder: PathBuf,
    /// The pipelines to write, if not those for GitHub
    #[arg(long, env = "SSPRCTL_CI", value_enum)]
    pub(crate) ci: Option<Pipeline>,
    /// The repository and the commit whose workflows are called, for GitHub
    #[arg(long, env = "SSPRCTL_ACTION", value_name = "OWNER/NAME@COMMIT", value_parser = action)]
    pub(crate) action: Option<(String, String)>,
    /// The path of the policy repository at its host, for example contoso/policies, which the applications in Entra trust
    #[arg(long, env = "SSPRCTL_REPOSITORY", value_name = "OWNER/NAME", value_parser = repository)]
    pub(crate) repository: Option<String>,
    /// Who reviews a change and agrees to its apply, as CODEOWNERS names users and teams, for example @contoso/identity;
    /// several with commas or repeated
    #[arg(long, env = "SSPRCTL_REVIEWER", value_name = "NAME", value_delimiter = ',', value_parser = reviewer)]
    pub(crate) reviewer: Vec<String>,
    /// Whether the settings of the portal are managed, for which a person has to sign in; without it they are
    #[arg(long, env = "SSPRCTL_PORTAL", value_name = "BOOL")]
    pub(crate) portal: Option<bool>,
}

impl CommandArgs for InitArgs {
    const SPEC: CommandSpec = CommandSpec::OFFLINE;

    /// Writes a policy repository into a folder. A file that is there already is never touched.
    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let (folder, output) = (self.folder.clone(), &context.output);
        let options = self.options(context).await?;
        let mut files = scaffold::files(&options)?;
        if has_policies(&folder.join("policies")) {
            // Policies that somebody wrote get no examples, and no tests of examples.
            let is_example = |path: &str| path.starts_with("policies/") || path.starts_with("tests/");
            files.retain(|(path, _)| !is_example(path) || exists(&folder.join(path)));
        }
        files.iter().try_for_each(|(path, _)| check_way(&folder, Path::new(path)))?;
        let (mut lines, mut wrote, mut notes) = (String::new(), false, Vec::new());
        let policy = scaffold::policy_path(&options.tenant);
        let mut is_example = false;
        for (path, text) in &files {
            let target = folder.join(path);
            if !exists(&target) {
                write_atomic(&target, text.as_bytes()).map_err(|error| RunError::unwritten(&target, &error))?;
                (wrote, is_example) = (true, is_example || *path == policy);
                lines.push_str(&format!("wrote {}\n", target.display()));
            } else if read_bounded(&target, MAX_BYTES).is_ok_and(|present| present == text.as_bytes()) {
                is_example |= *path == policy;
                lines.push_str(&format!("{} is there already\n", target.display()));
            } else {
                lines.push_str(&format!("left {} as it is\n", target.display()));
                notes.extend(to_add(&target, text));
            }
        }
        output.write_text(&lines)?;
        notes.iter().for_each(|note| output.note(note));
        if lines.lines().any(|line| line.starts_with("left ")) {
            output.note(
                "what was left differs from what init writes: run it with the same options in an empty folder, and take \
                 over from there what you need",
            );
        }
        if !wrote {
            output.note("nothing was written");
        }
        if let Some(next) = next(&options, &folder, !is_example) {
            output.note(&next);
        }
        Ok(Exit::Done)
    }
}

impl InitArgs {
    /// The options, after the person at the terminal was asked for those that are not given.
    ///
    /// # Errors
    /// When the name of the tenant is none, or the person ends the questions.
    async fn options(self, context: &Context) -> Result<RepositoryOptions, RunError> {
        let named = context.options.tenant.as_ref().map(|_| context.run.selection.single_tenant()).transpose()?;
        let named = named.map(|name| tenant(&name.to_string())).transpose().map_err(RunError::failed)?;
        let questions = can_ask(context).then_some(context);
        if questions.is_none() && !context.options.no_input {
            let hosted = self.ci != Some(Pipeline::None);
            let workflows = self.ci.is_none_or(|pipeline| pipeline == Pipeline::Github);
            let is_open = [
                ("--tenant", named.is_none()),
                ("--ci", self.ci.is_none()),
                ("--action", workflows && self.action.is_none()),
                ("--repository", hosted && self.repository.is_none()),
                ("--reviewer", hosted && self.reviewer.is_empty()),
                ("--portal", self.portal.is_none()),
            ];
            let options: Vec<_> = is_open.into_iter().filter(|(_, open)| *open).map(|(option, _)| option).collect();
            if !options.is_empty() {
                let options = options.join(", ");
                context
                    .output
                    .note(&format!("note: no terminal to ask at, so defaults are taken; to choose, give {options}"));
            }
        }
        let tenant = or_ask(questions, named, "The tenant, by its domain or id", "contoso.onmicrosoft.com", tenant);
        let tenant = tenant.await?;
        let pipeline = |text: &str| Pipeline::from_str(text, true);
        let question = "The pipelines: github, gitlab, azure-devops or none";
        let pipeline = or_ask(questions, self.ci, question, "github", pipeline).await?;
        let workflows = questions.filter(|_| pipeline == Pipeline::Github);
        let question = "The repository and the commit that hold ssprctl's workflows, as OWNER/NAME@COMMIT";
        let action = or_ask(workflows, self.action.map(Some), question, NONE, optional(action)).await?;
        let hosted = questions.filter(|_| pipeline != Pipeline::None);
        let question = "The path of the policy repository at its host, for example contoso/policies";
        let repository = or_ask(hosted, self.repository.map(Some), question, NONE, optional(repository)).await?;
        let given = (!self.reviewer.is_empty()).then_some(self.reviewer);
        let question = "Who reviews a change and agrees to its apply, for example @contoso/identity";
        let reviewers = or_ask(hosted, given, question, NONE, reviewers).await?;
        let question = "Whether the settings of the portal are managed, for which a person has to sign in: yes or no";
        let portal = or_ask(questions, self.portal, question, "yes", yes_or_no).await?;
        Ok(RepositoryOptions { tenant, pipeline, action, repository, reviewers, portal })
    }
}

/// How large a file may be that is compared with what `init` writes; a larger one differs.
const MAX_BYTES: u64 = 1024 * 1024;

/// The answer to a question that has none.
const NONE: &str = "none";

/// What is given, or else what the person at the terminal answers, or else the default. Asks again after an
/// answer that cannot be read.
///
/// # Errors
/// When the input ends.
async fn or_ask<T>(
    context: Option<&Context>,
    given: Option<T>,
    question: &str,
    default: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T, RunError> {
    if let Some(given) = given {
        return Ok(given);
    }
    let Some(context) = context else { return read(default).map_err(RunError::failed) };
    loop {
        let typed = ask(context, &format!("{question} [{default}]:")).await;
        let typed = typed.ok_or_else(|| {
            RunError::failed("the questions were not answered; nothing was written").hint(
                "answer by options: --tenant, --ci, --action, --repository, --reviewer and --portal; --no-input takes the \
                 default for the others",
            )
        })?;
        match read(if typed.is_empty() { default } else { &typed }) {
            Ok(answer) => return Ok(answer),
            Err(why) => context.output.say(&format!("error: {why}")),
        }
    }
}

fn optional<T>(read: impl Fn(&str) -> Result<T, String>) -> impl Fn(&str) -> Result<Option<T>, String> {
    move |text| if text == NONE { Ok(None) } else { read(text).map(Some) }
}

fn tenant(text: &str) -> Result<String, String> {
    if is_tenant(text) {
        Ok(text.to_lowercase())
    } else {
        Err(format!("`{text}` is neither a domain nor the id of a tenant"))
    }
}

fn repository(text: &str) -> Result<String, String> {
    let plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    let is_path = text.contains('/') && text.split('/').all(plain);
    if is_path { Ok(text.to_owned()) } else { Err("write OWNER/NAME, for example contoso/policies".to_owned()) }
}

fn reviewer(text: &str) -> Result<String, String> {
    let is_name = text.contains('@') && text.chars().all(|c| c.is_ascii_alphanumeric() || "@._-/+".contains(c));
    let what = "write a user or a team as CODEOWNERS names them, for example @contoso/identity";
    if is_name { Ok(text.to_owned()) } else { Err(what.to_owned()) }
}

fn reviewers(text: &str) -> Result<Vec<String>, String> {
    let names = text.split([',', ' ']).filter(|name| !name.is_empty() && *name != NONE);
    names.map(reviewer).collect()
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "yes" | "y" => Ok(true),
        "no" | "n" => Ok(false),
        _ => Err("answer yes or no".to_owned()),
    }
}

/// Checks, before anything is written, that a file can have its place in a folder, or is there already.
///
/// # Errors
/// When a link leads nowhere or out of the repository, or a file is where a folder is to be.
fn check_way(folder: &Path, path: &Path) -> Result<(), RunError> {
    let target = folder.join(path);
    let refused = |at: &Path, why: &str| {
        let message = format!("{} {why}, so {} cannot be written; nothing was written", at.display(), target.display());
        Err(RunError::failed(message).hint("remove it or rename it, or name another folder"))
    };
    for part in target.ancestors().filter(|part| !part.as_os_str().is_empty()) {
        let Ok(there) = part.symlink_metadata() else { continue };
        if there.is_symlink() && !part.exists() {
            return refused(part, "is a symbolic link that leads nowhere");
        }
        if part != target && !part.is_dir() {
            return refused(part, "is not a folder");
        }
    }
    if !exists(&target)
        && let Err(why) = check_file(&target)
    {
        return Err(RunError::failed(format!("{} cannot be written: {why}; nothing was written", target.display()))
            .hint("replace the link by a folder, or name another folder"));
    }
    Ok(())
}

/// Whether something has this path, also a symbolic link that leads nowhere.
fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn has_policies(folder: &Path) -> bool {
    let is_policy = |path: PathBuf| path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
    folder.read_dir().is_ok_and(|entries| entries.flatten().any(|entry| is_policy(entry.path())))
}

/// What to add to a file of lines for git or its host, if it lacks lines that `text` has.
fn to_add(path: &Path, text: &str) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    if !matches!(name, ".gitignore" | ".gitattributes" | "CODEOWNERS") {
        return None;
    }
    let present = String::from_utf8(read_bounded(path, MAX_BYTES).ok()?).ok()?;
    let lacks = |line: &&str| !line.starts_with('#') && !present.lines().any(|other| other.trim() == *line);
    let missing: Vec<_> = text.lines().filter(lacks).map(|line| format!("\n  {line}")).collect();
    (!missing.is_empty()).then(|| format!("add to {}:{}", path.display(), missing.concat()))
}

/// A path as a shell takes it.
fn quoted(path: &str) -> String {
    let is_plain = path.chars().all(|c| c.is_alphanumeric() || "/\\:._-+@".contains(c));
    if is_plain { path.to_owned() } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

/// What to do next in the folder; `None` where nothing is left. A policy that is no longer the example needs no
/// import, which would write over it.
fn next(options: &RepositoryOptions, folder: &Path, has_policies: bool) -> Option<String> {
    let RepositoryOptions { tenant, pipeline, action, repository, .. } = options;
    let policy = scaffold::policy_path(tenant);
    let hosted = *pipeline != Pipeline::None;
    let workflows = scaffold::WORKFLOWS;
    let steps = [
        (!has_policies).then(|| {
            format!("`ssprctl import --tenant {tenant} --out {policy} --force` describes the tenant as it is")
        }),
        // On GitHub `setup` asks for it.
        (matches!(pipeline, Pipeline::Gitlab | Pipeline::AzureDevops) && repository.is_none())
            .then(|| "write the path of the repository into the line `REPOSITORY=` of the file `setup`".to_owned()),
        hosted.then(|| "`sh setup` prints what the pipelines need".to_owned()),
        (*pipeline == Pipeline::Github && action.is_none()).then(|| {
            format!("write the repository and commit of your ssprctl in place of {workflows}@… in .github/workflows")
        }),
    ];
    let steps: Vec<_> = steps.into_iter().flatten().collect();
    // The paths of the steps are those of the folder.
    let is_here = folder.components().all(|part| part == Component::CurDir);
    let there = if is_here { String::new() } else { format!("`cd {}`; ", quoted(&folder.display().to_string())) };
    (!steps.is_empty()).then(|| format!("next: {there}{}", steps.join("; ")))
}
