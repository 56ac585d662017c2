//! `history`: what earlier runs wrote, as their journals tell it.

use std::io::ErrorKind;

use crate::apply::run_record::{RunRecord, list_runs, path, read_run};
use crate::base::exit::Exit;
use crate::base::ids::RunId;
use crate::cli::failure::RunError;
use crate::cli::options::Format;
use crate::cli::output::Output;
use crate::cli::write_options::HistoryArgs;
use crate::render::json;
use crate::render::terminal::history;

/// The word for the run that began last.
const LATEST: &str = "latest";

/// Lists the runs, or tells everything about one.
///
/// # Errors
/// When a journal cannot be read, or the run is not known.
pub fn run(output: &Output, format: Format, arguments: &HistoryArgs) -> Result<Exit, RunError> {
    let exit = Exit::Done;
    let pasts = match &arguments.run {
        Some(run) => vec![find(arguments, run)?],
        None => all(output, arguments)?,
    };
    output.write_result(&match (format, pasts.as_slice()) {
        (Format::Json, pasts) => json::history(pasts, exit),
        (_, [one]) if arguments.run.is_some() => history::one(one),
        (_, pasts) => history::history(pasts),
    })?;
    Ok(exit)
}

fn all(output: &Output, arguments: &HistoryArgs) -> Result<Vec<RunRecord>, RunError> {
    let runs = runs(arguments)?;
    let read = runs.iter().filter_map(|run| match read_run(&arguments.journal, run) {
        Ok(past) => Some(past),
        Err(error) => {
            let path = path(&arguments.journal, run);
            output.note(&format!("warning: the journal {} is left out: {error}", path.display()));
            None
        }
    });
    Ok(read.collect())
}

fn runs(arguments: &HistoryArgs) -> Result<Vec<RunId>, RunError> {
    list_runs(&arguments.journal).map_err(|error| {
        let folder = arguments.journal.display();
        RunError::failed(format!("the journals in {folder} cannot be read: {error}"))
            .hint("name their folder with --journal, or run where the apply ran")
    })
}

/// The run of that id.
///
/// # Errors
/// When there is none, or its journal cannot be read.
pub fn find(arguments: &HistoryArgs, run: &str) -> Result<RunRecord, RunError> {
    let unknown = || {
        let folder = arguments.journal.display();
        RunError::failed(format!("no run `{run}` is in {folder}")).hint("`ssprctl history` lists the runs")
    };
    let id = match run {
        LATEST => runs(arguments)?.pop(),
        id => RunId::parse(id),
    };
    let id = id.ok_or_else(unknown)?;
    read_run(&arguments.journal, &id).map_err(|error| match error.kind() {
        ErrorKind::NotFound => unknown(),
        kind => {
            let path = path(&arguments.journal, &id);
            let failure = RunError::failed(format!("the journal {} cannot be read: {error}", path.display()));
            failure.hint(if kind == ErrorKind::FileTooLarge {
                "read it with another tool: each line is a JSON document, which `ssprctl schema journal` describes"
            } else {
                "make it readable, or use the version that wrote it"
            })
        }
    })
}
