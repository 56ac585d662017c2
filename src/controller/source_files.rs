//! The files of one revision, from which its policies are loaded.

use std::path::{Path, PathBuf};

use crate::policy::roots::Roots;
use crate::policy::unread::UnreadEntries;

/// The files of one revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFiles {
    folder: PathBuf,
    unread: Option<UnreadEntries>,
}

impl SourceFiles {
    /// A folder as it is.
    #[must_use]
    pub(crate) fn of_folder(folder: PathBuf) -> Self {
        Self { folder, unread: None }
    }

    /// The files of a commit that can be policies, in a folder of the controller, and the commit's other entries.
    #[must_use]
    pub(crate) fn of_commit(folder: PathBuf, unread: UnreadEntries) -> Self {
        Self { folder, unread: Some(unread) }
    }

    /// The folder that they are in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folders that paths are resolved against.
    #[must_use]
    pub(crate) fn roots(&self) -> Roots {
        match &self.unread {
            None => Roots::new(&self.folder, None),
            Some(unread) => Roots::of_commit(&self.folder, unread.clone()),
        }
    }
}
