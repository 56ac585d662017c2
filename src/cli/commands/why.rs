//! `why`: whether one person can reset, step by step.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::base::cloud::Cloud;
use crate::base::exit::Exit;
use crate::cli::args::cloud;
use crate::cli::command_args::{CommandArgs, RequiredAccess};
use crate::cli::context::{CommandSpec, Context};
use crate::cli::format::ResultArgs;
use crate::cli::policies::{load_single, one_tenant, repository_config};
use crate::engine::disposition::{exit_of_error, worst};
use crate::engine::error::RunError;
use crate::engine::why::{PersonQuestion, why};
use crate::render::{json, terminal};

/// The formats of `why`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WhyFormat {
    /// For people at a terminal
    Terminal,
    /// One JSON document, see `ssprctl schema`
    Json,
}

/// Arguments of `why`. The tenant is that of the policy, `--tenant`, or the only one that has policies.
#[derive(Debug, Args)]
pub(crate) struct WhyArgs {
    /// The sign-in name or the object id of the person
    #[arg(value_name = "USER", env = "SSPRCTL_USER")]
    pub(crate) user: String,
    /// The cloud that hosts the tenant, where no policy says it
    #[arg(long, env = "SSPRCTL_CLOUD", value_parser = cloud, default_value = "global")]
    pub(crate) cloud: Cloud,
    /// Also answer for the tenant once the policy in FILE is applied
    #[arg(long, env = "SSPRCTL_POLICY", value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// How the result is written
    #[command(flatten)]
    pub(crate) result: ResultArgs<WhyFormat>,
}

impl CommandArgs for WhyArgs {
    const SPEC: CommandSpec = CommandSpec { also: true, ..CommandSpec::READS };

    fn access(&self) -> RequiredAccess {
        RequiredAccess::ReadPerson
    }

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let Self { user, cloud, policy, result } = self;
        let (desired, config) = match policy.as_deref().map(|policy| load_single(context, policy)).transpose()? {
            Some((desired, config)) => (Some(desired), config),
            None => (None, repository_config(context)?),
        };
        let tenant = one_tenant(context, desired.as_ref(), cloud)?;
        let report = why(&context.run, PersonQuestion { user, tenant, desired, config }).await?;
        let proposed = report.proposed.iter().filter_map(|(_, proposed)| proposed.as_ref()?.as_ref().err());
        let exit = worst(report.unread.iter().map(|unread| &unread.why).chain(proposed).map(exit_of_error));
        context.output.clone().personal().result(&result, |format| match format {
            WhyFormat::Terminal => terminal::why::terminal(&report),
            WhyFormat::Json => json::why(&report, context.ended(exit)),
        })?;
        Ok(exit)
    }
}
