//! What git knows of the repository that a run is in: the files that it tracks, and those of the commit of `--base` or
//! `--changed-since`, with which those of a run are compared. They are read from git's objects into a folder of their own:
//! nothing is checked out, and git runs no program of the repository and reaches no other machine.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::base::file::{read_bounded, text};
use crate::base::state_file;
use crate::controller::commit_tree::{TreeEntry, TreeEntryKind};
use crate::controller::git_command::{GitCommand, GitSettings};
use crate::controller::{commit_blobs, commit_tree};
use crate::engine::error::RunError;
use crate::policy::gate::can_be_policy;
use crate::policy::read::MAX_BYTES;
use crate::policy::roots::normalize;

/// How long git may take each time it is run.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The way out where a commit is missing from a clone that has all of the history that it was to have.
const NAME_ANOTHER: &str = "write a commit, a branch or a tag that is here";
/// The way out where the history ends before the commit.
const UNSHALLOW: &str = "fetch the rest: `git fetch --unshallow`";
/// The way out where files of the commit are missing. It leaves the clone with all files of all commits.
const FETCH_FILES: &str = "fetch them: `git fetch --refetch --no-filter`, or clone without --filter";
/// The most characters of a name of a commit.
const LONGEST_NAME: usize = 200;
/// The most bytes of the file that `.git` is in a linked worktree or a submodule.
const LONGEST_LINK: u64 = 8 * 1024;

/// A commit as an option names it.
#[derive(Clone, Copy)]
pub(crate) struct NamedCommit<'a> {
    /// The option, such as `--base`.
    pub(crate) option: &'static str,
    /// The id, branch or tag of a commit.
    pub(crate) name: &'a str,
}

/// The repository that a run is in.
pub(crate) struct GitRepository {
    top: PathBuf,
    /// The folder of git's objects and references.
    git: PathBuf,
    /// The folder in which the run started, below `top`.
    pub(crate) start: PathBuf,
}

impl GitRepository {
    /// The repository that a folder is in; `None` where there is none.
    pub(crate) fn find(here: &Path) -> Option<Self> {
        let top = repository(here);
        let git = git_folder(&top)?;
        let start = here.strip_prefix(&top).ok()?.to_owned();
        Some(Self { top, git, start })
    }

