//! The policies of a command: loaded, or reported as invalid in the command's format.

use std::path::PathBuf;

use crate::base::exit::Exit;
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::engine::disposition::exit_of_findings;
use crate::engine::error::RunError;
use crate::engine::policies::{self, LoadedPolicies};
use crate::render::{github, json, markdown, sarif, terminal};

/// Loads the policies of a command. If one is invalid, writes the findings instead of the command's result and returns the exit
/// code.
///
/// # Errors
/// When the working directory cannot be read, or the findings cannot be written.
pub(crate) fn load_valid(context: &Context, paths: &[PathBuf]) -> Result<Result<LoadedPolicies, Exit>, RunError> {
    let loaded = policies::load(&context.run, paths)?;
    if loaded.is_invalid() {
        return Ok(Err(report(context, &loaded)?));
    }
    loaded.report_skipped(&context.run);
    Ok(Ok(loaded))
}

/// Writes the findings about policies, or that there are none.
///
/// # Errors
/// When they cannot be written.
pub(crate) fn report(context: &Context, loaded: &LoadedPolicies) -> Result<Exit, RunError> {
    let (all, below) = (loaded.report(), &loaded.below);
    let exit = exit_of_findings(&loaded.findings);
    context.output.result(context.options.format, |format| match format {
        Format::Terminal | Format::Html | Format::Text => terminal::validate::terminal(&all),
        Format::Markdown => markdown::validate(&all),
        Format::Json => json::validate(&all, exit),
        Format::Sarif => sarif::validate(&all, below, exit),
        Format::Github => github::validate(&all, below),
    })?;
    Ok(exit)
}
