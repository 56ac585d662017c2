//! The command line, as clap reads it. Every option has an environment variable `SSPRCTL_…`.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{BoolishValueParser, Resettable};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use glob::Pattern;
use jiff::civil::Date;

use crate::base::cloud::Cloud;
use crate::cli::allow::Allow;
use crate::cli::controller_options::ControllerArgs;
pub use crate::cli::paths::{POLICIES, Paths};
use crate::cli::selection::Selection;
use crate::cli::sign_in_options::{LoginArgs, LogoutArgs};
use crate::cli::surfaces::Services;
use crate::cli::values::{action, assignment, cloud, duration};
use crate::cli::write_options::{HistoryArgs, JOURNAL, RollbackArgs, WriteArgs};

/// What the process ends with; the README says more.
const EXIT_CODES: &str = "\
Exit codes:
  0    done; for plan also when there are changes, unless --detailed-exitcode
  1    failed: the message says what and what to do
  2    changes (plan --detailed-exitcode) or drift (drift)
  3    a policy is invalid
  4    refused: by a rule or a limit, or because nobody said yes
  5    stale: the tenant or the policy is not what the plan saw; nothing was sent
  6    applied but not verified: the tenant does not show it, or shows something else
  7    failed part-way and rolled back; where that fails too it is 1, naming what stands
  8    no access: a credential, scope, role or licence is missing, by name
  130  interrupted; the request in flight was settled first";

/// Microsoft Entra self-service password reset as code: plan, apply, verify, find drift.
#[derive(Debug, Parser)]
#[command(name = "ssprctl", version, about, propagate_version = true, max_term_width = 100,
          after_long_help = EXIT_CODES)]
pub struct Cli {
    /// Options that every command takes.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The command line as clap knows it. Help never shows what the environment holds: it ends up in logs and in docs.
#[must_use]
pub fn command() -> clap::Command {
    without_values(Cli::command())
}

/// The same for one run: a variable that is set but empty counts as not set, as pipelines leave it.
#[must_use]
pub fn for_this_run() -> clap::Command {
    without_empty(command(), &|name| std::env::var_os(name).is_some_and(|value| value.is_empty()))
}

fn without_empty(command: clap::Command, is_empty: &impl Fn(&OsStr) -> bool) -> clap::Command {
    let command = command.mut_args(|argument| match argument.get_env() {
        Some(name) if is_empty(name) => argument.env(Resettable::<clap::builder::OsStr>::Reset),
        _ => argument,
    });
    let names: Vec<_> = command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    names
        .into_iter()
        .fold(command, |command, name| command.mut_subcommand(name, |below| without_empty(below, is_empty)))
}

fn without_values(command: clap::Command) -> clap::Command {
    let names: Vec<_> = command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    let command = command.mut_args(|argument| argument.hide_env_values(true));
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, without_values))
}

/// Options that every command takes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Use the embedded tenant instead of a real one; it keeps its state under .ssprctl/
    #[arg(long, global = true, env = "SSPRCTL_SANDBOX", value_parser = BoolishValueParser::new())]
    pub sandbox: bool,
    /// Let the embedded tenant fail as this file says, with --sandbox and `sandbox serve`; see `ssprctl schema faults`
    #[arg(long, global = true, env = "SSPRCTL_FAULTS", value_name = "FILE")]
    pub faults: Option<PathBuf>,
    /// How validate, plan, apply, drift, show and announce write their result
    #[arg(long, global = true, env = "SSPRCTL_FORMAT", value_enum, default_value_t = Format::Terminal)]
    pub format: Format,
    /// Write the result to a file instead of standard output
    #[arg(long, global = true, env = "SSPRCTL_OUTPUT", value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write the result of the same run in another format to a file, too; may be given several times
    #[arg(long, global = true, env = "SSPRCTL_ALSO", value_name = "FORMAT=FILE", value_parser = also)]
    pub also: Vec<(Format, PathBuf)>,
    /// Only tenants whose name matches, for example "contoso.*"; for import, show and sandbox the tenant itself
    #[arg(long, global = true, env = "SSPRCTL_TENANT", value_name = "GLOB", value_parser = Pattern::new)]
    pub tenant: Option<Pattern>,
    /// Which part of the tenants
    #[command(flatten)]
    pub selection: Selection,
    /// Give up after this long, for example 90s or 5m
    #[arg(long, global = true, env = "SSPRCTL_TIMEOUT", value_name = "DURATION", default_value = "10m",
          value_parser = duration)]
    pub timeout: Duration,
    /// Give up on one tenant after this long, and go on with the others; of plan, apply and drift, while they read
    #[arg(long, global = true, env = "SSPRCTL_TENANT_TIMEOUT", value_name = "DURATION", default_value = "3m",
          value_parser = duration)]
    pub tenant_timeout: Duration,
    /// Judge rules and waivers that depend on the day as of this one, for example 2027-02-01
    #[arg(long, global = true, env = "SSPRCTL_AS_OF", value_name = "DATE")]
    pub as_of: Option<Date>,
    /// Only settings of these services: graph is what an application can reach, portal takes a person; for plan, apply,
    /// drift, doctor and login
    #[arg(long, global = true, env = "SSPRCTL_SURFACES", value_enum, default_value_t = Services::All)]
    pub surfaces: Services,
    /// How many tenants to work on at once
    #[arg(long, global = true, env = "SSPRCTL_PARALLEL", value_name = "N", default_value_t = 8,
          value_parser = clap::value_parser!(u16).range(1..=256))]
    pub parallel: u16,
    /// Say more on standard error: once for requests, twice for everything
    #[arg(short, long, global = true, env = "SSPRCTL_VERBOSE", action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// How to write the log on standard error
    #[arg(long, global = true, env = "SSPRCTL_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// When to use colours; NO_COLOR is respected
    #[arg(long, global = true, env = "SSPRCTL_COLOR", value_enum, default_value_t = Color::Auto)]
    pub color: Color,
    /// Never ask anything
    #[arg(long, global = true, env = "SSPRCTL_NO_INPUT", value_parser = BoolishValueParser::new())]
    pub no_input: bool,
}

