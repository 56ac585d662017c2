//! The command line as clap reads it, and the way from it to one command and its exit code.

use std::ffi::OsStr;
use std::future::Future;
use std::io;
use std::panic::resume_unwind;
use std::process::ExitCode;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use clap::builder::Resettable;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::base::exit::Exit;
use crate::cli::args::{Color, GlobalArgs, LogFormat, Services};
use crate::cli::command_args::CommandArgs;
use crate::cli::commands::accept::AcceptArgs;
use crate::cli::commands::advise::AdviseArgs;
use crate::cli::commands::announce::AnnounceArgs;
use crate::cli::commands::apply::ApplyArgs;
use crate::cli::commands::completions::CompletionsArgs;
use crate::cli::commands::conformance::ConformanceArgs;
use crate::cli::commands::controller::ControllerArgs;
use crate::cli::commands::doctor::DoctorArgs;
use crate::cli::commands::drift::DriftArgs;
use crate::cli::commands::explain::ExplainArgs;
use crate::cli::commands::forecast::ForecastArgs;
use crate::cli::commands::history::HistoryArgs;
use crate::cli::commands::import::ImportArgs;
use crate::cli::commands::init::InitArgs;
use crate::cli::commands::login::{LoginArgs, LogoutArgs};
use crate::cli::commands::man::ManArgs;
use crate::cli::commands::plan::PlanArgs;
use crate::cli::commands::report::ReportArgs;
use crate::cli::commands::rollback::RollbackArgs;
use crate::cli::commands::schema::SchemaArgs;
use crate::cli::commands::show::ShowArgs;
use crate::cli::commands::snapshot::SnapshotArgs;
use crate::cli::commands::test::TestArgs;
use crate::cli::commands::validate::ValidateArgs;
use crate::cli::commands::why::WhyArgs;
use crate::cli::context::{Context, Timeout};
use crate::cli::control::{self, ControlCommand};
use crate::cli::named_files;
use crate::cli::output::{Output, say};
use crate::cli::sandbox::{self, LOG_TARGET, SandboxCommand};
use crate::cli::shutdown::{Shutdown, interrupt};
use crate::engine::error::RunError;
use crate::engine::people_file::PeopleFile;
use crate::policy::schema;
use crate::render::text::error;

/// How long after `--timeout` a command may take to report which tenants are done.
const REPORT_TIME: Duration = Duration::from_secs(10);
/// How long a command that is stopped may take to notice it, and to finish a file that it is writing.
const STOP_TIME: Duration = Duration::from_secs(1);

/// The stack of the thread, as large as a main thread's; only the used part takes memory.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// What the process ends with; the README says more.
const EXIT_CODES: &str = "\
Exit codes:
  0    done; for plan also when there are changes, unless --detailed-exitcode
  1    failed: the message says what and what to do
  2    changes (plan --detailed-exitcode), drift (drift), people who fall out (forecast) or a broken
       assumption (conformance)
  3    a policy is invalid
  4    refused: by a rule or a limit, or not approved
  5    stale: a tenant or a policy is not what the plan saw; nothing was sent to that tenant
  6    applied but not verified: the tenant does not show it, or shows something else
  7    failed part-way and rolled back (1 if the rollback fails too, naming what is still applied)
  8    no access: a credential, scope, role or licence is missing, by name
  130  interrupted; the request in flight was completed first";

/// Microsoft Entra self-service password reset as code: plan, apply, verify, find drift.
#[derive(Debug, Parser)]
#[command(name = "ssprctl", version, about, propagate_version = true, max_term_width = 100,
          after_long_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// Options that every command takes.
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The command line as clap knows it. Help never shows what the environment holds: it ends up in logs and in docs.
#[must_use]
pub fn command_line() -> clap::Command {
    without_values(Cli::command())
}

/// The same for one run: a variable that is set but empty counts as not set, as pipelines leave it.
#[must_use]
fn for_this_run() -> clap::Command {
    without_empty(command_line(), &|name| std::env::var_os(name).is_some_and(|value| value.is_empty()))
}

