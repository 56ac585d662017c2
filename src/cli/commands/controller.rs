//! `controller`: the loop that reconciles tenants with a branch or a folder.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use clap::builder::BoolishValueParser;
use jiff::SignedDuration;
use uuid::Uuid;

use crate::base::exit::Exit;
use crate::cli::args::{POLICIES, Paths, WriteArgs, duration};
use crate::cli::command_args::{CommandArgs, RequiredAccess};
use crate::cli::context::{CommandSpec, Context, Timeout, environment};
use crate::cli::control::{CONTROL_COMMANDS, ControlCommand};
use crate::cli::shutdown::{interrupt, on_sighup};
use crate::controller::address::{RepositoryAddress, is_branch};
use crate::controller::control_socket::ControlSocket;
use crate::controller::control_token::ControlTokenFile;
use crate::controller::dashboard::DashboardAccess;
use crate::controller::event::Event;
use crate::controller::fleet::did_you_mean;
use crate::controller::git::Git;
use crate::controller::host::{HostNames, parse_name};
use crate::controller::http::{self, HttpAccess};
use crate::controller::metrics::{Metrics, ProcessInfo};
use crate::controller::notify::deliver::Notifier;
use crate::controller::reconciler::TenantReconciler;
use crate::controller::round::Controller;
use crate::controller::run::run as run_loop;
use crate::controller::schedule::{SHORTEST, Schedule};
use crate::controller::server::serve;
use crate::controller::shared::SharedState;
use crate::controller::source::PolicySource;
use crate::controller::store::StateStore;
use crate::engine::error::RunError;
use crate::render::text::safe::safe;

/// The longest time for one git command.
const GIT_TIMEOUT: Duration = Duration::from_secs(120);
/// How long the HTTP server may take to answer its last requests.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Arguments of `controller`. With --repo, PATH is below the repository.
#[derive(Debug, Args)]
#[command(mut_arg("auto_approve", |argument| argument.hide(true)))]
pub(crate) struct ControllerArgs {
    /// Which policies
    #[command(flatten)]
    pub(crate) paths: Paths,
    /// The repository to follow: https://…, ssh://…, user@host:path, or a path; without it the working directory as it is
    #[arg(long, env = "SSPRCTL_REPO", value_name = "URL")]
    pub(crate) repo: Option<String>,
    /// The branch to follow
    #[arg(long, env = "SSPRCTL_BRANCH", value_name = "NAME", default_value = "main", requires = "repo")]
    pub(crate) branch: String,
    /// Accept only commits whose signature `git verify-commit` accepts
    #[arg(long, env = "SSPRCTL_REQUIRE_SIGNED", requires = "repo", value_parser = BoolishValueParser::new())]
    pub(crate) require_signed: bool,
    /// The interval between reconciliations, of the source and of each tenant; at least 1m
    #[arg(long, env = "SSPRCTL_INTERVAL", value_name = "DURATION", default_value = "5m", value_parser = interval)]
    pub(crate) interval: Duration,
    /// The most by which an interval is randomly lengthened, in percent
    #[arg(long, env = "SSPRCTL_JITTER", value_name = "PERCENT", default_value_t = 10,
          value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) jitter: u8,
    /// Apply the policies; without it differences are only reported
    #[arg(long, env = "SSPRCTL_REMEDIATE", value_parser = BoolishValueParser::new())]
    pub(crate) remediate: bool,
    /// Count once a day how many people can reset, for metrics and notices; that reads the registration report and accounts
    #[arg(long, env = "SSPRCTL_COUNT_PEOPLE", value_parser = BoolishValueParser::new())]
    pub(crate) count_people: bool,
    /// The address of the HTTP server. Whoever reaches it may read the status; suspend, resume and reconcile need
    /// --token-file or the socket in the state folder
    #[arg(long, env = "SSPRCTL_LISTEN", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8780")]
    pub(crate) listen: SocketAddr,
    /// A name or address by which the HTTP server is asked, besides the address that a client reaches and localhost; the
    /// variable holds several, separated by commas
    #[arg(long = "host", env = "SSPRCTL_HOST", value_name = "NAME", value_delimiter = ',', value_parser = parse_name)]
    pub(crate) hosts: Vec<String>,
    /// Whether there are pages for people at the address of the HTTP server; by default only if that is on loopback
    #[arg(long, env = "SSPRCTL_DASHBOARD", value_name = "true|false", num_args = 0..=1, default_missing_value = "true",
          require_equals = true, value_parser = BoolishValueParser::new())]
    pub(crate) dashboard: Option<bool>,
    /// The file with the token that a proxy in front of the pages brings in the header `ssprctl-proxy-token`, after it has let
    /// somebody sign in; without the token no page is answered
    #[arg(long, env = "SSPRCTL_DASHBOARD_TOKEN_FILE", value_name = "FILE")]
    pub(crate) dashboard_token_file: Option<PathBuf>,
    /// The file with the token that suspend, resume and reconcile must bring; others may not read it. It is read for each
    /// request
    #[arg(long, env = "SSPRCTL_TOKEN_FILE", value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// How to write
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    /// What a running controller is asked; without it one is started
    #[command(subcommand)]
    pub(crate) command: Option<ControlCommand>,
}