    /// The files of the commit with this id that can be policies, in a new folder.
    ///
    /// # Errors
    /// When the commit cannot be read.
    pub(crate) async fn files(&self, id: &str, named: NamedCommit<'_>) -> Result<tempfile::TempDir, RunError> {
        let NamedCommit { option, name } = named;
        let failed = |why: String| RunError::failed(format!("{name}, which {option} names, cannot be read: {why}"));
        let list: Vec<&str> = commit_tree::LIST.into_iter().chain([id]).collect();
        let listed = self.run(&list).await;
        // Git prints `BAD` as the size of a file that is not here.
        let lacks = |listed: &Vec<u8>| listed.windows(5).any(|part| part == b" BAD\t");
        if listed.as_ref().map_or(true, lacks) && self.is_partial().await {
            return Err(
                failed("this is a partial clone, which lacks files of that commit".to_owned()).hint(FETCH_FILES)
            );
        }
        let entries = commit_tree::parse(&listed.map_err(failed)?).map_err(failed)?;
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
    ///
    /// # Errors
    /// When the name is that of no commit.
    pub(crate) async fn commit(&self, NamedCommit { option, name }: NamedCommit<'_>) -> Result<String, RunError> {
        let unknown = || RunError::failed(format!("{option} names no commit of this repository: {name}"));
        let strange = |c: char| c.is_control();
        if name.is_empty() || name.starts_with('-') || name.contains(strange) || name.chars().count() > LONGEST_NAME {
            return Err(unknown().hint(NAME_ANOTHER));
        }
        let verify = ["rev-parse", "--verify", "--quiet", &format!("{name}^{{commit}}")];
        if let Some(id) = self.run(&verify).await.ok().and_then(|printed| id(&printed)) {
            return Ok(id);
        }
        let fetch = fetch_of(name).map(|fetch| format!("a branch by `{fetch}`, a tag by `git fetch --tags`"));
        if self.is_shallow().await {
            let why = format!("{name}, which {option} names, is not in this clone, which is shallow");
            let fetch = fetch.map(|fetch| format!("; then {fetch}")).unwrap_or_default();
            return Err(RunError::failed(why).hint(format!("{UNSHALLOW}{fetch}")));
        }
        let fetch = fetch.map(|fetch| format!(", or fetch it: {fetch}")).unwrap_or_default();
        Err(unknown().hint(format!("{NAME_ANOTHER}{fetch}")))
    }

    /// Whether the history of the clone is cut off somewhere, as `git clone --depth` does.
    async fn is_shallow(&self) -> bool {
        self.run(&["rev-parse", "--is-shallow-repository"]).await.is_ok_and(|printed| printed.starts_with(b"true"))
    }

    /// Whether objects were left out of the clone, to be fetched when they are needed, as `git clone --filter` does.
    async fn is_partial(&self) -> bool {
        self.run(&["config", "--get-regexp", r"^remote\..*\.promisor$", "true"]).await.is_ok()
    }

    /// The id of the last commit that a commit and the checked-out one share: what was merged elsewhere since then is no change
    /// of the checked-out one.
    ///
    /// # Errors
    /// When the name is that of no commit, or they share none, also where they do so in history that was not fetched.
    pub(crate) async fn shared_commit(&self, named: NamedCommit<'_>) -> Result<String, RunError> {
        let commit = self.commit(named).await?;
        let shared = self.run(&["merge-base", &commit, "HEAD"]).await;
        if let Some(id) = shared.ok().and_then(|printed| id(&printed)) {
            return Ok(id);
        }
        let NamedCommit { option, name } = named;
        let message = format!("{name}, which {option} names, shares no commit with the one that is checked out");
        Err(if self.is_shallow().await {
            RunError::failed(format!("{message} in this clone, which is shallow")).hint(UNSHALLOW)
        } else {
            RunError::failed(message).hint("write a commit of the same history")
        })
    }

    /// Where a path that the run was given is below `folder`; `None` for what that commit does not have, and for what is
    /// outside of the repository.
    pub(crate) fn path(&self, path: &Path, folder: &Path) -> Option<PathBuf> {
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

/// The command that fetches a branch under the name by which it was asked for; `None` for a name that cannot be that of a branch,
/// such as an id or `HEAD^1`, or that is no plain word of a command line.
fn fetch_of(name: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let is_id = name.len() >= 7 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id || name == "HEAD" || !name.chars().all(is_plain) {
        return None;
    }
    Some(match name.strip_prefix("origin/") {
        Some(branch) => format!("git fetch origin {branch}:refs/remotes/{name}"),
        None => format!("git fetch origin {name}:{name}"),
    })
}

/// The id that git printed.
fn id(printed: &[u8]) -> Option<String> {
    let id = String::from_utf8_lossy(printed).trim().to_owned();
    (id.len() >= 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(id)
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

/// The files that git tracks in a folder of a repository, as paths from its top; none outside of repositories. A link or a
/// submodule on the way to the folder counts, too. Case does not count, because
/// some file systems do not distinguish it.
///
/// # Errors
/// Why git does not say which files it tracks.
pub(crate) fn tracked_below(folder: &Path) -> Result<Vec<String>, String> {
    let here = std::env::current_dir().map_err(|error| error.to_string())?;
    let folder: PathBuf = here.canonicalize().unwrap_or(here).join(folder).components().collect();
    // The folder may not exist yet, so the first one above it that does is looked at, too. Where the folder itself is a
    // link, both the repository that holds the link and the one it leads to can have brought what is in it.
    let places: BTreeSet<&Path> = [0, 1]
        .into_iter()
        .filter_map(|skipped| folder.ancestors().skip(skipped).find(|place| place.is_dir()))
        .collect();
    let mut found = Vec::new();
    for place in places {
        found.extend(tracked_from(place, &folder)?);
    }
    Ok(found)
}

/// The same, of the repository that an existing folder is in: `place`, which is `folder` or above it.
fn tracked_from(place: &Path, folder: &Path) -> Result<Vec<String>, String> {
    let top = repository(place);
    if top.join(".git").symlink_metadata().is_err() {
        return Ok(Vec::new());
    }
    let real = place.canonicalize().map_err(|error| error.to_string())?;
    let real = real.join(folder.strip_prefix(place).unwrap_or(Path::new("")));
    let wanted = comparable(&real.strip_prefix(&top).unwrap_or(Path::new("")).to_string_lossy());
    let within = |path: &str, folder: &str| {
        folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let concerns = |file: &&str| within(&comparable(file), &wanted) || within(&wanted, &comparable(file));
    Ok(tracked(&top)?.split('\0').filter(|file| !file.is_empty()).filter(concerns).map(str::to_owned).collect())
}

/// A path as it is compared with others.
pub(crate) fn comparable(path: &str) -> String {
    path.replace('\\', "/").to_lowercase()
}

/// The top of the repository that a folder is in, symbolic links resolved; without one the folder itself.
pub(crate) fn repository(here: &Path) -> PathBuf {
    let here = here.canonicalize().unwrap_or_else(|_| here.to_owned());
    here.ancestors().find(|folder| folder.join(".git").symlink_metadata().is_ok()).unwrap_or(&here).to_owned()
}

/// Whether a file is in a git repository, or will be, and git is not known to ignore it.
pub(crate) fn may_be_committed(file: &Path) -> bool {
    let here = std::env::current_dir().unwrap_or_default();
    let file = normalize(&here.join(file));
    let Some(place) = file.ancestors().skip(1).find(|place| place.is_dir()) else { return false };
    let top = repository(place);
    let real = place.canonicalize().unwrap_or_default().join(file.strip_prefix(place).unwrap_or(Path::new("")));
    let ignored = || about_names(&top).args(["check-ignore", "--quiet", "--"]).arg(&real).output();
    top.join(".git").symlink_metadata().is_ok() && !ignored().is_ok_and(|output| output.status.success())
}

/// Git in a folder, to be asked about names of files alone.
fn about_names(folder: &Path) -> Command {
    let mut git = Command::new("git");
    // No program that the repository's configuration names is run. Only names are read, so the owner does not matter.
    git.args(["-c", "core.fsmonitor=false", "-c", "safe.directory=*"]);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
        git.env_remove(name);
    }
    git.current_dir(folder).stdin(Stdio::null());
    git
}

/// Every file that git tracks in a repository, each ended by a NUL.
fn tracked(top: &Path) -> Result<String, String> {
    let mut git = about_names(top);
    let output = git.args(["ls-files", "-z", "--cached", "--full-name"]).output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(said.lines().next().unwrap_or("it fails").chars().take(200).collect());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
