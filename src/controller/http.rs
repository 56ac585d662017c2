//! The HTTP server of the controller: probes, metrics and status; and, on loopback only, requests to reconcile, suspend
//! and resume.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::base::clock::Clock;
use crate::controller::shared::SharedState;
use crate::controller::status::status;

/// The state of every handler.
#[derive(Clone)]
struct HttpState {
    shared: Arc<SharedState>,
    clock: Clock,
    local: bool,
}

/// Opens the port.
///
/// # Errors
/// When it is taken, or not one of this machine.
pub(crate) fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves until `over` is done, then finishes the requests in flight.
///
/// # Errors
/// When the port cannot be used.
pub(crate) async fn serve(
    listener: TcpListener,
    shared: Arc<SharedState>,
    clock: Clock,
    over: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let local = listener.local_addr()?.ip().is_loopback();
    let server = HttpState { shared, clock, local };
    let local_only = Router::new()
        .route("/reconcile", post(reconcile))
        .route("/tenants/{tenant}/suspend", post(suspend))
        .route("/tenants/{tenant}/resume", post(resume))
        .layer(middleware::from_fn_with_state(server.clone(), only_here));
    let router = Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .route("/status", get(get_status))
        .merge(local_only)
        .fallback(|| async { (StatusCode::NOT_FOUND, "there are /healthz, /readyz, /metrics and /status\n") })
        .with_state(server);
    let listener = tokio::net::TcpListener::from_std(listener)?;
    axum::serve(listener, router).with_graceful_shutdown(over).await
}

/// There is no authentication, so suspend, resume and reconcile are accepted from this machine only: on a loopback
/// port, for a loopback name, and not from a page in a browser.
async fn only_here(State(server): State<HttpState>, request: Request, next: Next) -> Response {
    let why = match (server.local, is_loopback(request.headers()), request.headers().contains_key(ORIGIN)) {
        (true, true, false) => return next.run(request).await,
        (false, ..) => {
            "suspend, resume and reconcile are accepted on a loopback port only; send SIGHUP, or write `controller.suspend`\n"
        }
        (_, false, _) => "suspend, resume and reconcile are accepted for 127.0.0.1, ::1 and localhost only\n",
        (_, _, true) => "suspend, resume and reconcile are not accepted from pages in a browser\n",
    };
    (StatusCode::FORBIDDEN, why).into_response()
}

fn is_loopback(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(HOST).and_then(|host| host.to_str().ok()) else { return false };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|c| c.is_ascii_digit()) => name,
        _ => host,
    };
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
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
        Ok(text) => {
            ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], format!("{text}\n")).into_response()
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        let is = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.extend(host.parse().ok().map(|host| (HOST, host)));
            is_loopback(&headers)
        };
        for host in ["127.0.0.1:8780", "127.0.0.1", "localhost:1", "localhost", "[::1]:8780", "[::1]"] {
            assert!(is(host), "{host}");
        }
        for host in ["", "evil.example:8780", "127.0.0.1.evil.example", "10.0.0.1", "localhost.evil.example:80"] {
            assert!(!is(host), "{host}");
        }
    }
}
