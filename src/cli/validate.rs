//! `validate`: are the policies sound? Touches no tenant.

use crate::base::exit::Exit;
use crate::cli::ending;
use crate::cli::failure::Failure;
use crate::cli::gather::{self, Gathered};
use crate::cli::options::{Format, Global, Paths};
use crate::cli::output::Output;
use crate::render::{checked, json, markdown};

/// Loads, checks and judges the policies.
///
/// # Errors
/// When the result cannot be written.
pub fn run(output: &Output, options: &Global, arguments: &Paths) -> Result<Exit, Failure> {
    let gathered = gather::gather(&arguments.paths, options.tenant.as_ref());
    if let Some(only) = options.tenant.as_ref().filter(|_| gathered.desired.is_empty() && !gathered.is_invalid()) {
        return Err(Failure::no_tenant(only));
    }
    report(output, options.format, &gathered)
}

/// Prints what is wrong with policies, or that nothing is; also what other commands print instead of their result when a
/// policy is invalid.
///
/// # Errors
/// When the result cannot be written.
pub fn report(output: &Output, format: Format, gathered: &Gathered) -> Result<Exit, Failure> {
    let Gathered { desired, findings, files } = gathered;
    let exit = ending::of_findings(findings);
    output.data(&match format {
        Format::Terminal => checked::terminal(findings, *files, desired.len()),
        Format::Markdown => markdown::checked(findings, *files, desired.len()),
        Format::Json => json::checked(findings, *files, desired.len(), exit),
    })?;
    Ok(exit)
}
