//! `plan`: shows what would change.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};

use crate::base::count::counted;
use crate::base::exit::Exit;
use crate::base::signature::SharedKey;
use crate::cli::args::{Allow, NamesArgs, Paths, ResumeArgs, duration, review_key};
use crate::cli::command_args::{CommandArgs, RequiredAccess};
use crate::cli::context::{CommandSpec, Context, Timeout};
use crate::cli::format::ResultArgs;
use crate::cli::people_file::{PeopleArgs, PeopleGrouping};
use crate::cli::policies::{BaseArgs, ChangedArgs, limits_losing, load_valid};
use crate::engine::disposition::{exit_of_error, exit_of_reviews, worst};
use crate::engine::error::RunError;
use crate::engine::impact::ImpactQuestion;
use crate::engine::offline::{load_snapshot, review_offline};
use crate::engine::people_file::unlisted;
use crate::engine::recovery::report_interrupted_runs;
use crate::engine::result::{PlanScope, ReviewedPlan};
use crate::engine::review::{check_limits, count_findings, report_unknown_keys, review_tenant};
use crate::engine::review_file::{self, RunBasis, SavedCounts};
use crate::engine::tenants::for_each_tenant;
use crate::render::json::RunEnd;
use crate::render::text::error;
use crate::render::{github, html, json, markdown, sarif, terminal};

/// The formats of `plan`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    /// For people at a terminal
    Terminal,
    /// For a pull-request comment
    Markdown,
    /// One JSON document, see `ssprctl schema`
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
    /// One page without a script
    Html,
}

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// Which policies
    #[command(flatten)]
    pub(crate) paths: Paths,
    /// Exit 2 when there are changes
    #[arg(long, env = "SSPRCTL_DETAILED_EXITCODE", value_parser = BoolishValueParser::new())]
    pub(crate) detailed_exitcode: bool,
    /// The folder of the journals, to report interrupted applies
    #[arg(long, env = "SSPRCTL_JOURNAL", value_name = "DIR")]
    pub(crate) journal: Option<PathBuf>,
    /// Adopt an unmanaged object with the same purpose, if there is only one: a Conditional Access policy on
    /// registering, an Intune configuration of the reset link
    #[arg(long, env = "SSPRCTL_ADOPT", value_parser = BoolishValueParser::new())]
    pub(crate) adopt: bool,
    /// Refusals that are allowed
    #[command(flatten)]
    pub(crate) allow: Allow,
    /// What exceptions are compared with
    #[command(flatten)]
    pub(crate) base: BaseArgs,
    /// Which tenants must have changed
    #[command(flatten)]
    pub(crate) changed: ChangedArgs,
    /// Also count the people whom the plan affects: one request for each thousand users of the registration report, five in
    /// ten seconds, one for each thousand accounts, and the members of every group on which it depends who can reset. The same
    /// is done where `limits.losing` is set in ssprctl.yaml, or `readiness` in a policy
    #[arg(long, env = "SSPRCTL_IMPACT", value_parser = BoolishValueParser::new())]
    pub(crate) impact: bool,
    /// Also count these people by what they have in common, which counts them as --impact does; fewer than five people of a
    /// value are counted with those of others
    #[arg(long, env = "SSPRCTL_BY", value_name = "WHAT")]
    pub(crate) by: Option<PeopleGrouping>,
    /// Whether an earlier reading of people is gone on with
    #[command(flatten)]
    pub(crate) resume: ResumeArgs,
    /// Whether people are listed; that counts them, too, as --impact does
    #[command(flatten)]
    pub(crate) people: PeopleArgs,
    /// Save the review to FILE, for `apply --plan`; signed if SSPRCTL_REVIEW_KEY is set
    #[arg(long, env = "SSPRCTL_OUT", value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Plan against this snapshot file: no credential is needed and no request sent; the plan cannot be applied
    #[arg(long, env = "SSPRCTL_AGAINST", value_name = "SNAPSHOT")]
    pub(crate) against: Option<PathBuf>,
    /// The public key that verifies the snapshot's signature
    #[arg(long, env = "SSPRCTL_PUBLIC_KEY", value_name = "FILE")]
    pub(crate) public_key: Option<PathBuf>,
    /// Refuse a snapshot that is older than this, for example 36h
    #[arg(long, env = "SSPRCTL_MAX_AGE", value_name = "DURATION", value_parser = duration)]
    pub(crate) max_age: Option<Duration>,
    /// How the result names tenants
    #[command(flatten)]
    pub(crate) names: NamesArgs,
    /// How the result is written
    #[command(flatten)]
    pub(crate) result: ResultArgs<PlanFormat>,
}