/// How a result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people at a terminal
    Terminal,
    /// For a pull-request comment
    Markdown,
    /// One JSON document, see `ssprctl schema`
    Json,
    /// SARIF 2.1.0, for code scanning; of validate, plan and drift
    Sarif,
    /// Annotations of a GitHub workflow; of validate, plan and drift
    Github,
    /// A page; of announce
    Html,
    /// Plain text; of announce
    Text,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people
    Text,
    /// One JSON object a line
    Json,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check policies: load, schema, rules; touches no tenant
    Validate(Paths),
    /// Show what would change in the tenants, and why it may not
    Plan(PlanArgs),
    /// Plan, ask, apply, and prove that it took
    Apply(ApplyArgs),
    /// List earlier applies, or tell everything about one
    History(HistoryArgs),
    /// Take back what a run did, as a plan like any other
    Rollback(RollbackArgs),
    /// Find where tenants are no longer as their policies say; exits 2 when there is drift
    Drift(DriftArgs),
    /// Write what drifted into the policies, as the tenants have it; comments stay
    Accept(Paths),
    /// Keep tenants in line with a branch or a folder: look, report, and with --remediate apply, until interrupted
    Controller(Box<ControllerArgs>),
    /// Write the policy that describes a tenant as it is
    Import(ImportArgs),
    /// Show the settings that a tenant has
    Show(ShowArgs),
    /// Save what a plan reads, fit for the public eye, for `plan --against`; signed where SSPRCTL_SNAPSHOT_KEY holds a key
    Snapshot(SnapshotArgs),
    /// Start a policy repository, pipelines included
    Init(InitArgs),
    /// Write the mail that tells people what a policy brings them; touches no tenant
    Announce(AnnounceArgs),
    /// Check whether each tenant can be reached with all that its policy needs; each gap with what to do
    Doctor(DoctorArgs),
    /// Sign a person in with a code, and keep that sealed for the runs that follow
    Login(LoginArgs),
    /// Forget who signed in: to the tenant of --tenant, or to any
    Logout(LogoutArgs),
    /// Explain a setting or a finding code
    Explain(ExplainArgs),
    /// The embedded tenant: serve, reset, show and change it
    #[command(subcommand)]
    Sandbox(SandboxCommand),
    /// Print the JSON Schema of policies or of a result
    Schema(SchemaArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    Man,
}

/// Arguments of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Which policies
    #[command(flatten)]
    pub paths: Paths,
    /// Count what only apply needs as missing, too
    #[arg(long, env = "SSPRCTL_WRITE", value_parser = BoolishValueParser::new())]
    pub write: bool,
}

