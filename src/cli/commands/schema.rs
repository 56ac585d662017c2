//! `schema`: prints a published JSON Schema.

use clap::Args;

use crate::base::exit::Exit;
use crate::cli::command_args::CommandArgs;
use crate::cli::context::{CommandSpec, Context};
use crate::cli::schemas::{SchemaName, text};
use crate::engine::error::RunError;

#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// Which schema
    #[arg(value_enum, default_value_t = SchemaName::Policy)]
    pub(crate) name: SchemaName,
}

impl CommandArgs for SchemaArgs {
    const SPEC: CommandSpec = CommandSpec::OFFLINE;

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        context.output.write_result(&text(self.name)?)?;
        Ok(Exit::Done)
    }
}
