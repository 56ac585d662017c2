//! The entries of a commit, as `git ls-tree` lists them. Whoever wrote the commit chose the paths, so each is checked before
//! it becomes the path of a file here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::render::text::safe::safe;

/// The most files that a commit may have.
const MOST_FILES: usize = 50_000;
/// The most bytes that the files of a commit may have together.
const MOST_BYTES: u64 = 256 * 1024 * 1024;
/// The arguments with which git lists the entries of a commit.
pub(crate) const LIST: [&str; 5] = ["ls-tree", "-r", "-l", "-z", "--full-tree"];

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TreeEntryKind {
    /// A file with its content.
    File,
    Link,
    /// A commit of another repository.
    Submodule,
}

/// An entry of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TreeEntry {
    pub(crate) kind: TreeEntryKind,
    /// The id of its content.
    pub(crate) object: String,
    /// The size of its content in bytes; 0 for a submodule.
    pub(crate) bytes: u64,
    /// Its path below the top of the commit.
    pub(crate) path: PathBuf,
}

/// Reads what git lists.
///
/// # Errors
/// When it lists something that no ordinary commit has, such as a path through `..` or two entries of the same path, or
/// when there is too much of it.
pub(crate) fn parse(listed: &[u8]) -> Result<Vec<TreeEntry>, String> {
    let mut entries = Vec::new();
    let (mut seen, mut bytes) = (BTreeSet::new(), 0_u64);
    for line in listed.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
        let entry = entry(line)?;
        if !seen.insert(entry.path.clone()) {
            return Err(format!("it has two entries with the path `{}`", shown(line)));
        }
        bytes = bytes.saturating_add(entry.bytes);
        entries.push(entry);
    }
    let under_another = |entry: &&TreeEntry| entry.path.ancestors().skip(1).any(|folder| seen.contains(folder));
    if let Some(entry) = entries.iter().find(under_another) {
        return Err(format!(
            "one entry is a file and the folder of another, `{}`",
            safe(&entry.path.to_string_lossy())
        ));
    }
    if entries.len() > MOST_FILES || bytes > MOST_BYTES {
        return Err(format!(
            "it has {} files of {} MiB together, and at most {MOST_FILES} of {} MiB are accepted",
            entries.len(),
            bytes / 1024 / 1024,
            MOST_BYTES / 1024 / 1024
        ));
    }
    Ok(entries)
}

/// Reads `MODE TYPE OBJECT SIZE`, a tabulator, and the path.
fn entry(line: &[u8]) -> Result<TreeEntry, String> {
    let strange = || format!("it has an entry that is neither file, link nor submodule: `{}`", shown(line));
    let tab = line.iter().position(|byte| *byte == b'\t').ok_or_else(strange)?;
    let (facts, path) = line.split_at(tab);
    let facts = std::str::from_utf8(facts).map_err(|_| strange())?;
    let facts: Vec<&str> = facts.split_ascii_whitespace().collect();
    let [mode, kind, object, size] = facts.as_slice() else { return Err(strange()) };
    let kind = match (*kind, mode.get(..3)) {
        ("blob", Some("100")) => TreeEntryKind::File,
        ("blob", Some("120")) => TreeEntryKind::Link,
        ("commit", Some("160")) => TreeEntryKind::Submodule,
        _ => return Err(strange()),
    };
    let bytes = match kind {
        TreeEntryKind::Submodule => 0,
        TreeEntryKind::File | TreeEntryKind::Link => size.parse().map_err(|_| strange())?,
    };
    let path = path.strip_prefix(b"\t").and_then(checked_path).ok_or_else(|| {
        format!("it has an entry with the path `{}`, which cannot be that of a file here; rename it", shown(line))
    })?;
    Ok(TreeEntry { kind, object: (*object).to_owned(), bytes, path })
}

/// The path of an entry for people.
fn shown(line: &[u8]) -> String {
    let path = line.splitn(2, |byte| *byte == b'\t').nth(1).unwrap_or_default();
    safe(&String::from_utf8_lossy(path)).chars().take(200).collect()
}

