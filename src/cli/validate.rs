//! `validate`: are the policies sound? Touches no tenant.

use crate::base::exit::Exit;
use crate::cli::ending;
use crate::cli::failure::RunError;
use crate::cli::options::{Format, GlobalArgs, Paths};
use crate::cli::output::Output;
use crate::cli::policies::{self, LoadedPolicies};
use crate::render::terminal::validate;
use crate::render::{github, json, markdown, sarif};

/// Loads, checks and judges the policies.
///
/// # Errors
/// When the result cannot be written.
pub fn run(output: &Output, options: &GlobalArgs, arguments: &Paths) -> Result<Exit, RunError> {
    let gathered = policies::load(&arguments.paths, options);
    if let Some(only) = options.tenant.as_ref().filter(|_| gathered.asked_for == 0 && !gathered.is_invalid()) {
        return Err(RunError::no_tenant(only));
    }
    report(output, options.format, &gathered)
}

/// Prints what is wrong with policies, or that nothing is; also what other commands print instead of their result when a
/// policy is invalid.
///
/// # Errors
/// When the result cannot be written.
pub fn report(output: &Output, format: Format, gathered: &LoadedPolicies) -> Result<Exit, RunError> {
    let (all, below) = (gathered.checked(), &gathered.below);
    let exit = ending::of_findings(&gathered.findings);
    output.result(format, |format| match format {
        Format::Terminal | Format::Html | Format::Text => validate::terminal(&all),
        Format::Markdown => markdown::validate(&all),
        Format::Json => json::validate(&all, exit),
        Format::Sarif => sarif::validate(&all, below, exit),
        Format::Github => github::validate(&all, below),
    })?;
    Ok(exit)
}
