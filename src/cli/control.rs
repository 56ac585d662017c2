//! `controller status`, `tenants`, `suspend`, `resume`, `reconcile` and `logs`: they ask and control a running controller.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command, Subcommand, ValueEnum};
use glob::Pattern;
use url::Url;

use crate::base::exit::Exit;
use crate::cli::command_args::CommandArgs;
use crate::cli::context::{CommandSpec, Context, Timeout, http_client};
use crate::cli::format::FormatArgs;
use crate::cli::shutdown::interrupt;
use crate::controller::event_log::{Events, NumberedEvent};
use crate::controller::fleet::{FleetTenants, did_you_mean, exit_of_source, json, summary};
use crate::controller::remote::RemoteController;
use crate::controller::status::Status;
use crate::engine::error::RunError;
use crate::render::text::safe::safe;

/// How long to wait before a running controller is asked again.
const PAUSE: Duration = Duration::from_millis(500);

/// The words that may follow `controller`.
pub(crate) const CONTROL_COMMANDS: [&str; 6] = ["status", "tenants", "suspend", "resume", "reconcile", "logs"];

/// Refuses options of `controller` itself before one of its commands: they start a controller.
///
/// # Errors
/// The option and the command.
pub(crate) fn check_options(command: &Command, matches: &ArgMatches) -> Result<(), RunError> {
    let Some(("controller", matches)) = matches.subcommand() else { return Ok(()) };
    let (Some(name), Some(command)) = (matches.subcommand_name(), command.find_subcommand("controller")) else {
        return Ok(());
    };
    let is_given = |argument: &&Arg| matches.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine);
    match command.get_arguments().filter(|argument| !argument.is_global_set()).find(is_given) {
        None => Ok(()),
        Some(argument) => {
            let shown = argument.get_long().map_or_else(|| "PATH".to_owned(), |long| format!("--{long}"));
            Err(RunError::failed(format!("{shown} before `{name}` is for a controller that is started"))
                .hint(format!("leave it out, or write the options of `{name}` after it")))
        }
    }
}

/// The formats of these commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ControlFormat {
    /// For people at a terminal
    Terminal,
    /// One JSON document, see `ssprctl schema`
    Json,
}

/// Which controller, and how the result is written.
#[derive(Debug, Args)]
pub(crate) struct ControlArgs {
    /// The address of the controller, https://HOST or http:// on this machine; without it the one of this state folder is
    /// asked, over its socket
    #[arg(long, env = "SSPRCTL_CONTROLLER_URL", value_name = "URL")]
    url: Option<Url>,
    /// The file with the controller's token, for --url
    #[arg(long, env = "SSPRCTL_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// How the result is written
    #[command(flatten)]
    result: FormatArgs<ControlFormat>,
}

/// One tenant or all.
#[derive(Debug, Args)]
pub(crate) struct ChosenTenants {
    /// The tenant, as its policy names it
    #[arg(value_name = "TENANT", required_unless_present = "all")]
    name: Option<String>,
    /// All tenants that the controller has a policy for now, or those that --tenant matches
    #[arg(long, conflicts_with = "name")]
    all: bool,
    /// Which controller
    #[command(flatten)]
    control: ControlArgs,
}

/// What a running controller is asked.
#[derive(Debug, Subcommand)]
pub(crate) enum ControlCommand {
    /// Say whether a controller is running, what it follows, and how many tenants are in sync
    Status(ControlArgs),
    /// List the tenants of the running controller with their states; --tenant chooses some
    Tenants(ControlArgs),
    /// Suspend a tenant: it is neither read nor written, also after restarts, until it is resumed
    Suspend(ChosenTenants),
    /// Resume a tenant; it is reconciled at once
    Resume(ChosenTenants),
    /// Reconcile a tenant or all now and wait for the result; exit with 2 when one differs from its policy
    Reconcile {
        /// The tenant, as its policy names it; without it all tenants, or those that --tenant matches
        #[arg(value_name = "TENANT")]
        name: Option<String>,
        /// Do not wait for the result
        #[arg(long)]
        no_wait: bool,
        /// Which controller
        #[command(flatten)]
        control: ControlArgs,
    },
    /// Show the last events of the running controller, at most a thousand; --tenant chooses those of some tenants
    Logs(LogsArgs),
}

