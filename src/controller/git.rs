//! A branch of a repository, fetched with the git of this machine: its credential helpers, its ssh, its proxies. The files of
//! a commit are read from git's objects. Nothing is ever checked out, so attributes, filters, encodings and links of the
//! repository change nothing.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::base::state_file::{self, create_folder};
use crate::controller::address::RepositoryAddress;
use crate::controller::commit_blobs;
use crate::controller::commit_tree::{self, TreeEntry, TreeEntryKind};
use crate::controller::condition::Reason;
use crate::controller::git_command::{GitCommand, GitSettings};
use crate::controller::reconcile::ReconcileFailure;
use crate::controller::schedule::Retry;
use crate::controller::source_files::SourceFiles;
use crate::policy::gate::can_be_policy;
use crate::policy::read::MAX_BYTES;
use crate::policy::unread::{UnreadEntries, UnreadKind};

/// The reference that holds the fetched commit.
const REFERENCE: &str = "refs/ssprctl/head";
/// The reference that holds the last valid commit, so that git does not remove it.
const ACTIVE: &str = "refs/ssprctl/active";
/// The folder of the bare repository.
const REPOSITORY: &str = "repository.git";
/// The folder of the files of the commit that was read last.
const FILES: &str = "files";
/// The configuration of the bare repository. It is written before each fetch, so that no other one counts.
const CONFIGURATION: &str = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n";

/// A branch to follow.
#[derive(Clone, Debug)]
pub struct Git {
    /// The address of the repository.
    pub address: RepositoryAddress,
    /// The name of the branch.
    pub branch: String,
    /// Whether a commit counts only when git can verify its signature.
    pub require_signed: bool,
    /// The folder of the bare repository and of the files; no other process may use it.
    pub folder: PathBuf,
    /// How long git may take each time it is run.
    pub timeout: Duration,
}

impl Git {
    /// Fetches the branch's newest commit, and verifies its signature if `require_signed`. Returns the commit.
    ///
    /// # Errors
    /// When it cannot be fetched or is refused.
    pub async fn fetch(&self) -> Result<String, ReconcileFailure> {
        self.begin().await?;
        let from = format!("+refs/heads/{}:{REFERENCE}", self.branch);
        let fetch = ["fetch", "--depth=1", "--no-tags", "--no-recurse-submodules", "--quiet", "--force", "--"];
        let fetch: Vec<&str> = fetch.into_iter().chain([self.address.as_str(), &from]).collect();
        self.with_machine(&fetch).await.map_err(|why| {
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
        Ok(commit)
    }

    /// Reads a fetched commit: writes each file that can be a policy, byte for byte, into a folder that held nothing else.
    ///
    /// # Errors
    /// When the commit is not there, is too large, or has a path that cannot be that of a file.
    pub async fn read(&self, commit: &str) -> Result<SourceFiles, ReconcileFailure> {
        if commit.is_empty() || !commit.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(unreadable("the revision is not the id of a commit"));
        }
        let list: Vec<&str> = commit_tree::LIST.into_iter().chain([commit]).collect();
        let listed = self.git(&list).await.map_err(unreadable)?;
        let refused = |why: String| {
            failure(Retry::Never, Reason::Unreadable, &format!("commit {} is refused: {why}", short(commit)))
        };
        let entries = commit_tree::parse(&listed).map_err(refused)?;
        let folder =
            self.make_folder(&entries).map_err(|error| refused(format!("its folders cannot be made: {error}")))?;
        let (policies, others): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|entry| entry.kind == TreeEntryKind::File && can_be_policy(&entry.path));
        self.write_files(&policies, &folder).await.map_err(unreadable)?;
        let mut unread = UnreadEntries::default();
        for TreeEntry { kind, path, .. } in others {
            let kind = match kind {
                TreeEntryKind::File => UnreadKind::File,
                TreeEntryKind::Link | TreeEntryKind::Submodule => UnreadKind::NotAFile,
            };
            unread.insert(path, kind);
        }
        Ok(SourceFiles::of_commit(folder, unread))
    }

