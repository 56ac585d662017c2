//! A real git repository on this machine, and what people do with it.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use ssprctl::testing::controller::address::RepositoryAddress;
use ssprctl::testing::controller::git::Git;
use tempfile::TempDir;

/// How every test ends.
pub(crate) type TestResult = Result<(), Box<dyn Error>>;

/// A repository with a working tree, on a branch `main`.
pub(crate) struct Repository {
    folder: TempDir,
}

impl Repository {
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        let repository = Self { folder: tempfile::tempdir()? };
        repository.git(&["init", "--quiet", "--initial-branch=main"])?;
        Ok(repository)
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file and commits it; returns the commit.
    pub(crate) fn commit(&self, path: &str, text: &str) -> Result<String, Box<dyn Error>> {
        self.write(path, text)?;
        self.commit_with(&["commit", "--quiet", "--message", "Change a file"])
    }

    pub(crate) fn write(&self, path: &str, text: &str) -> TestResult {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().ok_or("a path without a folder")?)?;
        Ok(fs::write(path, text)?)
    }

    pub(crate) fn commit_with(&self, arguments: &[&str]) -> Result<String, Box<dyn Error>> {
        self.git(&["add", "--all"])?;
        self.git(arguments)?;
        Ok(self.git(&["rev-parse", "HEAD"])?.trim().to_owned())
    }

    /// Runs git as somebody whose own settings do not matter.
    pub(crate) fn git(&self, arguments: &[&str]) -> Result<String, Box<dyn Error>> {
        let mut command = Command::new("git");
        for (name, value) in [
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_AUTHOR_NAME", "Alice"),
            ("GIT_AUTHOR_EMAIL", "alice@contoso.com"),
            ("GIT_COMMITTER_NAME", "Alice"),
            ("GIT_COMMITTER_EMAIL", "alice@contoso.com"),
            ("GIT_AUTHOR_DATE", "2026-11-22T09:00:00Z"),
            ("GIT_COMMITTER_DATE", "2026-11-22T09:00:00Z"),
        ] {
            command.env(name, value);
        }
        let output = command.args(arguments).current_dir(self.path()).stdin(Stdio::null()).output()?;
        if !output.status.success() {
            return Err(format!("git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Writes an object with git's own hash; returns its id. Git checks nothing about it.
    pub(crate) fn object(&self, kind: &str, content: &[u8]) -> Result<String, Box<dyn Error>> {
        let path = self.path().join(".git/content");
        fs::write(&path, content)?;
        let path = path.to_str().ok_or("a path that is not UTF-8")?;
        Ok(self.git(&["hash-object", "-t", kind, "-w", "--literally", "--no-filters", path])?.trim().to_owned())
    }

    /// What follows this repository with its own folder below `state`.
    pub(crate) fn followed(&self, state: &Path) -> Result<Git, Box<dyn Error>> {
        Ok(Git {
            address: RepositoryAddress::parse(self.path().to_str().ok_or("a path that is not UTF-8")?, Path::new("/"))?,
            branch: "main".to_owned(),
            require_signed: false,
            folder: state.join("source"),
            timeout: Duration::from_secs(60),
        })
    }
}

/// Every file below a folder, without git's own.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.file_name() {
            Some(name) if name == ".git" => {}
            _ if path.is_dir() => found.extend(files(&path)?),
            _ => found.push(path),
        }
    }
    found.sort();
    Ok(found)
}