impl ControllerArgs {
    /// Where the policies come from.
    ///
    /// # Errors
    /// When the address or the branch is refused, or a path leads out of the repository.
    pub(crate) fn source(&self, store: &StateStore) -> Result<PolicySource, RunError> {
        let here = std::env::current_dir().map_err(|error| RunError::failed(error.to_string()))?;
        let Some(repo) = &self.repo else { return Ok(PolicySource::Folder(here)) };
        let address = RepositoryAddress::parse(repo, &here).map_err(|why| {
            RunError::refused(format!("the repository of --repo is refused: {why}"))
                .hint("write https://…, ssh://…, user@host:path, or the path of a repository on this machine")
        })?;
        if !is_branch(&self.branch) {
            return Err(RunError::refused("the branch of --branch cannot be the name of a branch"));
        }
        let leaves = |path: &Path| path.is_absolute() || path.components().any(|part| part.as_os_str() == "..");
        if let Some(path) = self.paths.paths.iter().find(|path| leaves(path)) {
            return Err(RunError::refused(format!("the path {} leads out of the repository", path.display()))
                .hint("with --repo, paths are below the repository"));
        }
        let (branch, folder) = (self.branch.clone(), store.source());
        Ok(PolicySource::Branch(Git {
            address,
            branch,
            require_signed: self.require_signed,
            folder,
            timeout: GIT_TIMEOUT,
        }))
    }

    /// Who may read and who may control. `journals` is the folder with the journals of runs.
    ///
    /// # Errors
    /// When the file of the token cannot be used.
    fn http_access(&self, journals: &Path) -> Result<HttpAccess, RunError> {
        let token = self.token_file.clone().map(ControlTokenFile::new);
        if let Some(file) = &token {
            file.check_file().map_err(|why| RunError::refused(format!("--token-file {why}")))?;
        }
        let names = HostNames::new(self.hosts.clone());
        let dashboard = self.dashboard.unwrap_or_else(|| self.listen.ip().to_canonical().is_loopback());
        let proxy = self.dashboard_token_file.clone().map(ControlTokenFile::new);
        if let Some(file) = &proxy {
            file.check_file().map_err(|why| RunError::refused(format!("--dashboard-token-file {why}")))?;
        }
        if proxy.is_some() && !dashboard {
            return Err(RunError::failed("--dashboard-token-file has no effect: the pages are switched off here")
                .hint("add --dashboard, or leave it out"));
        }
        let dashboard = dashboard.then(|| DashboardAccess { journals: journals.to_owned(), proxy });
        Ok(HttpAccess { names, token, dashboard })
    }

    /// Refuses a PATH that is nothing and could be meant as a command. With --repo the paths are not here.
    ///
    /// # Errors
    /// The word, and what may be meant.
    fn check_words(&self) -> Result<(), RunError> {
        let is_word = |path: &&PathBuf| path.as_os_str() != POLICIES && self.repo.is_none() && !path.exists();
        let Some(word) = self.paths.paths.iter().find(is_word) else { return Ok(()) };
        let word = word.to_string_lossy();
        let near = did_you_mean(&word, CONTROL_COMMANDS).map(|near| format!("{near} "));
        let message = format!("`{}` is neither a file or folder nor a command of `controller`", safe(&word));
        Err(RunError::failed(message).hint(format!(
            "{}name policies that exist, or one of {}, right after `controller`",
            near.unwrap_or_default(),
            CONTROL_COMMANDS.join(", ")
        )))
    }

