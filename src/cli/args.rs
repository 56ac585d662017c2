//! The arguments that several commands take, and what their values are read as. Every option has an environment variable
//! `SSPRCTL_…`.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{BoolishValueParser, PossibleValuesParser};
use clap::{Args, ValueEnum};
use glob::{Pattern, PatternError};
use jiff::SignedDuration;
use jiff::civil::Date;

use crate::apply::options::OnFailure;
use crate::base::cloud::Cloud;
use crate::base::shard::Shard;
use crate::base::signature::SharedKey;
use crate::catalog;
use crate::cli::format::{Format, accepts, accepts_with_file};
use crate::engine::context::WriteOptions;
use crate::engine::error::RunError;
use crate::engine::result::FleetView;
use crate::review::config::ReviewConfig;
use crate::review::limits;
use crate::review::rings::Rings;
use crate::tenant::surface::Service;

/// Options that every command takes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// Use the embedded tenant instead of a real one
    #[arg(long, global = true, env = "SSPRCTL_SANDBOX", value_parser = BoolishValueParser::new())]
    pub(crate) sandbox: bool,
    /// Whether that comes from the environment alone, so that whoever typed the command may not know.
    #[arg(skip)]
    pub(crate) sandbox_by_environment: bool,
    /// The folder of all state of this repository: journals, what drift saw, locks, sign-ins, the controller, the embedded
    /// tenant. Without it the platform's folder for state has one for each repository
    #[arg(long, global = true, env = "SSPRCTL_STATE", value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// Inject the faults of FILE into the embedded tenant, with --sandbox and `sandbox serve`; see
    /// `ssprctl schema faults`
    #[arg(long, global = true, env = "SSPRCTL_FAULTS", value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
    /// How validate, test, plan, apply, drift, show, forecast, advise and announce write their result
    #[arg(long, global = true, env = "SSPRCTL_FORMAT", default_value = "terminal", value_parser = accepts::<Format>())]
    pub(crate) format: Format,
    /// Write the result to a file instead of standard output
    #[arg(long, global = true, env = "SSPRCTL_OUTPUT", value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write the result of the same run in another format to a file, too; may be given several times
    #[arg(long, global = true, env = "SSPRCTL_ALSO", value_name = "FORMAT=FILE", value_parser = accepts_with_file::<Format>())]
    pub(crate) also: Vec<(Format, PathBuf)>,
    /// Only tenants whose name matches, for example "contoso.*"; for import, show and sandbox the tenant itself
    #[arg(long, global = true, env = "SSPRCTL_TENANT", value_name = "GLOB", value_parser = tenant_pattern)]
    pub(crate) tenant: Option<Pattern>,
    /// Which part of the tenants
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    /// Give up after this long, for example 90s or 5m
    #[arg(long, global = true, env = "SSPRCTL_TIMEOUT", value_name = "DURATION", default_value = "10m",
          value_parser = duration)]
    pub(crate) timeout: Duration,
    /// Give up on one tenant after this long, and continue with the others; for the reads of plan, apply and drift
    #[arg(long, global = true, env = "SSPRCTL_TENANT_TIMEOUT", value_name = "DURATION", default_value = "3m",
          value_parser = duration)]
    pub(crate) tenant_timeout: Duration,
    /// The time for each request of a long report in the long run, five of which are sent at once: 2s where the service allows
    /// five in ten seconds for each application and tenant; longer leaves room for others that use the same application. The
    /// default is 2s, and 0s with --sandbox
    #[arg(long, global = true, env = "SSPRCTL_REPORT_PAUSE", value_name = "DURATION", value_parser = duration)]
    pub(crate) report_pause: Option<Duration>,
    /// Evaluate rules, waivers and dates of the service as of this date, for example 2027-02-01; `plan --impact` and `forecast`
    /// also say who can reset then, and `advise` looks ahead from then
    #[arg(long, global = true, env = "SSPRCTL_AS_OF", value_name = "DATE", value_parser = day)]
    pub(crate) as_of: Option<Date>,
    /// Only settings of these services: graph is what an application can reach, portal takes a person; for plan, apply,
    /// drift, doctor and login
    #[arg(long, global = true, env = "SSPRCTL_SURFACES", value_enum, default_value_t = Services::All)]
    pub(crate) surfaces: Services,
    /// How many tenants to work on at once
    #[arg(long, global = true, env = "SSPRCTL_PARALLEL", value_name = "N", default_value_t = 8,
          value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) parallel: u16,
    /// Log more on standard error: once for requests, twice for everything
    #[arg(short, long, global = true, env = "SSPRCTL_VERBOSE", action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Print only results, warnings and errors: no notes and no progress
    #[arg(short, long, global = true, env = "SSPRCTL_QUIET", value_parser = BoolishValueParser::new())]
    pub(crate) quiet: bool,
    /// How to write the log on standard error
    #[arg(long, global = true, env = "SSPRCTL_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,
    /// When to use colours; NO_COLOR is respected
    #[arg(long, global = true, env = "SSPRCTL_COLOR", value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
    /// Never ask for input
    #[arg(long, global = true, env = "SSPRCTL_NO_INPUT", value_parser = BoolishValueParser::new())]
    pub(crate) no_input: bool,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people
    Text,
    /// One JSON object a line
    Json,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Which services are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Services {
    /// Both
    All,
    /// The Entra portal API alone
    Portal,
    /// Microsoft Graph alone
    Graph,
}

