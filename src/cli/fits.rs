//! Which options go with which command. Whatever does not is refused before anything is read or sent.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::cli::failure::RunError;
use crate::cli::options::{ApplyArgs, Command, Format, GlobalArgs, POLICIES, PlanArgs, SandboxCommand};
use crate::cli::surfaces::Services;

/// Checks the options that every command takes against the command.
///
/// # Errors
/// When one of them means nothing there, or means nothing at all.
pub fn check(options: &GlobalArgs, command: &Command) -> Result<(), RunError> {
    options.selection.shard()?;
    let formats = options.also.iter().map(|(format, _)| *format).chain([options.format]);
    for format in formats {
        suits(format, command)?;
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
        return Err(RunError::failed("--also goes with commands whose result has formats")
            .hint("they are validate, plan, apply, rollback, drift and show; for the others take --output"));
    }
    if options.as_of.is_some() && !options.sandbox && matches!(command, Command::Apply(_)) {
        return Err(RunError::refused("nothing is applied to a real tenant by the rules of another day")
            .hint("leave --as-of out; it is for validate, plan and drift, and for the embedded tenant"));
    }
    let chooses = matches!(
        command,
        Command::Plan(_) | Command::Apply(_) | Command::Drift(_) | Command::Doctor(_) | Command::Login(_)
    );
    if options.surfaces != Services::All && !chooses {
        return Err(RunError::failed(
            "--surfaces chooses what is planned and who signs in, and this command does neither",
        )
        .hint("leave --surfaces and SSPRCTL_SURFACES out"));
    }
    let serves = matches!(command, Command::Sandbox(SandboxCommand::Serve { .. }));
    if options.faults.is_some() && !options.sandbox && !serves {
        return Err(RunError::failed("--faults is for the embedded tenant: a real one has faults of its own")
            .hint("add --sandbox, or leave --faults and SSPRCTL_FAULTS out"));
    }
    if let Command::Apply(ApplyArgs { plan: Some(_), paths, .. }) = command
        && paths.paths != [PathBuf::from(POLICIES)]
        && std::env::var_os("SSPRCTL_PATH").is_none_or(|set| set.is_empty())
    {
        return Err(RunError::failed("a saved review names its own policies, so no PATH goes with --plan")
            .hint("leave PATH out, or leave --plan out to plan anew"));
    }
    if let Command::Plan(PlanArgs { impact: true, against: Some(_), .. }) = command {
        return Err(RunError::failed("a snapshot knows nobody, so --impact does not go with --against")
            .hint("leave one of them out"));
    }
    if let Command::Plan(PlanArgs { out: Some(_), against: Some(_), .. }) = command {
        return Err(RunError::failed("a plan against a snapshot cannot be applied, so it is not saved as a review")
            .hint("leave --out out, or plan against the tenant itself"));
    }
    Ok(())
}

/// Whether a command has anything to write in a format. Commands that write in one way alone take no notice of it, so that a
/// variable that is set for all of them breaks none.
fn suits(format: Format, command: &Command) -> Result<(), RunError> {
    let fits = match command {
        Command::Validate(_) | Command::Plan(_) | Command::Drift(_) => !matches!(format, Format::Html | Format::Text),
        Command::Apply(_) | Command::Rollback(_) | Command::History(_) | Command::Show(_) | Command::Doctor(_) => {
            matches!(format, Format::Terminal | Format::Markdown | Format::Json)
        }
        Command::Announce(_) => !matches!(format, Format::Json | Format::Sarif | Format::Github),
        _ => true,
    };
    if fits { Ok(()) } else { Err(misplaced(format)) }
}

fn misplaced(format: Format) -> RunError {
    let name = format.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let (why, hint) = match format {
        Format::Html | Format::Text => {
            ("is for a mail, which `announce` writes", "here take terminal, markdown or json")
        }
        Format::Sarif | Format::Github => (
            "tells of findings and drift, and this command of neither",
            "it goes with validate, plan and drift; here take markdown or json",
        ),
        Format::Terminal | Format::Markdown | Format::Json => {
            ("is for programs, and this command writes to people", "here take markdown, html or text")
        }
    };
    RunError::failed(format!("the format {name} {why}")).hint(hint)
}