    /// Describes the source for people.
    #[must_use]
    fn describe(&self, source: &PolicySource) -> String {
        let write = if self.remediate { "tenants are written" } else { "differences are only reported" };
        match source {
            PolicySource::Folder(folder) => format!("the folder {}, {write}", folder.display()),
            PolicySource::Branch(git) => format!("{} of {}, {write}", git.branch, git.address),
        }
    }
}

fn interval(text: &str) -> Result<Duration, String> {
    let read = duration(text)?;
    let long_enough = SignedDuration::try_from(read).is_ok_and(|read| read >= SHORTEST);
    if long_enough { Ok(read) } else { Err("the shortest interval is 1m".to_owned()) }
}

impl CommandArgs for ControllerArgs {
    const SPEC: CommandSpec = CommandSpec { timeout: Timeout::None, ..CommandSpec::READS };

    fn access(&self) -> RequiredAccess {
        if self.count_people { RequiredAccess::ReadPeople } else { RequiredAccess::Read }
    }

    fn journal(&self) -> Option<&Path> {
        self.write.journal.as_deref()
    }

    /// Runs until it is interrupted, which is its normal end.
    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        self.check_words()?;
        let (store, state) = StateStore::open(&context.state.controller())?;
        let source = self.source(&store)?;
        let listener = http::open(self.listen).map_err(|error| {
            RunError::failed(format!("cannot listen on {}: {error}", self.listen)).hint("choose another --listen")
        })?;
        let address = listener.local_addr().map_err(|error| RunError::failed(error.to_string()))?;
        let access = self.http_access(&context.run.folders.journal)?;
        let socket = ControlSocket::bind(store.folder()).unwrap_or_else(|error| {
            let folder = store.folder().display();
            tracing::warn!(
                "the socket control.sock cannot be made in {folder}: {error}; name a shorter folder with --state"
            );
            None
        });
        let metrics = Metrics::new().map_err(|error| RunError::failed(error.to_string()))?;
        let clock = &context.run.clock;
        let process = ProcessInfo {
            started: clock.now(),
            remediate: self.remediate,
            sandbox: context.run.sandbox,
            count_people: self.count_people,
        };
        let shared = Arc::new(SharedState::new(store, state, metrics, process));
        let pages = access.dashboard.as_ref().map(|_| format!(", pages at http://{address}/")).unwrap_or_default();
        context.output.note(&format!("following {}; status at http://{address}/status{pages}", self.describe(&source)));

        let (over, ended) = tokio::sync::oneshot::channel::<()>();
        let ended = async move { drop(ended.await) };
        let routes = http::routes(Arc::clone(&shared), clock.clone(), access);
        let server = tokio::spawn(serve(listener, socket, routes, ended));
        let notifier = Notifier::start(clock.clone(), Arc::new(environment), Arc::clone(&shared));

        let schedule = Schedule {
            interval: SignedDuration::try_from(self.interval).unwrap_or(SignedDuration::MAX),
            jitter: self.jitter,
            seed: Uuid::new_v4().as_u64_pair().0,
        };
        let reconciler = TenantReconciler {
            context: &context.run,
            paths: &self.paths.paths,
            options: self.write.options(),
            fixed_date: context.options.as_of,
            count_people: self.count_people,
            views: Arc::clone(&shared.views),
        };
        let parallel = context.run.parallel;
        let mut controller =
            Controller::new(source, reconciler, schedule, parallel, clock.clone(), Arc::clone(&shared));
        {
            let looping = run_loop(&mut controller, |events, config| {
                events.iter().for_each(log_event);
                notifier.notify(events, config);
            });
            tokio::join!(listen(&shared, context), looping);
        }
        notifier.end().await;
        shared.save();
        let _ = over.send(());
        let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, server).await;
        Ok(Exit::Done)
    }
}

/// Waits for signals until one asks to stop. A request in flight is finished, nothing further is started.
async fn listen(shared: &SharedState, context: &Context) {
    tokio::select! {
        () = interrupt() => {}
        () = on_sighup(|| { shared.signals.request_reconcile(None); }) => {}
    }
    context.shutdown.request(Exit::Done);
    shared.signals.stop();
}

fn log_event(event: &Event) {
    let Event { tenant, revision, reason, well, message, drift: _, at: _ } = event;
    let tenant = safe(tenant.as_deref().unwrap_or("the source")).into_owned();
    let (reason, message) = (reason.name(), safe(message));
    match well {
        true => tracing::info!(%tenant, %reason, %revision, "{message}"),
        false => tracing::warn!(%tenant, %reason, %revision, "{message}"),
    }
}
