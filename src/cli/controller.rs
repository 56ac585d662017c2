//! `controller`: the loop that keeps tenants in line with a branch or a folder.

use std::sync::Arc;

use jiff::SignedDuration;
use uuid::Uuid;

use crate::base::exit::Exit;
use crate::cli::compose::Context;
use crate::cli::controller_options::ControllerArgs;
use crate::cli::failure::RunError;
use crate::cli::keep::TenantReconciler;
use crate::cli::stop::{Shutdown, interrupt, on_sighup};
use crate::client::HttpClient;
use crate::controller::event::Event;
use crate::controller::http;
use crate::controller::metrics::{Metrics, ProcessInfo};
use crate::controller::notify::deliver::Notifier;
use crate::controller::round::Controller;
use crate::controller::run::run as run_loop;
use crate::controller::schedule::Schedule;
use crate::controller::shared::SharedState;
use crate::controller::store::StateStore;
use crate::render::text::safe::safe;

/// Runs until it is interrupted, which is how it ends well.
///
/// # Errors
/// When it cannot start: its folder, its port or its source cannot be used.
pub async fn run(setup: &Context, arguments: &ControllerArgs, stop: &Shutdown) -> Result<Exit, RunError> {
    let (store, state) = StateStore::open(&arguments.state)?;
    let source = arguments.source(&store)?;
    let listener = http::open(arguments.listen).map_err(|error| {
        RunError::failed(format!("cannot listen on {}: {error}", arguments.listen)).hint("choose another --listen")
    })?;
    let address = listener.local_addr().map_err(|error| RunError::failed(error.to_string()))?;
    let metrics = Metrics::new().map_err(|error| RunError::failed(error.to_string()))?;
    let facts = ProcessInfo { started: setup.clock.now(), remediate: arguments.remediate };
    let shared = Arc::new(SharedState::new(store, state, metrics, facts));
    setup.output.note(&format!("following {}; http://{address}/status tells how it goes", arguments.told(&source)));

    let (over, ended) = tokio::sync::oneshot::channel::<()>();
    let ended = async move { drop(ended.await) };
    let answering = tokio::spawn(http::serve(listener, Arc::clone(&shared), setup.clock.clone(), ended));
    let variables = Arc::new(|name: &str| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let courier = Notifier::start(HttpClient::default(), setup.clock.clone(), variables, Arc::clone(&shared));

    let pace = Schedule {
        interval: SignedDuration::try_from(arguments.interval).unwrap_or(SignedDuration::MAX),
        jitter: arguments.jitter,
        seed: Uuid::new_v4().as_u64_pair().0,
    };
    let keep = TenantReconciler { setup, paths: &arguments.paths.paths, write: &arguments.write, stop };
    let (parallel, clock) = (setup.options.parallel.into(), setup.clock.clone());
    let mut controller = Controller::new(source, keep, pace, parallel, clock, Arc::clone(&shared));
    {
        let looping = run_loop(&mut controller, |news, upkeep| {
            news.iter().for_each(tell);
            courier.notify(news, upkeep);
        });
        tokio::join!(listen(&shared, stop), looping);
    }
    courier.end().await;
    shared.save();
    let _ = over.send(());
    let _ = tokio::time::timeout(std::time::Duration::from_secs(5), answering).await;
    Ok(Exit::Done)
}

/// Hears signals until one says to stop. What is in flight is settled, nothing further is begun.
async fn listen(shared: &SharedState, stop: &Shutdown) {
    tokio::select! {
        () = interrupt() => {}
        () = on_sighup(|| shared.signals.request_reconcile()) => {}
    }
    stop.request(Exit::Done);
    shared.signals.stop();
}

fn tell(news: &Event) {
    let Event { tenant, revision, reason, well, message, drift: _, at: _ } = news;
    let tenant = safe(tenant.as_deref().unwrap_or("the source")).into_owned();
    let (reason, message) = (reason.name(), safe(message));
    match well {
        true => tracing::info!(%tenant, %reason, %revision, "{message}"),
        false => tracing::warn!(%tenant, %reason, %revision, "{message}"),
    }
}
