//! Which files of a folder a commit can have brought.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The files that git tracks in a folder of a repository, as paths from its top; none outside of repositories. A link or a
/// submodule on the way to the folder counts, too. Letters count as equal in either case, because some file systems
/// treat them so.
///
/// # Errors
/// Why git does not say which files it tracks.
pub(crate) fn tracked_below(folder: &Path) -> Result<Vec<String>, String> {
    let here = std::env::current_dir().map_err(|error| error.to_string())?;
    let folder: PathBuf = here.canonicalize().unwrap_or(here).join(folder).components().collect();
    // The folder may not exist yet, so the first one above it that does is looked at, too. Where the folder itself is a
    // link, both the repository that holds the link and the one it leads to can have brought what is in it.
    let places: BTreeSet<&Path> = [0, 1]
        .into_iter()
        .filter_map(|skipped| folder.ancestors().skip(skipped).find(|place| place.is_dir()))
        .collect();
    let mut found = Vec::new();
    for place in places {
        found.extend(tracked_from(place, &folder)?);
    }
    Ok(found)
}

/// The same, of the repository that an existing folder is in: `place`, which is `folder` or above it.
fn tracked_from(place: &Path, folder: &Path) -> Result<Vec<String>, String> {
    let top = repository(place);
    if top.join(".git").symlink_metadata().is_err() {
        return Ok(Vec::new());
    }
    let real = place.canonicalize().map_err(|error| error.to_string())?;
    let real = real.join(folder.strip_prefix(place).unwrap_or(Path::new("")));
    let wanted = comparable(&real.strip_prefix(&top).unwrap_or(Path::new("")).to_string_lossy());
    let within = |path: &str, folder: &str| {
        folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let concerns = |file: &&str| within(&comparable(file), &wanted) || within(&wanted, &comparable(file));
    Ok(tracked(&top)?.split('\0').filter(|file| !file.is_empty()).filter(concerns).map(str::to_owned).collect())
}

/// A path as it is compared with others.
pub(crate) fn comparable(path: &str) -> String {
    path.replace('\\', "/").to_lowercase()
}

/// The top of the repository that a folder is in, symbolic links resolved; without one the folder itself.
pub(crate) fn repository(here: &Path) -> PathBuf {
    let here = here.canonicalize().unwrap_or_else(|_| here.to_owned());
    here.ancestors().find(|folder| folder.join(".git").symlink_metadata().is_ok()).unwrap_or(&here).to_owned()
}

/// Every file that git tracks in a repository, each ended by a NUL.
fn tracked(top: &Path) -> Result<String, String> {
    let mut git = Command::new("git");
    // No program that the repository's configuration names is run. Only names are read, so the owner does not matter.
    git.args(["-c", "core.fsmonitor=false", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--full-name"]);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
        git.env_remove(name);
    }
    let output = git.current_dir(top).stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(said.lines().next().unwrap_or("it fails").chars().take(200).collect());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