impl CommandArgs for PlanArgs {
    const SPEC: CommandSpec =
        CommandSpec { also: true, services: true, timeout: Timeout::PerTenant, ..CommandSpec::READS };

    fn journal(&self) -> Option<&Path> {
        self.journal.as_deref()
    }

    fn access(&self) -> RequiredAccess {
        if self.reads_people() { RequiredAccess::ReadPeople } else { RequiredAccess::Read }
    }

    fn resumes(&self) -> Option<bool> {
        Some(self.resume.resume)
    }

    fn people_file(&self) -> Option<&Path> {
        self.people.file()
    }

    fn check(&self, context: &Context) -> Result<(), RunError> {
        self.people.warn(context);
        let of_people = [
            (self.people.file().is_some(), "--people"),
            (self.impact, "--impact"),
            (self.by.is_some(), "--by"),
            (self.resume.resume, "--resume"),
        ];
        let given =
            of_people.into_iter().find_map(|(given, option)| (given && self.against.is_some()).then_some(option));
        if let Some(option) = given {
            let why = format!("a snapshot has no people, so {option} does not go with --against");
            return Err(RunError::failed(why).hint("leave one of them out"));
        }
        let counts_by = |format: &PlanFormat| match format {
            PlanFormat::Terminal | PlanFormat::Markdown | PlanFormat::Json | PlanFormat::Html => true,
            PlanFormat::Sarif | PlanFormat::Github => false,
        };
        let ResultArgs { format, also } = &self.result;
        if self.by.is_some() && !also.iter().map(|(format, _)| format).chain([format]).any(counts_by) {
            return Err(RunError::failed(
                "SARIF and annotations of a workflow have findings alone, so --by has no effect",
            )
            .hint("add --also with markdown, json or html, or leave --by out"));
        }
        if self.resume.resume && !self.reads_people() {
            return Err(RunError::failed(
                "without --impact, --by and --people no people are read, so there is nothing to --resume",
            )
            .hint("add --impact, or leave --resume out"));
        }
        if self.out.is_some() && self.against.is_some() {
            return Err(RunError::failed(
                "a plan against a snapshot cannot be applied, so it is not saved as a review",
            )
            .hint("leave --out out, or plan against the tenant itself"));
        }
        Ok(())
    }

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let base = self.base.load(context, &self.paths.paths).await?;
        let earlier = self.changed.load(context, &self.paths.paths).await?;
        let mut loaded = match load_valid(context, "plan", &self.paths.paths)? {
            Ok(loaded) => loaded,
            Err(exit) => return Ok(exit),
        };
        let since = earlier.map(|earlier| loaded.retain_changed(earlier, &context.run.selection));
        let start_folder = loaded.start_folder.clone();
        let mut exceptions = loaded.exceptions_of_selected(&self.allow.allow, base.as_ref());
        let config_digest = loaded.config_digest.clone();
        let policies = loaded.sources_of_selected();
        let (desired, config) = loaded.require_any(&context.run.selection)?;
        let config = self.allow.apply_to(config);
        let snapshot = self
            .against
            .as_deref()
            .map(|file| load_snapshot(&context.run, file, self.public_key.as_deref(), self.max_age))
            .transpose()?;
        let by = self.by.map(PeopleGrouping::grouped_by);
        let question = ImpactQuestion { people: self.counts_people(), by };
        let tenants = match &snapshot {
            Some(snapshot) => review_offline(snapshot, desired, &config),
            None => {
                for_each_tenant(&context.run, desired, async |reader, desired| {
                    let reader = reader.adopting(self.adopt);
                    let review = review_tenant(&context.run, &reader, &desired, &config, question).await?;
                    // Only a saved review needs the documents and the request bodies.
                    Ok(if self.out.is_some() { review } else { review.without_bodies() })
                })
                .await
            }
        };
        let reviews = || tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok());
        for review in reviews() {
            report_interrupted_runs(&context.run, review.plan.tenant_id);
        }
        count_findings(&mut exceptions, reviews());
        if let Some(out) = &self.out {
            let basis = RunBasis {
                config: config_digest,
                fleet: config.fleet_size(),
                sandbox: context.run.sandbox,
                exceptions: &exceptions,
            };
            save(context, &tenants, basis, out, review_key()?.as_ref())?;
        }
        report_unknown_keys(&context.run, &tenants);
        let changes = if self.detailed_exitcode { Exit::Changes } else { Exit::Done };
        let refused = check_limits(&config, reviews()).err();
        let listing = tenants.iter().filter(|_| self.people.file().is_some());
        let unlisted_exits = listing.filter_map(unlisted).map(exit_of_error);
        let exits = refused.iter().map(|refused| refused.exit).chain([exit_of_reviews(&tenants, changes)]);
        let exit = worst(exits.chain(unlisted_exits));
        let scope = PlanScope {
            against: snapshot.as_ref(),
            since: since.as_ref(),
            policies: &policies,
            fleet: self.names.view(Some(config.rings())),
        };
        let sandbox = snapshot.as_ref().map_or(context.run.sandbox, |snapshot| snapshot.sandbox);
        let end = RunEnd { exit, sandbox };
        context.output.clone().about_embedded(sandbox).result(&self.result, |format| match format {
            PlanFormat::Terminal => terminal::plan(&tenants, scope, &exceptions),
            PlanFormat::Markdown => {
                let refused = refused.as_ref().map(|refused| &refused.error);
                markdown::plan(&tenants, scope, refused, &exceptions)
            }
            PlanFormat::Json => json::plan(&tenants, scope, &exceptions, end),
            PlanFormat::Sarif => sarif::plan(&tenants, &exceptions, &start_folder, exit),
            PlanFormat::Github => github::plan(&tenants, &exceptions, &start_folder),
            PlanFormat::Html => html::result(&json::plan(&tenants, scope, &exceptions, end), context.run.today),
        })?;
        if let Some(refused) = refused {
            context.output.say(&error::error_block(&refused.error));
        }
        let read = tenants.iter().map(|plan| (plan.tenant.as_str(), unlisted(plan).is_none()));
        PeopleArgs::finish(context, read)?;
        Ok(exit)
    }
}

