//! The policies of a command: loaded, or reported as invalid in the command's format.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::base::cloud::Cloud;
use crate::base::exit::Exit;
use crate::base::ids::TenantName;
use crate::base::source::Source;
use crate::catalog::desired::Desired;
use crate::cli::args::{GlobalArgs, POLICIES};
use crate::cli::context::Context;
use crate::cli::format::{Format, ResultArgs};
use crate::cli::git_repository::{GitRepository, NamedCommit};
use crate::engine::changed_since::{EarlierFiles, TenantFiles};
use crate::engine::disposition::exit_of_findings;
use crate::engine::error::RunError;
use crate::engine::policies::{self, BasePolicies, LoadedPolicies};
use crate::engine::result::ValidationReport;
use crate::engine::selection::Selection;
use crate::policy::load::FOR_NO_TENANT;
use crate::policy::repository::config::FILE;
use crate::policy::repository::load as repository;
use crate::policy::roots::Roots;
use crate::policy::schema;
use crate::render::text::findings;
use crate::render::{github, html, json, markdown, sarif, terminal};
use crate::review::config::ReviewConfig;
use crate::tenant::surface::Service;

/// The formats of `validate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ValidateFormat {
    /// For people at a terminal
    Terminal,
    /// For a pull-request comment
    Markdown,
    /// One JSON document, see `ssprctl schema`
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
    /// One page without a script
    Html,
}

impl From<Format> for ValidateFormat {
    /// The format of the same name. A format without findings, such as those of a mail, writes them for people, and so does
    /// a command that ignores the option.
    fn from(format: Format) -> Self {
        let name = format.to_possible_value();
        let same = name.and_then(|value| Self::from_str(value.get_name(), false).ok());
        same.unwrap_or(Self::Terminal)
    }
}

/// The commit with whose exceptions those of the run are compared.
#[derive(Debug, Args)]
pub(crate) struct BaseArgs {
    /// Mark the exceptions that are new or were widened since this commit, branch or tag of the repository
    #[arg(long, env = "SSPRCTL_BASE", value_name = "REF")]
    pub(crate) base: Option<String>,
}

impl BaseArgs {
    /// What the policies at `paths` excused at that commit; `None` without one.
    ///
    /// # Errors
    /// When the run is in no git repository, or the commit is not there or cannot be read.
    pub(crate) async fn load(&self, context: &Context, paths: &[PathBuf]) -> Result<Option<BasePolicies>, RunError> {
        let Some(name) = &self.base else { return Ok(None) };
        let named = NamedCommit { option: "--base", name };
        let repository = repository_of(context, named)?;
        let folder = repository.files(&repository.commit(named).await?, named).await?;
        let (roots, paths) = in_commit(&repository, folder.path(), paths)?;
        let all = Selection { tenant: None, shard: None, ring: None, services: &Service::ALL };
        let base = policies::load_from(&roots, &paths, &all, context.run.today).into_base();
        if base.is_invalid {
            context.output.note(&format!(
                "note: files of {name} have errors, so the exceptions there are not known and those here count as new"
            ));
        }
        Ok(Some(base))
    }
}

/// The commit since which a tenant must have changed.
#[derive(Debug, Args)]
pub(crate) struct ChangedArgs {
    /// Only tenants that a change since this commit, branch or tag touches: in their policy, in what it extends, or in
    /// ssprctl.yaml. What was merged elsewhere meanwhile does not count, what is not committed yet does
    #[arg(long, env = "SSPRCTL_CHANGED_SINCE", value_name = "REF")]
    pub(crate) changed_since: Option<String>,
}

impl ChangedArgs {
    /// The files at `paths` at the last commit that is shared with that one; `None` without one.
    ///
    /// # Errors
    /// When the run is in no git repository, or the commit is not there or cannot be read.
    pub(crate) async fn load(&self, context: &Context, paths: &[PathBuf]) -> Result<Option<EarlierFiles>, RunError> {
        let Some(name) = &self.changed_since else { return Ok(None) };
        let named = NamedCommit { option: "--changed-since", name };
        let repository = repository_of(context, named)?;
        let commit = repository.shared_commit(named).await?;
        let folder = repository.files(&commit, named).await?;
        let (roots, paths) = in_commit(&repository, folder.path(), paths)?;
        Ok(Some(EarlierFiles { since: name.clone(), commit, files: TenantFiles::read(&roots, &paths) }))
    }
}