impl Services {
    #[must_use]
    pub(crate) fn services(self) -> &'static [Service] {
        match self {
            Self::All => &Service::ALL,
            Self::Portal => &[Service::Portal],
            Self::Graph => &[Service::Graph],
        }
    }
}

/// Which part of the tenants.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct SelectionArgs {
    /// Only this shard of the tenants, for example 0/4, 1/4, 2/4 and 3/4, for runs that share the work
    #[arg(long, global = true, env = "SSPRCTL_SHARD", value_name = "INDEX/COUNT")]
    pub(crate) shard: Option<Shard>,
    /// The number of shards; the index is that of --shard-index
    #[arg(long, global = true, env = "SSPRCTL_SHARD_COUNT", value_name = "COUNT", conflicts_with = "shard",
          value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) shard_count: Option<u32>,
    /// The index of the shard, from 0; Kubernetes sets the variable for each pod of an indexed job. Ignored without
    /// --shard-count
    #[arg(long, global = true, env = "JOB_COMPLETION_INDEX", value_name = "INDEX")]
    pub(crate) shard_index: Option<u32>,
    /// Only tenants of this ring of ssprctl.yaml, or `rest` for those of none
    #[arg(long, global = true, env = "SSPRCTL_RING", value_name = "NAME")]
    pub(crate) ring: Option<String>,
}

impl SelectionArgs {
    /// The part of the tenants that this run does; `None` for all of them.
    ///
    /// # Errors
    /// When there is no such part, or only the number of parts is known.
    pub(crate) fn shard(&self) -> Result<Option<Shard>, RunError> {
        let Some(count) = self.shard_count else { return Ok(self.shard) };
        let index = self.shard_index.ok_or_else(|| {
            RunError::failed("--shard-count says how many parts there are, and nothing says which one this is")
                .hint("run it in an indexed job, which sets JOB_COMPLETION_INDEX, or pass --shard INDEX/COUNT")
        })?;
        let shard = Shard::new(index, count).map_err(|why| {
            RunError::failed(format!("there is no part {index} of {count}: {why}"))
                .hint("give the indexed job as many completions as SSPRCTL_SHARD_COUNT says")
        })?;
        Ok(Some(shard))
    }
}

/// Where policies are unless a PATH says otherwise.
pub(crate) const POLICIES: &str = "policies/";

#[derive(Clone, Debug, Args)]
pub(crate) struct Paths {
    /// Policy files, or folders of them; the variable holds one
    #[arg(value_name = "PATH", default_value = POLICIES, env = "SSPRCTL_PATH")]
    pub(crate) paths: Vec<PathBuf>,
}

/// Whether the reading of people goes on where an earlier run has ended.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct ResumeArgs {
    /// Go on with the registration report where an earlier run with the same state was stopped or failed, at most an hour ago,
    /// without reading its pages again. What that run has read is stored encrypted, under the key of the saved sign-ins
    #[arg(long, env = "SSPRCTL_RESUME", value_parser = BoolishValueParser::new())]
    pub(crate) resume: bool,
}

/// How several tenants are shown.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct NamesArgs {
    /// Name every tenant in the text, however many there are
    #[arg(long, env = "SSPRCTL_FULL", value_parser = BoolishValueParser::new())]
    pub(crate) full: bool,
}

impl NamesArgs {
    /// The view of a run with these rings.
    pub(crate) fn view(self, rings: Option<&Rings>) -> FleetView<'_> {
        FleetView { rings, full: self.full }
    }
}

/// How a command writes.
#[derive(Clone, Debug, Args)]
pub(crate) struct WriteArgs {
    /// Apply without asking for approval
    #[arg(long, env = "SSPRCTL_AUTO_APPROVE", value_parser = BoolishValueParser::new())]
    pub(crate) auto_approve: bool,
    /// How long to wait until the tenant shows a change
    #[arg(long, env = "SSPRCTL_VERIFY_TIMEOUT", value_name = "DURATION", default_value = "60s",
          value_parser = duration)]
    pub(crate) verify_timeout: Duration,
    /// How many consecutive reads must show a change
    #[arg(long, env = "SSPRCTL_VERIFY_READS", value_name = "N", default_value_t = 2,
          value_parser = clap::value_parser!(u32).range(1..=10))]
    pub(crate) verify_reads: u32,
    /// What to do with applied requests when a later one of the same tenant fails
    #[arg(long, env = "SSPRCTL_ON_FAILURE", value_enum, default_value_t = OnFailureArg::Rollback)]
    pub(crate) on_failure: OnFailureArg,
    /// The folder of the journals, which record requests, previous documents and results, if not that of the state
    #[arg(long, env = "SSPRCTL_JOURNAL", value_name = "DIR")]
    pub(crate) journal: Option<PathBuf>,
    /// How long to wait for another apply of the same tenant on this machine
    #[arg(long, env = "SSPRCTL_LOCK_TIMEOUT", value_name = "DURATION", default_value = "0s", value_parser = duration)]
    pub(crate) lock_timeout: Duration,
}

