//! `apply`: plans, asks for approval, applies and verifies; with `--plan` exactly what was reviewed, or nothing.

use std::path::{Path, PathBuf};

use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};

use crate::base::exit::Exit;
use crate::cli::approval::{ApplyFormat, apply_and_show, approved, held_back, show_result, stopped, stopped_results};
use crate::cli::args::{Allow, NamesArgs, POLICIES, Paths, WriteArgs, review_key};
use crate::cli::command_args::{CommandArgs, RequiredAccess};
use crate::cli::context::{CommandSpec, Context, Timeout, environment};
use crate::cli::format::ResultArgs;
use crate::cli::policies::{limits_losing, load_valid};
use crate::engine::error::RunError;
use crate::engine::review::{check_limits, count_findings, plan_all, reviews};
use crate::engine::review_file::{self, LoadedReview, OnStale};

/// What to do where a tenant is not as it was reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Stale {
    /// Hold back that tenant and apply the others
    Skip,
    /// Apply none
    Stop,
}

impl From<Stale> for OnStale {
    fn from(stale: Stale) -> Self {
        match stale {
            Stale::Skip => Self::Skip,
            Stale::Stop => Self::Stop,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    /// Which policies
    #[command(flatten)]
    pub(crate) paths: Paths,
    /// Apply exactly the review that `plan --out` saved in FILE; the policies are those that the file names
    #[arg(long, env = "SSPRCTL_PLAN", value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,
    /// What to do where a tenant of the review of --plan is no longer as it was reviewed, or its policies are not: skip holds back
    /// that tenant and applies the others, stop applies none; both end with exit code 5
    #[arg(long, env = "SSPRCTL_STALE", value_name = "WHAT", default_value = "skip")]
    pub(crate) stale: Stale,
    /// How the result names tenants
    #[command(flatten)]
    pub(crate) names: NamesArgs,
    /// How to write
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    /// Adopt an unmanaged object with the same purpose, if there is only one: a Conditional Access policy on
    /// registering, an Intune configuration of the reset link
    #[arg(long, env = "SSPRCTL_ADOPT", value_parser = BoolishValueParser::new())]
    pub(crate) adopt: bool,
    /// Refusals that are allowed
    #[command(flatten)]
    pub(crate) allow: Allow,
    /// How the result is written
    #[command(flatten)]
    pub(crate) result: ResultArgs<ApplyFormat>,
}

impl CommandArgs for ApplyArgs {
    const SPEC: CommandSpec =
        CommandSpec { also: true, services: true, timeout: Timeout::FinishWrites, ..CommandSpec::READS };

    fn access(&self) -> RequiredAccess {
        if limits_losing() { RequiredAccess::WriteLimited } else { RequiredAccess::Write }
    }

    fn journal(&self) -> Option<&Path> {
        self.write.journal.as_deref()
    }

    fn check(&self, context: &Context) -> Result<(), RunError> {
        if context.options.as_of.is_some() && !context.options.sandbox {
            return Err(RunError::refused("nothing is applied to a real tenant by the rules of another day")
                .hint("leave --as-of out; it is for validate, plan and drift, and for the embedded tenant"));
        }
        let named = self.paths.paths != [PathBuf::from(POLICIES)] && environment("SSPRCTL_PATH").is_none();
        if self.plan.is_some() && named {
            return Err(RunError::failed("a saved review names its own policies, so no PATH goes with --plan")
                .hint("leave PATH out, or leave --plan out to plan anew"));
        }
        Ok(())
    }

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let (key, on_stale) = (review_key()?, self.stale.into());
        let saved = self
            .plan
            .as_deref()
            .map(|file| review_file::load(&context.run, file, key.as_ref(), on_stale))
            .transpose()?;
        if let Some(saved) = saved.as_ref().filter(|saved| saved.review.tenants.is_empty()) {
            context.output.note(if saved.is_elsewhere {
                "no tenant of the review is in the part of this run: there is nothing to apply"
            } else {
                "the review is for no tenant: there is nothing to apply"
            });
            return show_result(context, &self.result, (&[], &[]), self.names.view(None));
        }
        let paths = match &saved {
            None => self.paths.paths.clone(),
            Some(saved) => saved.review.tenants.iter().map(|tenant| PathBuf::from(&tenant.policy)).collect(),
        };
        let loaded = match load_valid(context, "apply", &paths)? {
            Ok(loaded) => loaded,
            Err(exit) => return Ok(exit),
        };
        let mut exceptions = loaded.exceptions_of_selected(&self.allow.allow, None);
        if let Some(saved) = &saved {
            review_file::check_exceptions(&saved.review, &exceptions)?;
            review_file::check_config(&saved.review, loaded.config_digest.as_ref())?;
        }
        let policies = loaded.sources_of_selected();
        let (desired, config) = loaded.require_any(&context.run.selection)?;
        // The policies of a review may be a part of those that there are, and limits in percent count out of all.
        let fleet = saved.as_ref().and_then(|saved| saved.review.fleet).unwrap_or_else(|| config.fleet_size());
        let (rings, config) = (config.rings().clone(), self.allow.apply_to(config).with_fleet_size(fleet));
        let view = self.names.view(Some(&rings));
        // A file cannot allow taking over somebody else's object, so --adopt is said anew with --plan.
        let plans = plan_all(&context.run, desired, &config, self.adopt, saved.as_ref().map(|saved| &saved.review));
        // Nothing is written before approval, so the run may be dropped anywhere until then; after it, only between two writes.
        let mut planned = match context.shutdown.run_until_requested(plans).await {
            Ok(planned) => planned,
            Err(exit) => return Ok(stopped(context, exit)),
        };
        let mut stale = Vec::new();
        if let Some(LoadedReview { review, held_back: unread, is_elsewhere: _ }) = saved {
            let outdated;
            (planned, outdated) = review_file::compare(&review, planned, !unread.is_empty(), on_stale);
            let unread = unread.into_iter().map(|(tenant, reason)| review_file::not_read(tenant, reason));
            stale = held_back(outdated.into_iter().chain(unread).collect());
            let unreadable = planned.iter().any(|one| one.result.is_err());
            if on_stale == OnStale::Stop && (unreadable || !stale.is_empty()) {
                let stopped = stopped_results(planned, stale);
                return show_result(context, &self.result, (&stopped, &policies), view);
            }
        }
        check_limits(&config, reviews(&planned))?;
        count_findings(&mut exceptions, reviews(&planned));
        let approval = approved(context, "apply", self.write.auto_approve, &planned, view, &exceptions);
        let approved = match context.shutdown.run_until_requested(approval).await {
            Ok(approved) => approved?,
            Err(exit) => return Ok(stopped(context, exit)),
        };
        let options = self.write.options();
        apply_and_show(context, (planned, stale), &policies, view, approved, &options, &self.result).await
    }
}
