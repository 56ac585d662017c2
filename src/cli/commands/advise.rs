//! `advise`: the methods that keep most people able to reset, by strength and effort, and the steps to them.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::base::cloud::Cloud;
use crate::base::exit::Exit;
use crate::cli::args::cloud;
use crate::cli::command_args::{CommandArgs, RequiredAccess};
use crate::cli::context::{CommandSpec, Context, Timeout};
use crate::cli::format::ResultArgs;
use crate::cli::policies::{RunPolicies, load_or_live};
use crate::engine::advise::{TenantAdvice, advise_all};
use crate::engine::disposition::{exit_of_error, worst};
use crate::engine::error::RunError;
use crate::render::{json, markdown, terminal};

/// The formats of `advise`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AdviseFormat {
    /// For people at a terminal
    Terminal,
    /// For a pull-request comment
    Markdown,
    /// One JSON document, see `ssprctl schema`
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct AdviseArgs {
    /// Policy files, or folders of them; the variable holds one. Without a policy for the tenant of --tenant, the tenant as it is
    /// [default: policies/]
    #[arg(value_name = "PATH", env = "SSPRCTL_PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Show this option alone, with what the policy says after each of its steps
    #[arg(long, env = "SSPRCTL_OPTION", value_name = "N")]
    pub(crate) option: Option<usize>,
    /// The cloud that hosts a tenant without a policy
    #[arg(long, env = "SSPRCTL_CLOUD", value_parser = cloud, default_value = "global")]
    pub(crate) cloud: Cloud,
    /// How the result is written
    #[command(flatten)]
    pub(crate) result: ResultArgs<AdviseFormat>,
}

impl CommandArgs for AdviseArgs {
    const SPEC: CommandSpec = CommandSpec { also: true, timeout: Timeout::PerTenant, ..CommandSpec::READS };

    fn access(&self) -> RequiredAccess {
        RequiredAccess::ReadPeople
    }

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let RunPolicies { desired, config, sources: _ } =
            match load_or_live(context, "advise", &self.paths, self.cloud)? {
                Ok(tenants) => tenants,
                Err(exit) => return Ok(exit),
            };
        let mut tenants = advise_all(&context.run, desired, &config).await;
        if let Some(number) = self.option {
            let options =
                tenants.iter_mut().filter_map(|tenant| Some(&mut tenant.result.as_mut().ok()?.advice.options));
            let mut most = 0;
            for options in options {
                most = most.max(options.len());
                options.retain(|option| option.number == number);
            }
            if !(1..=most).contains(&number) && tenants.iter().any(|tenant| tenant.result.is_ok()) {
                return Err(RunError::failed(format!("there is no option {number}: there are {most}"))
                    .hint("leave --option and SSPRCTL_OPTION out to see all of them"));
            }
        }
        let exit_of = |result: &Result<TenantAdvice, _>| match result {
            Err(why) => exit_of_error(why),
            Ok(read) => {
                let unread = read.unread.iter().filter(|_| read.is_incomplete());
                worst(unread.map(|unread| exit_of_error(&unread.why)))
            }
        };
        let exit = worst(tenants.iter().map(|tenant| exit_of(&tenant.result)));
        let whole = self.option.is_some();
        context.output.result(&self.result, |format| match format {
            AdviseFormat::Terminal => terminal::advice(&tenants, whole),
            AdviseFormat::Markdown => markdown::advice(&tenants, whole),
            AdviseFormat::Json => json::advice(&tenants, context.ended(exit)),
        })?;
        Ok(exit)
    }
}