    /// Has git store a commit until another one is retained, so that it can be read again after a restart.
    ///
    /// # Errors
    /// What git says, when it fails.
    pub(crate) async fn retain(&self, commit: &str) -> Result<(), String> {
        self.git(&["update-ref", ACTIVE, commit]).await.map(drop)
    }

    fn repository(&self) -> PathBuf {
        self.folder.join(REPOSITORY)
    }

    async fn begin(&self) -> Result<(), ReconcileFailure> {
        let repository = self.repository();
        let unusable =
            |error: io::Error| unreadable(format!("the folder {} cannot be used: {error}", self.folder.display()));
        // An earlier version had a checkout here, in which everything was chosen by whoever wrote the commit.
        if self.folder.join(".git").symlink_metadata().is_ok() {
            std::fs::remove_dir_all(&self.folder).map_err(unusable)?;
        }
        if !repository.join("HEAD").is_file() {
            create_folder(&repository).map_err(unusable)?;
            self.git(&["init", "--bare", "--quiet", "--template="]).await.map_err(unreadable)?;
        }
        self.unlock();
        state_file::write(&repository.join("config"), CONFIGURATION.as_bytes()).map_err(unusable)
    }

    /// Removes the lock files of a git process that was killed. No other process uses the folder: the state folder is
    /// locked, and one git runs at a time.
    fn unlock(&self) {
        let own = self.repository();
        for folder in [own.clone(), own.join("refs/ssprctl")] {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
            for lock in entries.filter(|path| path.extension().is_some_and(|end| end == "lock")) {
                // If a file cannot be removed, git reports it.
                let _ = std::fs::remove_file(lock);
            }
        }
    }

    async fn verify(&self, commit: &str) -> Result<(), ReconcileFailure> {
        self.with_machine(&["verify-commit", commit]).await.map(drop).map_err(|why| {
            let message = format!(
                "commit {} has no signature that git trusts: {why}; sign it with a key that this machine's git knows",
                short(commit)
            );
            failure(Retry::Never, Reason::Unsigned, &message)
        })
    }

    /// Makes the folder of the files anew, with every folder that the commit has.
    fn make_folder(&self, entries: &[TreeEntry]) -> io::Result<PathBuf> {
        let folder = self.folder.join(FILES);
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        create_folder(&folder)?;
        let mut last = Path::new("");
        for parent in entries.iter().filter_map(|entry| entry.path.parent()) {
            if parent != last {
                create_folder(&folder.join(parent))?;
                last = parent;
            }
        }
        folder.canonicalize()
    }

    async fn write_files(&self, entries: &[TreeEntry], folder: &Path) -> Result<(), String> {
        let mut wanted = Vec::new();
        for entry in entries {
            let path = folder.join(&entry.path);
            // Two names may be one on this system, for example when they differ only in case.
            let file = state_file::open(&path, OpenOptions::new().write(true).create_new(true));
            let file = file.map_err(|error| format!("the file {} cannot be written: {error}", path.display()))?;
            // A file that is too large for a policy is refused by its size, and its content is not needed for that.
            match entry.bytes > MAX_BYTES {
                true => file.set_len(entry.bytes).map_err(|error| error.to_string())?,
                false => wanted.push((entry, path)),
            }
        }
        let repository = self.repository();
        let (settings, timeout) = (GitSettings::Unset, self.timeout);
        commit_blobs::copy(
            GitCommand { arguments: &commit_blobs::READ, repository: &repository, settings, timeout },
            &wanted,
        )
        .await
    }

    /// Runs git with the settings of this machine.
    async fn with_machine(&self, arguments: &[&str]) -> Result<Vec<u8>, String> {
        self.run(arguments, GitSettings::Machine { protocols: self.address.protocols() }).await
    }

    /// Runs git without settings.
    async fn git(&self, arguments: &[&str]) -> Result<Vec<u8>, String> {
        self.run(arguments, GitSettings::Unset).await
    }

    async fn run(&self, arguments: &[&str], settings: GitSettings) -> Result<Vec<u8>, String> {
        let (repository, timeout) = (self.repository(), self.timeout);
        GitCommand { arguments, repository: &repository, settings, timeout }.run().await
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