/// The repository of a run for which an option names a commit.
fn repository_of(
    context: &Context,
    NamedCommit { option, name: _ }: NamedCommit<'_>,
) -> Result<GitRepository, RunError> {
    let here = context.run.working_folder.as_ref().ok().and_then(|here| here.canonicalize().ok());
    here.as_deref().and_then(GitRepository::find).ok_or_else(|| {
        let variable = option.trim_start_matches('-').replace('-', "_").to_uppercase();
        RunError::failed(format!("{option} names a commit, and this folder is in no git repository"))
            .hint(format!("run in the repository of the policies, or leave {option} and SSPRCTL_{variable} out"))
    })
}

/// The folders of a run in the files of a commit, which are in `folder`, and where `paths` are there.
///
/// # Errors
/// When the folder in which the run started cannot be made there.
fn in_commit(repository: &GitRepository, folder: &Path, paths: &[PathBuf]) -> Result<(Roots, Vec<PathBuf>), RunError> {
    let start = folder.join(&repository.start);
    std::fs::create_dir_all(&start)?;
    let paths = paths.iter().filter_map(|path| repository.path(path, folder)).collect();
    Ok((Roots::new(&start, Some(folder)), paths))
}

/// The formats of the findings that a command writes instead of its result.
fn findings_formats(options: &GlobalArgs) -> ResultArgs<ValidateFormat> {
    ResultArgs {
        format: options.format.into(),
        also: options.also.iter().map(|(format, file)| ((*format).into(), file.clone())).collect(),
    }
}

/// Loads the policies of a command. If one is invalid, writes the findings instead of the command's result and
/// returns the exit code; in Markdown under the marker of the command, so that a pipeline edits the comment that it has.
///
/// # Errors
/// When the working directory cannot be read, the time of the run is over, or the findings cannot be written.
pub(crate) fn load_valid(
    context: &Context,
    command: &'static str,
    paths: &[PathBuf],
) -> Result<Result<LoadedPolicies, Exit>, RunError> {
    let loaded = policies::load(&context.run, paths)?;
    if let Some(deadline) = context.run.deadline.as_ref().filter(|deadline| deadline.left().is_zero()) {
        let message = format!("not done after {:?}: the policies were read, and no tenant", deadline.timeout);
        return Err(RunError::failed(message).hint("raise --timeout"));
    }
    if loaded.is_invalid() {
        return Ok(Err(report(context, command, &findings_formats(&context.options), &loaded, (None, false))?));
    }
    let unused: Vec<_> = loaded.findings.iter().filter(|finding| finding.code == FOR_NO_TENANT).cloned().collect();
    if !unused.is_empty() {
        context.output.say(&findings::findings(&unused, true));
    }
    loaded.report_skipped(&context.run);
    Ok(Ok(loaded))
}

/// Writes the findings about policies, or that there are none, and the exceptions, compared with those of the base. Every tenant
/// is named where the text is a full one.
///
/// # Errors
/// When they cannot be written.
pub(crate) fn report(
    context: &Context,
    command: &'static str,
    formats: &ResultArgs<ValidateFormat>,
    loaded: &LoadedPolicies,
    (base, full): (Option<&BasePolicies>, bool),
) -> Result<Exit, RunError> {
    let exceptions = loaded.exceptions(base);
    let (all, start_folder) = (ValidationReport { full, ..loaded.report(&exceptions) }, &loaded.start_folder);
    let exit = exit_of_findings(&loaded.findings);
    context.output.result(formats, |format| match format {
        ValidateFormat::Terminal => terminal::validate::terminal(&all),
        ValidateFormat::Markdown => markdown::validate(&all, command),
        ValidateFormat::Json => json::validate(&all, exit),
        ValidateFormat::Sarif => sarif::validate(&all, start_folder, exit),
        ValidateFormat::Github => github::validate(&all, start_folder),
        ValidateFormat::Html => html::result(&json::validate(&all, exit), context.run.today),
    })?;
    Ok(exit)
}

/// Whether the repository of the working directory limits how many people may lose the reset, so that people are read.
pub(crate) fn limits_losing() -> bool {
    std::env::current_dir().is_ok_and(|folder| repository::discover(&folder).limits.losing.is_some())
}

/// Loads the one policy of a file.
///
/// # Errors
/// When the file is invalid, or is more than one policy.
pub(crate) fn load_single(context: &Context, policy: &Path) -> Result<(Desired, ReviewConfig), RunError> {
    let loaded = policies::load(&context.run, &[policy.to_owned()])?;
    if loaded.is_invalid() {
        return Err(RunError::invalid(policy));
    }
    let (mut desired, config) = loaded.require_any(&context.run.selection)?;
    match desired.pop() {
        Some(one) if desired.is_empty() => Ok((one, config)),
        _ => Err(RunError::failed(format!("{} is more than one policy", policy.display())).hint("name one file")),
    }
}

