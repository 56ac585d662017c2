//! What holds for every run of a command, and what the command works with: built once from that, the global options and the
//! environment.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::base::clock::{Clock, Stopwatch};
use crate::base::exit::Exit;
use crate::cli::args::GlobalArgs;
use crate::cli::clock_shift::clock_shift;
use crate::cli::old_state::{NamedState, move_old_state};
use crate::cli::output::Output;
use crate::cli::sandbox::SandboxServer;
use crate::cli::shutdown::Shutdown;
use crate::cli::state::StateLayout;
use crate::cli::unexpanded;
use crate::client::{
    self, CacheKey, ConnectOptions, Credentials, EndpointOverrides, HttpClient, RequiredAccess, RetryPolicy,
};
use crate::engine::context::{Connect, Deadline, ReadingStore, RunContext};
use crate::engine::error::RunError;
use crate::engine::selection::Selection;
use crate::render::json::RunEnd;
use crate::tenant::error::TenantError;

/// The variable that names the file of the saved sign-ins.
const CACHE: &str = "SSPRCTL_CACHE";

/// How `--timeout` acts on a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timeout {
    /// The command is stopped when the time is over.
    Whole,
    /// The command itself looks at the time and reports the tenants that are not done by then.
    PerTenant,
    /// The command begins no further request when the time is over, finishes the one in flight and reports.
    FinishWrites,
    /// The command runs until it is interrupted.
    None,
}

/// What holds for every run of a command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CommandSpec {
    /// Whether it connects to tenants.
    pub(crate) tenant: bool,
    /// Whether it reads or writes state.
    pub(crate) state: bool,
    pub(crate) timeout: Timeout,
    /// Whether `--also` may write its result in further formats.
    pub(crate) also: bool,
    /// Whether `--surfaces` may choose the services.
    pub(crate) services: bool,
    /// Whether `--faults` may be given without `--sandbox`.
    pub(crate) faults: bool,
}

impl CommandSpec {
    /// A command that touches no tenant and has one output.
    pub(crate) const OFFLINE: Self =
        Self { tenant: false, state: false, timeout: Timeout::Whole, also: false, services: false, faults: false };
    /// A command that reads tenants and has one output.
    pub(crate) const READS: Self = Self { tenant: true, state: true, ..Self::OFFLINE };
}

/// What every command works with.
pub(crate) struct Context {
    /// The options that every command takes.
    pub(crate) options: GlobalArgs,
    /// Writes results and notes.
    pub(crate) output: Output,
    /// What the engine works with.
    pub(crate) run: RunContext,
    pub(crate) shutdown: Shutdown,
    /// Where the state of runs is.
    pub(crate) state: StateLayout,
    credentials: Credentials,
}

impl Context {
    /// Builds everything for one command; starts the embedded tenants for `--sandbox` if the command connects to tenants.
    ///
    /// # Errors
    /// When a pipeline left a variable unexpanded, the embedded tenants cannot start, the file of their faults is invalid, the
    /// shard does not exist, or the state is where somebody else may have put it.
    pub(crate) fn new(
        options: GlobalArgs,
        spec: CommandSpec,
        access: RequiredAccess,
        journal: Option<&Path>,
        resume: Option<bool>,
        shutdown: Shutdown,
    ) -> Result<Self, RunError> {
        if spec.tenant && !options.sandbox {
            let text =
                |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
            unexpanded::check(std::env::vars_os().filter_map(text))?;
        }
        let (clock, output) = (Clock::Shifted(clock_shift()), Output::new(&options).until(shutdown.abandoned()));
        let output = output.about_embedded(options.sandbox && spec.tenant);
        let working_folder = std::env::current_dir();
        let state = StateLayout::find(&options, &working_folder);
        let state = state.or_else(|error| if spec.state { Err(error) } else { Ok(StateLayout::unused()) })?;
        if spec.state {
            state.check(journal)?;
            let named = NamedState { journal: journal.is_some(), tokens: environment(CACHE).is_some() };
            move_old_state(&state, named, &output);
        }
        let tokens = || state.tokens().to_string_lossy().into_owned();
        let variable = |name: &str| environment(name).or_else(|| (name == CACHE).then(tokens));
        let credentials = Credentials::from_env(variable).asking_for(client::scopes(access));
        let selection = Selection {
            tenant: options.tenant.clone(),
            shard: options.selection.shard()?,
            ring: options.selection.ring.clone(),
            services: options.surfaces.services(),
        };
        if spec.tenant && options.sandbox_by_environment {
            output.note("note: SSPRCTL_SANDBOX is set: the tenants are embedded ones, not real ones");
        }
        let started = Stopwatch::start();
        let deadline = (spec.timeout == Timeout::PerTenant).then_some(Deadline { timeout: options.timeout, started });
        if let Some(day) = options.as_of.filter(|day| *day < current_day(&clock)) {
            output.note(&format!(
                "note: {day} is past: rules and dates are judged by it, and tenants are read as they are now"
            ));
        }
        let progress_output = output.clone();
        let run = RunContext {
            today: today(&options, &clock),
            working_folder,
            selection,
            connect: connect(&options, spec, &state, &output, &clock, &credentials)?,
            parallel: options.parallel.into(),
            tenant_timeout: options.tenant_timeout,
            deadline,
            cancel: shutdown.token(),
            folders: state.folders(options.sandbox, journal),
            readings: ReadingStore { folder: state.readings(), key: CacheKey::from_env(&environment), resume },
            sandbox: options.sandbox,
            people_file: None,
            journals: Mutex::default(),
            observe: Box::new(move |progress| progress_output.report(progress)),
            clock,
        };
        Ok(Self { options, output, run, shutdown, state, credentials })
    }