fn without_empty(command: clap::Command, is_empty: &impl Fn(&OsStr) -> bool) -> clap::Command {
    let command = command.mut_args(|argument| {
        if argument.get_env().is_some_and(is_empty) {
            argument.env(Resettable::<clap::builder::OsStr>::Reset)
        } else {
            argument
        }
    });
    let names: Vec<_> = command.get_subcommands().map(|subcommand| subcommand.get_name().to_owned()).collect();
    names
        .into_iter()
        .fold(command, |command, name| command.mut_subcommand(name, |subcommand| without_empty(subcommand, is_empty)))
}

fn without_values(command: clap::Command) -> clap::Command {
    let names: Vec<_> = command.get_subcommands().map(|subcommand| subcommand.get_name().to_owned()).collect();
    let command = command.mut_args(|argument| argument.hide_env_values(true));
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, without_values))
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check policies against the schema and the rules; reads no tenant
    Validate(ValidateArgs),
    /// Run policy tests: what must hold for people; reads no tenant
    Test(TestArgs),
    /// Show what would change in the tenants, and which changes are refused
    Plan(PlanArgs),
    /// Plan, ask for approval, apply, and verify the result
    Apply(ApplyArgs),
    /// List earlier applies, or show one in detail
    History(HistoryArgs),
    /// Reverse the changes of a run, shown and approved like a plan
    Rollback(RollbackArgs),
    /// Find where tenants differ from their policies; exit with 2 when there is drift
    Drift(DriftArgs),
    /// Write the drifted values of the tenants into the policies; comments stay
    Accept(AcceptArgs),
    /// Reconcile tenants with a branch or a folder until interrupted: compare, report, and apply with --remediate
    Controller(Box<ControllerArgs>),
    /// Write the policy that describes a tenant as it is
    Import(ImportArgs),
    /// Show the settings that a tenant has
    Show(ShowArgs),
    /// Count who can reset today, once the policies are applied, and on each date ahead; exit with 2 when people fall out
    Forecast(ForecastArgs),
    /// Say why one person can reset a password or not, what changes that, and what to do now; writes and logs nothing about
    /// the person
    Why(WhyArgs),
    /// Make one page of saved results, the same as --format html of their runs
    Report(ReportArgs),
    /// Save what a plan reads, without private values, for `plan --against`; signed if SSPRCTL_SNAPSHOT_KEY has a key
    Snapshot(SnapshotArgs),
    /// Start a policy repository, pipelines included
    Init(InitArgs),
    /// Name the policies that keep most people able to reset, by strength and effort, and the steps to each
    Advise(AdviseArgs),
    /// Write a mail that announces a policy to users; reads no tenant
    Announce(AnnounceArgs),
    /// Check the credentials, permissions, roles and licences that each policy needs, with a hint for each that is
    /// missing
    Doctor(DoctorArgs),
    /// Ask a tenant which assumptions about the services hold; exit with 2 when one does not hold
    Conformance(ConformanceArgs),
    /// Sign a person in with a device code, and save the sign-in, encrypted, for later runs
    Login(LoginArgs),
    /// Remove the saved sign-ins: to the tenant of --tenant, or to all tenants
    Logout(LogoutArgs),
    /// Explain a setting or a finding code
    Explain(ExplainArgs),
    /// The embedded tenant: serve, reset, show and change it
    #[command(subcommand)]
    Sandbox(SandboxCommand),
    /// Print the JSON Schema of policies or of a result
    Schema(SchemaArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Print the manual page
    Man(ManArgs),
}

/// Runs the program with the arguments of the process.
pub(crate) async fn main() -> ExitCode {
    let mut command = for_this_run();
    let parsed = command.try_get_matches_from_mut(std::env::args_os());
    let parsed = parsed.and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches)));
    match parsed {
        Ok((mut cli, matches)) => {
            cli.global.sandbox_by_environment = cli.global.sandbox && !is_typed(&matches, "sandbox");
            let refused = control::check_options(&command, &matches);
            ExitCode::from(run(cli, refused.and_then(|()| named_files::check(&command, &matches))).await.code())
        }
        Err(answer) => print_answer(&answer),
    }
}

/// Whether an option that every command takes is on the command line, at whichever command.
fn is_typed(matches: &ArgMatches, option: &str) -> bool {
    matches.value_source(option) == Some(ValueSource::CommandLine)
        || matches.subcommand().is_some_and(|(_, matches)| is_typed(matches, option))
}

