//! What every command has: the facts that hold for each of its runs, and how it runs.

use std::future::Future;
use std::path::Path;

use crate::base::exit::Exit;
use crate::cli::context::{CommandSpec, Context};
use crate::engine::error::RunError;

pub(crate) use crate::client::RequiredAccess;

/// The arguments of one command.
pub(crate) trait CommandArgs: Send + 'static {
    /// What holds for every run.
    const SPEC: CommandSpec;

    /// The permissions that this run needs.
    fn access(&self) -> RequiredAccess {
        RequiredAccess::Read
    }

    /// The folder of the journals, if the caller named one.
    fn journal(&self) -> Option<&Path> {
        None
    }

    /// Whether a reading of people that an earlier run did not end is gone on with; `None` where there is no `--resume`.
    fn resumes(&self) -> Option<bool> {
        None
    }

    /// The file of people that the run makes; `None` where names are not asked for.
    fn people_file(&self) -> Option<&Path> {
        None
    }

    /// Refuses options that contradict each other, before anything is read or sent.
    ///
    /// # Errors
    /// What contradicts what, and what to leave out.
    fn check(&self, _context: &Context) -> Result<(), RunError> {
        Ok(())
    }

    /// Does what the command is for, and returns the exit code of the process.
    ///
    /// # Errors
    /// Why there is no result.
    fn run(self, context: &Context) -> impl Future<Output = Result<Exit, RunError>>;
}