/// What to do with applied requests when a later one fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnFailureArg {
    /// Leave them; steps that do not depend on the failed one continue
    Stop,
    /// Roll them back, the last one first
    Rollback,
}

impl From<OnFailureArg> for OnFailure {
    fn from(argument: OnFailureArg) -> Self {
        match argument {
            OnFailureArg::Stop => Self::Stop,
            OnFailureArg::Rollback => Self::Rollback,
        }
    }
}

impl WriteArgs {
    /// The same as plain options.
    #[must_use]
    pub(crate) fn options(&self) -> WriteOptions {
        WriteOptions {
            verify_timeout: self.verify_timeout,
            verify_reads: self.verify_reads,
            on_failure: self.on_failure.into(),
            lock_timeout: self.lock_timeout,
        }
    }
}

/// The findings that a person allows.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Allow {
    /// Allow a change that a limit refuses, by the code of the refusal; several codes with commas or repeated
    #[arg(long, env = "SSPRCTL_ALLOW", value_name = "CODE", value_delimiter = ',',
          value_parser = PossibleValuesParser::new(limits::CODES.iter().map(|known| known.code)))]
    pub(crate) allow: Vec<String>,
}

impl Allow {
    /// The configuration with these findings allowed.
    #[must_use]
    pub(crate) fn apply_to(&self, config: ReviewConfig) -> ReviewConfig {
        config.allow(self.allow.iter().map(String::as_str))
    }
}

/// A cloud, by its word in policies.
///
/// # Errors
/// When no cloud is called so.
pub(crate) fn cloud(text: &str) -> Result<Cloud, String> {
    Cloud::named(text).ok_or_else(|| format!("one of {}", Cloud::ALL.map(Cloud::name).join(", ")))
}

/// A pattern of tenants. Domains have no case, and the names of tenants are in lower case.
fn tenant_pattern(text: &str) -> Result<Pattern, PatternError> {
    Pattern::new(&text.to_ascii_lowercase())
}

/// A day, such as `2027-02-01`.
///
/// # Errors
/// When it is none, or in no year of this program.
pub(crate) fn day(text: &str) -> Result<Date, String> {
    let read = text.parse::<Date>().ok().filter(|day| day.to_string() == text);
    let day = read.ok_or("write year, month and day of a day that exists, for example 2027-02-01")?;
    if !(2000..2100).contains(&day.year()) {
        return Err("write a day from 2000-01-01 to 2099-12-31, for example 2027-02-01".to_owned());
    }
    Ok(day)
}

/// A duration, such as `90s`, `5m` or `1h30m`.
///
/// # Errors
/// When it is none, or negative.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let read = text.parse::<SignedDuration>().ok().and_then(|read| Duration::try_from(read).ok());
    read.ok_or_else(|| "write a number and its unit, for example 90s, 5m or 1h30m".to_owned())
}

/// A setting and its value.
///
/// # Errors
/// When there is no `=`.
pub(crate) fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE, for example methods.required=1")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// A repository and one of its commits, as in `contoso/ssprctl@` and forty hexadecimal digits.
///
/// # Errors
/// What to write instead.
pub(crate) fn action(text: &str) -> Result<(String, String), String> {
    let plain = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
    let is_commit = |at: &str| at.len() == 40 && at.chars().all(|c| c.is_ascii_hexdigit());
    match text.split_once('@') {
        Some((name, at)) if plain(name) && name.split('/').count() == 2 && is_commit(at) => {
            Ok((name.into(), at.into()))
        }
        _ => Err("write OWNER/NAME@COMMIT with the whole commit id: a tag can be moved".to_owned()),
    }
}

/// The name of a setting, as in `methods.required`.
pub(crate) fn setting_name() -> PossibleValuesParser {
    PossibleValuesParser::new(catalog::ALL.iter().map(|setting| setting.name))
}

/// The variable that holds the key with which saved reviews are signed.
const REVIEW_KEY: &str = "SSPRCTL_REVIEW_KEY";

/// The key with which saved reviews are signed; `None` when there is none.
///
/// # Errors
/// When the variable does not hold a key.
pub(crate) fn review_key() -> Result<Option<SharedKey>, RunError> {
    let text = std::env::var(REVIEW_KEY).ok().filter(|text| !text.is_empty());
    text.map(|text| text.parse()).transpose().map_err(|why| {
        RunError::failed(format!("{REVIEW_KEY} cannot be used: {why}")).hint("make one with `openssl rand -hex 32`")
    })
}
