//! Where the policies come from: a branch that is followed, or a folder as it is.

use std::path::PathBuf;

use crate::controller::git::Git;
use crate::controller::reconcile::ReconcileFailure;
use crate::controller::state::SourceState;

/// Where the policies come from.
#[derive(Clone, Debug)]
pub enum PolicySource {
    /// A branch of a repository.
    Branch(Git),
    /// A folder without version control.
    Folder(PathBuf),
}

/// The newest revision of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceRevision {
    /// The commit; `None` for a folder, whose revision is a digest of its content.
    pub(crate) commit: Option<String>,
    /// Where the files are.
    pub(crate) folder: PathBuf,
}

impl PolicySource {
    /// Finds the newest revision; fetches the branch for this.
    ///
    /// # Errors
    /// When the branch cannot be fetched or its commit is refused.
    pub(crate) async fn find_revision(&self) -> Result<SourceRevision, ReconcileFailure> {
        match self {
            Self::Folder(folder) => Ok(SourceRevision { commit: None, folder: folder.clone() }),
            Self::Branch(git) => {
                let commit = git.fetch().await?;
                Ok(SourceRevision { commit: Some(commit), folder: git.folder.clone() })
            }
        }
    }

    /// Checks the revision out into its folder; does nothing for a folder without version control.
    ///
    /// # Errors
    /// When git cannot check it out.
    pub(crate) async fn open(&self, found: &SourceRevision) -> Result<(), ReconcileFailure> {
        match (self, &found.commit) {
            (Self::Branch(git), Some(commit)) => git.check_out(commit).await,
            _ => Ok(()),
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