/// Help and version end with 0. Arguments that cannot be parsed end with 1: clap's own 2 means "changes" here.
fn print_answer(answer: &clap::Error) -> ExitCode {
    if answer.use_stderr() {
        say(Color::Auto, &answer.render().ansi().to_string());
        return ExitCode::from(1);
    }
    let unwritable = answer.print().is_err_and(|error| error.kind() != io::ErrorKind::BrokenPipe);
    ExitCode::from(u8::from(unwritable))
}

/// Runs a command, however it ends. One whose options or named files are refused does nothing.
async fn run(cli: Cli, files: Result<(), RunError>) -> Exit {
    let Cli { global, command } = cli;
    schema::build_ahead();
    start_log(&global, matches!(&command, Command::Controller(arguments) if arguments.command.is_none()));
    let output = Output::new(&global);
    let ended = match files {
        Ok(()) => dispatch(global, command).await,
        Err(refused) => Err(refused),
    };
    let exit = ended.unwrap_or_else(|failure| {
        output.say(&error::error_block(&failure.error));
        failure.exit
    });
    tracing::debug!(exit_code = exit.code(), "ended");
    exit
}

async fn dispatch(global: GlobalArgs, command: Command) -> Result<Exit, RunError> {
    match command {
        Command::Validate(arguments) => run_command(global, arguments).await,
        Command::Test(arguments) => run_command(global, arguments).await,
        Command::Plan(arguments) => run_command(global, arguments).await,
        Command::Apply(arguments) => run_command(global, arguments).await,
        Command::History(arguments) => run_command(global, arguments).await,
        Command::Rollback(arguments) => run_command(global, arguments).await,
        Command::Drift(arguments) => run_command(global, arguments).await,
        Command::Accept(arguments) => run_command(global, arguments).await,
        Command::Controller(mut arguments) => match arguments.command.take() {
            None => run_command(global, *arguments).await,
            Some(ControlCommand::Logs(logs)) => run_command(global, logs).await,
            Some(command) => run_command(global, command).await,
        },
        Command::Import(arguments) => run_command(global, arguments).await,
        Command::Show(arguments) => run_command(global, arguments).await,
        Command::Forecast(arguments) => run_command(global, arguments).await,
        Command::Why(arguments) => run_command(global, arguments).await,
        Command::Report(arguments) => run_command(global, arguments).await,
        Command::Snapshot(arguments) => run_command(global, arguments).await,
        Command::Init(arguments) => run_command(global, arguments).await,
        Command::Advise(arguments) => run_command(global, arguments).await,
        Command::Announce(arguments) => run_command(global, arguments).await,
        Command::Doctor(arguments) => run_command(global, arguments).await,
        Command::Conformance(arguments) => run_command(global, arguments).await,
        Command::Login(arguments) => run_command(global, arguments).await,
        Command::Logout(arguments) => run_command(global, arguments).await,
        Command::Explain(arguments) => run_command(global, arguments).await,
        Command::Sandbox(arguments) => run_command(global, arguments).await,
        Command::Schema(arguments) => run_command(global, arguments).await,
        Command::Completions(arguments) => run_command(global, arguments.of(command_line())).await,
        Command::Man(arguments) => run_command(global, arguments.of(command_line())).await,
    }
}

/// Runs a command until it is done, interrupted or out of time. A command that writes is never dropped during a request: it is
/// asked to stop, finishes the request in flight and reports.
async fn run_command<A: CommandArgs>(global: GlobalArgs, arguments: A) -> Result<Exit, RunError> {
    check_global::<A>(&global)?;
    let (limit, timeout, shutdown) = (global.timeout, A::SPEC.timeout, Shutdown::default());
    let own = shutdown.clone();
    let started = CommandThread::start(move || async move {
        let work = async {
            let mut context = Context::new(
                global,
                A::SPEC,
                arguments.access(),
                arguments.journal(),
                arguments.resumes(),
                own.clone(),
            )?;
            arguments.check(&context)?;
            context.run.people_file = arguments.people_file().map(PeopleFile::new).transpose()?;
            arguments.run(&context).await
        };
        // Nobody receives this result.
        own.run_until_abandoned(work).await.unwrap_or_else(|| Err(RunError::interrupted()))
    });
    let mut work = started.map_err(|error| RunError::failed(format!("no thread can be started: {error}")))?;
    // A command that looks at the time itself reports after it what is done.
    let report_time = if timeout == Timeout::PerTenant { REPORT_TIME } else { Duration::ZERO };
    let deadline = tokio::time::sleep(limit.saturating_add(report_time));
    let cut = tokio::select! {
        // Interrupts are noticed before anything starts.
        biased;
        () = interrupt(), if timeout != Timeout::None => RunError::interrupted(),
        () = deadline, if timeout != Timeout::None => {
            RunError::failed(format!("not done after {limit:?}: there is no complete result"))
                .hint("raise --timeout, or look with -v at what takes so long")
        }
        done = work.result() => return done,
    };
    if timeout == Timeout::FinishWrites {
        shutdown.request(cut.exit);
        tokio::select! {
            done = work.result() => return done.and(Err(cut)),
            () = shutdown.writes_nothing_after(STOP_TIME) => {}
        }
    }
    shutdown.abandon();
    let _ = tokio::time::timeout(STOP_TIME, work.result()).await;
    Err(cut)
}

