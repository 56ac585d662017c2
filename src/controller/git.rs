//! A branch of a repository, fetched with the git of this machine: its credential helpers, its ssh, its proxies. Git
//! never prompts, no program of the repository is run, and time and size are bounded.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use crate::base::state_file::create_folder;
use crate::controller::address::RepositoryAddress;
use crate::controller::condition::Reason;
use crate::controller::reconcile::ReconcileFailure;
use crate::controller::schedule::Retry;
use crate::render::text::safe::safe;

/// The most files that a commit may have.
const MOST_FILES: usize = 50_000;
/// The most bytes that the files of a commit may have together.
const MOST_BYTES: u64 = 256 * 1024 * 1024;
/// The most bytes of an answer of git that are read.
const LONGEST_OUTPUT: u64 = 32 * 1024 * 1024;
/// The most characters of an error message of git that are shown.
const LONGEST_ERROR: usize = 400;
/// The reference that holds the fetched commit.
const REFERENCE: &str = "refs/ssprctl/head";

/// A branch to follow.
#[derive(Clone, Debug)]
pub struct Git {
    /// The address of the repository.
    pub address: RepositoryAddress,
    /// The name of the branch.
    pub branch: String,
    /// Whether a commit counts only when git can verify its signature.
    pub require_signed: bool,
    /// The folder of the checkout; no other process may use it.
    pub folder: PathBuf,
    /// How long git may take each time it is run.
    pub timeout: Duration,
}

/// How to run git.
struct GitCommand<'a> {
    arguments: &'a [&'a str],
    folder: &'a Path,
    protocols: &'a str,
    timeout: Duration,
}

impl Git {
    /// Fetches the branch's newest commit, verifies its signature if `require_signed`, and checks its
    /// size. Returns the commit.
    ///
    /// # Errors
    /// When it cannot be fetched or is refused. The checkout does not change.
    pub async fn fetch(&self) -> Result<String, ReconcileFailure> {
        self.begin().await?;
        let from = format!("+refs/heads/{}:{REFERENCE}", self.branch);
        let fetch = ["fetch", "--depth=1", "--no-tags", "--no-recurse-submodules", "--quiet", "--force", "--"];
        let fetch: Vec<&str> = fetch.into_iter().chain([self.address.as_str(), &from]).collect();
        self.git(&fetch).await.map_err(|why| {
            failure(
                Retry::Transient,
                Reason::Unreadable,
                &format!("the branch {} cannot be fetched: {why}", self.branch),
            )
        })?;
        let commit = self.git(&["rev-parse", "--verify", "--quiet", &format!("{REFERENCE}^{{commit}}")]).await;
        let commit = String::from_utf8_lossy(&commit.map_err(unreadable)?).trim().to_owned();
        if self.require_signed {
            self.verify(&commit).await?;
        }
        self.measure(&commit).await?;
        Ok(commit)
    }

    /// Checks out a fetched commit, and removes every other file from the folder.
    ///
    /// # Errors
    /// When git fails.
    pub async fn check_out(&self, commit: &str) -> Result<(), ReconcileFailure> {
        self.git(&["checkout", "--quiet", "--force", "--detach", commit]).await.map_err(unreadable)?;
        self.git(&["clean", "--quiet", "-ffdx"]).await.map_err(unreadable)?;
        Ok(())
    }

    async fn begin(&self) -> Result<(), ReconcileFailure> {
        if self.folder.join(".git").is_dir() {
            self.unlock();
            return Ok(());
        }
        let shown = self.folder.display();
        create_folder(&self.folder)
            .map_err(|error| unreadable(format!("the folder {shown} cannot be made: {error}")))?;
        self.git(&["init", "--quiet", "--template="]).await.map(drop).map_err(unreadable)
    }

    /// Removes the lock files of a git process that was killed. No other process uses the folder: the state folder is
    /// locked, and one git runs at a time.
    fn unlock(&self) {
        let own = self.folder.join(".git");
        for folder in [own.clone(), own.join("refs/ssprctl")] {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
            for lock in entries.filter(|path| path.extension().is_some_and(|end| end == "lock")) {
                // If a file cannot be removed, git reports it.
                let _ = std::fs::remove_file(lock);
            }
        }
    }

    async fn verify(&self, commit: &str) -> Result<(), ReconcileFailure> {
        self.git(&["verify-commit", commit]).await.map(drop).map_err(|why| {
            let message = format!(
                "commit {} has no signature that git trusts: {why}; sign it with a key that this machine's git knows",
                short(commit)
            );
            failure(Retry::Never, Reason::Unsigned, &message)
        })
    }

    /// Refuses a commit with more than [`MOST_FILES`] files or [`MOST_BYTES`] bytes.
    async fn measure(&self, commit: &str) -> Result<(), ReconcileFailure> {
        let listed = self.git(&["ls-tree", "-r", "-l", "-z", "--full-tree", commit]).await.map_err(unreadable)?;
        let listed = String::from_utf8_lossy(&listed);
        let sizes = listed.split('\0').filter_map(|line| line.split('\t').next()?.split_whitespace().nth(3));
        let sizes: Vec<u64> = sizes.map(|size| size.parse().unwrap_or_default()).collect();
        let bytes: u64 = sizes.iter().sum();
        if sizes.len() <= MOST_FILES && bytes <= MOST_BYTES {
            return Ok(());
        }
        let message = format!(
            "commit {} has {} files of {} MiB together, and at most {MOST_FILES} of {} MiB are accepted",
            short(commit),
            sizes.len(),
            bytes / 1024 / 1024,
            MOST_BYTES / 1024 / 1024
        );
        Err(failure(Retry::Never, Reason::Unreadable, &message))
    }

