//! `init`: the beginnings of a policy repository, pipelines included. What it writes is in `scaffold/`.

use std::path::{Path, PathBuf};

use crate::base::exit::Exit;
use crate::cli::failure::RunError;
use crate::cli::options::{GlobalArgs, InitArgs, Pipeline, SchemaName};
use crate::cli::output::{Output, write_atomic};
use crate::cli::{named, schema};

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
        ($path, include_str!(concat!("scaffold/", $path)), $pipeline)
    };
}

const FILES: &[Template] = &[
    template!("README.md", None),
    template!(".gitignore", None),
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

/// Writes a policy repository into a folder. A file that is there already is never touched.
///
/// # Errors
/// When one of the files is there already, before any is written; or one cannot be written.
pub fn run(output: &Output, options: &GlobalArgs, arguments: &InitArgs) -> Result<Exit, RunError> {
    let tenant = options
        .tenant
        .as_ref()
        .map(named::single_tenant)
        .transpose()?
        .map_or(TENANT.to_owned(), |name| name.to_string());
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
    files.push((arguments.folder.join("schemas/policy.json"), schema::text(SchemaName::Policy)?));
    if let Some((path, _)) = files.iter().find(|(path, _)| path.exists()) {
        return Err(RunError::failed(format!("{} is there already; nothing was written", path.display()))
            .hint("choose an empty folder, and take over from it what you need"));
    }
    for (path, text) in &files {
        write_atomic(path, text.as_bytes())?;
    }
    let told: Vec<_> = files.iter().map(|(path, _)| format!("wrote {}\n", path.display())).collect();
    output.write_result(&told.concat())?;
    output.note(&next(arguments));
    Ok(Exit::Done)
}

fn next(arguments: &InitArgs) -> String {
    let mut told = "next: `ssprctl import --tenant T --out policies/T.yaml` describes a tenant as it is".to_owned();
    if arguments.ci == Pipeline::Github && arguments.action.is_none() {
        told.push_str(&format!(
            "; write the repository and commit of your ssprctl in place of {REPOSITORY}@{COMMIT} in .github/workflows, or \
             start again with --action"
        ));
    }
    told
}
