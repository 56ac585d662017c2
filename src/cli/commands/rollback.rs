//! `rollback`: reverses an earlier run, shown and approved like a plan.

use std::path::Path;

use clap::Args;

use crate::base::exit::Exit;
use crate::cli::approval::{ApplyFormat, apply_and_show, approved, stopped};
use crate::cli::args::{NamesArgs, POLICIES, WriteArgs};
use crate::cli::command_args::{CommandArgs, RequiredAccess};
use crate::cli::context::{CommandSpec, Context, Timeout};
use crate::cli::format::ResultArgs;
use crate::cli::journals::find_run;
use crate::engine::error::RunError;
use crate::engine::rollback::{check_whole, plan_reversal, still_desired};
use crate::render::terminal::history::NO_END;
use crate::render::text::still_desired;

#[derive(Debug, Args)]
pub(crate) struct RollbackArgs {
    /// The run, as `history` lists it, or `latest`
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    /// How the result names tenants
    #[command(flatten)]
    pub(crate) names: NamesArgs,
    /// How to write
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    /// How the result is written
    #[command(flatten)]
    pub(crate) result: ResultArgs<ApplyFormat>,
}

impl CommandArgs for RollbackArgs {
    const SPEC: CommandSpec = CommandSpec { also: true, timeout: Timeout::FinishWrites, ..CommandSpec::READS };

    fn access(&self) -> RequiredAccess {
        RequiredAccess::Write
    }

    fn journal(&self) -> Option<&Path> {
        self.write.journal.as_deref()
    }

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let record = find_run(&context.run.folders.journal, &self.run, Some(context.run.sandbox))?;
        if !record.damaged.is_empty() {
            context.output.note(&format!("warning: {}; what they recorded is not rolled back", record.damage()));
        }
        if record.has_no_end() {
            context.output.note(&format!("warning: run {}: {NO_END}; only what it has is rolled back", record.run));
        }
        let view = self.names.view(None);
        let plans = async {
            let planned = plan_reversal(&context.run, &record).await;
            let approved = approved(context, "rollback", self.write.auto_approve, &planned, view, &[]).await?;
            Ok::<_, RunError>((planned, approved))
        };
        let (planned, approved) = match context.shutdown.run_until_requested(plans).await {
            Ok(prepared) => prepared?,
            Err(exit) => return Ok(stopped(context, exit)),
        };
        if record.tenants.is_empty() {
            return Err(RunError::failed(format!("no line of the journal of run {} can be read", record.run))
                .hint("what the run did is not known: compare the tenants with their policies by `ssprctl plan`"));
        }
        if planned.is_empty() {
            return Err(RunError::failed(format!("run {} did nothing to such a tenant", record.run))
                .hint("`ssprctl history` shows what each run did"));
        }
        let still = still_desired(&context.run, &record, &planned, Path::new(POLICIES));
        let options = self.write.options();
        let exit = apply_and_show(context, (planned, Vec::new()), &[], view, approved, &options, &self.result).await?;
        if exit == Exit::Done
            && approved
            && let Some(note) = still_desired::note(&still)
        {
            context.output.note(&note);
        }
        if exit == Exit::Done {
            check_whole(&record)?;
        }
        Ok(exit)
    }
}
