//! Finds the files that a run reads: named files, and the YAML files in named folders.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::finding::Finding;
use crate::base::source::{Place, Source};
use crate::policy::gate::{self, GateRefusal};
use crate::policy::repository::config::FILE;
use crate::policy::roots::Roots;
use crate::policy::suggest::nearest;

/// How many names in the folder of a path that leads nowhere are compared with it.
const MOST_COMPARED: usize = 1_000;

/// A file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FoundFile {
    /// The file itself, symbolic links resolved: two names of one file are one file.
    pub(crate) path: PathBuf,
    /// How it is shown.
    pub(crate) shown: String,
    /// Whether it was found in a folder, and neither named itself nor only extended.
    pub(crate) searched: bool,
}

/// What files are called that are searched.
pub(crate) struct FileNouns {
    one: &'static str,
    many: &'static str,
}

pub(crate) const POLICIES: FileNouns = FileNouns { one: "policy", many: "policies" };
/// Files of policy tests.
pub(crate) const TESTS: FileNouns = FileNouns { one: "test", many: "tests" };

/// The files of `paths`, each once, sorted by the path that is shown.
pub(crate) fn find_files(paths: &[PathBuf], roots: &Roots, nouns: &FileNouns) -> (Vec<FoundFile>, Vec<Finding>) {
    let mut search = Search { roots, nouns, found: BTreeMap::new(), named: BTreeSet::new(), findings: Vec::new() };
    for path in paths {
        search.path(path);
    }
    let file = |(path, shown)| {
        let path = PathBuf::from(path);
        FoundFile { searched: !search.named.contains(&path), path, shown }
    };
    let mut listed: Vec<FoundFile> = search.found.into_iter().map(file).collect();
    listed.sort_by(|a, b| a.shown.cmp(&b.shown));
    (listed, search.findings)
}

struct Search<'a> {
    roots: &'a Roots,
    nouns: &'a FileNouns,
    /// How each file is shown. Resolved paths are compared as texts, which is much faster than part by part.
    found: BTreeMap<OsString, String>,
    /// Those that were named themselves.
    named: BTreeSet<PathBuf>,
    findings: Vec<Finding>,
}

