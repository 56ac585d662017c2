//! `accept`: writes what drifted into the policies.

use clap::Args;
use clap::builder::BoolishValueParser;

use crate::base::exit::Exit;
use crate::cli::args::{Paths, setting_name};
use crate::cli::command_args::CommandArgs;
use crate::cli::context::{CommandSpec, Context};
use crate::cli::policies::load_valid;
use crate::engine::accept::{AcceptOptions, accept};
use crate::engine::disposition::{exit_of_error, worst};
use crate::engine::error::RunError;
use crate::render::terminal::accept::accepted;

#[derive(Debug, Args)]
pub(crate) struct AcceptArgs {
    /// Which policies
    #[command(flatten)]
    pub(crate) paths: Paths,
    /// Only this setting, as in methods.required; several with commas or repeated
    #[arg(long, env = "SSPRCTL_ACCEPT_SETTING", value_name = "NAME", value_delimiter = ',', hide_possible_values = true,
          value_parser = setting_name())]
    pub(crate) setting: Vec<String>,
    /// Show the edit of each file as a diff, and write nothing
    #[arg(long, env = "SSPRCTL_ACCEPT_DRY_RUN", value_parser = BoolishValueParser::new())]
    pub(crate) dry_run: bool,
}

impl CommandArgs for AcceptArgs {
    const SPEC: CommandSpec = CommandSpec::READS;

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let paths = &self.paths.paths;
        let mut loaded = match load_valid(context, "accept", paths)? {
            Ok(loaded) => loaded,
            Err(exit) => return Ok(exit),
        };
        let known = std::mem::take(&mut loaded.findings);
        let (desired, config) = loaded.require_any(&context.run.selection)?;
        let options = AcceptOptions { settings: &self.setting, dry_run: self.dry_run, known: &known };
        let done = accept(&context.run, desired, &config, paths, &options).await?;
        context.output.write_text(&accepted(&done, self.dry_run))?;
        let skipped = done.tenants.iter().any(|tenant| tenant.result.as_ref().is_ok_and(|one| !one.skipped.is_empty()));
        let errors = done.tenants.iter().filter_map(|tenant| tenant.result.as_ref().err()).map(exit_of_error);
        Ok(worst(errors.chain(skipped.then_some(Exit::Failed))))
    }
}
