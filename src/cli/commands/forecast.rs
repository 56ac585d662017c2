//! `forecast`: how many people can reset today, once the policies are applied, and on each date that lies ahead.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use crate::base::cloud::Cloud;
use crate::base::exit::Exit;
use crate::cli::args::{ResumeArgs, cloud, day};
use crate::cli::command_args::{CommandArgs, RequiredAccess};
use crate::cli::context::{CommandSpec, Context, Timeout, current_day};
use crate::cli::format::ResultArgs;
use crate::cli::people_file::{PeopleArgs, PeopleGrouping};
use crate::cli::policies::{RunPolicies, load_or_live};
use crate::engine::disposition::{exit_of_error, worst};
use crate::engine::error::RunError;
use crate::engine::forecast::{ForecastQuestion, ForecastRange, TenantForecast, forecast_all};
use crate::render::{html, json, markdown, terminal};

/// The formats of `forecast`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ForecastFormat {
    /// For people at a terminal
    Terminal,
    /// For a pull-request comment
    Markdown,
    /// One JSON document, see `ssprctl schema`
    Json,
    /// One page without a script
    Html,
}

/// Arguments of `forecast`. With an `--as-of` that lies ahead it is about that date alone.
#[derive(Debug, Args)]
pub(crate) struct ForecastArgs {
    /// Policy files, or folders of them; the variable holds one. Without a policy for the tenant of --tenant, the tenant as it is
    /// [default: policies/]
    #[arg(value_name = "PATH", env = "SSPRCTL_PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The last date to look at, for example 2027-03-01; without it the last one of the calendar
    #[arg(long, env = "SSPRCTL_UNTIL", value_name = "DATE", value_parser = day)]
    pub(crate) until: Option<Date>,
    /// The cloud that hosts a tenant without a policy
    #[arg(long, env = "SSPRCTL_CLOUD", value_parser = cloud, default_value = "global")]
    pub(crate) cloud: Cloud,
    /// Whether an earlier reading of people is gone on with
    #[command(flatten)]
    pub(crate) resume: ResumeArgs,
    /// Also count people by what they have in common; fewer than five people of a value are counted with those of others
    #[arg(long, env = "SSPRCTL_BY", value_name = "WHAT")]
    pub(crate) by: Option<PeopleGrouping>,
    /// The share of people who may reset about which the forecast says when it can, by the counts of earlier runs
    #[arg(long, env = "SSPRCTL_READY", value_name = "PERCENT", value_parser = share, default_value = "90%")]
    pub(crate) ready: u32,
    /// Whether people are listed
    #[command(flatten)]
    pub(crate) people: PeopleArgs,
    /// How the result is written
    #[command(flatten)]
    pub(crate) result: ResultArgs<ForecastFormat>,
}

impl CommandArgs for ForecastArgs {
    const SPEC: CommandSpec = CommandSpec { also: true, timeout: Timeout::PerTenant, ..CommandSpec::READS };

    fn access(&self) -> RequiredAccess {
        RequiredAccess::ReadPeople
    }

    fn resumes(&self) -> Option<bool> {
        Some(self.resume.resume)
    }

    fn people_file(&self) -> Option<&Path> {
        self.people.file()
    }

    fn check(&self, context: &Context) -> Result<(), RunError> {
        match (self.until, future_date(context)) {
            (Some(_), Some(_)) => Err(RunError::failed("--as-of is about one date, and --until about all up to one")
                .hint("leave one of them out")),
            (Some(until), None) if until < context.run.today => {
                Err(RunError::failed(format!("--until {until} is past: a forecast looks ahead"))
                    .hint("name a date that is still to come"))
            }
            (None, _) | (_, None) => {
                self.people.warn(context);
                Ok(())
            }
        }
    }

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let range = future_date(context).map_or(ForecastRange::Until(self.until), ForecastRange::At);
        let RunPolicies { desired, config, sources } = match load_or_live(context, "forecast", &self.paths, self.cloud)?
        {
            Ok(tenants) => tenants,
            Err(exit) => return Ok(exit),
        };
        let question = ForecastQuestion { range, by: self.by.map(PeopleGrouping::grouped_by), ready: self.ready };
        let tenants = forecast_all(&context.run, desired, &config, question).await;
        let exit_of = |result: &Result<TenantForecast, _>| match result {
            Err(why) => exit_of_error(why),
            Ok(forecast) => {
                let losing = if forecast.has_losses() { Exit::Changes } else { Exit::Done };
                let refused = if forecast.refused.is_empty() { Exit::Done } else { Exit::Refused };
                let unread = forecast.unread.iter().filter(|_| forecast.is_incomplete());
                worst([losing, refused].into_iter().chain(unread.map(|unread| exit_of_error(&unread.why))))
            }
        };
        let exit = worst(tenants.iter().map(|tenant| exit_of(&tenant.result)));
        context.output.result(&self.result, |format| match format {
            ForecastFormat::Terminal => terminal::forecast(&tenants),
            ForecastFormat::Markdown => markdown::forecast(&tenants),
            ForecastFormat::Json => json::forecast(&tenants, &sources, context.ended(exit)),
            ForecastFormat::Html => {
                html::result(&json::forecast(&tenants, &sources, context.ended(exit)), context.run.today)
            }
        })?;
        let read = tenants.iter().map(|tenant| (tenant.tenant.as_str(), tenant.result.is_ok()));
        PeopleArgs::finish(context, read)?;
        Ok(exit)
    }
}

/// A share of people in percent, such as `90%`.
///
/// # Errors
/// When it is none from 1 to 100.
fn share(text: &str) -> Result<u32, String> {
    let percent = text.strip_suffix('%').unwrap_or(text).parse().ok();
    percent
        .filter(|percent| (1..=100).contains(percent))
        .ok_or_else(|| "write a whole number from 1% to 100%".to_owned())
}

/// The date of `--as-of`, if it lies ahead. One that has passed is the day from which the forecast looks ahead.
fn future_date(context: &Context) -> Option<Date> {
    context.options.as_of.filter(|day| *day > current_day(&context.run.clock))
}
