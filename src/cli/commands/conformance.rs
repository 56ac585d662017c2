//! `conformance`: which of the assumptions about the services hold in a tenant.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::base::cloud::Cloud;
use crate::base::exit::Exit;
use crate::base::ids::TenantName;
use crate::cli::approval::stopped;
use crate::cli::args::{cloud, duration};
use crate::cli::command_args::{CommandArgs, RequiredAccess};
use crate::cli::context::{CommandSpec, Context, Timeout};
use crate::cli::format::FormatArgs;
use crate::cli::output::write_file;
use crate::cli::question::{ask, can_ask};
use crate::engine::conformance::{ask_tenant, check_disposable, exit_of, judge_reads, try_writes};
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
    /// Also try the writes, and put everything back: only in a tenant that nobody depends on, which --disposable-tenant
    /// names as well, or a person at the terminal
    #[arg(long)]
    pub(crate) write: bool,
    /// The tenant of --tenant once more: nobody depends on it, and it may be written to
    #[arg(long, value_name = "TENANT", requires = "write")]
    pub(crate) disposable_tenant: Option<String>,
    /// How long to wait until the tenant shows a write
    #[arg(long, env = "SSPRCTL_VERIFY_TIMEOUT", value_name = "DURATION", default_value = "60s", value_parser = duration)]
    pub(crate) verify_timeout: Duration,
    /// Also write the JSON document to FILE; it has no value, name or id of the tenant and can be sent to the project
    #[arg(long, env = "SSPRCTL_OUT", value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// How the result is written
    #[command(flatten)]
    pub(crate) result: FormatArgs<ConformanceFormat>,
}

impl CommandArgs for ConformanceArgs {
    const SPEC: CommandSpec = CommandSpec { timeout: Timeout::FinishWrites, ..CommandSpec::READS };

    fn access(&self) -> RequiredAccess {
        if self.write { RequiredAccess::WriteAll } else { RequiredAccess::ReadReports }
    }

    fn check(&self, context: &Context) -> Result<(), RunError> {
        if self.write && self.disposable_tenant.is_none() && !can_ask(context) {
            let why = "--write has to be asked for twice, and there is no terminal to ask; nothing was written";
            return Err(RunError::refused(why).hint("also pass --disposable-tenant with the name of the tenant"));
        }
        let Some(again) = &self.disposable_tenant else { return Ok(()) };
        let tenant = context.run.selection.single_tenant()?;
        if TenantName::parse(again) == tenant {
            return Ok(());
        }
        Err(RunError::refused(format!("--disposable-tenant names {again}, and --tenant {tenant}; nothing was written"))
            .hint("name the same tenant twice: --write is for one that nobody depends on"))
    }

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let prepare = async {
            let tenant = ask_tenant(&context.run, self.cloud).await?;
            if self.write {
                check_disposable(&context.run, &tenant)?;
                if self.disposable_tenant.is_none() {
                    type_name(context, &tenant.name).await?;
                }
            }
            Ok::<_, RunError>(tenant)
        };
        let tenant = match context.shutdown.run_until_requested(prepare).await {
            Ok(prepared) => prepared?,
            Err(exit) => return Ok(stopped(context, exit)),
        };
        let result = if self.write {
            context.shutdown.begin_writing();
            try_writes(&context.run, tenant, self.verify_timeout).await?
        } else {
            judge_reads(&tenant)
        };
        let exit = exit_of(&result);
        let exit = context.shutdown.exit().filter(|_| exit != Exit::Failed).unwrap_or(exit);
        let document = || json::conformance(&result, context.ended(exit));
        if let Some(out) = &self.out {
            write_file(out, &document()).map_err(|error| RunError::unwritten(out, &error))?;
        }
        match self.result.format {
            ConformanceFormat::Terminal => context.output.write_text(&terminal::conformance::terminal(&result)),
            ConformanceFormat::Json => context.output.write_result(&document()),
        }?;
        Ok(exit)
    }
}

/// Has a person type the name of the tenant.
///
/// # Errors
/// When it is not typed.
async fn type_name(context: &Context, tenant: &TenantName) -> Result<(), RunError> {
    let question = format!(
        "\nThis changes settings of {tenant}, which may lock people out for some minutes, and puts them back.\n\
         Type the name of the tenant if nobody depends on it; any other answer cancels:"
    );
    if ask(context, &question).await == Some(tenant.to_string()) {
        return Ok(());
    }
    Err(RunError::refused("the name of the tenant was not typed; nothing was written"))
}
