//! The runs that the journals of a folder record: one by the id that a person typed, or all of them. Journals in one
//! encrypted file, for another machine.

use std::io::ErrorKind;
use std::path::Path;

use crate::apply::journal_archive::{self, ArchivedJournals};
use crate::apply::run_record::{RunRecord, journal_path, list_runs, read_run};
use crate::base::count::counted;
use crate::base::exit::Exit;
use crate::base::file::read_bounded;
use crate::base::ids::RunId;
use crate::cli::context::{Context, environment};
use crate::client::{CacheKey, EncryptionKey, KeyUnavailable, is_encrypted};
use crate::engine::error::RunError;
use crate::policy::gate::write_named;

/// The word for the run that started last.
const LATEST: &str = "latest";

/// The run of that id, or the latest one. With `embedded` a run is taken only if its tenants are embedded ones (`true`) or real
/// ones (`false`), or if its journal does not say which; `None` takes every run.
///
/// # Errors
/// When there is none, its journal cannot be read, or its tenants are of the other kind.
pub(crate) fn find_run(folder: &Path, run: &str, embedded: Option<bool>) -> Result<RunRecord, RunError> {
    let ids = if run == LATEST { runs(folder)? } else { RunId::parse(run).into_iter().collect() };
    let unknown = || {
        RunError::failed(format!("no run `{run}` is in {}", folder.display())).hint("`ssprctl history` lists the runs")
    };
    let mut refused = unknown();
    for id in ids.into_iter().rev() {
        let record = read_known(folder, &id, unknown)?;
        match embedded.filter(|asked| record.is_embedded().is_some_and(|is| is != *asked)) {
            None => return Ok(record),
            Some(asked) => refused = of_other_tenants(run, asked),
        }
    }
    Err(refused)
}

/// The error about runs that are there and are not taken, as their tenants are of the other kind.
fn of_other_tenants(run: &str, embedded: bool) -> RunError {
    let (kind, hint) =
        if embedded { ("embedded", "leave --sandbox and SSPRCTL_SANDBOX out") } else { ("real", "add --sandbox") };
    let which = if run == LATEST { "no run here is".to_owned() } else { format!("run {run} is not") };
    RunError::refused(format!("{which} one of {kind} tenants; nothing was sent"))
        .hint(format!("{hint}; `ssprctl history` says which runs are of embedded tenants"))
}

/// The run of that id; `unknown` makes the error where there is none.
fn read_known(folder: &Path, id: &RunId, unknown: impl Fn() -> RunError) -> Result<RunRecord, RunError> {
    read_run(folder, id).map_err(|error| match error.kind() {
        ErrorKind::NotFound => unknown(),
        kind => {
            let path = journal_path(folder, id);
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

/// The key that the environment or the system's keyring holds.
fn key() -> Result<EncryptionKey, RunError> {
    let missing = |none: KeyUnavailable| {
        RunError::failed(format!("journals are carried encrypted: {}", none.why)).hint(none.hint)
    };
    CacheKey::from_env(&|name| environment(name)).key(false).map_err(missing)
}

/// Writes the newest journals to a file, encrypted.
///
/// # Errors
/// When there is no key, a journal cannot be read, or the file cannot be written: it has another content, or has journals
/// and there are none here.
pub(crate) fn export_journals(context: &Context, file: &Path) -> Result<Exit, RunError> {
    let folder = &context.run.folders.journal;
    let (sealed, ArchivedJournals { done, left }) = journal_archive::pack(folder, &key()?).map_err(|error| {
        RunError::failed(format!("the journals in {} cannot be exported: {error}", folder.display()))
            .hint("make them readable; `ssprctl history` names each")
    })?;
    let replaces = match read_bounded(file, journal_archive::MAX_FILE) {
        Ok(bytes) if bytes.is_empty() => None,
        Ok(bytes) if !is_encrypted(&bytes) => Some("it has another content"),
        Ok(_) if done == 0 => Some("it has journals, and there are none here"),
        Ok(_) => None,
        // Writing it says why it cannot be written, if it cannot.
        Err(_) => None,
    };
    if let Some(why) = replaces {
        return Err(RunError::failed(format!("{} is not replaced: {why}", file.display())).hint("name another file"));
    }
    write_named(file, &sealed).map_err(|error| RunError::unwritten(file, &error))?;
    let left = if left > 0 { format!("; {left} older did not fit") } else { String::new() };
    context.output.note(&format!("{} to {}{left}", counted(done, "journal", "journals"), file.display()));
    Ok(Exit::Done)
}

/// Adds the journals of such a file that are not here yet.
///
/// # Errors
/// When the file cannot be read or decrypted, or a journal cannot be written.
pub(crate) fn import_journals(context: &Context, file: &Path) -> Result<Exit, RunError> {
    let failed = |error: std::io::Error| {
        RunError::failed(format!("{} is not imported: {error}", file.display()))
            .hint("take a file that `ssprctl history --export` wrote under the same SSPRCTL_CACHE_KEY")
    };
    let sealed = read_bounded(file, journal_archive::MAX_FILE).map_err(|error| failed(error.into()))?;
    let counts = journal_archive::unpack(&context.run.folders.journal, &sealed, &key()?).map_err(failed)?;
    let ArchivedJournals { done, left } = counts;
    let left = match left {
        0 => String::new(),
        1 => "; 1 was here already".to_owned(),
        many => format!("; {many} were here already"),
    };
    context.output.note(&format!("{} written{left}", counted(done, "journal", "journals")));
    Ok(Exit::Done)
}
