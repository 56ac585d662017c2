//! `validate`: checks policies without any tenant.

use std::mem::ManuallyDrop;

use clap::Args;

use crate::base::exit::Exit;
use crate::cli::args::{NamesArgs, Paths};
use crate::cli::command_args::CommandArgs;
use crate::cli::context::{CommandSpec, Context};
use crate::cli::format::ResultArgs;
use crate::cli::policies::{BaseArgs, ValidateFormat, report};
use crate::engine::error::RunError;
use crate::engine::policies;

#[derive(Debug, Args)]
pub(crate) struct ValidateArgs {
    /// Which policies
    #[command(flatten)]
    pub(crate) paths: Paths,
    /// What exceptions are compared with
    #[command(flatten)]
    pub(crate) base: BaseArgs,
    /// How the result names tenants
    #[command(flatten)]
    pub(crate) names: NamesArgs,
    /// How the result is written
    #[command(flatten)]
    pub(crate) result: ResultArgs<ValidateFormat>,
}

impl CommandArgs for ValidateArgs {
    /// `--surfaces`, which pipelines set for all commands, leaves no setting unchecked.
    const SPEC: CommandSpec = CommandSpec { also: true, services: true, ..CommandSpec::OFFLINE };

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let base = self.base.load(context, &self.paths.paths).await?;
        // The policies of a large fleet are not freed one by one: the process ends after this.
        let loaded = ManuallyDrop::new(policies::load(&context.run, &self.paths.paths)?);
        let only = context.options.tenant.as_ref();
        if let Some(only) = only.filter(|_| loaded.asked_for == 0 && !loaded.is_invalid()) {
            return Err(RunError::no_tenant(only));
        }
        report(context, "validate", &self.result, &loaded, (base.as_ref(), self.names.full))
    }
}
