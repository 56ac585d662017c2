//! Where the state of runs is: the folder of a repository among those of the platform for state, or the folder of `--state`.

use std::io;
use std::path::{Path, PathBuf};

use crate::base::signature::Digest;
use crate::base::state_file::check_folders;
use crate::cli::args::GlobalArgs;
use crate::cli::git_repository::{repository, tracked_below};
use crate::engine::context::StateFolders;
use crate::engine::error::RunError;

/// The journals of applies.
pub(crate) const JOURNAL: &str = "journal";
/// What runs observed of each tenant.
pub(crate) const DRIFT: &str = "drift";
/// How many people could reset by earlier registration reports.
pub(crate) const READINESS: &str = "readiness";
/// One apply of a tenant at a time.
pub(crate) const LOCKS: &str = "locks";
/// The folder of the embedded tenants, which `--sandbox` serves.
pub(crate) const SANDBOX: &str = "sandbox";
/// Readings of people that did not come to their end.
const READINGS: &str = "readings";
/// The controller's state, where `--state` names no folder.
pub(crate) const CONTROLLER: &str = "controller";
/// The saved sign-ins, a file.
pub(crate) const TOKENS: &str = "tokens";

/// Whether a file below a state folder is one of the program's own, by its path there.
pub(crate) fn is_own(path: &Path) -> bool {
    let first = path.components().next().map(|part| part.as_os_str());
    [JOURNAL, DRIFT, READINESS, LOCKS, SANDBOX, CONTROLLER, TOKENS].iter().any(|own| first == Some(own.as_ref()))
}

/// What to do about a state folder that is not used.
const OTHER: &str = "name a folder outside of the repository with --state";

/// What to do about a state folder that may not be read.
const READABLE: &str = "make it readable for you, or name another folder with --state";

/// Where the state of a run is.
#[derive(Clone, Debug)]
pub(crate) struct StateLayout {
    /// The folder that the platform or the caller chose. Links in its own path are followed, and none below it.
    root: PathBuf,
    /// The folder of this repository.
    folder: PathBuf,
    /// Whether the caller named it with `--state`.
    is_named: bool,
}

impl StateLayout {
    /// The folder of `--state`, or else that of the repository in which `here` is, below the platform's folder for state. It
    /// need not exist, and is not created.
    ///
    /// # Errors
    /// When the platform has no such folder.
    pub(crate) fn find(options: &GlobalArgs, here: &io::Result<PathBuf>) -> Result<Self, RunError> {
        if let Some(named) = &options.state {
            return Ok(Self { root: named.clone(), folder: named.clone(), is_named: true });
        }
        let root = platform_folder().ok_or_else(|| {
            RunError::failed("there is no folder for state: neither XDG_STATE_HOME nor a home folder is set")
                .hint("name a folder with --state or SSPRCTL_STATE")
        })?;
        let root = root.join("ssprctl");
        let here = here.as_deref().unwrap_or(Path::new(""));
        let folder = root.join("repositories").join(name_of(&repository(here)));
        Ok(Self { root, folder, is_named: false })
    }

    /// For commands without state, on a machine that has no folder for it.
    pub(crate) fn unused() -> Self {
        Self { root: PathBuf::new(), folder: PathBuf::new(), is_named: false }
    }

    /// Refuses folders that somebody else may have put there: a link below the root, and one that git brought.
    ///
    /// # Errors
    /// Why the state is not used.
    pub(crate) fn check(&self, journal: Option<&Path>) -> Result<(), RunError> {
        let folders = self.folders(false, None);
        let others = [self.sandbox(), self.controller(), self.readings()];
        for folder in
            [&folders.journal, &folders.drift_state, &folders.readiness, &folders.locks].into_iter().chain(&others)
        {
            check_folders(&self.root, folder).map_err(|error| {
                let hint = if error.kind() == io::ErrorKind::PermissionDenied { READABLE } else { OTHER };
                RunError::failed(format!("the state is not used: {error}")).hint(hint)
            })?;
        }
        let named = [Some(self.folder.as_path()).filter(|_| self.is_named), journal];
        named.into_iter().flatten().try_for_each(check_not_tracked)
    }

    /// The folders of a run. `journal` is the one that the caller named with `--journal`.
    pub(crate) fn folders(&self, sandbox: bool, journal: Option<&Path>) -> StateFolders {
        // Runs of one tenant exclude each other from whichever repository they start; embedded tenants belong to one.
        let locks = if sandbox { &self.folder } else { &self.root };
        StateFolders {
            journal: journal.map_or_else(|| self.folder.join(JOURNAL), Path::to_owned),
            drift_state: self.folder.join(DRIFT),
            readiness: self.folder.join(READINESS),
            locks: locks.join(LOCKS),
        }
    }

    /// The folder of this repository, in which everything but the locks of real tenants is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of the embedded tenants.
    pub(crate) fn sandbox(&self) -> PathBuf {
        self.folder.join(SANDBOX)
    }

    /// The folder of the readings of people that did not come to their end.
    pub(crate) fn readings(&self) -> PathBuf {
        self.folder.join(READINGS)
    }

    /// The file of the saved sign-ins.
    pub(crate) fn tokens(&self) -> PathBuf {
        self.folder.join(TOKENS)
    }

    /// The folder of the controller: that of `--state` itself, or one of its own.
    pub(crate) fn controller(&self) -> PathBuf {
        if self.is_named { self.folder.clone() } else { self.folder.join(CONTROLLER) }
    }
}

/// The platform's folder for the state of programs.
fn platform_folder() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || std::env::home_dir().filter(|home| home.is_absolute());
    let platform = if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library/Application Support"))
    } else {
        home().map(|home| home.join(".local/state"))
    };
    variable("XDG_STATE_HOME").or(platform)
}

/// A name that people recognise and that no other repository has.
fn name_of(repository: &Path) -> String {
    let name = repository.file_name().unwrap_or_default().to_string_lossy();
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
    let name: String = name.chars().take(40).map(plain).collect();
    let digest = Digest::of(repository.as_os_str().as_encoded_bytes()).to_string();
    let digest = digest.rsplit(':').next().unwrap_or_default();
    format!("{}-{}", name.trim_start_matches('.'), digest.get(..16).unwrap_or(digest))
}

/// Refuses a folder of state in which git tracks files: whoever wrote a commit could have written them.
fn check_not_tracked(folder: &Path) -> Result<(), RunError> {
    let shown = folder.display();
    let refused = |why: String| RunError::failed(format!("the state in {shown} is not used: {why}")).hint(OTHER);
    match tracked_below(folder) {
        Ok(files) => files.first().map_or(Ok(()), |file| Err(refused(format!("git tracks {file}")))),
        Err(why) => Err(refused(format!("git does not say whether it tracks files there: {why}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_repository_has_a_name_of_its_own() {
        let names = ["/a/policies", "/b/policies", "/a/.polícy files"].map(|path| name_of(Path::new(path)));
        assert!(names[0].starts_with("policies-") && names[1].starts_with("policies-"), "{names:?}");
        assert!(names[0] != names[1] && names[0].len() == "policies-".len() + 16, "{names:?}");
        assert!(names[2].starts_with("pol_cy_files-"), "{names:?}");
        assert_eq!(name_of(Path::new("/a/policies")), names[0]);
    }

    #[test]
    fn a_repository_is_the_nearest_folder_with_git_in_it() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let top = folder.path().canonicalize()?;
        let below = top.join("a/b");
        std::fs::create_dir_all(&below)?;
        assert_eq!(repository(&below), below);
        std::fs::create_dir(top.join(".git"))?;
        assert_eq!(repository(&below), top);
        Ok(())
    }
}