impl PlanArgs {
    /// Whether people are counted, which a list of them and counts by what they have in common need, too.
    fn counts_people(&self) -> bool {
        self.impact || self.by.is_some() || self.people.file().is_some()
    }

    /// Whether people are read: for `--impact`, `--by` or `--people`, or because `limits.losing` is set.
    fn reads_people(&self) -> bool {
        self.counts_people() || limits_losing()
    }
}

/// Saves the reviews and notes which tenants the file does not have.
fn save(
    context: &Context,
    tenants: &[ReviewedPlan],
    basis: RunBasis<'_>,
    out: &Path,
    key: Option<&SharedKey>,
) -> Result<(), RunError> {
    let name = out.display();
    let Some(SavedCounts { tenants, missing, refused }) = review_file::save(&context.run, tenants, basis, out, key)?
    else {
        context.output.say(&format!("{name} is not written: no tenant could be read"));
        return Ok(());
    };
    let apply = format!("ssprctl apply --plan {name}");
    let mut note = match tenants {
        0 => format!("wrote {name} for no tenant; `{apply}` has nothing to apply"),
        _ if refused + missing == tenants => format!("wrote {name}; `{apply}` refuses it as it is"),
        _ => format!("wrote {name}; `{apply}` applies exactly this plan"),
    };
    let of = counted(tenants as u64, "tenant", "tenants");
    if missing > 0 {
        note.push_str(&format!("\n  not in it, because they could not be read: {missing} of {of}"));
    }
    if refused > 0 {
        note.push_str(&format!("\n  may not be applied as they are: {refused} of {of}"));
    }
    context.output.note(&note);
    Ok(())
}