/// A command at work on a thread of its own, so that the end of its time is noticed also while it computes. If it is dropped,
/// the thread goes on, and ends with the program at the latest.
struct CommandThread<T> {
    result: oneshot::Receiver<T>,
    thread: Option<JoinHandle<()>>,
}

impl<T: Send + 'static> CommandThread<T> {
    /// Starts a thread that polls the future that `work` makes.
    ///
    /// # Errors
    /// When the system starts no thread.
    fn start<F: Future<Output = T>>(work: impl FnOnce() -> F + Send + 'static) -> io::Result<Self> {
        let (sender, result) = oneshot::channel();
        let runtime = Handle::current();
        let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
            // Nobody receives a result that is too late.
            let _ = sender.send(runtime.block_on(work()));
        })?;
        Ok(Self { result, thread: Some(thread) })
    }

    /// Waits for the result of the command. A panic of the command is one of the caller.
    async fn result(&mut self) -> T {
        if let Ok(result) = (&mut self.result).await {
            return result;
        }
        // Without a result the thread has ended by a panic.
        match self.thread.take().map(JoinHandle::join) {
            Some(Err(panic)) => resume_unwind(panic),
            Some(Ok(())) | None => std::future::pending().await,
        }
    }
}

/// Refuses global options that mean nothing to the command, before anything is read or sent.
fn check_global<A: CommandArgs>(options: &GlobalArgs) -> Result<(), RunError> {
    if !options.also.is_empty() && !A::SPEC.also {
        return Err(RunError::failed("--also goes with commands whose result has formats").hint(
            "they are validate, test, plan, apply, rollback, drift, show, forecast and advise; for the others take --output",
        ));
    }
    if options.surfaces != Services::All && !A::SPEC.services {
        return Err(RunError::failed(
            "--surfaces chooses what is planned and who signs in, and this command does neither",
        )
        .hint("leave --surfaces and SSPRCTL_SURFACES out"));
    }
    if options.faults.is_some() && !options.sandbox && !A::SPEC.faults {
        return Err(RunError::failed("--faults is for the embedded tenant: a real one has faults of its own")
            .hint("add --sandbox, or leave --faults and SSPRCTL_FAULTS out"));
    }
    sandbox::check_available(options)
}

/// Logs go to standard error. A daemon logs what happens; `-v` adds requests, `-vv` everything of this
/// program. `SSPRCTL_LOG` overrides both.
fn start_log(options: &GlobalArgs, daemon: bool) {
    let level = match options.verbose {
        0 if daemon => "error,ssprctl=info".to_owned(),
        0 => "error".to_owned(),
        1 => format!("ssprctl=debug,{LOG_TARGET}=debug"),
        2.. => format!("ssprctl=trace,{LOG_TARGET}=trace"),
    };
    let chosen: Option<Targets> = std::env::var("SSPRCTL_LOG").ok().and_then(|filter| filter.parse().ok());
    let filter = chosen.unwrap_or_else(|| level.parse().unwrap_or_default());
    let log = tracing_subscriber::registry();
    let lines = fmt::layer().with_writer(io::stderr);
    // A second run in one process uses the first log.
    let _ = match options.log_format {
        LogFormat::Json => log.with(lines.json().with_filter(filter)).try_init(),
        LogFormat::Text => log.with(lines.with_ansi(false).with_filter(filter)).try_init(),
    };
}
