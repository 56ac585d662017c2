//! `completions`: a completion script, generated from the options.

use clap_complete::Shell;

use crate::base::exit::Exit;
use crate::cli::failure::RunError;
use crate::cli::options;
use crate::cli::output::Output;

/// Prints the completion script for a shell.
///
/// # Errors
/// When it cannot be written.
pub fn run(output: &Output, shell: Shell) -> Result<Exit, RunError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut options::command(), "ssprctl", &mut script);
    output.write_result(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
