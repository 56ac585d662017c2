//! Runs one command from arguments to exit code.

use crate::base::exit::Exit;
use crate::cli::compose::Context;
use crate::cli::failure::RunError;
use crate::cli::options::{Cli, Command, GlobalArgs, SnapshotArgs, SnapshotCommand};
use crate::cli::output::Output;
use crate::cli::purpose::purpose;
use crate::cli::stop::{Shutdown, interrupt};
use crate::cli::{
    accept, announce, apply, completions, controller, doctor, drift, explain, fits, history, import, init, keygen, log,
    login, man, plan, rollback, sandbox, schema, show, snapshot, validate,
};
use crate::render::text::error;

/// Runs a command, however it ends.
pub async fn run(options: Cli) -> Exit {
    let Cli { global, command } = options;
    log::start(&global, matches!(command, Command::Controller(_)));
    let output = Output::new(&global);
    let ended = match within_bounds(global, command).await {
        Ok(exit) => exit,
        Err(failure) => {
            output.note(&error::error_block(&failure.trouble));
            failure.exit
        }
    };
    tracing::debug!(exit_code = ended.code(), "ended");
    ended
}

/// Runs a command until it is done, interrupted or out of time. An apply is never cut off in the middle of a request: it is
/// asked to stop, settles what is in flight and reports.
async fn within_bounds(global: GlobalArgs, command: Command) -> Result<Exit, RunError> {
    let stop = Shutdown::default();
    let (timeout, careful) = (global.timeout, matches!(command, Command::Apply(_) | Command::Rollback(_)));
    // The embedded tenants are served, and the controller works, until an interrupt, which is no failure then.
    let unbounded = matches!(command, Command::Sandbox(_) | Command::Controller(_));
    let punctual = is_punctual(&command);
    let mut work = std::pin::pin!(dispatch(global, command, &stop));
    let deadline = tokio::time::sleep(timeout);
    let cut = tokio::select! {
        // Interrupts are listened for before anything is begun.
        biased;
        () = interrupt(), if !unbounded => RunError::interrupted(),
        () = deadline, if !unbounded && !punctual => RunError::failed(format!("not done after {timeout:?}"))
            .hint("raise --timeout, or look with -v at what takes so long"),
        done = &mut work => return done,
    };
    if careful {
        stop.request(cut.exit);
        work.await?;
    }
    Err(cut)
}

/// Whether a command looks at the time itself, and tells what there is when it is over: one tenant that takes too long hides
/// no other.
fn is_punctual(command: &Command) -> bool {
    matches!(command, Command::Plan(_) | Command::Drift(_))
}

async fn dispatch(global: GlobalArgs, command: Command, stop: &Shutdown) -> Result<Exit, RunError> {
    sandbox::check_available(&global, &command)?;
    fits::check(&global, &command)?;
    let output = Output::new(&global);
    match command {
        Command::Schema(arguments) => return schema::run(&output, &arguments),
        Command::Completions { shell } => return completions::run(&output, shell),
        Command::Man => return man::run(&output),
        Command::Init(arguments) => return init::run(&output, &global, &arguments),
        Command::Explain(arguments) => return explain::run(&output, &arguments),
        Command::Snapshot(SnapshotArgs { command: Some(SnapshotCommand::Keygen { file }), .. }) => {
            return keygen::keygen(&output, &file);
        }
        Command::Sandbox(command) => return sandbox::run(&output, &global, command).await,
        Command::History(arguments) => return history::run(&output, global.format, &arguments),
        Command::Announce(arguments) => return announce::run(&output, &global, &arguments),
        Command::Validate(arguments) => return validate::run(&output, &global, &arguments),
        _ => {}
    }
    let setup = Context::new(global, purpose(&command))?.punctual(is_punctual(&command));
    match command {
        Command::Plan(arguments) => plan::run(&setup, &arguments).await,
        Command::Apply(arguments) => apply::run(&setup, &arguments, stop).await,
        Command::Rollback(arguments) => rollback::run(&setup, &arguments, stop).await,
        Command::Drift(arguments) => drift::run(&setup, &arguments).await,
        Command::Accept(arguments) => accept::run(&setup, &arguments).await,
        Command::Controller(arguments) => controller::run(&setup, &arguments, stop).await,
        Command::Import(arguments) => import::run(&setup, &arguments).await,
        Command::Doctor(arguments) => doctor::run(&setup, &arguments.paths, arguments.write).await,
        Command::Login(arguments) => login::run(&setup, &arguments).await,
        Command::Logout(arguments) => login::out(&setup, &arguments).await,
        Command::Show(arguments) => show::run(&setup, &arguments).await,
        Command::Snapshot(arguments) => snapshot::run(&setup, &arguments).await,
        _ => Ok(Exit::Done),
    }
}