/// Arguments of `plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Which policies
    #[command(flatten)]
    pub paths: Paths,
    /// Exit 2 when there are changes
    #[arg(long, env = "SSPRCTL_DETAILED_EXITCODE", value_parser = BoolishValueParser::new())]
    pub detailed_exitcode: bool,
    /// The folder of the journals, to tell of an apply that was cut off
    #[arg(long, env = "SSPRCTL_JOURNAL", value_name = "DIR", default_value = JOURNAL)]
    pub journal: PathBuf,
    /// Take over an object that somebody else keeps for the same purpose, where there is only one: a Conditional Access
    /// policy on registering, an Intune configuration of the reset link
    #[arg(long, env = "SSPRCTL_ADOPT", value_parser = BoolishValueParser::new())]
    pub adopt: bool,
    /// What is let through
    #[command(flatten)]
    pub allow: Allow,
    /// Also count the people it touches, by the registration report: one request for each thousand users, five in ten
    /// seconds, and the members of a group that comes into scope
    #[arg(long, env = "SSPRCTL_IMPACT", value_parser = BoolishValueParser::new())]
    pub impact: bool,
    /// Save the review, for `apply --plan`; signed where SSPRCTL_REVIEW_KEY is set
    #[arg(long, env = "SSPRCTL_OUT", value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Plan against a file that `snapshot` wrote: no credential is needed and no request sent, and nothing can be applied
    #[arg(long, env = "SSPRCTL_AGAINST", value_name = "SNAPSHOT")]
    pub against: Option<PathBuf>,
    /// The key that checks the snapshot's signature
    #[arg(long, env = "SSPRCTL_PUBLIC_KEY", value_name = "FILE")]
    pub public_key: Option<PathBuf>,
    /// Refuse a snapshot that is older, for example 36h
    #[arg(long, env = "SSPRCTL_MAX_AGE", value_name = "DURATION", value_parser = duration)]
    pub max_age: Option<Duration>,
}

/// Arguments of `snapshot`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct SnapshotArgs {
    /// Which policies
    #[command(flatten)]
    pub paths: Paths,
    /// The file to write
    #[arg(long, env = "SSPRCTL_OUT", value_name = "FILE", default_value = "snapshot.json")]
    pub out: PathBuf,
    /// What else
    #[command(subcommand)]
    pub command: Option<SnapshotCommand>,
}

/// What else there is to do about snapshots.
#[derive(Debug, Subcommand)]
pub enum SnapshotCommand {
    /// Make a pair of keys: FILE signs and is a secret, FILE.pub checks and is for everybody
    Keygen {
        /// The file of the key that signs
        #[arg(value_name = "FILE", default_value = "snapshot.key")]
        file: PathBuf,
    },
}

/// Arguments of `apply`.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// Which policies
    #[command(flatten)]
    pub paths: Paths,
    /// Apply what `plan --out` saved, exactly, or nothing; the policies are those that the file names
    #[arg(long, env = "SSPRCTL_PLAN", value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// How to write
    #[command(flatten)]
    pub write: WriteArgs,
    /// Take over an object that somebody else keeps for the same purpose, where there is only one: a Conditional Access
    /// policy on registering, an Intune configuration of the reset link
    #[arg(long, env = "SSPRCTL_ADOPT", value_parser = BoolishValueParser::new())]
    pub adopt: bool,
    /// What is let through
    #[command(flatten)]
    pub allow: Allow,
}

/// Arguments of `drift`.
#[derive(Debug, Args)]
pub struct DriftArgs {
    /// Which policies
    #[command(flatten)]
    pub paths: Paths,
    /// Also write the body of an issue for each tenant that drifted, as TENANT.md, into this folder
    #[arg(long, env = "SSPRCTL_ISSUES", value_name = "DIR")]
    pub issues: Option<PathBuf>,
}

/// Arguments of `import`. The tenant is `--tenant`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The file to write; standard output without it
    #[arg(long, env = "SSPRCTL_OUT", value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Overwrite the file if it exists
    #[arg(long, env = "SSPRCTL_FORCE", value_parser = BoolishValueParser::new())]
    pub force: bool,
    /// The cloud that hosts the tenant
    #[arg(long, env = "SSPRCTL_CLOUD", value_parser = cloud, default_value = "global")]
    pub cloud: Cloud,
}

/// Arguments of `show`. The tenant is `--tenant`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The cloud that hosts the tenant
    #[arg(long, env = "SSPRCTL_CLOUD", value_parser = cloud, default_value = "global")]
    pub cloud: Cloud,
    /// Also count who registered: one request for each thousand users, five in ten seconds, so that 250,000 users take
    /// most of the default --timeout
    #[arg(long, env = "SSPRCTL_REGISTRATION")]
    pub registration: bool,
    /// Also tell what the Secure Score comes to with this policy in force
    #[arg(long, env = "SSPRCTL_POLICY", value_name = "FILE")]
    pub policy: Option<PathBuf>,
}

