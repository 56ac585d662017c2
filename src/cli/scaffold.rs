//! The files of a new policy repository, made of the templates in `src/cli/scaffold/`.

use std::path::Path;

use clap::ValueEnum;

use crate::cli::schemas::{self, SchemaName};
use crate::engine::error::RunError;

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

/// What differs from one policy repository to the next.
pub(crate) struct RepositoryOptions {
    /// The domain or the id of the tenant of the first policy.
    pub(crate) tenant: String,
    pub(crate) pipeline: Pipeline,
    /// The repository and the commit that hold ssprctl's workflows for GitHub; those of an example if they are not known.
    pub(crate) action: Option<(String, String)>,
    /// The path of the policy repository at its host, such as `contoso/policies`.
    pub(crate) repository: Option<String>,
    /// Users and teams, as CODEOWNERS names them.
    pub(crate) reviewers: Vec<String>,
    /// Whether the settings of the Entra portal API are managed.
    pub(crate) portal: bool,
}

/// What the templates call the tenant, its policy, the repository, its reviewers, and the commit of ssprctl's workflows.
const TENANT: &str = "contoso.onmicrosoft.com";
const POLICY: &str = "policies/contoso.yaml";
const REPOSITORY: &str = "contoso/policies";
const REVIEWERS: &str = "@contoso/identity";
pub(crate) const WORKFLOWS: &str = "contoso/ssprctl";
const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const RELEASE: &str = " # v0.1.0";

/// Lines of templates that end in one of these are for repositories with or without the portal's settings.
const MARKS: [(&str, bool); 4] = [
    (" # with the portal", true),
    (" # without the portal", false),
    (" <!-- with the portal -->", true),
    (" <!-- without the portal -->", false),
];

/// A file with the pipeline that it belongs to; none for what every repository has. The texts of one path follow each
/// other in the file.
type Template = (&'static str, &'static str, Option<Pipeline>);

macro_rules! template {
    ($path:literal, $pipeline:expr) => {
        template!($path, $path, $pipeline)
    };
    ($path:literal, $source:literal, $pipeline:expr) => {
        ($path, include_str!(concat!("scaffold/", $source)), $pipeline)
    };
}

const FILES: &[Template] = &[
    template!("README.md", None),
    template!("README.md", "README.github.md", Some(Pipeline::Github)),
    template!("README.md", "README.gitlab.md", Some(Pipeline::Gitlab)),
    template!("README.md", "README.azure-devops.md", Some(Pipeline::AzureDevops)),
    template!(".gitignore", None),
    template!(".gitattributes", None),
    template!("ssprctl.yaml", None),
    template!("policies/baseline.yaml", None),
    template!("policies/contoso.yaml", None),
    template!("tests/people.yaml", None),
    template!("tests/dates.yaml", None),
    template!("tests/plan.yaml", None),
    template!(".github/workflows/plan.yml", Some(Pipeline::Github)),
    template!(".github/workflows/comment.yml", Some(Pipeline::Github)),
    template!(".github/workflows/apply.yml", Some(Pipeline::Github)),
    template!(".github/workflows/drift.yml", Some(Pipeline::Github)),
    template!(".github/CODEOWNERS", "CODEOWNERS", Some(Pipeline::Github)),
    template!("setup", "setup/entra.sh", Some(Pipeline::Github)),
    template!("setup", "setup/github.sh", Some(Pipeline::Github)),
    template!(".gitlab-ci.yml", Some(Pipeline::Gitlab)),
    template!("ci/gitlab.py", Some(Pipeline::Gitlab)),
    template!("ci/drift_issues.py", Some(Pipeline::Gitlab)),
    template!("ci/merge_queue.py", Some(Pipeline::Gitlab)),
    template!("ci/install", Some(Pipeline::Gitlab)),
    template!("ci/requirements.txt", Some(Pipeline::Gitlab)),
    template!(".gitlab/CODEOWNERS", "CODEOWNERS", Some(Pipeline::Gitlab)),
    template!("setup", "setup/entra.sh", Some(Pipeline::Gitlab)),
    template!("setup", "setup/gitlab.sh", Some(Pipeline::Gitlab)),
    template!("azure-pipelines.yml", Some(Pipeline::AzureDevops)),
    template!("ci/azure.py", Some(Pipeline::AzureDevops)),
    template!("ci/drift_issues.py", Some(Pipeline::AzureDevops)),
    template!("ci/merge_queue.py", Some(Pipeline::AzureDevops)),
    template!("ci/install", Some(Pipeline::AzureDevops)),
    template!("ci/requirements.txt", Some(Pipeline::AzureDevops)),
    template!("setup", "setup/entra.sh", Some(Pipeline::AzureDevops)),
    template!("setup", "setup/azure-devops.sh", Some(Pipeline::AzureDevops)),
];

/// The files by their paths in the repository, in the order in which they are written.
///
/// # Errors
/// When this build has no schema of policies.
pub(crate) fn files(options: &RepositoryOptions) -> Result<Vec<(String, String)>, RunError> {
    let RepositoryOptions { tenant, pipeline, action, repository, reviewers, portal } = options;
    let (workflows, commit) = match action {
        Some((workflows, commit)) => (workflows.as_str(), commit.clone()),
        None => (WORKFLOWS, format!("{COMMIT}{RELEASE}")),
    };
    let mut files: Vec<(String, String)> = Vec::new();
    for (path, text, owner) in FILES {
        if owner.is_some_and(|owner| owner != *pipeline) || (path.ends_with("CODEOWNERS") && reviewers.is_empty()) {
            continue;
        }
        let text: String = text.split_inclusive('\n').filter_map(|line| marked(line, *portal)).collect();
        let text = text
            .replace(TENANT, tenant)
            .replace(&format!("{COMMIT}{RELEASE}"), &commit)
            .replace(WORKFLOWS, workflows)
            .replace(POLICY, &policy_path(tenant))
            .replace(REPOSITORY, repository.as_deref().unwrap_or_default())
            .replace(REVIEWERS, &reviewers.join(" "));
        match files.last_mut().filter(|(last, _)| last == path) {
            Some((_, so_far)) => so_far.push_str(&text),
            None if *path == POLICY => files.push((policy_path(tenant), text)),
            None => files.push(((*path).to_owned(), text)),
        }
    }
    for name in [SchemaName::Policy, SchemaName::Repository, SchemaName::Test] {
        let path = format!("schemas/{}.json", name.to_possible_value().unwrap_or_default().get_name());
        files.push((path, schemas::text(name)?.into_owned()));
    }
    Ok(files)
}

/// Whether `init` may write a file at this path of a repository.
pub(crate) fn is_template(path: &Path) -> bool {
    let is_known = FILES.iter().any(|(known, ..)| Path::new(known) == path);
    is_known || path.starts_with("policies") || path.starts_with("schemas")
}

/// Where the policy of a tenant is.
pub(crate) fn policy_path(tenant: &str) -> String {
    format!("policies/{}.yaml", tenant.split('.').next().filter(|label| *label != "baseline").unwrap_or(tenant))
}

/// A line of a template without its mark; `None` if the mark says that it is for other repositories.
fn marked(line: &str, portal: bool) -> Option<String> {
    let bare = line.trim_end_matches('\n');
    let mark = MARKS.iter().find_map(|(mark, wanted)| bare.strip_suffix(mark).map(|rest| (rest, *wanted)));
    match mark {
        None => Some(line.to_owned()),
        Some((rest, wanted)) => (wanted == portal).then(|| format!("{rest}\n")),
    }
}
