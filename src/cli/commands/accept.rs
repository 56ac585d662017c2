//! `accept`: writes what drifted into the policies.

use clap::Args;

use crate::base::exit::Exit;
use crate::cli::args::Paths;
use crate::cli::command_args::CommandArgs;
use crate::cli::context::{CommandSpec, Context};
use crate::cli::policies::load_valid;
use crate::engine::accept::accept;
use crate::engine::disposition::{exit_of_error, worst};
use crate::engine::error::RunError;
use crate::render::terminal::accept::accepted;

#[derive(Debug, Args)]
pub(crate) struct AcceptArgs {
    /// Which policies
    #[command(flatten)]
    pub(crate) paths: Paths,
}

impl CommandArgs for AcceptArgs {
    const SPEC: CommandSpec = CommandSpec::READS;

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let paths = &self.paths.paths;
        let loaded = match load_valid(context, "accept", paths)? {
            Ok(loaded) => loaded,
            Err(exit) => return Ok(exit),
        };
        let (desired, config) = loaded.require_any(&context.run.selection)?;
        let tenants = accept(&context.run, desired, &config, paths).await?;
        context.output.write_result(&accepted(&tenants))?;
        let skipped = tenants.iter().any(|tenant| tenant.result.as_ref().is_ok_and(|one| !one.skipped.is_empty()));
        let errors = tenants.iter().filter_map(|tenant| tenant.result.as_ref().err()).map(exit_of_error);
        Ok(worst(errors.chain(skipped.then_some(Exit::Failed))))
    }
}