/// Arguments of `controller logs`.
#[derive(Debug, Args)]
pub(crate) struct LogsArgs {
    /// Go on with further events until interrupted; with --format json each event is a line
    #[arg(short, long)]
    follow: bool,
    /// Which controller
    #[command(flatten)]
    control: ControlArgs,
}

impl ControlArgs {
    fn connect(&self, context: &Context) -> Result<RemoteController, RunError> {
        match &self.url {
            Some(url) => RemoteController::at(url, self.token_file.clone(), &http_client()),
            None => RemoteController::local(&context.state.controller()),
        }
    }

    /// Writes rows about tenants.
    fn write(&self, context: &Context, fleet: &FleetTenants) -> Result<(), RunError> {
        Ok(match self.result.format {
            ControlFormat::Terminal => context.output.write_text(&fleet.table()),
            ControlFormat::Json => context.output.write_result(&fleet.json()),
        }?)
    }
}

impl CommandArgs for ControlCommand {
    const SPEC: CommandSpec = CommandSpec { state: true, ..CommandSpec::OFFLINE };

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let only = context.options.tenant.as_ref();
        match self {
            Self::Status(control) => {
                let status = control.connect(context)?.status().await?;
                match control.result.format {
                    ControlFormat::Terminal => context.output.write_text(&summary(&status)),
                    ControlFormat::Json => context.output.write_result(&json(&status)),
                }?;
                Ok(Exit::Done)
            }
            Self::Tenants(control) => {
                let status = control.connect(context)?.status().await?;
                control.write(context, &FleetTenants::of(&status, &chosen(&status, None, only)?))?;
                Ok(Exit::Done)
            }
            Self::Suspend(tenants) => set_suspended(context, &tenants, "suspend").await,
            Self::Resume(tenants) => set_suspended(context, &tenants, "resume").await,
            Self::Reconcile { name, no_wait, control } => reconcile(context, name.as_deref(), no_wait, &control).await,
            Self::Logs(logs) => logs.run(context).await,
        }
    }
}

/// The tenants that are meant: the one with this name, or those that the pattern of `--tenant` matches, or all.
fn chosen(status: &Status, name: Option<&str>, only: Option<&Pattern>) -> Result<Vec<String>, RunError> {
    let known = || status.tenants.keys().map(String::as_str);
    if let Some(name) = name {
        if status.tenants.contains_key(name) {
            return Ok(vec![name.to_owned()]);
        }
        let hint = did_you_mean(name, known()).unwrap_or_else(|| "`ssprctl controller tenants` lists them".to_owned());
        return Err(
            RunError::failed(format!("the controller has no policy for the tenant `{}`", safe(name))).hint(hint)
        );
    }
    let names: Vec<String> =
        known().filter(|name| only.is_none_or(|only| only.matches(name))).map(str::to_owned).collect();
    match only {
        Some(only) if names.is_empty() => Err(RunError::no_tenant(only)),
        Some(_) | None => Ok(names),
    }
}

/// Asks for an action for each of the names, or once for all if nothing chooses some. Returns the last answer and round.
async fn act(
    controller: &RemoteController,
    action: &str,
    names: &[String],
    is_all: bool,
) -> Result<(String, Option<u64>), RunError> {
    if is_all {
        return controller.act(action, None).await;
    }
    let mut last = (String::new(), None);
    for name in names {
        last = controller.act(action, Some(name)).await?;
    }
    Ok(last)
}

async fn set_suspended(context: &Context, tenants: &ChosenTenants, action: &str) -> Result<Exit, RunError> {
    let controller = tenants.control.connect(context)?;
    let only = context.options.tenant.as_ref();
    let names = chosen(&controller.status().await?, tenants.name.as_deref(), only)?;
    if names.is_empty() {
        return Err(RunError::failed("the controller has no tenants yet").hint("`ssprctl controller status` says why"));
    }
    let is_all = tenants.name.is_none() && only.is_none();
    let (message, _) = act(&controller, action, &names, is_all).await?;
    context.output.note(&safe(&message));
    let status = controller.status().await?;
    tenants.control.write(context, &FleetTenants::of(&status, &names))?;
    Ok(Exit::Done)
}