/// The tenant of a command about one, with its cloud: that of `--tenant`, else that of the policy of `--policy`, else the
/// only one for which there are policies.
///
/// # Errors
/// When none is named, and there are policies for several or for none.
pub(crate) fn one_tenant(
    context: &Context,
    policy: Option<&Desired>,
    cloud: Cloud,
) -> Result<(TenantName, Cloud), RunError> {
    if let Some(policy) = policy {
        return Ok((policy.tenant.clone(), policy.cloud));
    }
    let named = context.run.selection.single_tenant().map(|tenant| (tenant, cloud));
    if context.run.selection.tenant.is_some() || !Path::new(POLICIES).exists() {
        return named;
    }
    let loaded = policies::load(&context.run, &[PathBuf::from(POLICIES)])?;
    match loaded.tenants() {
        _ if loaded.is_invalid() => named.map_err(|error| {
            error.hint(format!("pass --tenant; a policy in {POLICIES} is not valid: `ssprctl validate` says why"))
        }),
        [] => named,
        [(tenant, cloud)] => {
            context.output.note(&format!("note: the tenant is {tenant}, the only one in {POLICIES}"));
            Ok((tenant.clone(), *cloud))
        }
        several => {
            let names = first_names(several.iter().map(|(tenant, _)| tenant));
            named.map_err(|error| error.hint(format!("pass --tenant; {POLICIES} has policies for {names}")))
        }
    }
}

/// Whether a policy may name such a tenant.
pub(crate) fn is_tenant(name: &str) -> bool {
    schema::fits(&json!({ "version": 1, "tenant": name }))
}

/// The configuration of the repository in which a run started, for a command that reads no policy.
///
/// # Errors
/// When the working directory cannot be read, or `ssprctl.yaml` is invalid.
pub(crate) fn repository_config(context: &Context) -> Result<ReviewConfig, RunError> {
    let (config, found) = policies::repository_config(&context.run)?;
    if found.is_empty() {
        return Ok(config);
    }
    context.output.say(&findings::findings(&found, true));
    Err(RunError::invalid(Path::new(FILE)))
}

/// The policies of a run, with the files that they were made from.
pub(crate) struct RunPolicies {
    pub(crate) desired: Vec<Desired>,
    pub(crate) config: ReviewConfig,
    pub(crate) sources: Vec<Arc<Source>>,
}

/// The policies of a command that also takes a tenant without one. Where no path is given and no policy is for the tenant of
/// `--tenant`, there is one that wants nothing. Otherwise the same as [`load_valid`], for the tenants of the run.
///
/// # Errors
/// Those of [`load_valid`], and when no policy is for the run and no tenant is named.
pub(crate) fn load_or_live(
    context: &Context,
    command: &'static str,
    paths: &[PathBuf],
    cloud: Cloud,
) -> Result<Result<RunPolicies, Exit>, RunError> {
    let selection = &context.run.selection;
    let live = |tenant, config| {
        let desired = vec![Desired::of_nothing(tenant, cloud)];
        RunPolicies { desired, config, sources: Vec::new() }
    };
    if paths.is_empty() && !Path::new(POLICIES).exists() {
        return Ok(Ok(live(selection.single_tenant()?, repository_config(context)?)));
    }
    let default = [PathBuf::from(POLICIES)];
    let loaded = match load_valid(context, command, if paths.is_empty() { &default } else { paths })? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(Err(exit)),
    };
    match selection.single_tenant() {
        Ok(tenant) if paths.is_empty() && loaded.asked_for == 0 => Ok(Ok(live(tenant, loaded.config))),
        Ok(_) | Err(_) => {
            let sources = loaded.sources_of_selected();
            loaded.require_any(selection).map(|(desired, config)| Ok(RunPolicies { desired, config, sources }))
        }
    }
}

/// The only one of several policies.
///
/// # Errors
/// When there are more.
pub(crate) fn single(policies: &[Desired]) -> Result<&Desired, RunError> {
    match policies {
        [one] => Ok(one),
        several => {
            let named = first_names(several.iter().map(|one| &one.tenant));
            Err(RunError::failed(format!("a mail is about one tenant, and here are {}: {named}", several.len()))
                .hint("name one policy, or pass --tenant"))
        }
    }
}

/// The names of three tenants, and whether there are more.
fn first_names<'a>(tenants: impl ExactSizeIterator<Item = &'a TenantName>) -> String {
    let more = if tenants.len() > 3 { " and more" } else { "" };
    let named: Vec<_> = tenants.take(3).map(TenantName::to_string).collect();
    format!("{}{more}", named.join(", "))
}
