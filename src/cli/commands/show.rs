//! `show`: the settings that a tenant has, and what its reports say about them.

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
use crate::engine::progress::Progress;
use crate::engine::show::read_with_reports;
use crate::engine::tenant_report::TenantReport;
use crate::render::text::error;
use crate::render::{html, json, markdown, terminal};

/// The formats of `show`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShowFormat {
    /// For people at a terminal
    Terminal,
    /// For a pull-request comment
    Markdown,
    /// One JSON document, see `ssprctl schema`
    Json,
    /// One page without a script
    Html,
}

/// Arguments of `show`. The tenant is `--tenant`.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The cloud that hosts the tenant
    #[arg(long, env = "SSPRCTL_CLOUD", value_parser = cloud, default_value = "global")]
    pub(crate) cloud: Cloud,
    /// Also count who registered: one request for each thousand users, five in ten seconds, so that 250,000 users take
    /// most of the default --timeout. In a synchronised tenant also count the people in scope whose password is on premises:
    /// one request for each thousand accounts
    #[arg(long, env = "SSPRCTL_REGISTRATION")]
    pub(crate) registration: bool,
    /// Also show the Secure Score with the policy in FILE applied
    #[arg(long, env = "SSPRCTL_POLICY", value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// How the result is written
    #[command(flatten)]
    pub(crate) result: ResultArgs<ShowFormat>,
}

impl CommandArgs for ShowArgs {
    const SPEC: CommandSpec = CommandSpec { also: true, ..CommandSpec::READS };

    fn access(&self) -> RequiredAccess {
        if self.registration { RequiredAccess::ReadRegistration } else { RequiredAccess::ReadReports }
    }

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let desired = self.policy.as_deref().map(|policy| load_single(context, policy)).transpose()?;
        let config = match &desired {
            Some((_, config)) => config.clone(),
            None => repository_config(context)?,
        };
        let (name, cloud) = one_tenant(context, desired.as_ref().map(|(desired, _)| desired), self.cloud)?;
        let (snapshot, reports) = read_with_reports(&context.run, (&name, cloud), self.registration, desired).await?;
        let report = TenantReport::new(&name, &snapshot, reports, &config.calendar(&name, cloud), config.today());
        let unknown_keys: Vec<_> = snapshot.unknown_keys().into_iter().map(|key| (None, key)).collect();
        if !unknown_keys.is_empty() {
            context.run.report(Progress::UnknownKeys(&unknown_keys));
        }
        snapshot.read_only().iter().for_each(|why| context.output.say(&error::error_block(why)));
        let required = report.settings.iter().filter(|one| !one.setting.surface.is_optional());
        let required = required.filter_map(|one| one.value.as_ref().err());
        let asked_for = report.reports.registration.iter().filter_map(|read| read.as_ref().err());
        let exit = worst(required.chain(asked_for).map(exit_of_error));
        context.output.result(&self.result, |format| match format {
            ShowFormat::Terminal => terminal::show::terminal(&report),
            ShowFormat::Markdown => markdown::show(&report),
            ShowFormat::Json => json::show(&report, context.ended(exit)),
            ShowFormat::Html => html::result(&json::show(&report, context.ended(exit)), context.run.today),
        })?;
        Ok(exit)
    }
}
