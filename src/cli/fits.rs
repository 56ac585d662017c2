//! Which options go with which command. Whatever does not is refused before anything is read or sent.

use crate::cli::failure::Failure;
use crate::cli::options::{Command, Format, Global, SandboxCommand};

/// Checks the options that every command takes against the command.
///
/// # Errors
/// When one of them means nothing there, or means nothing at all.
pub fn check(options: &Global, command: &Command) -> Result<(), Failure> {
    options.selection.part()?;
    let formats = options.also.iter().map(|(format, _)| *format).chain([options.format]);
    for format in formats.filter(|_| {
        matches!(command, Command::Apply(_) | Command::Rollback(_) | Command::History(_) | Command::Show(_))
    }) {
        let told = match format {
            Format::Sarif => "sarif",
            Format::Github => "github",
            Format::Terminal | Format::Markdown | Format::Json => continue,
        };
        return Err(Failure::failed(format!(
            "the format {told} tells of findings and drift, and this command of neither"
        ))
        .hint("it goes with validate, plan and drift; here take markdown or json"));
    }
    let results = matches!(
        command,
        Command::Validate(_)
            | Command::Plan(_)
            | Command::Apply(_)
            | Command::Rollback(_)
            | Command::Drift(_)
            | Command::Show(_)
    );
    if !options.also.is_empty() && !results {
        return Err(Failure::failed("--also goes with commands whose result has formats")
            .hint("they are validate, plan, apply, rollback, drift and show; for the others take --output"));
    }
    if options.as_of.is_some() && !options.sandbox && matches!(command, Command::Apply(_)) {
        return Err(Failure::refused("nothing is applied to a real tenant by the rules of another day")
            .hint("leave --as-of out; it is for validate, plan and drift, and for the embedded tenant"));
    }
    let serves = matches!(command, Command::Sandbox(SandboxCommand::Serve { .. }));
    if options.faults.is_some() && !options.sandbox && !serves {
        return Err(Failure::failed("--faults is for the embedded tenant: a real one has faults of its own")
            .hint("add --sandbox, or leave --faults and SSPRCTL_FAULTS out"));
    }
    Ok(())
}
