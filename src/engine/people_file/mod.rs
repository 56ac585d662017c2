//! The file of `--people`: the people whom a forecast is about, or a plan, with their names. What is written of each tenant is
//! in a file without a name until the run is done; only then does the file itself appear, whole, and for its owner alone. Names
//! are not held in memory.

mod names;
mod read;
mod record;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::base::file::{check_private, folder_of, publish_private};
use crate::engine::error::RunError;
use crate::engine::people_file::record::RecordFrame;
use crate::engine::result::ReviewedPlan;
use crate::person::outlook::PersonOutlook;
use crate::policy::gate::check_target;
use crate::review::impact::ImpactResult;
use crate::tenant::account::AccountNames;
use crate::tenant::error::{TenantError, TenantErrorKind};

pub(crate) use names::NamedAccounts;
pub(crate) use read::{AffectedPerson, read};
pub(crate) use record::{PeopleFormat, people_schema};

/// How much of a tenant's people is in memory before it is written.
const CHUNK_BYTES: usize = 256 * 1024;

/// A file of people that a run makes.
pub(crate) struct PeopleFile {
    path: PathBuf,
    format: PeopleFormat,
    /// What was written of each tenant, by the name in its policy.
    parts: Mutex<BTreeMap<String, TenantPart>>,
}

/// The people of one tenant: a whole file but for its end.
struct TenantPart {
    file: File,
    people: u64,
}

/// How many people were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PeopleWritten {
    pub(crate) people: u64,
    /// How many tenants are not in the file, because they could not be read.
    pub(crate) missing: usize,
}

impl PeopleFormat {
    /// The format of a file with this name.
    ///
    /// # Errors
    /// When its name has another ending than those of the formats.
    pub(crate) fn of(path: &Path) -> Result<Self, RunError> {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
        match ending.as_str() {
            "csv" => Ok(Self::Csv),
            "json" => Ok(Self::Json),
            _ => {
                let message =
                    format!("{}: the ending of the name decides the format of a file of people", path.display());
                Err(RunError::failed(message).hint("name a file that ends in .csv or .json"))
            }
        }
    }
}

impl PeopleFile {
    /// A file that nothing is written to yet. Its folder is made if there is none.
    ///
    /// # Errors
    /// When its name has another ending than those of the formats, or it cannot be written there.
    pub(crate) fn new(path: &Path) -> Result<Self, RunError> {
        let format = PeopleFormat::of(path)?;
        let file = Self { path: path.to_owned(), format, parts: Mutex::default() };
        let writable = || {
            check_target(path)?;
            fs::create_dir_all(file.folder())?;
            check_private(path)?;
            tempfile::tempfile_in(file.folder()).map(drop)
        };
        writable().map_err(|error| RunError::unwritten(path, &error))?;
        Ok(file)
    }

