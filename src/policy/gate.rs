//! Which files are read as policies. The text of a policy is quoted in reports, so no other file may be read as one: not
//! `.env`, not a file of git, and nothing that a link of the repository leads to outside of it.

use std::ffi::OsStr;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::base::file::{ReadError, read_bounded, write_atomic, write_private};
use crate::base::finding::Finding;
use crate::base::source::{Place, Source};
use crate::policy::roots::{Roots, normalize};
use crate::policy::unread::UnreadKind;

/// Why a file is not read as a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GateRefusal {
    /// A symbolic link leads to it, out of the repository.
    Outside,
    /// Its name does not end in `.yaml` or `.yml`.
    NotYaml,
    /// It is hidden, or a folder between it and the top of the repository is.
    Hidden,
    /// It is an entry of a commit that is no file: a symbolic link or a submodule. Or a folder of its path is.
    NotAFile,
}

impl GateRefusal {
    /// The code of the finding.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Outside => "link-outside",
            Self::NotYaml | Self::Hidden | Self::NotAFile => "not-a-policy",
        }
    }

    /// Why, to follow the name of the file.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Outside => "is a symbolic link that leads out of the repository",
            Self::NotYaml => "is not read: its name does not end in `.yaml` or `.yml`",
            Self::Hidden => "is not read: it is hidden, or in a hidden folder",
            Self::NotAFile => "is not read: it is a symbolic link or a submodule of the commit, or in one",
        }
    }

    pub(crate) fn hint(self) -> &'static str {
        match self {
            Self::Outside => "copy the file into the repository, or name it on the command line",
            Self::NotYaml => "rename it if it is a file for ssprctl",
            Self::Hidden => "move it to a folder whose name does not begin with a dot",
            Self::NotAFile => "commit the file itself in its place",
        }
    }

    /// The finding about a file that is shown as `shown` and is not opened. The name shows
    /// whether it may be a saved review or result.
    pub(crate) fn finding(self, shown: &str) -> Finding {
        let source = Arc::new(Source::new(shown, ""));
        let message = format!("`{shown}` {}", self.reason());
        let hint = match self {
            Self::NotYaml if Path::new(shown).extension() == Some(OsStr::new("json")) => format!(
                "a saved review is applied by `ssprctl apply --plan {shown}`, and a saved result is shown by `ssprctl report \
                 {shown}`; a policy ends in `.yaml`"
            ),
            Self::Outside | Self::NotYaml | Self::Hidden | Self::NotAFile => self.hint().to_owned(),
        };
        Finding::error(self.code(), message).at(Place::start_of(&source), "").hint(hint)
    }
}

/// Checks the path of a file that is named, before it is opened. Paths that lead nowhere pass: reading reports them.
///
/// # Errors
/// When it may not be read.
pub(crate) fn check_named(path: &Path, roots: &Roots) -> Result<(), GateRefusal> {
    check_unread(path, roots)?;
    let Ok(real) = path.canonicalize() else { return Ok(()) };
    if leads_out(path, &real, roots) { Err(GateRefusal::Outside) } else { check(&real, roots) }
}

/// Checks the path of a file that may be an entry of a commit that was not written to the folder. The paths of all other
/// files pass the check.
///
/// # Errors
/// When the commit has such an entry, which may not be read.
pub(crate) fn check_unread(path: &Path, roots: &Roots) -> Result<(), GateRefusal> {
    let below = roots.below_folder(path);
    match below.as_deref().and_then(|below| roots.unread().find(below)) {
        None => Ok(()),
        Some(UnreadKind::NotAFile) => Err(GateRefusal::NotAFile),
        Some(UnreadKind::File) if below.as_deref().is_some_and(has_hidden_part) => Err(GateRefusal::Hidden),
        Some(UnreadKind::File) => Err(GateRefusal::NotYaml),
    }
}

/// Reads a file of at most `max` bytes that is named and is no policy, such as a template or a review; a relative path starts
/// from `folder`. What a symbolic link in a repository leads to must be in that repository and not hidden, because messages
/// and mails may quote it.
///
/// # Errors
/// When it cannot be read, is larger, or may not be read.
pub(crate) fn read_named(path: &Path, max: u64, folder: &Path) -> Result<Vec<u8>, ReadError> {
    let roots = Roots::new(folder, None);
    let named = normalize(&roots.folder().join(path));
    if let Ok(real) = named.canonicalize() {
        check_link(&named, &real, &roots)?;
    }
    read_bounded(&named, max)
}

