//! `completions`: a completion script, generated from the options.

use clap::{Args, Command};
use clap_complete::Shell;

use crate::base::exit::Exit;
use crate::cli::command_args::CommandArgs;
use crate::cli::context::{CommandSpec, Context};
use crate::engine::error::RunError;

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: Shell,
}

impl CompletionsArgs {
    /// The same, for the command line of the program.
    #[must_use]
    pub(crate) fn of(self, program: Command) -> Completions {
        Completions { shell: self.shell, program }
    }
}

/// A completion script to print.
pub(crate) struct Completions {
    shell: Shell,
    program: Command,
}

impl CommandArgs for Completions {
    const SPEC: CommandSpec = CommandSpec::OFFLINE;

    async fn run(mut self, context: &Context) -> Result<Exit, RunError> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut self.program, "ssprctl", &mut script);
        context.output.write_result(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Done)
    }
}
