//! State files: one JSON file per tenant, named by its initial domain. Several processes may use one folder.
//!
//! A file is replaced through a temporary file in the same folder, so that a reader sees the old state or the new one.
//! A change holds the folder's lock file from reading to writing.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

use crate::state::raw_json::pretty;
use crate::state::tenant::Tenant;

/// The largest state file that is read, in bytes. The seeded tenants take some ten thousand.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Why the state of the sandbox cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// No tenant has this name or id.
    #[error("the sandbox has no tenant `{0}`")]
    NoTenant(String),
    /// A file does not contain a tenant.
    #[error("the state file {} is damaged: {reason}", file.display())]
    Damaged {
        /// The state file of the tenant.
        file: PathBuf,
        /// The error of the JSON parser, or the unknown format version.
        reason: String,
    },
    /// A file or folder cannot be read or written.
    #[error("{} cannot be read or written: {source}", file.display())]
    Io {
        /// The file or folder.
        file: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
}

#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Domains in lower case and ids of tenants that were found before, with their files.
    known: Mutex<BTreeMap<String, PathBuf>>,
}

impl Folder {
    /// Opens a folder, which is created if it is missing, and writes the `seeds` that have no file in it.
    pub(crate) fn open(path: &Path, seeds: &[Tenant]) -> Result<Self, StateError> {
        fs::create_dir_all(path).map_err(|source| StateError::Io { file: path.to_owned(), source })?;
        let folder = Self { path: path.to_owned(), known: Mutex::default() };
        let _lock = folder.lock()?;
        for tenant in seeds {
            if !folder.file(tenant).exists() {
                folder.write(tenant)?;
            }
        }
        Ok(folder)
    }

    /// Deletes every tenant and writes the seeds.
    pub(crate) fn reset(&self, seeds: &[Tenant]) -> Result<(), StateError> {
        let _lock = self.lock()?;
        for file in self.files()? {
            fs::remove_file(&file).map_err(|source| StateError::Io { file, source })?;
        }
        self.known().clear();
        seeds.iter().try_for_each(|tenant| self.write(tenant))
    }

    /// Every tenant, in the order of the initial domains.
    pub(crate) fn all(&self) -> Result<Vec<Tenant>, StateError> {
        self.files()?.iter().map(|file| read(file)).collect()
    }

    /// The tenant with this id or domain, read from its file.
    pub(crate) fn find(&self, name: &str) -> Result<Tenant, StateError> {
        let key = Uuid::parse_str(name).map_or_else(|_| name.to_ascii_lowercase(), |id| id.to_string());
        let remembered = self.known().get(&key).cloned();
        if let Some(tenant) = remembered.filter(|file| file.exists()).map(|file| read(&file)).transpose()?
            && tenant.has_name(name)
        {
            return Ok(tenant);
        }
        // If another tenant's file is damaged, this one can be read all the same.
        let own = self.path.join(format!("{key}.json"));
        if own.exists() {
            return read(&own);
        }
        let mut found = None;
        // A caller that asks for one tenant of many will ask for others, so every name is remembered.
        for file in self.files()? {
            if let Ok(tenant) = read(&file) {
                self.remember(&tenant, &file);
                found = found.or_else(|| tenant.has_name(name).then_some(tenant));
            }
        }
        if let Some(tenant) = found {
            return Ok(tenant);
        }
        self.files()?.iter().try_for_each(|file| read(file).map(|_| ()))?;
        Err(StateError::NoTenant(name.to_owned()))
    }

    /// Locks the folder against other writers, in this process and in others, until the file is dropped.
    pub(crate) fn lock(&self) -> Result<File, StateError> {
        let file = self.path.join(".lock");
        let lock = File::options().create(true).truncate(false).write(true).open(&file);
        lock.and_then(|lock| lock.lock().map(|()| lock)).map_err(|source| StateError::Io { file, source })
    }

    /// Replaces a tenant's file. The caller must hold the lock.
    pub(crate) fn write(&self, tenant: &Tenant) -> Result<(), StateError> {
        let file = self.file(tenant);
        let saved = serde_json::to_string(tenant).map_err(io::Error::from).and_then(|text| {
            let mut fresh = tempfile::NamedTempFile::new_in(&self.path)?;
            fresh.write_all(pretty(&text).as_bytes())?;
            fresh.write_all(b"\n")?;
            fresh.persist(&file).map_err(|failed| failed.error).map(|_| ())
        });
        saved.map_err(|source| StateError::Io { file, source })
    }

    fn remember(&self, tenant: &Tenant, file: &Path) {
        let domains = tenant.domains.iter().map(|domain| domain.to_ascii_lowercase());
        let names = domains.chain([tenant.id.to_string()]).map(|name| (name, file.to_owned()));
        self.known().extend(names);
    }

    fn file(&self, tenant: &Tenant) -> PathBuf {
        self.path.join(format!("{}.json", tenant.domain().to_ascii_lowercase()))
    }

    fn files(&self) -> Result<Vec<PathBuf>, StateError> {
        let entries = fs::read_dir(&self.path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let entries = entries.map_err(|source| StateError::Io { file: self.path.clone(), source })?;
        let mut files: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
        files.retain(|file| file.extension().is_some_and(|kind| kind == "json"));
        files.sort();
        Ok(files)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, PathBuf>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The text of a regular file of at most [`MAX_BYTES`].
fn read_bounded(file: &Path) -> io::Result<String> {
    // Whoever opens a pipe waits for its other end, so the kind of the file is checked first.
    if !fs::metadata(file)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let mut text = String::new();
    File::open(file)?.take(MAX_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {MAX_BYTES} bytes")));
    }
    Ok(text)
}

fn read(file: &Path) -> Result<Tenant, StateError> {
    let text = read_bounded(file).map_err(|source| StateError::Io { file: file.to_owned(), source })?;
    let damaged = |reason: String| StateError::Damaged { file: file.to_owned(), reason };
    let tenant: Tenant = serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
    match tenant.format_version {
        1 => Ok(tenant),
        other => Err(damaged(format!("its formatVersion is {other}, not 1"))),
    }
}