/// Writes a result to a file that is named. A symbolic link in a repository, also among the folders, may have been chosen by
/// whoever opened a pull request, so what it leads to must be in that repository and not hidden, or be no file at all, as
/// what `/dev/stdout` leads to.
///
/// # Errors
/// When it cannot be written, or may not be.
pub(crate) fn write_named(path: &Path, bytes: &[u8]) -> io::Result<()> {
    check_target(path)?;
    write_atomic(path, bytes)
}

/// The same for a result with names of people, which is for its owner alone.
///
/// # Errors
/// When it cannot be written, or may not be.
pub(crate) fn write_named_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    check_target(path)?;
    // What is no file, as what `/dev/stdout` leads to, is written to as it is.
    if path.metadata().is_ok_and(|there| !there.is_file()) {
        write_atomic(path, bytes)
    } else {
        write_private(path, bytes)
    }
}

/// Checks where a file that is named would be written, as [`write_named`] does.
///
/// # Errors
/// When it may not be written there.
pub(crate) fn check_target(path: &Path) -> io::Result<()> {
    let roots = Roots::new(Path::new("."), None);
    let named = normalize(&roots.folder().join(path));
    // The nearest folder that is there decides about those that will be made.
    let Some(there) = named.ancestors().find(|path| path.exists()) else { return Ok(()) };
    // What is no file may have no path at all, as a pipe between two programs.
    if there.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        return Ok(());
    }
    let real = there.canonicalize()?.join(named.strip_prefix(there).unwrap_or(Path::new("")));
    let real: PathBuf = real.components().collect();
    check_link(&named, &real, &roots)
}

/// Checks what a path in a repository leads to where that is another path.
fn check_link(named: &Path, real: &Path, roots: &Roots) -> io::Result<()> {
    let refused = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    match named != real && roots.is_in_repository(named) {
        true if leads_out(named, real, roots) => refused("it is a symbolic link that leads out of the repository"),
        true if is_below_hidden(real, roots) => refused("it is a symbolic link to what is hidden"),
        true | false => Ok(()),
    }
}

/// Checks the path of a file, symbolic links resolved, before it is opened.
///
/// # Errors
/// When it may not be read as a policy.
pub(crate) fn check(real: &Path, roots: &Roots) -> Result<(), GateRefusal> {
    if is_below_hidden(real, roots) {
        return Err(GateRefusal::Hidden);
    }
    if has_yaml_ending(real) { Ok(()) } else { Err(GateRefusal::NotYaml) }
}

/// Whether the name of a file ends as that of a policy does.
pub(crate) fn has_yaml_ending(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == OsStr::new("yaml") || end == OsStr::new("yml"))
}

/// Whether a path, symbolic links resolved, is hidden or is in a hidden folder of its repository. Folders above the
/// repository may have any name.
pub(crate) fn is_below_hidden(real: &Path, roots: &Roots) -> bool {
    let root = roots.repository_of(real);
    let below = real.strip_prefix(&root).ok().or_else(|| real.file_name().map(Path::new));
    below.is_some_and(has_hidden_part)
}

/// Whether a path below the top of a repository can be that of a policy: not hidden, and named as one.
pub(crate) fn can_be_policy(below: &Path) -> bool {
    has_yaml_ending(below) && !has_hidden_part(below)
}

/// Whether a part of a path below the top of a repository is hidden.
fn has_hidden_part(below: &Path) -> bool {
    below.components().any(|part| match part {
        // The folders that Kubernetes mounts begin with two dots, and the names next to them link into them.
        Component::Normal(name) => {
            let name = name.as_encoded_bytes();
            name.starts_with(b".") && !name.starts_with(b"..")
        }
        Component::Prefix(_) | Component::RootDir | Component::CurDir | Component::ParentDir => false,
    })
}

/// Whether a path that was named leads through a symbolic link to `real`, outside of the repository that the path is in.
pub(crate) fn leads_out(path: &Path, real: &Path, roots: &Roots) -> bool {
    let named = normalize(path);
    let canonical = |root: &Path| root.canonicalize().unwrap_or_else(|_| root.to_owned());
    // A link among the folders of the path could make another repository look like that of the path, so it must not
    // leave the repository in which the run started either.
    [roots.repository_of(&named), roots.start()]
        .iter()
        .any(|root| named != real && named.starts_with(root) && !real.starts_with(canonical(root)))
}
