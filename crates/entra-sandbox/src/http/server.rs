//! The HTTP server. It listens on loopback only, on a thread and a runtime of its own, so that a caller needs neither.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request as HttpRequest, State};
use axum::http::{Response, StatusCode};
use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::faults::fault::Faults;
use crate::http::connection::{ResetHandle, ResettableListener};
use crate::http::delivery::Delivery;
use crate::http::message::{self, Reply, Request};
use crate::http::service::Service;
use crate::state::world::World;

const MAX_BODY_BYTES: usize = 4 << 20;
const MAX_RECORDS: usize = 10_000;

/// What a server needs to start.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// The TCP port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// The tenants that are served.
    pub world: World,
    /// The faults that act on requests.
    pub faults: Faults,
    /// The time by which tokens expire and replies are dated.
    pub clock: Clock,
}

impl ServerOptions {
    /// Serves `world` on any free port, without faults, by the machine's clock.
    #[must_use]
    pub fn new(world: World) -> Self {
        Self { port: 0, world, faults: Faults::none(), clock: Clock::System }
    }
}

/// A request that the server has answered, for tests. It contains neither tokens nor bodies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedRequest {
    /// The HTTP method, in upper case.
    pub method: String,
    /// The path as it was sent.
    pub path: String,
    /// The query as it was sent, without `?`.
    pub query: String,
    /// The id that the client sent in `x-ms-client-request-id` or `client-request-id`.
    pub request_id: Option<String>,
    /// The status of the reply; 0 if the connection was reset instead.
    pub status: u16,
}

/// A server on a thread of its own. Dropping it stops the server.
#[derive(Debug)]
pub struct RunningServer {
    url: String,
    log: Arc<Mutex<VecDeque<ServedRequest>>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct ServerState {
    service: Service,
    clock: Clock,
    url: String,
    log: Arc<Mutex<VecDeque<ServedRequest>>>,
}

/// Starts a server. The port accepts connections when this returns.
///
/// # Errors
/// If the port is taken, or the system provides no thread.
pub fn serve(options: ServerOptions) -> io::Result<RunningServer> {
    let ServerOptions { port, world, faults, clock } = options;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    let url = format!("http://{}", listener.local_addr()?);
    let log = Arc::<Mutex<VecDeque<ServedRequest>>>::default();
    let shared = ServerState { service: Service::new(world, faults), clock, url: url.clone(), log: Arc::clone(&log) };
    let (stop, stopped) = oneshot::channel::<()>();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let router = Router::new().fallback(handle).with_state(Arc::new(shared));
    let router = router.into_make_service_with_connect_info::<ResetHandle>();
    let thread = std::thread::Builder::new().name("entra-sandbox".to_owned()).spawn(move || {
        runtime.block_on(async move {
            let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
            tokio::select! {
                served = axum::serve(ResettableListener(listener), router) => {
                    if let Err(error) = served {
                        tracing::error!("the sandbox stopped: {error}");
                    }
                }
                _ = stopped => {}
            }
        });
        runtime.shutdown_background();
    })?;
    Ok(RunningServer { url, log, stop: Some(stop), thread: Some(thread) })
}

impl RunningServer {
    /// The address, such as `http://127.0.0.1:8080`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The requests so far, oldest first; at most the last 10,000.
    #[must_use]
    pub fn requests(&self) -> Vec<ServedRequest> {
        locked(&self.log).iter().cloned().collect()
    }

    /// Stops the server and closes open connections.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(stop) = self.stop.take() {
            // Sending fails only if the thread has ended already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        self.end();
    }
}

async fn handle(
    State(shared): State<Arc<ServerState>>,
    ConnectInfo(reset_handle): ConnectInfo<ResetHandle>,
    http: HttpRequest,
) -> Response<Body> {
    let request = match read_request(&shared, http).await {
        Ok(request) => request,
        Err(reply) => return Delivery::new(reply, shared.clock.now(), Duration::ZERO, &[]).response(),
    };
    let delivery = shared.service.answer(&request);
    record(&shared, &request, &delivery);
    if !delivery.delay.is_zero() {
        tokio::time::sleep(delivery.delay).await;
    }
    if delivery.reset {
        reset_handle.reset();
    }
    delivery.response()
}

async fn read_request(shared: &ServerState, http: HttpRequest) -> Result<Request, Reply> {
    let (parts, body) = http.into_parts();
    let too_large = |_| Reply::empty(StatusCode::PAYLOAD_TOO_LARGE);
    let body = to_bytes(body, MAX_BODY_BYTES).await.map_err(too_large)?;
    let path = parts.uri.path().to_owned();
    // A redirected client may still name the real service in `Host`; links in replies must not lead there.
    let host = parts.headers.get("host").and_then(|host| host.to_str().ok()).filter(|host| is_loopback(host));
    Ok(Request {
        segments: message::segments(&path),
        path,
        method: parts.method,
        query: parts.uri.query().unwrap_or_default().to_owned(),
        base: host.map_or_else(|| shared.url.clone(), |host| format!("http://{host}")),
        headers: parts.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
        now: shared.clock.now(),
    })
}

fn is_loopback(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "127.0.0.1" | "localhost")
}

fn record(shared: &ServerState, request: &Request, delivery: &Delivery) {
    let id = request.header("x-ms-client-request-id").or_else(|| request.header("client-request-id"));
    let mut log = locked(&shared.log);
    if log.len() == MAX_RECORDS {
        log.pop_front();
    }
    log.push_back(ServedRequest {
        method: request.method.to_string(),
        path: request.path.clone(),
        query: request.query.clone(),
        request_id: id.map(str::to_owned),
        status: if delivery.reset { 0 } else { delivery.reply.status.as_u16() },
    });
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
