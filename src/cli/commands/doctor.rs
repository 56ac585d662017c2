//! `doctor`: checks whether each tenant can be reached with all that its policy needs, and what to do about each gap.

use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};

use crate::base::exit::Exit;
use crate::cli::args::Paths;
use crate::cli::command_args::CommandArgs;
use crate::cli::context::{CommandSpec, Context};
use crate::cli::format::{FormatArgs, ResultArgs};
use crate::cli::policies::load_valid;
use crate::doctor::check::{Check, CheckState};
use crate::doctor::diagnose::diagnose;
use crate::doctor::observe::observe;
use crate::engine::disposition::{exit_of_error, worst};
use crate::engine::error::RunError;
use crate::engine::tenants::for_each_tenant;
use crate::render::{json, markdown, terminal};

/// The formats of `doctor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DoctorFormat {
    /// For people at a terminal
    Terminal,
    /// For a pull-request comment
    Markdown,
    /// One JSON document, see `ssprctl schema`
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Which policies
    #[command(flatten)]
    pub(crate) paths: Paths,
    /// Also require what only apply needs
    #[arg(long, env = "SSPRCTL_WRITE", value_parser = BoolishValueParser::new())]
    pub(crate) write: bool,
    /// How the result is written
    #[command(flatten)]
    pub(crate) result: FormatArgs<DoctorFormat>,
}

impl CommandArgs for DoctorArgs {
    const SPEC: CommandSpec = CommandSpec { services: true, ..CommandSpec::READS };

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let loaded = match load_valid(context, "doctor", &self.paths.paths)? {
            Ok(loaded) => loaded,
            Err(exit) => return Ok(exit),
        };
        let (desired, config) = loaded.require_any(&context.run.selection)?;
        let tenants = for_each_tenant(&context.run, desired, async |reader, desired| {
            let observations = observe(&reader, &desired, context.run.clock.now()).await;
            let calendar = config.calendar(&desired.tenant, desired.cloud);
            Ok(diagnose(&desired, &observations, (&calendar, config.today()), self.write, config.reads_people()))
        })
        .await;
        let exit = worst(tenants.iter().map(|tenant| match &tenant.result {
            Err(error) => exit_of_error(error),
            Ok(checks) => worst(checks.iter().map(of_check)),
        }));
        let result = ResultArgs { format: self.result.format, also: Vec::new() };
        context.output.result(&result, |format| match format {
            DoctorFormat::Terminal => terminal::doctor::terminal(&tenants),
            DoctorFormat::Markdown => markdown::doctor(&tenants),
            DoctorFormat::Json => json::doctor(&tenants, context.ended(exit)),
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