    /// The file as the caller named it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn folder(&self) -> &Path {
        folder_of(&self.path)
    }

    /// Room for the accounts of a tenant with their names.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn accounts(&self) -> Result<NamedAccounts, TenantError> {
        NamedAccounts::in_folder(self.folder()).map_err(|error| self.failed(&error))
    }

    /// A list of the people of a tenant that is not yet in the file.
    ///
    /// # Errors
    /// When there is no room for it.
    pub(crate) fn begin(&self, tenant: &str) -> Result<TenantPeople<'_>, TenantError> {
        let file = tempfile::tempfile_in(self.folder()).map_err(|error| self.failed(&error))?;
        let (tenant, chunk) = (tenant.to_owned(), self.format.head().into_bytes());
        Ok(TenantPeople { list: self, tenant, file, chunk, frames: Vec::new(), people: 0, failed: None })
    }

    /// Why the people of a tenant cannot be written.
    pub(crate) fn failed(&self, error: &io::Error) -> TenantError {
        let folder = self.folder().display();
        TenantError::new(
            TenantErrorKind::Unavailable,
            format!("the names of people cannot be stored in {folder}: {error}"),
        )
        .hint("free space there, or name a file in another folder with --people")
    }

    /// Writes the file, with the people of these tenants in their order, each with whether it could be read; `None`, and no
    /// file, where no tenant could be.
    ///
    /// # Errors
    /// When it cannot be written. Then the one that was there before is as it was.
    pub(crate) fn finish<'a>(
        &self,
        tenants: impl IntoIterator<Item = (&'a str, bool)>,
    ) -> Result<Option<PeopleWritten>, RunError> {
        let mut parts = std::mem::take(&mut *self.parts.lock().unwrap_or_else(PoisonError::into_inner));
        let (read, missing): (Vec<_>, Vec<_>) = tenants.into_iter().partition(|(_, is_read)| *is_read);
        if read.is_empty() && !missing.is_empty() {
            return Ok(None);
        }
        let parts = read.into_iter().filter_map(|(tenant, _)| parts.remove(tenant));
        let parts: Vec<_> = parts.filter(|part| part.people > 0).collect();
        let people = parts.iter().map(|part| part.people).sum();
        let write = || {
            check_target(&self.path)?;
            publish_private(self.joined(parts)?, &self.path)
        };
        write().map_err(|error| RunError::unwritten(&self.path, &error))?;
        Ok(Some(PeopleWritten { people, missing: missing.len() }))
    }

    /// The whole content, in a file without a name.
    fn joined(&self, parts: Vec<TenantPart>) -> io::Result<File> {
        let head = self.format.head();
        let mut parts = parts.into_iter();
        let mut whole = match parts.next() {
            Some(TenantPart { file, people: _ }) => file,
            None => {
                let mut file = tempfile::tempfile_in(self.folder())?;
                file.write_all(head.as_bytes())?;
                file
            }
        };
        for TenantPart { mut file, people: _ } in parts {
            whole.write_all(self.format.separator().as_bytes())?;
            file.seek(SeekFrom::Start(head.len() as u64))?;
            io::copy(&mut file, &mut whole)?;
        }
        whole.write_all(self.format.tail().as_bytes())?;
        Ok(whole)
    }
}

/// Why the people whom a plan affects could not be listed; `None` where they were, and where it affects nobody.
pub(crate) fn unlisted(plan: &ReviewedPlan) -> Option<&TenantError> {
    match plan.result.as_ref().map(|review| &review.impact) {
        Err(why) | Ok(Some(ImpactResult::Unknown(why))) => Some(why),
        Ok(Some(ImpactResult::Unaffected | ImpactResult::Counted(_)) | None) => None,
    }
}

/// The list of one tenant's people while it is made.
pub(crate) struct TenantPeople<'a> {
    list: &'a PeopleFile,
    tenant: String,
    file: File,
    /// What is not written yet.
    chunk: Vec<u8>,
    /// What the records of each profile have in common, by its number; `None` for a profile that was not asked about, and
    /// within it for people who are not listed.
    frames: Vec<Option<Option<RecordFrame>>>,
    people: u64,
    /// Why the list could not be written.
    failed: Option<io::Error>,
}

impl TenantPeople<'_> {
    /// Adds a person of a profile. `outlook` is called for the first person of each.
    pub(crate) fn add(
        &mut self,
        profile: usize,
        names: AccountNames<'_>,
        outlook: impl FnOnce() -> Option<PersonOutlook>,
    ) {
        if self.frames.len() <= profile {
            self.frames.resize_with(profile + 1, || None);
        }
        let Some(frame) = self.frames.get_mut(profile) else { return };
        let tenant = &self.tenant;
        let frame = frame.get_or_insert_with(|| outlook().map(|outlook| RecordFrame::new(tenant, &outlook)));
        let Some(frame) = frame else { return };
        if self.people > 0 {
            self.chunk.extend_from_slice(self.list.format.separator().as_bytes());
        }
        self.list.format.push(&mut self.chunk, names, frame);
        self.people += 1;
        if self.chunk.len() >= CHUNK_BYTES {
            self.write();
        }
    }

    fn write(&mut self) {
        if self.failed.is_none() {
            self.failed = self.file.write_all(&self.chunk).err();
        }
        self.chunk.clear();
    }

    /// Writes what is left, and leaves the part of the tenant for the whole list.
    ///
    /// # Errors
    /// When it could not be written.
    pub(crate) fn end(mut self) -> Result<(), TenantError> {
        self.write();
        let Self { list, tenant, file, people, failed, chunk: _, frames: _ } = self;
        failed.map_or(Ok(()), |error| Err(list.failed(&error)))?;
        list.parts.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant, TenantPart { file, people });
        Ok(())
    }
}
