//! The routes of the controller: probes, metrics and status; and requests to reconcile, suspend and resume, for those who
//! may control it. Every request is checked first, whatever it asks for.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Extension, Path, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Serialize;

use crate::base::clock::Clock;
use crate::controller::client_limits::RequestRates;
use crate::controller::condition::ConditionStatus;
use crate::controller::control_token::{ControlTokenFile, TokenCheck};
use crate::controller::dashboard::{self, DashboardAccess};
use crate::controller::event_log::Events;
use crate::controller::host::{HostNames, HostRefusal, Requester};
use crate::controller::shared::SharedState;
use crate::controller::state::TenantState;
use crate::controller::status::status;
use crate::render::text::safe::safe;

/// The most bytes of the body of a request. No route needs any.
const MOST_BODY_BYTES: usize = 1024;
/// How long a client may take for the body of a request.
const BODY_TIME: Duration = Duration::from_secs(10);

/// The header with the number of the round that fulfils a request to reconcile.
pub(crate) const ROUND: &str = "ssprctl-round";

/// Who may read and who may control.
#[derive(Clone, Debug)]
pub(crate) struct HttpAccess {
    /// The names that are answered besides the address that a client reached.
    pub(crate) names: HostNames,
    /// The token that control requests must bring.
    pub(crate) token: Option<ControlTokenFile>,
    /// The pages for people; `None` if there are none.
    pub(crate) dashboard: Option<DashboardAccess>,
}

/// The state of every handler.
#[derive(Clone)]
struct HttpState {
    shared: Arc<SharedState>,
    clock: Clock,
    access: Arc<HttpAccess>,
    rates: Arc<RequestRates>,
}

/// Listens on the port of an address, from now on.
///
/// # Errors
/// When it is taken, or not one of this machine.
pub(crate) fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// The routes, with the checks before them.
pub(crate) fn routes(shared: Arc<SharedState>, clock: Clock, access: HttpAccess) -> Router {
    let pages = match &access.dashboard {
        Some(pages) => dashboard::routes(Arc::clone(&shared), clock.clone(), pages),
        None => Router::new(),
    };
    let server = HttpState { shared, clock, access: Arc::new(access), rates: Arc::new(RequestRates::start()) };
    let control = Router::new()
        .route("/reconcile", post(reconcile))
        .route("/suspend", post(suspend_all))
        .route("/resume", post(resume_all))
        .route("/tenants/{tenant}/reconcile", post(reconcile_tenant))
        .route("/tenants/{tenant}/suspend", post(suspend))
        .route("/tenants/{tenant}/resume", post(resume))
        .route_layer(middleware::from_fn_with_state(server.clone(), check_control));
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .route("/status", get(get_status))
        .route("/events", get(events))
        .merge(control)
        .fallback(|| async {
            (
                StatusCode::NOT_FOUND,
                "there are /healthz, /readyz, /metrics, /status and /events, and, where they are switched on, pages at /\n",
            )
        })
        .with_state(server.clone())
        .merge(pages)
        .layer(middleware::from_fn_with_state(server, check))
}

/// Checks the rate, the host and the origin of a request, and reads its body, which no route needs.
async fn check(
    State(server): State<HttpState>,
    Extension(client): Extension<Requester>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = match refusal(&server, client, request).await {
        Ok(request) => next.run(request).await,
        Err(refused) => refused,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, axum::http::HeaderValue::from_static(value));
    }
    response
}

/// The request without its body, or why it is refused.
async fn refusal(server: &HttpState, client: Requester, request: Request) -> Result<Request, Response> {
    if let Err(wait) = server.rates.admit(client) {
        let seconds = wait.as_secs() + 1;
        let why = "too many requests from this client; at most ten a second are answered\n";
        return Err((StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, seconds.to_string())], why).into_response());
    }
    server.access.names.check(request.uri(), request.headers(), client).map_err(|refused| match refused {
        HostRefusal::Missing => (StatusCode::BAD_REQUEST, "one Host is needed\n").into_response(),
        HostRefusal::Host => {
            let why = "this Host is not answered; ask by the address of this machine, or name the host with --host\n";
            (StatusCode::FORBIDDEN, why).into_response()
        }
        HostRefusal::Origin => (StatusCode::FORBIDDEN, "pages of other origins are not answered\n").into_response(),
    })?;
    let too_large = || (StatusCode::PAYLOAD_TOO_LARGE, "a body is not needed\n").into_response();
    if is_too_large(request.headers()) {
        return Err(too_large());
    }
    let (parts, body) = request.into_parts();
    match tokio::time::timeout(BODY_TIME, to_bytes(body, MOST_BODY_BYTES)).await {
        Ok(Ok(_)) => Ok(Request::from_parts(parts, Body::empty())),
        Ok(Err(_)) => Err(too_large()),
        Err(_) => Err((StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time\n").into_response()),
    }
}

/// Whether a body says of itself that it is too large.
fn is_too_large(headers: &HeaderMap) -> bool {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length > MOST_BODY_BYTES)
}

