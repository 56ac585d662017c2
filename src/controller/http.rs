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
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::base::clock::Clock;
use crate::controller::client_limits::RequestRates;
use crate::controller::control_token::{ControlTokenFile, TokenCheck};
use crate::controller::host::{HostNames, HostRefusal, Requester};
use crate::controller::shared::SharedState;
use crate::controller::status::status;
use crate::render::text::safe::safe;

/// The most bytes of the body of a request. No route needs any.
const MOST_BODY_BYTES: usize = 1024;
/// How long a client may take for the body of a request.
const BODY_TIME: Duration = Duration::from_secs(10);

/// Who may read and who may control.
#[derive(Clone, Debug)]
pub(crate) struct HttpAccess {
    /// The names that are answered besides the address that a client reached.
    pub(crate) names: HostNames,
    /// The token that control requests must bring.
    pub(crate) token: Option<ControlTokenFile>,
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
    let server = HttpState { shared, clock, access: Arc::new(access), rates: Arc::new(RequestRates::start()) };
    let control = Router::new()
        .route("/reconcile", post(reconcile))
        .route("/tenants/{tenant}/suspend", post(suspend))
        .route("/tenants/{tenant}/resume", post(resume))
        .route_layer(middleware::from_fn_with_state(server.clone(), check_control));
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .route("/status", get(get_status))
        .merge(control)
        .fallback(|| async { (StatusCode::NOT_FOUND, "there are /healthz, /readyz, /metrics and /status\n") })
        .layer(middleware::from_fn_with_state(server.clone(), check))
        .with_state(server)
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
    match serde_json::to_string_pretty(&status(&server.shared)) {
        Ok(text) => ([(CONTENT_TYPE, "application/json")], format!("{text}\n")).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

async fn reconcile(State(server): State<HttpState>) -> (StatusCode, &'static str) {
    server.shared.signals.request_reconcile();
    (StatusCode::ACCEPTED, "reconciling all tenants; see /status for the result\n")
}

async fn suspend(State(server): State<HttpState>, Path(tenant): Path<String>) -> (StatusCode, String) {
    set_suspended(&server, &tenant, true)
}

async fn resume(State(server): State<HttpState>, Path(tenant): Path<String>) -> (StatusCode, String) {
    set_suspended(&server, &tenant, false)
}

fn set_suspended(server: &HttpState, tenant: &str, suspended: bool) -> (StatusCode, String) {
    let by_file = {
        let mut state = server.shared.state();
        let Some(known) = state.tenants.get_mut(tenant) else {
            return (StatusCode::NOT_FOUND, "no policy is for a tenant of this name; /status lists them\n".to_owned());
        };
        known.suspended = suspended;
        if !suspended {
            known.next = Some(server.clock.now());
        }
        known.suspended_by_file
    };
    server.shared.save();
    server.shared.signals.wake();
    let message = match (suspended, by_file) {
        (true, _) => "suspended: it is neither read nor written until it is resumed",
        (false, true) => "still suspended by ssprctl.yaml",
        (false, false) => "resumed: it is reconciled now",
    };
    (StatusCode::OK, format!("{message}\n"))
}
