//! What every command declares about itself, and how it runs.

use std::future::Future;
use std::path::Path;

use crate::base::exit::Exit;
use crate::cli::args::{Format, JOURNAL};
use crate::cli::context::Context;
use crate::client::RequiredAccess;
use crate::engine::error::RunError;

/// How `--timeout` acts on a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timeout {
    /// The command is stopped when the time is over.
    Whole,
    /// The command itself looks at the time and reports the tenants that are not done by then.
    PerTenant,
    /// The command begins no further request when the time is over, finishes the one in flight and reports.
    FinishWrites,
    /// The command runs until it is interrupted.
    None,
}

/// What holds for every run of a command.
#[derive(Clone, Copy, Debug)]
pub struct CommandSpec {
    /// Whether it connects to tenants.
    pub tenant: bool,
    /// How `--timeout` acts.
    pub timeout: Timeout,
    /// Whether `--also` may write its result in further formats.
    pub also: bool,
    /// Whether `--surfaces` may choose the services.
    pub services: bool,
    /// Whether `--faults` may be given without `--sandbox`.
    pub faults: bool,
    /// The formats of its result; empty for a command with one output, which ignores the option and its variable.
    pub formats: &'static [Format],
}

impl CommandSpec {
    /// A command that touches no tenant and has one output.
    pub const OFFLINE: Self =
        Self { tenant: false, timeout: Timeout::Whole, also: false, services: false, faults: false, formats: &[] };
    /// A command that reads tenants and has one output.
    pub const READS: Self = Self { tenant: true, ..Self::OFFLINE };
}

/// The arguments of one command.
pub trait CommandArgs: Sized {
    /// What holds for every run.
    const SPEC: CommandSpec;

    /// The permissions that this run needs.
    fn access(&self) -> RequiredAccess {
        RequiredAccess::Read
    }

    /// The folder of the journals.
    fn journal(&self) -> &Path {
        Path::new(JOURNAL)
    }

    /// Refuses options that contradict each other, before anything is read or sent.
    ///
    /// # Errors
    /// What contradicts what, and what to leave out.
    fn check(&self, _context: &Context) -> Result<(), RunError> {
        Ok(())
    }

    /// Runs the command.
    ///
    /// # Errors
    /// Why there is no result.
    fn run(self, context: &Context) -> impl Future<Output = Result<Exit, RunError>>;
}
