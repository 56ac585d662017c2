//! The runs that the journals of a folder record: one by the id that a person typed, or all of them.

use std::io::ErrorKind;
use std::path::Path;

use crate::apply::run_record::{RunRecord, journal_path, list_runs, read_run};
use crate::base::ids::RunId;
use crate::cli::context::Context;
use crate::engine::error::RunError;

/// The word for the run that started last.
const LATEST: &str = "latest";

/// The run of that id, or the latest one.
///
/// # Errors
/// When there is none, or its journal cannot be read.
pub(crate) fn find_run(folder: &Path, run: &str) -> Result<RunRecord, RunError> {
    let unknown = || {
        RunError::failed(format!("no run `{run}` is in {}", folder.display())).hint("`ssprctl history` lists the runs")
    };
    let id = match run {
        LATEST => runs(folder)?.pop(),
        id => RunId::parse(id),
    };
    let id = id.ok_or_else(unknown)?;
    read_run(folder, &id).map_err(|error| match error.kind() {
        ErrorKind::NotFound => unknown(),
        kind => {
            let path = journal_path(folder, &id);
            let failure = RunError::failed(format!("the journal {} cannot be read: {error}", path.display()));
            failure.hint(if kind == ErrorKind::FileTooLarge {
                "read it with another tool: each line is a JSON document, which `ssprctl schema journal` describes"
            } else {
                "make it readable, or use the version that wrote it"
            })
        }
    })
}

/// The ids of all runs, the oldest first.
///
/// # Errors
/// When the folder cannot be read.
fn runs(folder: &Path) -> Result<Vec<RunId>, RunError> {
    list_runs(folder).map_err(|error| {
        RunError::failed(format!("the journals in {} cannot be read: {error}", folder.display()))
            .hint("name their folder with --journal, or run where the apply ran")
    })
}

/// Every run whose journal can be read, the oldest first; a warning names each of the others.
///
/// # Errors
/// When the folder cannot be read.
pub(crate) fn readable_runs(context: &Context, folder: &Path) -> Result<Vec<RunRecord>, RunError> {
    let read = runs(folder)?.into_iter().filter_map(|run| match read_run(folder, &run) {
        Ok(record) => Some(record),
        Err(error) => {
            let path = journal_path(folder, &run);
            context.output.note(&format!("warning: the journal {} is left out: {error}", path.display()));
            None
        }
    });
    Ok(read.collect())
}
