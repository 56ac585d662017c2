//! The entries of a commit that are not written to the folder from which its policies are loaded: what is no policy, and
//! what is no file. They are known, so that a policy that names one is refused for the right reason.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnreadKind {
    /// A file that can be no policy.
    File,
    /// A symbolic link or a submodule.
    NotAFile,
}

/// The entries, by their path below the top of the commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct UnreadEntries(BTreeMap<PathBuf, UnreadKind>);

impl UnreadEntries {
    pub(crate) fn insert(&mut self, below: PathBuf, kind: UnreadKind) {
        self.0.insert(below, kind);
    }

    /// The entry that a path leads to: the one of this path, or a link or submodule among the folders above it.
    pub(crate) fn find(&self, below: &Path) -> Option<UnreadKind> {
        let is_in = |folder: &Path| self.0.get(folder) == Some(&UnreadKind::NotAFile);
        match below.ancestors().skip(1).any(is_in) {
            true => Some(UnreadKind::NotAFile),
            false => self.0.get(below).copied(),
        }
    }

    /// The links and submodules.
    pub(crate) fn not_files(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().filter(|(_, kind)| **kind == UnreadKind::NotAFile).map(|(path, _)| path.as_path())
    }
}
