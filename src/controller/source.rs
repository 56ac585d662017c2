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
    /// A folder, whoever changes it.
    Folder(PathBuf),
}

/// What there is at the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceRevision {
    /// The commit; `None` for a folder, whose revision is what is in it.
    pub(crate) commit: Option<String>,
    /// Where the files are.
    pub(crate) folder: PathBuf,
}

impl PolicySource {
    /// Looks what there is.
    ///
    /// # Errors
    /// Why nothing can be had.
    pub(crate) async fn look(&self) -> Result<SourceRevision, ReconcileFailure> {
        match self {
            Self::Folder(folder) => Ok(SourceRevision { commit: None, folder: folder.clone() }),
            Self::Branch(git) => {
                let commit = git.fetch().await?;
                Ok(SourceRevision { commit: Some(commit), folder: git.folder.clone() })
            }
        }
    }

    /// Puts the files of what was found into its folder.
    ///
    /// # Errors
    /// Why that cannot be done.
    pub(crate) async fn open(&self, found: &SourceRevision) -> Result<(), ReconcileFailure> {
        match (self, &found.commit) {
            (Self::Branch(git), Some(commit)) => git.check_out(commit).await,
            _ => Ok(()),
        }
    }

    /// What is remembered of a source of which nothing is known yet.
    #[must_use]
    pub(crate) fn unknown(&self) -> SourceState {
        let (address, branch) = match self {
            Self::Branch(git) => (git.address.to_string(), Some(git.branch.clone())),
            Self::Folder(folder) => (folder.display().to_string(), None),
        };
        SourceState { address, branch, ..SourceState::default() }
    }
}