async fn reconcile(
    context: &Context,
    name: Option<&str>,
    no_wait: bool,
    control: &ControlArgs,
) -> Result<Exit, RunError> {
    let controller = control.connect(context)?;
    let only = context.options.tenant.as_ref();
    let before = controller.status().await?;
    // Before its first round a controller knows no tenants.
    let is_all = name.is_none() && only.is_none();
    let names = if is_all { Vec::new() } else { chosen(&before, name, only)? };
    let (message, round) = act(&controller, "reconcile", &names, is_all).await?;
    if no_wait {
        context.output.note(&safe(&message));
        return Ok(Exit::Done);
    }
    let round = round.ok_or_else(|| {
        RunError::failed("the controller does not say when it is done: it is of an earlier version")
            .hint("add --no-wait, and look at `ssprctl controller status`")
    })?;
    let status = loop {
        let status = controller.status().await?;
        if status.started != before.started {
            return Err(
                RunError::failed("the controller was restarted before the round was done").hint("run this again")
            );
        }
        if status.rounds.finished >= round {
            break status;
        }
        tokio::time::sleep(PAUSE).await;
    };
    let names = if is_all { chosen(&status, None, None)? } else { names };
    if let Some(gone) = names.iter().find(|name| !status.tenants.contains_key(*name)) {
        return Err(RunError::failed(format!("the newest revision has no policy for the tenant `{}`", safe(gone)))
            .hint("`ssprctl controller tenants` lists those that it has"));
    }
    let fleet = FleetTenants::of(&status, &names);
    control.write(context, &fleet)?;
    let source = exit_of_source(&status);
    if source != Exit::Done {
        let why = &status.source.conditions.ready.message;
        return Err(RunError { exit: source, ..RunError::failed(format!("the source is not ready: {}", safe(why))) }
            .hint("the tenants were compared with the last valid revision, if there is one, and not written"));
    }
    Ok(fleet.exit())
}

impl CommandArgs for LogsArgs {
    const SPEC: CommandSpec = CommandSpec { state: true, timeout: Timeout::None, ..CommandSpec::OFFLINE };

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        tokio::select! {
            () = interrupt() => Ok(Exit::Done),
            ended = self.show(context) => ended,
        }
    }
}

impl LogsArgs {
    async fn show(&self, context: &Context) -> Result<Exit, RunError> {
        if self.follow && context.options.output.is_some() {
            return Err(RunError::failed("--follow goes to standard output alone").hint("leave --output out"));
        }
        let controller = self.control.connect(context)?;
        let format = self.control.result.format;
        let only = context.options.tenant.as_ref();
        let is_meant = |event: &NumberedEvent| {
            only.is_none_or(|only| event.tenant.as_ref().is_some_and(|tenant| only.matches(tenant)))
        };
        let (mut seen, mut process) = (0, None);
        loop {
            let Events { format_version, started, mut events } = controller.events(seen).await?;
            if *process.get_or_insert(started) != started {
                // Another process counts anew.
                (seen, process) = (0, Some(started));
                continue;
            }
            seen = events.last().map_or(seen, |event| event.number);
            events.retain(is_meant);
            if !self.follow && format == ControlFormat::Json {
                context.output.write_result(&json(&Events { format_version, started, events }))?;
                return Ok(Exit::Done);
            }
            let lines: Vec<String> = events.iter().map(|event| line(event, format)).collect();
            if !self.follow {
                context.output.write_text(&lines.concat())?;
                return Ok(Exit::Done);
            }
            match context.output.write_part(&lines.concat(), format == ControlFormat::Terminal) {
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(Exit::Done),
                written => written?,
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// One event in a line.
fn line(event: &NumberedEvent, format: ControlFormat) -> String {
    match format {
        ControlFormat::Json => serde_json::to_string(event).map(|text| format!("{text}\n")).unwrap_or_default(),
        ControlFormat::Terminal => {
            let NumberedEvent { at, tenant, reason, message, .. } = event;
            let tenant = tenant.as_deref().unwrap_or("the source");
            format!("{at:.0}  {}  {}: {}\n", safe(tenant), reason.name(), safe(message))
        }
    }
}