impl Search<'_> {
    fn path(&mut self, path: &Path) {
        let path = self.roots.folder().join(path);
        let shown = self.roots.display(&path);
        if let Err(refusal) = gate::check_unread(&path, self.roots) {
            return self.refused(&shown, refusal);
        }
        match path.canonicalize() {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let FileNouns { one, many } = self.nouns;
                let meant = self.meant(&path).map(|meant| format!("did you mean `{meant}`? "));
                let hint = format!("{}name a {one} file, or a folder that holds {many}", meant.unwrap_or_default());
                self.report(&shown, "not-found", format!("`{shown}` does not exist"), &hint);
            }
            Err(error) => self.unreadable(&shown, &error),
            Ok(real) if gate::leads_out(&path, &real, self.roots) => self.refused(&shown, GateRefusal::Outside),
            Ok(real) if real.is_dir() => self.named_folder(&real, &shown),
            Ok(real) => {
                self.named.insert(real.clone());
                self.add_allowed(real, shown);
            }
        }
    }

    /// The file or folder that a path which leads nowhere probably means, in the same folder: the same name with the ending of
    /// a policy, or one with a few other letters.
    fn meant(&self, path: &Path) -> Option<String> {
        let entries = path.parent()?.read_dir().ok()?.flatten().take(MOST_COMPARED);
        let names: Vec<String> = entries
            .filter(|entry| !hidden(&entry.path()) && (is_yaml(&entry.path()) || entry.path().is_dir()))
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        let same = ["yaml", "yml"].map(|ending| path.with_extension(ending));
        let same = same.iter().find_map(|path| names.iter().find(|name| path.file_name() == Some(OsStr::new(name))));
        let near = || nearest(path.file_name()?.to_str()?, names.iter().map(String::as_str));
        let name = same.map(String::as_str).or_else(near)?;
        Some(self.roots.display(&path.with_file_name(name)))
    }

    fn named_folder(&mut self, real: &Path, shown: &str) {
        if gate::is_below_hidden(&real.join(FILE), self.roots) {
            self.refused(shown, GateRefusal::Hidden);
        } else {
            self.folder(real);
        }
    }

    fn folder(&mut self, top: &Path) {
        let before = (self.found.len(), self.findings.len());
        let mut seen = false;
        let mut waiting = vec![top.to_path_buf()];
        while let Some(folder) = waiting.pop() {
            let entries = match folder.read_dir() {
                Ok(entries) => entries,
                Err(error) => {
                    self.unreadable(&self.roots.display(&folder), &error);
                    continue;
                }
            };
            let shown_folder = self.roots.display(&folder);
            for entry in entries.flatten() {
                let path = entry.path();
                if hidden(&path) {
                    continue;
                }
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => waiting.push(path),
                    _ if !is_yaml(&path) => {}
                    Ok(kind) if kind.is_symlink() => {
                        seen = true;
                        self.link(top, path);
                    }
                    _ => {
                        seen = true;
                        let shown = shown_in(&shown_folder, &entry.file_name());
                        self.add(path, shown);
                    }
                }
            }
        }
        seen |= self.not_files(top);
        if !seen && before == (self.found.len(), self.findings.len()) {
            let shown = self.roots.display(top);
            let FileNouns { one, many } = self.nouns;
            let message = format!("there is no {one} in `{shown}`");
            let hint = format!("{many} end in `.yaml` or `.yml`; write one, or name another folder");
            self.report(&shown, "empty-folder", message, &hint);
        }
    }

    /// Refuses the links and submodules of the commit in the folder that have the name of a policy. Returns
    /// whether there was one.
    fn not_files(&mut self, top: &Path) -> bool {
        let (before, roots) = (self.findings.len(), self.roots);
        for entry in roots.unread().not_files() {
            let path = roots.folder().join(entry);
            if path.strip_prefix(top).is_ok_and(gate::can_be_policy) && is_yaml(&path) {
                self.refused(&roots.display(&path), GateRefusal::NotAFile);
            }
        }
        self.findings.len() > before
    }

    /// A symbolic link to a file is followed if it stays inside of the named folder; links to folders are not followed.
    fn link(&mut self, top: &Path, path: PathBuf) {
        let shown = self.roots.display(&path);
        match path.canonicalize() {
            Ok(real) if real.is_dir() => {}
            Ok(real) if real.starts_with(top) || real.starts_with(self.roots.repository_of(&path)) => {
                self.add_allowed(real, shown);
            }
            Ok(_) => self.refused(&shown, GateRefusal::Outside),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let message = format!("`{shown}` is a symbolic link to a file that does not exist");
                self.report(&shown, "not-found", message, "remove the link, or restore the file");
            }
            Err(error) => self.unreadable(&shown, &error),
        }
    }

    /// Adds a file that was named or that a link leads to, if it may be a policy.
    fn add_allowed(&mut self, real: PathBuf, shown: String) {
        // What is not a regular file is reported as such when it is read.
        match gate::check(&real, self.roots) {
            Err(refusal) if real.is_file() => self.refused(&shown, refusal),
            Ok(()) | Err(_) => self.add(real, shown),
        }
    }

    fn refused(&mut self, shown: &str, refusal: GateRefusal) {
        self.findings.push(refusal.finding(shown));
    }

    fn add(&mut self, real: PathBuf, shown: String) {
        let name = self.found.entry(real.into_os_string()).or_insert_with(|| shown.clone());
        // Of several names of one file the first in the alphabet is shown, independent of the command line.
        if shown < *name {
            *name = shown;
        }
    }

    fn unreadable(&mut self, shown: &str, error: &std::io::Error) {
        let message = format!("`{shown}` cannot be read: {error}");
        self.report(shown, "unreadable", message, "check that it exists and that its permissions let you read it");
    }

    fn report(&mut self, shown: &str, code: &'static str, message: String, hint: &str) {
        let source = Arc::new(Source::new(shown, ""));
        self.findings.push(Finding::error(code, message).at(Place::start_of(&source), "").hint(hint));
    }
}

/// How a file is shown in a folder that is shown.
fn shown_in(folder: &str, name: &OsStr) -> String {
    let name = name.to_string_lossy();
    match folder.trim_end_matches('/') {
        "." => name.into_owned(),
        folder => format!("{folder}/{name}"),
    }
}

fn hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// The repository's own file is no policy.
fn is_yaml(path: &Path) -> bool {
    path.file_name() != Some(OsStr::new(FILE)) && gate::has_yaml_ending(path)
}