/// Arguments of `init`. The tenant is `--tenant`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The folder to write into
    #[arg(value_name = "DIR", default_value = ".", env = "SSPRCTL_DIR")]
    pub folder: PathBuf,
    /// The pipelines to write
    #[arg(long, env = "SSPRCTL_CI", value_enum, default_value_t = Pipeline::Github)]
    pub ci: Pipeline,
    /// The repository and the commit whose workflows are called, for GitHub
    #[arg(long, env = "SSPRCTL_ACTION", value_name = "OWNER/NAME@COMMIT", value_parser = action)]
    pub action: Option<(String, String)>,
}

/// Which pipelines a policy repository has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Pipeline {
    /// GitHub Actions
    Github,
    /// GitLab CI
    Gitlab,
    /// Azure Pipelines
    AzureDevops,
    /// None
    None,
}

/// Arguments of `announce`.
#[derive(Debug, Args)]
pub struct AnnounceArgs {
    /// Which policies; --tenant tells which one, where there are several
    #[command(flatten)]
    pub paths: Paths,
    /// Fill this template instead of the built-in one
    #[arg(long, env = "SSPRCTL_TEMPLATE", value_name = "FILE")]
    pub template: Option<PathBuf>,
    /// Print the built-in template of the format, to start from
    #[arg(long, conflicts_with = "template")]
    pub print_template: bool,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A setting such as methods.required, a section such as methods, or a code such as unknown-key; without it, all of them
    pub name: Option<String>,
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Which schema
    #[arg(value_enum, default_value_t = SchemaName::Policy)]
    pub name: SchemaName,
}

/// The published schemas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    /// What a policy file may say
    Policy,
    /// The result of `plan --format json`
    Plan,
    /// The result of `apply --format json`
    Apply,
    /// The result of `drift --format json`
    Drift,
    /// The result of `doctor --format json`
    Doctor,
    /// What .ssprctl/drift/ remembers of a tenant between runs
    DriftState,
    /// The result of `validate --format json`
    Validate,
    /// The result of `show --format json`
    Show,
    /// The result of `history --format json`
    History,
    /// What the repository's ssprctl.yaml may say
    Repository,
    /// What the controller remembers between runs
    ControllerState,
    /// What the controller answers to /status
    ControllerStatus,
    /// What the controller sends to a webhook
    ControllerNotification,
    /// What a file for `--faults` may say
    Faults,
    /// A line of a run's journal
    Journal,
    /// What `plan --out` saves and `apply --plan` takes
    Review,
    /// What `snapshot` saves and `plan --against` takes
    Snapshot,
}

/// The most tenants that `sandbox reset --fleet` seeds; a build with the sandbox checks that it is the sandbox's own number.
pub(crate) const LARGEST_FLEET: u32 = 20_000;

/// What to do with the embedded tenant.
#[derive(Debug, Subcommand)]
pub enum SandboxCommand {
    /// Serve the embedded tenants on a loopback port until interrupted
    Serve {
        /// The port; 0 takes any free one
        #[arg(long, env = "SSPRCTL_SANDBOX_PORT", default_value_t = 8750)]
        port: u16,
    },
    /// Forget every change: back to the seeded tenants
    Reset {
        /// Also seed this many tenants that are much alike: tenant-0001.onmicrosoft.com and so on
        #[arg(long, env = "SSPRCTL_FLEET", value_name = "N", default_value_t = 0,
              value_parser = clap::value_parser!(u32).range(0..=i64::from(LARGEST_FLEET)))]
        fleet: u32,
        /// Give one tenant this many users in its reports, up to 1,000,000: that of --tenant, or else contoso.onmicrosoft.com
        #[arg(long, env = "SSPRCTL_USERS", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        users: Option<u32>,
    },
    /// Show the documents of the embedded tenants, or of the one named by --tenant
    Show,
    /// Change settings as a portal user would, behind the tool's back
    Set {
        /// NAME=VALUE, for example methods.required=1; of --tenant, or else contoso.onmicrosoft.com
        #[arg(required = true, value_name = "NAME=VALUE", value_parser = assignment)]
        assignments: Vec<(String, String)>,
        /// Who does it, for the audit log; without it the log knows nothing of it
        #[arg(long = "as", env = "SSPRCTL_AS", value_name = "PERSON")]
        person: Option<String>,
    },
}

fn also(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, file) = text.split_once('=').filter(|(_, file)| !file.is_empty()).ok_or("write FORMAT=FILE")?;
    Ok((Format::from_str(format, false)?, file.into()))
}
