//! `doctor`: checks whether each tenant can be reached with all that its policy needs, and what to do about each gap.

use clap::Args;
use clap::builder::BoolishValueParser;

use crate::base::exit::Exit;
use crate::cli::args::{Format, Paths};
use crate::cli::command_args::CommandArgs;
use crate::cli::command_spec::CommandSpec;
use crate::cli::context::Context;
use crate::cli::policies::load_valid;
use crate::doctor::check::{Check, CheckState};
use crate::doctor::diagnose::diagnose;
use crate::doctor::observe::observe;
use crate::engine::disposition::{exit_of_error, worst};
use crate::engine::error::RunError;
use crate::engine::tenants::for_each_tenant;
use crate::render::{json, markdown, terminal};

/// Arguments of `doctor`.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Which policies
    #[command(flatten)]
    pub(crate) paths: Paths,
    /// Count what only apply needs as missing, too
    #[arg(long, env = "SSPRCTL_WRITE", value_parser = BoolishValueParser::new())]
    pub(crate) write: bool,
}

impl CommandArgs for DoctorArgs {
    const SPEC: CommandSpec = CommandSpec { services: true, formats: Format::REPORTS, ..CommandSpec::READS };

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let loaded = match load_valid(context, &self.paths.paths)? {
            Ok(loaded) => loaded,
            Err(exit) => return Ok(exit),
        };
        let (desired, _) = loaded.require_any(&context.run.selection)?;
        let tenants = for_each_tenant(&context.run, desired, async |reader, desired| {
            let observations = observe(&reader, &desired, context.run.clock.now()).await;
            Ok(diagnose(&desired, &observations, self.write))
        })
        .await;
        let exit = worst(tenants.iter().map(|tenant| match &tenant.result {
            Err(error) => exit_of_error(error),
            Ok(checks) => worst(checks.iter().map(of_check)),
        }));
        context.output.result(context.options.format, |format| match format {
            Format::Terminal | Format::Sarif | Format::Github | Format::Html | Format::Text => {
                terminal::doctor::terminal(&tenants)
            }
            Format::Markdown => markdown::doctor(&tenants),
            Format::Json => json::doctor(&tenants, exit),
        })?;
        Ok(exit)
    }
}

fn of_check(check: &Check) -> Exit {
    match check.state {
        CheckState::Good | CheckState::Warning => Exit::Done,
        CheckState::Missing => Exit::NoAccess,
        CheckState::Failed => Exit::Failed,
    }
}
