//! `init`: writes the beginnings of a policy repository, pipelines included. The files are in `src/cli/scaffold/`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::base::exit::Exit;
use crate::base::file::write_atomic;
use crate::cli::args::action;
use crate::cli::command_args::CommandArgs;
use crate::cli::context::{CommandSpec, Context};
use crate::cli::schemas::{self, SchemaName};
use crate::engine::error::RunError;

/// Arguments of `init`. The tenant is `--tenant`.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The folder to write into
    #[arg(value_name = "DIR", default_value = ".", env = "SSPRCTL_DIR")]
    pub(crate) folder: PathBuf,
    /// The pipelines to write
    #[arg(long, env = "SSPRCTL_CI", value_enum, default_value_t = Pipeline::Github)]
    pub(crate) ci: Pipeline,
    /// The repository and the commit whose workflows are called, for GitHub
    #[arg(long, env = "SSPRCTL_ACTION", value_name = "OWNER/NAME@COMMIT", value_parser = action)]
    pub(crate) action: Option<(String, String)>,
}

/// Which pipelines a policy repository has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Pipeline {
    /// GitHub Actions
    Github,
    /// GitLab CI
    Gitlab,
    /// Azure Pipelines
    AzureDevops,
    /// None
    None,
}

/// What the example calls the tenant, and the repository and commit that hold the reusable workflows.
const TENANT: &str = "contoso.onmicrosoft.com";
const POLICY: &str = "policies/contoso.yaml";
const REPOSITORY: &str = "contoso/ssprctl";
const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const RELEASE: &str = " # v0.1.0";

/// A file with the pipeline that it belongs to; none for what every repository has.
type Template = (&'static str, &'static str, Option<Pipeline>);

macro_rules! template {
    ($path:literal, $pipeline:expr) => {
        ($path, include_str!(concat!("../scaffold/", $path)), $pipeline)
    };
}

const FILES: &[Template] = &[
    template!("README.md", None),
    template!(".gitignore", None),
    template!(".gitattributes", None),
    template!("ssprctl.yaml", None),
    template!("policies/baseline.yaml", None),
    template!("policies/contoso.yaml", None),
    template!(".github/workflows/plan.yml", Some(Pipeline::Github)),
    template!(".github/workflows/comment.yml", Some(Pipeline::Github)),
    template!(".github/workflows/apply.yml", Some(Pipeline::Github)),
    template!(".github/workflows/drift.yml", Some(Pipeline::Github)),
    template!(".gitlab-ci.yml", Some(Pipeline::Gitlab)),
    template!("azure-pipelines.yml", Some(Pipeline::AzureDevops)),
];

impl CommandArgs for InitArgs {
    const SPEC: CommandSpec = CommandSpec::OFFLINE;

    /// Writes a policy repository into a folder. A file that is there already is never touched.
    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let (output, arguments) = (&context.output, &self);
        let named = context.options.tenant.as_ref().map(|_| context.run.selection.single_tenant()).transpose()?;
        let tenant = named.map_or(TENANT.to_owned(), |name| name.to_string());
        if !tenant.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c)) || tenant.starts_with('.') {
            return Err(RunError::failed(format!("`{tenant}` is neither a domain nor the id of a tenant")));
        }
        let policy =
            format!("policies/{}.yaml", tenant.split('.').next().filter(|name| *name != "baseline").unwrap_or(&tenant));
        let (repository, at) = match &arguments.action {
            Some((repository, commit)) => (repository.as_str(), commit.clone()),
            None => (REPOSITORY, format!("{COMMIT}{RELEASE}")),
        };
        let chosen = FILES.iter().filter(|(_, _, pipeline)| pipeline.is_none_or(|pipeline| pipeline == arguments.ci));
        let mut files: Vec<(PathBuf, String)> = chosen
            .map(|(path, text, _)| {
                let path = if *path == POLICY { Path::new(&policy) } else { Path::new(path) };
                let text = text
                    .replace(TENANT, &tenant)
                    .replace(REPOSITORY, repository)
                    .replace(&format!("{COMMIT}{RELEASE}"), &at);
                (arguments.folder.join(path), text)
            })
            .collect();
        files.push((arguments.folder.join("schemas/policy.json"), schemas::text(SchemaName::Policy)?.to_owned()));
        if let Some((path, _)) = files.iter().find(|(path, _)| path.exists()) {
            return Err(RunError::failed(format!("{} is there already; nothing was written", path.display()))
                .hint("choose an empty folder, and take over from it what you need"));
        }
        for (path, text) in &files {
            write_atomic(path, text.as_bytes())?;
        }
        let written: Vec<_> = files.iter().map(|(path, _)| format!("wrote {}\n", path.display())).collect();
        output.write_result(&written.concat())?;
        output.note(&next(arguments));
        Ok(Exit::Done)
    }
}

fn next(arguments: &InitArgs) -> String {
    let mut note = "next: `ssprctl import --tenant T --out policies/T.yaml` describes a tenant as it is".to_owned();
    if arguments.ci == Pipeline::Github && arguments.action.is_none() {
        note.push_str(&format!(
            "; write the repository and commit of your ssprctl in place of {REPOSITORY}@{COMMIT} in .github/workflows, or \
             start again with --action"
        ));
    }
    note
}