/// Lets through requests of the socket, and those that bring the token.
async fn check_control(
    State(server): State<HttpState>,
    Extension(client): Extension<Requester>,
    request: Request,
    next: Next,
) -> Response {
    let access = &server.access;
    let path = safe(request.uri().path()).into_owned();
    let Requester::Network { from, to: _ } = client else {
        tracing::info!("somebody asks for {path} through the socket");
        return next.run(request).await;
    };
    let Some(file) = &access.token else {
        let why = "suspend, resume and reconcile need the socket control.sock in the state folder, or a token: start the \
                   controller with --token-file\n";
        return (StatusCode::FORBIDDEN, why).into_response();
    };
    match file.check(request.headers()) {
        TokenCheck::Accepted => {
            tracing::info!("{from} asks for {path} with the token");
            next.run(request).await
        }
        TokenCheck::Refused => {
            tracing::warn!("{from} asks for {path} without the token");
            let why = "bring the token of --token-file: Authorization: Bearer TOKEN\n";
            (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer")], why).into_response()
        }
        TokenCheck::Unusable(why) => {
            tracing::error!("--token-file {why}");
            (StatusCode::SERVICE_UNAVAILABLE, "the file of --token-file cannot be used; the log says why\n")
                .into_response()
        }
    }
}

async fn healthz(State(server): State<HttpState>) -> (StatusCode, &'static str) {
    match server.shared.is_alive(server.clock.now()) {
        true => (StatusCode::OK, "ok\n"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "the loop has made no progress for too long\n"),
    }
}

async fn readyz(State(server): State<HttpState>) -> (StatusCode, &'static str) {
    match server.shared.is_ready() {
        true => (StatusCode::OK, "ok\n"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "no policies are active yet; see /status for the reason\n"),
    }
}

async fn metrics(State(server): State<HttpState>) -> Response {
    let state = server.shared.state().clone();
    match server.shared.metrics.text(&state, server.shared.facts) {
        Ok(text) => ([(CONTENT_TYPE, prometheus::TEXT_FORMAT)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

async fn get_status(State(server): State<HttpState>) -> Response {
    document(&status(&server.shared))
}

/// The events after that of the number in `?after=N`, or all that are in memory.
async fn events(State(server): State<HttpState>, uri: Uri) -> Response {
    let after = uri.query().and_then(|query| query.strip_prefix("after="));
    let Ok(after) = after.unwrap_or("0").parse() else {
        return (StatusCode::BAD_REQUEST, "after= is the number of an event\n").into_response();
    };
    let events = server.shared.log_entries().after(after);
    document(&Events { format_version: 1, started: server.shared.facts.started, events })
}

fn document(document: &impl Serialize) -> Response {
    match serde_json::to_string_pretty(document) {
        Ok(text) => ([(CONTENT_TYPE, "application/json")], format!("{text}\n")).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

async fn reconcile(State(server): State<HttpState>) -> Response {
    let round = server.shared.signals.request_reconcile(None);
    accepted(round, "reconciling all tenants; see /status for the result\n")
}

async fn reconcile_tenant(State(server): State<HttpState>, Path(tenant): Path<String>) -> Response {
    match server.shared.state().tenants.get(&tenant).map(TenantState::is_suspended) {
        None => return unknown_tenant().into_response(),
        Some(true) => return (StatusCode::CONFLICT, "the tenant is suspended; resume it first\n").into_response(),
        Some(false) => {}
    }
    let round = server.shared.signals.request_reconcile(Some(&tenant));
    accepted(round, "reconciling the tenant; see /status for the result\n")
}

/// The answer to a request that a later round fulfils: when `rounds.finished` of `/status` has reached the number, it is done.
fn accepted(round: u64, message: &'static str) -> Response {
    (StatusCode::ACCEPTED, [(HeaderName::from_static(ROUND), round.to_string())], message).into_response()
}

fn unknown_tenant() -> (StatusCode, String) {
    (StatusCode::NOT_FOUND, "no policy is for a tenant of this name; /status lists them\n".to_owned())
}

async fn suspend(State(server): State<HttpState>, Path(tenant): Path<String>) -> (StatusCode, String) {
    set_suspended(&server, Some(&tenant), true)
}

async fn resume(State(server): State<HttpState>, Path(tenant): Path<String>) -> (StatusCode, String) {
    set_suspended(&server, Some(&tenant), false)
}

async fn suspend_all(State(server): State<HttpState>) -> (StatusCode, String) {
    set_suspended(&server, None, true)
}

async fn resume_all(State(server): State<HttpState>) -> (StatusCode, String) {
    set_suspended(&server, None, false)
}

/// Suspends or resumes one tenant, or all that are known now.
fn set_suspended(server: &HttpState, only: Option<&str>, suspended: bool) -> (StatusCode, String) {
    let now = server.clock.now();
    let mut changed = Vec::new();
    let by_file = {
        let mut state = server.shared.state();
        if only.is_some_and(|tenant| !state.tenants.contains_key(tenant)) {
            return unknown_tenant();
        }
        let chosen = state.tenants.iter_mut().filter(|(name, _)| only.is_none_or(|only| only == name.as_str()));
        chosen.fold(false, |by_file, (name, known)| {
            let well = known.conditions.ready.status == ConditionStatus::True;
            changed.extend(known.set_suspended(suspended, now).map(|entry| entry.event(name, well)));
            by_file || known.suspended_by_file
        })
    };
    server.shared.save();
    for event in changed {
        server.shared.log_entries().push(event);
    }
    server.shared.signals.wake();
    let message = match (only, suspended, by_file) {
        (Some(_), true, _) => "suspended: it is neither read nor written until it is resumed",
        (Some(_), false, true) => "still suspended by ssprctl.yaml",
        (Some(_), false, false) => "resumed: it is reconciled now",
        (None, true, _) => "all tenants are suspended: they are neither read nor written until they are resumed",
        (None, false, true) => "resumed all tenants but those that ssprctl.yaml suspends",
        (None, false, false) => "resumed: all tenants are reconciled now",
    };
    (StatusCode::OK, format!("{message}\n"))
}
