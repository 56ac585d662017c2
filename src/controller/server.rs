//! Accepts connections on the port and the socket, within limits: a slow, greedy or silent client cannot keep others out.

use std::io;
use std::net::TcpListener;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::controller::client_limits::{ConnectionSlot, OpenConnections};
use crate::controller::control_socket::ControlSocket;
use crate::controller::host::{ConnectionEnding, Requester};

/// How long a client may take for the header of a request, also of the next one on the same connection.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// The most bytes of the header of a request.
const MOST_HEADER_BYTES: usize = 16 * 1024;
/// The most lines of the header of a request.
const MOST_HEADERS: usize = 64;
/// How long a connection is used; a client then makes another one.
const LONGEST_CONNECTION: Duration = Duration::from_secs(60);
/// How long a connection that is to end may take for its last answer.
const LAST_ANSWER: Duration = Duration::from_secs(10);
/// How long to wait after a connection could not be accepted, for example because too many files are open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// The answer to a connection that is one too many.
const TOO_MANY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n\
    Content-Type: text/plain\r\nContent-Length: 21\r\n\r\ntoo many connections\n";

/// What every connection shares.
#[derive(Clone)]
struct ConnectionContext {
    router: Router,
    connections: Arc<OpenConnections>,
    ended: watch::Receiver<bool>,
}

/// Serves until `over` is done, then finishes the requests in flight.
///
/// # Errors
/// When the port cannot be used.
pub(crate) async fn serve(
    listener: TcpListener,
    socket: Option<ControlSocket>,
    router: Router,
    over: impl Future<Output = ()>,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let (ending, ended) = watch::channel(false);
    let shared = ConnectionContext { router, connections: Arc::default(), ended };
    let local = async || match &socket {
        Some(socket) => socket.accept().await,
        None => std::future::pending().await,
    };
    let mut tasks = JoinSet::new();
    let mut over = pin!(over);
    loop {
        let failed = tokio::select! {
            () = &mut over => break,
            Some(_) = tasks.join_next() => None,
            accepted = listener.accept() => match accepted {
                Err(error) => Some(error),
                Ok((stream, from)) => {
                    let to = stream.local_addr().map(|to| to.ip());
                    if let Ok(to) = to {
                        start(&mut tasks, stream, Requester::Network { from: from.ip(), to }, &shared);
                    }
                    to.err()
                }
            },
            accepted = local() => match accepted {
                Err(error) => Some(error),
                Ok(stream) => {
                    start(&mut tasks, stream, Requester::Socket, &shared);
                    None
                }
            },
        };
        if let Some(error) = failed {
            tracing::debug!("a connection cannot be accepted: {error}");
            tokio::time::sleep(ACCEPT_PAUSE).await;
        }
    }
    drop(listener);
    // Whether somebody still waits for it does not matter.
    let _ = ending.send(true);
    while tasks.join_next().await.is_some() {}
    Ok(())
}

/// Starts to answer a connection, or refuses it if there are too many.
fn start<S>(tasks: &mut JoinSet<()>, mut stream: S, client: Requester, shared: &ConnectionContext)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let shared = shared.clone();
    match shared.connections.enter(client) {
        Some(slot) => {
            tasks.spawn(answer(stream, client, shared, slot));
        }
        None => {
            // The first bytes of a connection are sent without waiting, so this ends at once.
            tasks.spawn(async move {
                let _ = tokio::time::timeout(ACCEPT_PAUSE, stream.write_all(TOO_MANY)).await;
            });
        }
    }
}

/// Answers the requests of one connection.
async fn answer<S>(stream: S, client: Requester, shared: ConnectionContext, slot: ConnectionSlot)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let ConnectionContext { router, connections: _, mut ended } = shared;
    let routes = TowerToHyperService::new(router);
    let (ending, is_ending) = watch::channel(false);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(client);
        request.extensions_mut().insert(ConnectionEnding(is_ending.clone()));
        routes.call(request)
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADER_TIME);
    builder.max_headers(MOST_HEADERS).max_buf_size(MOST_HEADER_BYTES);
    let mut served = pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        _ = served.as_mut() => return,
        _ = ended.wait_for(|ended| *ended) => {}
        () = tokio::time::sleep(LONGEST_CONNECTION) => {}
    }
    let _ = ending.send(true);
    served.as_mut().graceful_shutdown();
    // A client that does not read its answer is left.
    let _ = tokio::time::timeout(LAST_ANSWER, served).await;
    drop(slot);
}
