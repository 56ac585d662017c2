//! What each command needs permissions for.

use crate::cli::options::Command;
use crate::client::Purpose;

/// What a command needs permissions for.
#[must_use]
pub fn purpose(command: &Command) -> Purpose {
    match command {
        Command::Apply(_) | Command::Rollback(_) => Purpose::Write,
        Command::Login(arguments) if arguments.write => Purpose::Write,
        Command::Show(_) => Purpose::Report,
        Command::Drift(_) => Purpose::Attribute,
        _ => Purpose::Read,
    }
}
