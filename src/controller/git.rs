//! A branch of a repository, fetched with the git of this machine: its credential helpers, its ssh, its proxies. Nothing is
//! asked, nothing of the repository is run, and everything is bounded.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

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
const LONGEST_ANSWER: u64 = 32 * 1024 * 1024;
/// The most characters of a complaint of git that are told.
const LONGEST_COMPLAINT: usize = 400;
/// Where the fetched commit is kept.
const REFERENCE: &str = "refs/ssprctl/head";

/// A branch to follow.
#[derive(Clone, Debug)]
pub struct Git {
    /// The repository.
    pub address: RepositoryAddress,
    /// The branch.
    pub branch: String,
    /// Whether a commit counts only when git can verify its signature.
    pub require_signed: bool,
    /// Where it is checked out; this belongs to nobody else.
    pub folder: PathBuf,
    /// How long git may take each time it is run.
    pub patience: Duration,
}

/// How to run git.
struct GitCommand<'a> {
    arguments: &'a [&'a str],
    folder: &'a Path,
    protocols: &'a str,
    patience: Duration,
}

impl Git {
    /// Fetches the branch's newest commit, verifies its signature where that is asked, and checks it out. Returns the commit.
    ///
    /// # Errors
    /// Why there is nothing to check out. What was checked out before is as it was.
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

    /// Puts the files of a commit that was fetched into the folder, and nothing else.
    ///
    /// # Errors
    /// Why git cannot.
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
        std::fs::create_dir_all(&self.folder)
            .map_err(|error| unreadable(format!("the folder {shown} cannot be made: {error}")))?;
        self.git(&["init", "--quiet", "--template="]).await.map(drop).map_err(unreadable)
    }

    /// Takes away the locks of a git that was killed. Nobody else works here: the state folder is this process's own, and it
    /// runs one git at a time.
    fn unlock(&self) {
        let own = self.folder.join(".git");
        for folder in [own.clone(), own.join("refs/ssprctl")] {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
            for lock in entries.filter(|path| path.extension().is_some_and(|end| end == "lock")) {
                // What cannot be removed is what git then complains about.
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

    /// Refuses what would fill the disk.
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
            "commit {} has {} files of {} MiB together, and at most {MOST_FILES} of {} MiB are taken",
            short(commit),
            sizes.len(),
            bytes / 1024 / 1024,
            MOST_BYTES / 1024 / 1024
        );
        Err(failure(Retry::Never, Reason::Unreadable, &message))
    }

    async fn git(&self, arguments: &[&str]) -> Result<Vec<u8>, String> {
        let (folder, protocols, patience) = (self.folder.as_path(), self.address.protocols(), self.patience);
        run(GitCommand { arguments, folder, protocols, patience }).await
    }
}

fn failure(class: Retry, reason: Reason, message: &str) -> ReconcileFailure {
    ReconcileFailure { class, reason, message: message.to_owned() }
}

fn unreadable(why: impl Into<String>) -> ReconcileFailure {
    ReconcileFailure { class: Retry::Transient, reason: Reason::Unreadable, message: why.into() }
}

/// The beginning of a commit's name, as people write it.
#[must_use]
pub(crate) fn short(revision: &str) -> &str {
    revision.get(..12).unwrap_or(revision)
}

async fn run(run: GitCommand<'_>) -> Result<Vec<u8>, String> {
    let GitCommand { patience, .. } = run;
    let mut child = command(&run).spawn().map_err(|error| format!("git cannot be run: {error}; install git"))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let work = async {
        let (out, err, status) = tokio::join!(all(out), all(err), child.wait());
        (out, err, status)
    };
    let (out, err, status) =
        tokio::time::timeout(patience, work).await.map_err(|_| format!("git is not done after {patience:?}"))?;
    let status = status.map_err(|error| format!("git cannot be run: {error}"))?;
    if status.success() { Ok(out) } else { Err(complaint(&String::from_utf8_lossy(&err))) }
}

fn command(run: &GitCommand<'_>) -> Command {
    let mut command = Command::new("git");
    // A program of the repository is never run: no hooks, no watcher, no submodules.
    let settings =
        ["core.hooksPath=/dev/null", "core.fsmonitor=false", "submodule.recurse=false", "gc.autoDetach=false"];
    let slow = ["http.lowSpeedLimit=1000", "http.lowSpeedTime=30"];
    for setting in settings.into_iter().chain(slow) {
        command.args(["-c", setting]);
    }
    command.args(run.arguments).current_dir(run.folder);
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_kept_back(&name.to_string_lossy())) {
        command.env_remove(name);
    }
    // The checkout is ours, whatever repository lies around it.
    command.env("GIT_DIR", run.folder.join(".git")).env("GIT_WORK_TREE", run.folder);
    command.env("GIT_ALLOW_PROTOCOL", run.protocols).env("LC_ALL", "C").env("GIT_LFS_SKIP_SMUDGE", "1");
    command.env("GIT_TERMINAL_PROMPT", "0").env("GCM_INTERACTIVE", "never").env("SSH_ASKPASS_REQUIRE", "never");
    if std::env::var_os("GIT_SSH_COMMAND").is_none() && std::env::var_os("GIT_SSH").is_none() {
        command.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// What git is not to see: the keys to the tenants, and what would have it work elsewhere or tell what it sends.
fn is_kept_back(name: &str) -> bool {
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
        // What is longer is cut; git then ends with an error, because nobody listens.
        let _ = stream.take(LONGEST_ANSWER).read_to_end(&mut bytes).await;
    }
    bytes
}

/// What git says is wrong: its last lines, without control characters and without what may be a password.
fn complaint(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let told = lines.iter().rev().take(3).rev().copied().collect::<Vec<_>>().join("; ");
    let told = without_userinfo(&told);
    let told: String = safe(&told).chars().take(LONGEST_COMPLAINT).collect();
    if told.is_empty() { "git gives no reason".to_owned() } else { told }
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
    fn complaints_are_short_and_tell_no_password() {
        let told = complaint("remote: a\nfatal: unable to access 'https://me:secret@github.com/x/': \u{1b}[31mno\n");
        assert_eq!(told, "remote: a; fatal: unable to access 'https://…@github.com/x/': ␛[31mno");
        assert_eq!(complaint(&"x".repeat(10_000)).len(), LONGEST_COMPLAINT);
        assert_eq!(complaint("\n"), "git gives no reason");
    }

    #[test]
    fn git_does_not_see_the_keys_to_the_tenants() {
        for name in ["SSPRCTL_PORTAL_TOKEN", "SSPRCTL_NOTIFY_SLACK", "AZURE_CLIENT_SECRET", "GIT_TRACE_CURL"] {
            assert!(is_kept_back(name), "{name}");
        }
        for name in ["PATH", "HOME", "SSH_AUTH_SOCK", "GIT_SSH_COMMAND", "GIT_CONFIG_COUNT", "HTTPS_PROXY"] {
            assert!(!is_kept_back(name), "{name}");
        }
    }
}
