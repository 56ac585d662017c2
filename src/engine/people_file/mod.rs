//! The file of `--people`: the people whom a forecast is about, or a plan, with their names. What is written of each tenant is
//! in a file without a name until the run is done; only then does the file itself appear, whole, and for its owner alone. Names
//! are not held in memory.

mod names;
mod record;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::base::file::{check_private, write_private_with};
use crate::engine::error::RunError;
use crate::engine::people_file::record::RecordEnd;
use crate::engine::result::ReviewedPlan;
use crate::person::outlook::PersonOutlook;
use crate::policy::gate::check_target;
use crate::review::impact::ImpactResult;
use crate::tenant::account::AccountNames;
use crate::tenant::error::{TenantError, TenantErrorKind};

pub(crate) use names::NamedAccounts;
pub(crate) use record::{PeopleFormat, people_schema};

/// How much of a tenant's people is in memory before it is written.
const BUFFER_BYTES: usize = 256 * 1024;

/// A file of people that a run makes.
pub(crate) struct PeopleFile {
    path: PathBuf,
    format: PeopleFormat,
    /// What was written of each tenant, by the name in its policy.
    parts: Mutex<BTreeMap<String, TenantPart>>,
}

/// The people of one tenant.
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

impl PeopleFile {
    /// A file that nothing is written to yet. Its folder is made if there is none.
    ///
    /// # Errors
    /// When its name has another ending than those of the formats, or it cannot be written there.
    pub(crate) fn new(path: &Path) -> Result<Self, RunError> {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
        let format = match ending.as_str() {
            "csv" => PeopleFormat::Csv,
            "json" => PeopleFormat::Json,
            _ => {
                let message =
                    format!("{}: the ending of the name decides the format of a file of people", path.display());
                return Err(RunError::failed(message).hint("name a file that ends in .csv or .json"));
            }
        };
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
        self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
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
        let out = BufWriter::with_capacity(BUFFER_BYTES, file);
        Ok(TenantPeople {
            list: self,
            tenant: tenant.to_owned(),
            out,
            line: Vec::new(),
            ends: Vec::new(),
            people: 0,
            failed: None,
        })
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
        let write = |out: &mut File| {
            out.write_all(self.format.head().as_bytes())?;
            for (index, TenantPart { mut file, people: _ }) in parts.into_iter().enumerate() {
                if index > 0 {
                    out.write_all(self.format.separator().as_bytes())?;
                }
                file.seek(SeekFrom::Start(0))?;
                io::copy(&mut file, out)?;
            }
            out.write_all(self.format.tail().as_bytes())
        };
        let written = check_target(&self.path).and_then(|()| write_private_with(&self.path, write));
        written.map_err(|error| RunError::unwritten(&self.path, &error))?;
        Ok(Some(PeopleWritten { people, missing: missing.len() }))
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
    out: BufWriter<File>,
    line: Vec<u8>,
    /// What the records of each profile end with, by its number; `None` for a profile that was not asked about, and within it
    /// for people who are not listed.
    ends: Vec<Option<Option<RecordEnd>>>,
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
        if self.ends.len() <= profile {
            self.ends.resize_with(profile + 1, || None);
        }
        let Some(end) = self.ends.get_mut(profile) else { return };
        let Some(end) = end.get_or_insert_with(|| outlook().as_ref().map(RecordEnd::from)) else { return };
        self.line.clear();
        if self.people > 0 {
            self.line.extend_from_slice(self.list.format.separator().as_bytes());
        }
        self.list.format.push(&mut self.line, &self.tenant, names, end);
        self.people += 1;
        if self.failed.is_none() {
            self.failed = self.out.write_all(&self.line).err();
        }
    }

    /// Ends the list.
    ///
    /// # Errors
    /// When it could not be written.
    pub(crate) fn end(self) -> Result<(), TenantError> {
        let Self { list, tenant, out, line: _, ends: _, people, failed } = self;
        let file = failed.map_or_else(|| out.into_inner().map_err(io::IntoInnerError::into_error), Err);
        let file = file.map_err(|error| list.failed(&error))?;
        list.parts.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant, TenantPart { file, people });
        Ok(())
    }
}
