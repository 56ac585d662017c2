//! The commit of `--base`, with whose exceptions those of a run are compared. Its files are read from git's objects into a
//! folder of their own: nothing is checked out, and git runs no program of the repository and reaches no other machine.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::base::file::{read_bounded, text};
use crate::base::state_file;
use crate::cli::context::Context;
use crate::cli::tracked_files::repository;
use crate::controller::commit_tree::{TreeEntry, TreeEntryKind};
use crate::controller::git_command::{GitCommand, GitSettings};
use crate::controller::{commit_blobs, commit_tree};
use crate::engine::error::RunError;
use crate::engine::policies::{BasePolicies, load_from};
use crate::engine::selection::Selection;
use crate::policy::gate::can_be_policy;
use crate::policy::read::MAX_BYTES;
use crate::policy::roots::{Roots, normalize};
use crate::tenant::surface::Service;

/// How long git may take each time it is run.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The most characters of a name of a commit.
const LONGEST_NAME: usize = 200;
/// The most bytes of the file that `.git` is in a linked worktree or a submodule.
const LONGEST_LINK: u64 = 8 * 1024;

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
        let here = context.run.working_folder.as_ref().ok().and_then(|here| here.canonicalize().ok());
        let commit = here.as_deref().and_then(BaseCommit::find).ok_or_else(|| {
            RunError::failed("--base names a commit, and this folder is in no git repository")
                .hint("run in the repository of the policies, or leave --base and SSPRCTL_BASE out")
        })?;
        let folder = commit.files(name).await?;
        let start = folder.path().join(&commit.start);
        std::fs::create_dir_all(&start)?;
        let paths: Vec<_> = paths.iter().filter_map(|path| commit.path(path, folder.path())).collect();
        let all = Selection { tenant: None, shard: None, ring: None, services: &Service::ALL };
        let roots = Roots::new(&start, Some(folder.path()));
        let base = load_from(&roots, &paths, &all, context.run.today).into_base();
        if base.is_invalid {
            context.output.note(&format!(
                "note: files of {name} have errors, so the exceptions there are not known and those here count as new"
            ));
        }
        Ok(Some(base))
    }
}

/// The repository that a run is in.
struct BaseCommit {
    top: PathBuf,
    /// The folder of git's objects and references.
    git: PathBuf,
    /// The folder in which the run started, below `top`.
    start: PathBuf,
}

impl BaseCommit {
    fn find(here: &Path) -> Option<Self> {
        let top = repository(here);
        let git = git_folder(&top)?;
        let start = here.strip_prefix(&top).ok()?.to_owned();
        Some(Self { top, git, start })
    }

    /// The files of a commit that can be policies, in a new folder.
    async fn files(&self, name: &str) -> Result<tempfile::TempDir, RunError> {
        let commit = self.commit(name).await?;
        let failed = |why: String| RunError::failed(format!("{name}, which --base names, cannot be read: {why}"));
        let list: Vec<&str> = commit_tree::LIST.into_iter().chain([commit.as_str()]).collect();
        let entries = commit_tree::parse(&self.run(&list).await.map_err(failed)?).map_err(failed)?;
        let folder = tempfile::tempdir()?;
        let mut wanted = Vec::new();
        for entry in entries.iter().filter(|entry| is_read(entry)) {
            let path = folder.path().join(&entry.path);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            state_file::open(&path, OpenOptions::new().write(true).create_new(true))?;
            wanted.push((entry, path));
        }
        commit_blobs::copy(self.command(&commit_blobs::READ), &wanted).await.map_err(failed)?;
        Ok(folder)
    }

    /// The id of a commit.
    async fn commit(&self, name: &str) -> Result<String, RunError> {
        let unknown = || {
            RunError::failed(format!("--base names no commit of this repository: {name}")).hint(
                "write a commit, a branch or a tag that is here; a pipeline may have to fetch more than the last commit",
            )
        };
        let strange = |c: char| c.is_control();
        if name.is_empty() || name.starts_with('-') || name.contains(strange) || name.chars().count() > LONGEST_NAME {
            return Err(unknown());
        }
        let verify = ["rev-parse", "--verify", "--quiet", &format!("{name}^{{commit}}")];
        let id = self.run(&verify).await.map_err(|_| unknown())?;
        let id = String::from_utf8_lossy(&id).trim().to_owned();
        let is_id = id.len() >= 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_id { Ok(id) } else { Err(unknown()) }
    }

    /// Where a path that the run was given is below `folder`; `None` for what that commit does not have, and for what is
    /// outside of the repository.
    fn path(&self, path: &Path, folder: &Path) -> Option<PathBuf> {
        let path = normalize(&self.top.join(&self.start).join(path));
        let real = || path.canonicalize().ok()?.strip_prefix(&self.top).ok().map(Path::to_owned);
        let below = path.strip_prefix(&self.top).ok().map(Path::to_owned).or_else(real)?;
        Some(folder.join(below)).filter(|path| path.exists())
    }

    async fn run(&self, arguments: &[&str]) -> Result<Vec<u8>, String> {
        self.command(arguments).run().await
    }

    fn command<'a>(&'a self, arguments: &'a [&'a str]) -> GitCommand<'a> {
        GitCommand { arguments, repository: &self.git, settings: GitSettings::Unset, timeout: TIMEOUT }
    }
}

/// Whether a file of the commit is read. One that is too large for a policy says nothing there either.
fn is_read(entry: &TreeEntry) -> bool {
    entry.kind == TreeEntryKind::File && entry.bytes <= MAX_BYTES && can_be_policy(&entry.path)
}

/// The folder `.git`, or the one that a file of that name leads to, as in linked worktrees and submodules.
fn git_folder(top: &Path) -> Option<PathBuf> {
    let own = top.join(".git");
    if own.is_dir() {
        return Some(own);
    }
    let link = read_bounded(&own, LONGEST_LINK).and_then(text).ok()?;
    let folder = top.join(link.strip_prefix("gitdir:")?.trim());
    folder.is_dir().then_some(folder)
}