    async fn git(&self, arguments: &[&str]) -> Result<Vec<u8>, String> {
        let (folder, protocols, timeout) = (self.folder.as_path(), self.address.protocols(), self.timeout);
        run(GitCommand { arguments, folder, protocols, timeout }).await
    }
}

fn failure(class: Retry, reason: Reason, message: &str) -> ReconcileFailure {
    ReconcileFailure { class, reason, message: message.to_owned() }
}

fn unreadable(why: impl Into<String>) -> ReconcileFailure {
    ReconcileFailure { class: Retry::Transient, reason: Reason::Unreadable, message: why.into() }
}

/// The first 12 characters of a commit id.
#[must_use]
pub(crate) fn short(revision: &str) -> &str {
    revision.get(..12).unwrap_or(revision)
}

async fn run(run: GitCommand<'_>) -> Result<Vec<u8>, String> {
    let GitCommand { timeout, .. } = run;
    let mut child = command(&run).spawn().map_err(|error| format!("git cannot be run: {error}; install git"))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let work = async {
        let (out, err, status) = tokio::join!(all(out), all(err), child.wait());
        (out, err, status)
    };
    let (out, err, status) =
        tokio::time::timeout(timeout, work).await.map_err(|_| format!("git is not done after {timeout:?}"))?;
    let status = status.map_err(|error| format!("git cannot be run: {error}"))?;
    if status.success() { Ok(out) } else { Err(error_text(&String::from_utf8_lossy(&err))) }
}

fn command(run: &GitCommand<'_>) -> Command {
    let mut command = Command::new("git");
    // No program of the repository is run: no hooks, no file system monitor, no submodules.
    let settings =
        ["core.hooksPath=/dev/null", "core.fsmonitor=false", "submodule.recurse=false", "gc.autoDetach=false"];
    let slow = ["http.lowSpeedLimit=1000", "http.lowSpeedTime=30"];
    for setting in settings.into_iter().chain(slow) {
        command.args(["-c", setting]);
    }
    command.args(run.arguments).current_dir(run.folder);
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_withheld(&name.to_string_lossy())) {
        command.env_remove(name);
    }
    // Git must use this checkout, also inside of another repository.
    command.env("GIT_DIR", run.folder.join(".git")).env("GIT_WORK_TREE", run.folder);
    command.env("GIT_ALLOW_PROTOCOL", run.protocols).env("LC_ALL", "C").env("GIT_LFS_SKIP_SMUDGE", "1");
    command.env("GIT_TERMINAL_PROMPT", "0").env("GCM_INTERACTIVE", "never").env("SSH_ASKPASS_REQUIRE", "never");
    if std::env::var_os("GIT_SSH_COMMAND").is_none() && std::env::var_os("GIT_SSH").is_none() {
        command.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// Whether a variable is withheld from git: secrets, and variables that redirect git or make it log requests.
fn is_withheld(name: &str) -> bool {
    let elsewhere = [
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_NAMESPACE",
        "GIT_CURL_VERBOSE",
        "AZURE_CLIENT_SECRET",
        "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    ];
    name.starts_with("SSPRCTL_") || name.starts_with("GIT_TRACE") || elsewhere.contains(&name)
}

async fn all(stream: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        // Longer output is not read; git then fails to write it and ends with an error.
        let _ = stream.take(LONGEST_OUTPUT).read_to_end(&mut bytes).await;
    }
    bytes
}

/// The error message of git: its last three lines, without control characters and user names or passwords in addresses.
fn error_text(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let shown = lines.iter().rev().take(3).rev().copied().collect::<Vec<_>>().join("; ");
    let shown = without_userinfo(&shown);
    let shown: String = safe(&shown).chars().take(LONGEST_ERROR).collect();
    if shown.is_empty() { "git gives no reason".to_owned() } else { shown }
}

fn without_userinfo(text: &str) -> String {
    let words = text.split(' ').map(|word| match word.split_once("://") {
        Some((scheme, rest)) if rest.contains('@') => {
            format!("{scheme}://…@{}", rest.rsplit_once('@').map_or("", |(_, host)| host))
        }
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_messages_are_short_and_contain_no_password() {
        let shown = error_text("remote: a\nfatal: unable to access 'https://me:secret@github.com/x/': \u{1b}[31mno\n");
        assert_eq!(shown, "remote: a; fatal: unable to access 'https://…@github.com/x/': ␛[31mno");
        assert_eq!(error_text(&"x".repeat(10_000)).len(), LONGEST_ERROR);
        assert_eq!(error_text("\n"), "git gives no reason");
    }

    #[test]
    fn git_does_not_see_the_keys_to_the_tenants() {
        for name in ["SSPRCTL_PORTAL_TOKEN", "SSPRCTL_NOTIFY_SLACK", "AZURE_CLIENT_SECRET", "GIT_TRACE_CURL"] {
            assert!(is_withheld(name), "{name}");
        }
        for name in ["PATH", "HOME", "SSH_AUTH_SOCK", "GIT_SSH_COMMAND", "GIT_CONFIG_COUNT", "HTTPS_PROXY"] {
            assert!(!is_withheld(name), "{name}");
        }
    }
}
