//! Where the policies come from: a branch that is followed, or a folder as it is.

use std::path::PathBuf;

use crate::controller::git::Git;
use crate::controller::reconcile::ReconcileFailure;
use crate::controller::source_files::SourceFiles;
use crate::controller::state::SourceState;

/// Where the policies come from.
#[derive(Clone, Debug)]
pub enum PolicySource {
    /// A branch of a repository.
    Branch(Git),
    /// A folder without version control.
    Folder(PathBuf),
}

impl PolicySource {
    /// Finds the newest commit; fetches the branch for this. `None` for a folder, whose revision is a digest of its content.
    ///
    /// # Errors
    /// When the branch cannot be fetched or its commit is refused.
    pub(crate) async fn find_revision(&self) -> Result<Option<String>, ReconcileFailure> {
        match self {
            Self::Folder(_) => Ok(None),
            Self::Branch(git) => git.fetch().await.map(Some),
        }
    }

    /// Reads the files of a commit; those of a folder without version control are used as they are.
    ///
    /// # Errors
    /// When git cannot read the commit, or it is refused.
    pub(crate) async fn open(&self, commit: &str) -> Result<SourceFiles, ReconcileFailure> {
        match self {
            Self::Branch(git) => git.read(commit).await,
            Self::Folder(folder) => Ok(SourceFiles::of_folder(folder.clone())),
        }
    }

    /// Has the commit stored for a restart, at which the newest one may be invalid.
    pub(crate) async fn retain(&self, commit: &str) {
        let Self::Branch(git) = self else { return };
        if let Err(why) = git.retain(commit).await {
            tracing::warn!("git does not store the commit {commit} for a restart: {why}");
        }
    }

    /// The state of a source that was never read.
    #[must_use]
    pub(crate) fn unknown(&self) -> SourceState {
        let (address, branch) = match self {
            Self::Branch(git) => (git.address.to_string(), Some(git.branch.clone())),
            Self::Folder(folder) => (folder.display().to_string(), None),
        };
        SourceState { address, branch, ..SourceState::default() }
    }
}