    /// How the run ends, for the head of its documents.
    pub(crate) fn ended(&self, exit: Exit) -> RunEnd {
        RunEnd { exit, sandbox: self.run.sandbox }
    }

    /// Removes every saved sign-in; returns whether there was any.
    ///
    /// # Errors
    /// When the file of the sign-ins cannot be removed.
    pub(crate) fn remove_sign_ins(&self) -> Result<bool, TenantError> {
        self.credentials.remove_sign_ins()
    }
}

/// Connects to real tenants, or to the embedded ones. One set of credentials serves all tenants of a run, so that no refresh
/// token is used twice.
fn connect(
    options: &GlobalArgs,
    spec: CommandSpec,
    state: &StateLayout,
    output: &Output,
    clock: &Clock,
    credentials: &Credentials,
) -> Result<Box<Connect>, RunError> {
    let use_sandbox = options.sandbox && spec.tenant;
    let sandbox = use_sandbox.then(|| SandboxServer::start(options, &state.sandbox(), output)).transpose()?;
    // The embedded tenants have no other clients that requests must leave room for.
    let unlimited =
        RetryPolicy { report_pause: Duration::ZERO, access_pause: Duration::ZERO, ..RetryPolicy::default() };
    let retry_policy = if options.sandbox { unlimited } else { RetryPolicy::default() };
    let report_pause = options.report_pause.unwrap_or(retry_policy.report_pause);
    let retry_policy = RetryPolicy { report_pause, ..retry_policy };
    let watcher = output.clone();
    let http = HttpClient::watched(retry_policy, move |line| watcher.progress(line, None));
    let http = http.checking_proxy(|name| std::env::var_os(name));
    let (clock, credentials) = (clock.clone(), credentials.clone());
    Ok(Box::new(move |tenant, cloud| {
        let (overrides, credentials) = match &sandbox {
            None => (EndpointOverrides::from_env(environment), credentials.clone()),
            Some(sandbox) => (sandbox.overrides(), sandbox.credentials(tenant)?),
        };
        let (clock, http) = (clock.clone(), http.clone());
        client::connect(ConnectOptions { cloud, tenant: tenant.clone(), overrides, credentials, clock, http })
    }))
}

/// Connections that belong to no tenant, with the proxy of the environment.
pub(crate) fn http_client() -> HttpClient {
    HttpClient::default().checking_proxy(|name| std::env::var_os(name))
}

/// The date of `--as-of`, or else the current one in UTC.
fn today(options: &GlobalArgs, clock: &Clock) -> Date {
    options.as_of.unwrap_or_else(|| current_day(clock))
}

/// The current day in UTC.
pub(crate) fn current_day(clock: &Clock) -> Date {
    clock.now().to_zoned_datetime(TimeZone::UTC).date()
}

/// A variable of the environment; one that is set but empty counts as not set.
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
