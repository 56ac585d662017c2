//! An index of the journals of earlier runs, so that each journal is read once per run and not once per tenant.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::apply::run_record::{self, RunRecord};
use crate::base::ids::{RunId, TenantId};

/// Which earlier runs were interrupted, by the tenant that they were working on.
#[derive(Debug)]
pub(crate) struct JournalIndex {
    folder: PathBuf,
    known: BTreeSet<RunId>,
    interrupted: BTreeMap<TenantId, BTreeSet<RunId>>,
}

/// A journal, or the folder of all of them, that cannot be used.
#[derive(Debug)]
pub(crate) struct UnusableJournal {
    /// The file or the folder.
    pub(crate) path: PathBuf,
    /// Why it cannot be used.
    pub(crate) error: io::Error,
}

impl JournalIndex {
    /// Reads every journal in `folder`; returns those that cannot be used along with the index.
    #[must_use]
    pub(crate) fn read(folder: &Path) -> (Self, Vec<UnusableJournal>) {
        let mut index = Self { folder: folder.to_owned(), known: BTreeSet::new(), interrupted: BTreeMap::new() };
        let unusable = index.refresh();
        (index, unusable)
    }

    /// Adds the journals that were written since; returns those of them that cannot be used.
    pub(crate) fn refresh(&mut self) -> Vec<UnusableJournal> {
        let runs = match run_record::list_runs(&self.folder) {
            Ok(runs) => runs,
            Err(error) => return vec![UnusableJournal { path: self.folder.clone(), error }],
        };
        let new: Vec<RunId> = runs.into_iter().filter(|run| self.known.insert(run.clone())).collect();
        let read: Vec<_> =
            new.into_par_iter().map(|run| (run_record::interrupted_tenants(&self.folder, &run), run)).collect();
        let mut unusable = Vec::new();
        for (tenants, run) in read {
            match tenants {
                Ok(tenants) => {
                    for tenant in tenants {
                        self.interrupted.entry(tenant).or_default().insert(run.clone());
                    }
                }
                Err(error) => {
                    unusable.push(UnusableJournal { path: run_record::journal_path(&self.folder, &run), error })
                }
            }
        }
        unusable
    }

    /// The runs that were interrupted while they worked on a tenant, the oldest first. Their journals are read again, because
    /// another process may have recovered them.
    ///
    /// # Errors
    /// When one of these journals cannot be read any more.
    pub(crate) fn interrupted_runs(&self, tenant: TenantId) -> Result<Vec<RunRecord>, UnusableJournal> {
        let mut runs = Vec::new();
        for run in self.interrupted.get(&tenant).into_iter().flatten() {
            let record = run_record::read_run_of(&self.folder, run, tenant)
                .map_err(|error| UnusableJournal { path: run_record::journal_path(&self.folder, run), error })?;
            if record.is_interrupted(tenant) {
                runs.push(record);
            }
        }
        Ok(runs)
    }
}
