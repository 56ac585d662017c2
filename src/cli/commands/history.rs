//! `history`: lists earlier runs, or shows one, as their journals record them.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::base::exit::Exit;
use crate::cli::command_args::CommandArgs;
use crate::cli::context::{CommandSpec, Context};
use crate::cli::format::FormatArgs;
use crate::cli::journals::{export_journals, find_run, import_journals, readable_runs};
use crate::engine::error::RunError;
use crate::render::json;
use crate::render::terminal::history;

/// The formats of `history`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HistoryFormat {
    /// For people at a terminal
    Terminal,
    /// As for people at a terminal
    Markdown,
    /// One JSON document, see `ssprctl schema`
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// A run, or `latest`, to show in detail
    #[arg(value_name = "RUN")]
    pub(crate) run: Option<String>,
    /// The folder of the journals, if not that of the state
    #[arg(long, env = "SSPRCTL_JOURNAL", value_name = "DIR")]
    pub(crate) journal: Option<PathBuf>,
    /// Write the newest journals, 32 MiB at most, to FILE, encrypted under SSPRCTL_CACHE_KEY, for another machine
    #[arg(long, value_name = "FILE", conflicts_with_all = ["run", "import"])]
    pub(crate) export: Option<PathBuf>,
    /// Add the journals that `--export` wrote to FILE, as far as they are not here yet
    #[arg(long, value_name = "FILE", conflicts_with = "run")]
    pub(crate) import: Option<PathBuf>,
    /// How the result is written
    #[command(flatten)]
    pub(crate) result: FormatArgs<HistoryFormat>,
}

impl CommandArgs for HistoryArgs {
    const SPEC: CommandSpec = CommandSpec { state: true, ..CommandSpec::OFFLINE };

    fn journal(&self) -> Option<&Path> {
        self.journal.as_deref()
    }

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        if let Some(file) = &self.export {
            return export_journals(context, file);
        }
        if let Some(file) = &self.import {
            return import_journals(context, file);
        }
        let records = match &self.run {
            Some(run) => vec![find_run(&context.run.folders.journal, run, None)?],
            None => readable_runs(context, &context.run.folders.journal)?,
        };
        let is_damaged = records.iter().any(|record| !record.damaged.is_empty());
        let exit = if is_damaged { Exit::Failed } else { Exit::Done };
        let text = match records.as_slice() {
            records if self.result.format == HistoryFormat::Json => json::history(records, exit),
            [one] if self.run.is_some() => history::one(one),
            records => history::history(records),
        };
        match self.result.format {
            HistoryFormat::Terminal => context.output.write_text(&text),
            HistoryFormat::Markdown | HistoryFormat::Json => context.output.write_result(&text),
        }?;
        Ok(exit)
    }
}
