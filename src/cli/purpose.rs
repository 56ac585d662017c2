//! What each command needs permissions for.

use crate::cli::options::Command;
use crate::client::RequiredAccess;

/// What a command needs permissions for.
#[must_use]
pub fn purpose(command: &Command) -> RequiredAccess {
    match command {
        Command::Apply(_) | Command::Rollback(_) => RequiredAccess::Write,
        Command::Login(arguments) if arguments.write => RequiredAccess::Write,
        Command::Show(_) => RequiredAccess::ReadReports,
        Command::Drift(_) => RequiredAccess::ReadAudit,
        _ => RequiredAccess::Read,
    }
}