/// The path, if each part of it is an ordinary name on this system.
fn checked_path(path: &[u8]) -> Option<PathBuf> {
    path.split(|byte| *byte == b'/').all(is_name).then(|| native(path)).flatten()
}

fn is_name(part: &[u8]) -> bool {
    let special = [&b""[..], b".", b"..", b".git"].iter().any(|name| part.eq_ignore_ascii_case(name));
    // On Windows these separate folders and streams, or are dropped at the end.
    let on_windows = part.iter().any(|byte| b"\\:".contains(byte)) || part.ends_with(b".") || part.ends_with(b" ");
    !(special || cfg!(windows) && on_windows)
}

#[cfg(unix)]
fn native(path: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(Path::new(std::ffi::OsStr::from_bytes(path)).to_owned())
}

#[cfg(not(unix))]
fn native(path: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(path).ok().map(|path| Path::new(path).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBJECT: &str = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";

    fn line(mode: &str, kind: &str, size: &str, path: &str) -> String {
        format!("{mode} {kind} {OBJECT} {size:>7}\t{path}\0")
    }

    #[test]
    fn files_links_and_submodules_are_distinguished() -> Result<(), String> {
        let listed = line("100644", "blob", "12", "policies/a b\nc.yaml")
            + &line("100755", "blob", "0", "run.sh")
            + &line("120000", "blob", "7", "policies/link.yaml")
            + &line("160000", "commit", "-", "sub");
        let found = parse(listed.as_bytes())?;
        let found: Vec<_> = found.iter().map(|entry| (entry.kind, entry.bytes, entry.path.to_str())).collect();
        let expected = [
            (TreeEntryKind::File, 12, Some("policies/a b\nc.yaml")),
            (TreeEntryKind::File, 0, Some("run.sh")),
            (TreeEntryKind::Link, 7, Some("policies/link.yaml")),
            (TreeEntryKind::Submodule, 0, Some("sub")),
        ];
        assert_eq!(found, expected);
        Ok(())
    }

    #[test]
    fn a_path_that_leads_elsewhere_is_refused() {
        for path in ["../a.yaml", "/a.yaml", "a//b.yaml", "a/./b.yaml", ".git/config", "a/.GIT/x.yaml", "a/..", ""] {
            assert!(parse(line("100644", "blob", "1", path).as_bytes()).is_err(), "{path:?} is taken");
        }
        for path in ["..data/a.yaml", ".gitattributes", ".github/ci.yaml", "a.git/b.yaml"] {
            assert!(parse(line("100644", "blob", "1", path).as_bytes()).is_ok(), "{path:?} is refused");
        }
    }

    #[test]
    fn what_no_ordinary_commit_has_is_refused() {
        let file = line("100644", "blob", "1", "a.yaml");
        assert!(parse((file.clone() + &file).as_bytes()).is_err(), "two of the same path");
        let below = line("100644", "blob", "1", "a.yaml/b.yaml");
        assert!(parse((below + &file).as_bytes()).is_err(), "a file and a folder of the same path");
        for strange in [line("040000", "tree", "-", "a"), line("100644", "blob", "-", "a"), "a\0".to_owned()] {
            assert!(parse(strange.as_bytes()).is_err(), "{strange:?} is taken");
        }
    }

    #[test]
    fn a_commit_is_bounded_in_number_and_size() {
        let many = |count: usize| (0..count).map(|n| line("100644", "blob", "1", &n.to_string())).collect::<String>();
        assert!(parse(many(MOST_FILES).as_bytes()).is_ok());
        assert!(parse(many(MOST_FILES + 1).as_bytes()).is_err_and(|why| why.contains("50001 files")));
        let large = |bytes: u64| parse(line("100644", "blob", &bytes.to_string(), "a").as_bytes());
        assert!(large(MOST_BYTES).is_ok() && large(MOST_BYTES + 1).is_err() && large(u64::MAX).is_err());
    }
}
