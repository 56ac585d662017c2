//! State that an earlier version wrote into the working directory, in `.ssprctl`. It is moved once to where state is now, as
//! far as it is certain that the user's own runs wrote it.

use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::base::count::counted;
use crate::base::file::read_state;
use crate::base::state_file::{create_folder, write};
use crate::cli::git_repository::{comparable, tracked_below};
use crate::cli::output::Output;
use crate::cli::state::{CONTROLLER, DRIFT, JOURNAL, SANDBOX, StateLayout, TOKENS};

/// The folder of the old state, below the working directory of a run.
const OLD: &str = ".ssprctl";
/// The largest file that is copied where it cannot be renamed, in bytes.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// The kinds of state for which the caller named another place; their old files stay where they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NamedState {
    pub(crate) journal: bool,
    pub(crate) tokens: bool,
}

/// A file of old state, and where it belongs now.
struct OldFile {
    from: PathBuf,
    to: PathBuf,
}

/// Moves the state of earlier versions, and notes what was moved and what is not used. A kind of state that is already in its
/// new place is left alone: then the old files are not those of the last runs.
pub(crate) fn move_old_state(layout: &StateLayout, named: NamedState, output: &Output) {
    let (found, mut refused) = find(layout, named);
    if found.is_empty() && refused.is_empty() {
        return;
    }
    let tracked = tracked_below(Path::new(OLD));
    // What git does not say counts as tracked, and so does what is in a folder that git tracks as a link or a submodule.
    let is_tracked = |file: &OldFile| {
        let names: Vec<String> = file.from.ancestors().map(|path| comparable(&path.to_string_lossy())).collect();
        let names = || names.iter().filter(|name| !name.is_empty());
        tracked.as_ref().map_or(true, |all| all.iter().any(|one| names().any(|name| comparable(one).ends_with(name))))
    };
    let mut moved = 0;
    for file in found {
        if !is_tracked(&file) && move_file(&file).is_ok() {
            moved += 1;
        } else {
            refused.push(file.from);
        }
    }
    let folder = layout.folder().display();
    if moved > 0 {
        output.note(&format!(
            "moved the state of earlier runs from {OLD} to {folder}: {}",
            counted(moved, "file", "files")
        ));
    }
    if let Some(first) = refused.first() {
        let are = if refused.len() == 1 { "is" } else { "are" };
        output.note(&format!(
            "warning: {} in {OLD} {are} not used as state, such as {}: tracked by git, or no regular file of this user",
            counted(refused.len(), "file", "files"),
            first.display()
        ));
    }
}

/// The old files that may be moved, and those that may not because of what they are.
fn find(layout: &StateLayout, named: NamedState) -> (Vec<OldFile>, Vec<PathBuf>) {
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    let mut add = |from: PathBuf, to: PathBuf| match from.symlink_metadata() {
        Ok(metadata) if is_own_file(&metadata) => found.push(OldFile { from, to }),
        Ok(_) => refused.push(from),
        Err(_) => {}
    };
    let old = Path::new(OLD);
    if !is_folder(old) {
        return (found, refused);
    }
    let new = layout.folder();
    for (kind, ending) in [(JOURNAL, "jsonl"), (DRIFT, "json"), (SANDBOX, "json")] {
        let folder = old.join(kind);
        if !is_folder(&folder) || new.join(kind).exists() || (kind == JOURNAL && named.journal) {
            continue;
        }
        for path in folder.read_dir().into_iter().flatten().flatten().map(|entry| entry.path()) {
            if let Some(name) = path.file_name().filter(|_| path.extension().is_some_and(|end| end == ending)) {
                let to = new.join(kind).join(name);
                add(path, to);
            }
        }
    }
    let controller = old.join(CONTROLLER);
    let state = layout.controller().join("state.json");
    if is_folder(&controller) && !state.exists() {
        add(controller.join("state.json"), state);
    }
    if !named.tokens && !layout.tokens().exists() {
        add(old.join(TOKENS), layout.tokens());
    }
    (found, refused)
}

fn is_folder(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir())
}

/// Whether it is a regular file that this user owns, and under no other name.
fn is_own_file(metadata: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        metadata.is_file() && metadata.uid() == rustix::process::geteuid().as_raw() && metadata.nlink() == 1
    }
    #[cfg(not(unix))]
    metadata.is_file()
}

fn move_file(file: &OldFile) -> io::Result<()> {
    let OldFile { from, to } = file;
    create_folder(to.parent().unwrap_or(Path::new(".")))?;
    match fs::rename(from, to) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            write(to, &read_state(from, MAX_BYTES)?)?;
            fs::remove_file(from)
        }
        renamed => renamed,
    }?;
    #[cfg(unix)]
    fs::set_permissions(to, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(())
}
