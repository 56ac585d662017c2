//! `man`: the manual page, generated from the options.

use clap::{Args, Command};
use clap_mangen::Man;

use crate::base::exit::Exit;
use crate::cli::command_args::CommandArgs;
use crate::cli::context::{CommandSpec, Context};
use crate::engine::error::RunError;

#[derive(Debug, Args)]
pub(crate) struct ManArgs {}

impl ManArgs {
    /// The same, for the command line of the program.
    #[must_use]
    pub(crate) fn of(self, program: Command) -> ManualPage {
        ManualPage { program }
    }
}

/// A manual page to print.
pub(crate) struct ManualPage {
    program: Command,
}

impl CommandArgs for ManualPage {
    const SPEC: CommandSpec = CommandSpec::OFFLINE;

    /// Prints the manual page as roff; the pages of the commands follow that of the program.
    async fn run(mut self, context: &Context) -> Result<Exit, RunError> {
        self.program.build();
        let mut page = Vec::new();
        Man::new(self.program.clone()).render(&mut page)?;
        for command in self.program.get_subcommands().filter(|command| !command.is_hide_set()) {
            let name = format!("ssprctl-{}", command.get_name());
            Man::new(command.clone().name(name)).render(&mut page)?;
        }
        context.output.write_result(&String::from_utf8_lossy(&page))?;
        Ok(Exit::Done)
    }
}
