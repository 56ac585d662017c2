//! The folders of a run: the one that paths are shown relative to, and the repository a file belongs to.

use std::collections::HashMap;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::policy::unread::UnreadEntries;

/// The folders of one run.
pub(crate) struct Roots {
    folder: PathBuf,
    fixed: Option<Arc<Path>>,
    known: Mutex<HashMap<PathBuf, Arc<Path>>>,
    real: Mutex<HashMap<PathBuf, PathBuf>>,
    unread: UnreadEntries,
    /// Files, each with the text that it is read with instead of its own.
    replaced: HashMap<PathBuf, String>,
}

impl Roots {
    /// `folder` is where the run started; `root`, if given, is the repository of every file.
    pub(crate) fn new(folder: &Path, root: Option<&Path>) -> Self {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        Self {
            folder: real(folder),
            fixed: root.map(|root| real(root).into()),
            known: Mutex::default(),
            real: Mutex::default(),
            unread: UnreadEntries::default(),
            replaced: HashMap::new(),
        }
    }

    /// The same folders, in which one more file has another text than on the disk: so a text is checked before it is written.
    pub(crate) fn with_text(mut self, file: &Path, text: &str) -> Self {
        let file = self.folder.join(file);
        let file = file.canonicalize().unwrap_or(file);
        self.replaced.insert(file, text.to_owned());
        self
    }

    /// The text that a file, symbolic links resolved, is read with instead of its own.
    pub(crate) fn text_of(&self, file: &Path) -> Option<&str> {
        self.replaced.get(file).map(String::as_str)
    }

    /// The folder with the files of a commit, which is the repository of every file, and the commit's other entries.
    pub(crate) fn of_commit(folder: &Path, unread: UnreadEntries) -> Self {
        Self { unread, ..Self::new(folder, Some(folder)) }
    }

    /// The entries of the commit that are not in the folder; none where the folder is no commit's.
    pub(crate) fn unread(&self) -> &UnreadEntries {
        &self.unread
    }

    /// A path as it is below the folder where the run started; `None` if it is outside.
    pub(crate) fn below_folder(&self, path: &Path) -> Option<PathBuf> {
        normalize(path).strip_prefix(&self.folder).ok().map(Path::to_owned)
    }

    /// Where the run started.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The repository that `file` belongs to: its nearest ancestor with `.git`; without one the folder where the run
    /// started, if the file is inside, and else the file's own folder.
    pub(crate) fn repository_of(&self, file: &Path) -> Arc<Path> {
        if let Some(root) = &self.fixed {
            return Arc::clone(root);
        }
        let own = file.parent().unwrap_or(file);
        if let Some(root) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(own) {
            return Arc::clone(root);
        }
        let inside = || if own.starts_with(&self.folder) { self.folder.as_path() } else { own };
        let root: Arc<Path> = own.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or_else(inside).into();
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(own.to_path_buf(), Arc::clone(&root));
        root
    }

    /// The path with its symbolic links resolved. Each path is asked for once: thousands of files may extend the same one.
    ///
    /// # Errors
    /// When nothing is there, or it cannot be reached.
    pub(crate) fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        if let Some(real) = self.real.lock().unwrap_or_else(PoisonError::into_inner).get(path) {
            return Ok(real.clone());
        }
        let real = path.canonicalize()?;
        self.real.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_path_buf(), real.clone());
        Ok(real)
    }

    /// The repository in which the run started; without one its folder.
    pub(crate) fn start(&self) -> Arc<Path> {
        self.repository_of(&self.folder.join("any"))
    }

    /// Whether a path is in the repository in which the run started, or in another one with `.git`.
    pub(crate) fn is_in_repository(&self, path: &Path) -> bool {
        let own = self.repository_of(path);
        path.starts_with(self.start()) || own.join(".git").exists()
    }

    /// How a path is shown: relative to where the run started, with `/` on every system.
    pub(crate) fn display(&self, path: &Path) -> String {
        let path = normalize(path);
        let shared = self.folder.components().zip(path.components()).take_while(|(a, b)| a == b).count();
        if shared < 2 && path.is_absolute() {
            return slashed(&path);
        }
        let up = self.folder.components().count() - shared;
        let down: PathBuf = path.components().skip(shared).collect();
        let relative = "../".repeat(up) + &slashed(&down);
        match relative.strip_suffix('/').unwrap_or(&relative) {
            "" => ".".into(),
            shown => shown.into(),
        }
    }
}

/// Resolves `.` and `..` without accessing the file system.
pub(crate) fn normalize(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(cleaned.components().next_back(), Some(Component::Normal(_))) => {
                cleaned.pop();
            }
            part => cleaned.push(part),
        }
    }
    cleaned
}

fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_from_where_the_run_started() {
        let roots = Roots {
            folder: "/r/a/repo".into(),
            fixed: None,
            known: Mutex::default(),
            real: Mutex::default(),
            unread: UnreadEntries::default(),
            replaced: HashMap::new(),
        };
        assert_eq!(roots.display(Path::new("/r/a/repo/policies/x.yaml")), "policies/x.yaml");
        assert_eq!(roots.display(Path::new("/r/a/repo")), ".");
        assert_eq!(roots.display(Path::new("/r/a/other/x.yaml")), "../other/x.yaml");
        assert_eq!(roots.display(Path::new("/r/a")), "..");
        assert_eq!(roots.display(Path::new("/srv/x.yaml")), "/srv/x.yaml");
        assert_eq!(roots.display(Path::new("/r/a/repo/./b/../c.yaml")), "c.yaml");
    }
}
