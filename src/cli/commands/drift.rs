//! `drift`: finds where tenants are no longer as their policies say, and who changed them.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::base::exit::Exit;
use crate::cli::args::{NamesArgs, Paths};
use crate::cli::command_args::{CommandArgs, RequiredAccess};
use crate::cli::context::{CommandSpec, Context, Timeout};
use crate::cli::format::ResultArgs;
use crate::cli::output::write_file;
use crate::cli::policies::{ChangedArgs, load_valid};
use crate::engine::attribution::explain_drift;
use crate::engine::disposition::exit_of_reviews;
use crate::engine::error::RunError;
use crate::engine::impact::ImpactQuestion;
use crate::engine::result::{DriftResult, TenantResult};
use crate::engine::review::{report_unknown_keys, review_tenant};
use crate::engine::tenants::for_each_tenant;
use crate::render::text::notes;
use crate::render::text::safe::safe;
use crate::render::{github, html, json, markdown, sarif, terminal};

/// The formats of `drift`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DriftFormat {
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
pub(crate) struct DriftArgs {
    /// Which policies
    #[command(flatten)]
    pub(crate) paths: Paths,
    /// Which tenants must have changed
    #[command(flatten)]
    pub(crate) changed: ChangedArgs,
    /// Also write the body of an issue for each tenant that drifted, as TENANT.md, and for each drift that at least three tenants
    /// have in common, as common/KEY.md, into this folder
    #[arg(long, env = "SSPRCTL_ISSUES", value_name = "DIR")]
    pub(crate) issues: Option<PathBuf>,
    /// How the result names tenants
    #[command(flatten)]
    pub(crate) names: NamesArgs,
    /// How the result is written
    #[command(flatten)]
    pub(crate) result: ResultArgs<DriftFormat>,
}

impl CommandArgs for DriftArgs {
    const SPEC: CommandSpec =
        CommandSpec { also: true, services: true, timeout: Timeout::PerTenant, ..CommandSpec::READS };

    fn access(&self) -> RequiredAccess {
        RequiredAccess::ReadAudit
    }

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let earlier = self.changed.load(context, &self.paths.paths).await?;
        let mut loaded = match load_valid(context, "drift", &self.paths.paths)? {
            Ok(loaded) => loaded,
            Err(exit) => return Ok(exit),
        };
        if let Some(earlier) = earlier {
            let since = loaded.retain_changed(earlier, &context.run.selection);
            notes::since(&since).iter().for_each(|line| context.output.note(&safe(line)));
        }
        let (start_folder, policies) = (loaded.start_folder.clone(), loaded.sources_of_selected());
        let (desired, config) = match loaded.require_any(&context.run.selection) {
            Ok(found) => found,
            Err(nobody) => {
                // Whoever reads the result of every run, as a pipeline does, learns from it that no tenant was compared.
                context.output.result(&self.result, |format| match format {
                    DriftFormat::Json => json::drift(&[], &[], context.ended(nobody.exit)),
                    DriftFormat::Sarif => sarif::drift(&[], &start_folder, nobody.exit),
                    DriftFormat::Html => {
                        html::result(&json::drift(&[], &[], context.ended(nobody.exit)), context.run.today)
                    }
                    DriftFormat::Terminal | DriftFormat::Markdown | DriftFormat::Github => String::new(),
                })?;
                return Err(nobody);
            }
        };
        let config = config.report_only();
        let view = self.names.view(Some(config.rings()));
        let tenants = for_each_tenant(&context.run, desired, async |reader, desired| {
            let review = review_tenant(&context.run, &reader, &desired, &config, ImpactQuestion::default()).await?;
            Ok(explain_drift(&context.run, &reader, &desired, review).await)
        })
        .await;
        report_unknown_keys(&context.run, &tenants);
        let exit = exit_of_reviews(&tenants, Exit::Changes);
        if let Some(folder) = &self.issues {
            write_issues(folder, &tenants)?;
        }
        context.output.result(&self.result, |format| match format {
            DriftFormat::Terminal => terminal::drift(&tenants, view),
            DriftFormat::Markdown => markdown::drift(&tenants, view),
            DriftFormat::Json => json::drift(&tenants, &policies, context.ended(exit)),
            DriftFormat::Sarif => sarif::drift(&tenants, &start_folder, exit),
            DriftFormat::Github => github::drift(&tenants, &start_folder),
            DriftFormat::Html => {
                html::result(&json::drift(&tenants, &policies, context.ended(exit)), context.run.today)
            }
        })?;
        Ok(exit)
    }
}

/// Writes the files of the issues.
fn write_issues(folder: &Path, tenants: &[TenantResult<DriftResult>]) -> Result<(), RunError> {
    for (name, text) in markdown::drift_issues(tenants) {
        let file = folder.join(format!("{name}.md"));
        write_file(&file, &text).map_err(|error| RunError::unwritten(&file, &error))?;
    }
    Ok(())
}
