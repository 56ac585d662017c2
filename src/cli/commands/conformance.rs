//! `conformance`: which of the assumptions about the services hold in a tenant.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::base::cloud::Cloud;
use crate::base::exit::Exit;
use crate::cli::args::cloud;
use crate::cli::command_args::{CommandArgs, RequiredAccess};
use crate::cli::context::{CommandSpec, Context};
use crate::cli::format::FormatArgs;
use crate::cli::output::write_file;
use crate::engine::conformance::{exit_of, judge_tenant};
use crate::engine::error::RunError;
use crate::render::{json, terminal};

/// The formats of `conformance`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConformanceFormat {
    /// For people at a terminal
    Terminal,
    /// One JSON document, see `ssprctl schema`
    Json,
}

/// Arguments of `conformance`. The tenant is `--tenant`.
#[derive(Debug, Args)]
pub(crate) struct ConformanceArgs {
    /// The cloud that hosts the tenant
    #[arg(long, env = "SSPRCTL_CLOUD", value_parser = cloud, default_value = "global")]
    pub(crate) cloud: Cloud,
    /// Also write the JSON document to FILE; it has no value, name or id of the tenant and can be sent to the project
    #[arg(long, env = "SSPRCTL_OUT", value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// How the result is written
    #[command(flatten)]
    pub(crate) result: FormatArgs<ConformanceFormat>,
}

impl CommandArgs for ConformanceArgs {
    const SPEC: CommandSpec = CommandSpec::READS;

    fn access(&self) -> RequiredAccess {
        RequiredAccess::ReadReports
    }

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let judged = judge_tenant(&context.run, self.cloud).await?;
        let exit = exit_of(&judged);
        let document = || json::conformance(&judged, exit);
        if let Some(out) = &self.out {
            write_file(out, &document())
                .map_err(|error| RunError::failed(format!("{} cannot be written: {error}", out.display())))?;
        }
        context.output.write_result(&match self.result.format {
            ConformanceFormat::Terminal => terminal::conformance::terminal(&judged),
            ConformanceFormat::Json => document(),
        })?;
        Ok(exit)
    }
}
