//! A server with a script, and a client pointed at it.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ssprctl::testing::base::clock::Clock;
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::base::ids::TenantName;
use ssprctl::testing::client::{
    ConnectOptions, Credentials, EndpointOverrides, HttpClient, Jitter, RetryPolicy, TenantReader, Token, connect,
};
use ssprctl::testing::tenant::error::TenantError;

pub(crate) type Checked = Result<(), Box<dyn std::error::Error>>;

pub(crate) const PORTAL_TOKEN: &str = "portal-token-that-nobody-may-see";
pub(crate) const GRAPH_TOKEN: &str = "graph-token-that-nobody-may-see";
pub(crate) const TENANT: &str = "11111111-2222-4333-8444-555555555555";
pub(crate) const PORTAL_AUDIENCE: &str = "74658136-14ec-4630-ad9b-26e160ff0fc6";

/// A request as it came over the wire.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Seen {
    /// The value of a header, or "" when it was not sent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }
}

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Answers.
    Say { status: u16, headers: Vec<(&'static str, String)>, body: Vec<u8> },
    /// Announces a body, sends half of it and hangs up.
    Cut(&'static str),
    /// Hangs up without an answer.
    HangUp,
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::Say { status, headers: Vec::new(), body: body.into() }
    }

    pub(crate) fn header(mut self, name: &'static str, text: impl Into<String>) -> Self {
        if let Self::Say { headers, .. } = &mut self {
            headers.push((name, text.into()));
        }
        self
    }

    pub(crate) fn html(status: u16) -> Self {
        Self::new(status, "<html><body>Sign in</body></html>").header("content-type", "text/html; charset=utf-8")
    }
}

type Script = dyn Fn(&Seen) -> Reply + Send + Sync;

/// A running server; stops when dropped.
pub(crate) struct Harness {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    stop: Arc<AtomicBool>,
}

impl Harness {
    /// Answers every request as the script says, but for the metadata of tenants: there are none, and nothing is noted.
    pub(crate) fn new(script: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> std::io::Result<Self> {
        Self::start(script, false)
    }

    /// Answers every request as the script says, those for the metadata of tenants as well.
    pub(crate) fn discovering(script: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> std::io::Result<Self> {
        Self::start(script, true)
    }

    fn start(script: impl Fn(&Seen) -> Reply + Send + Sync + 'static, discovering: bool) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (seen, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (script, log, halt): (Arc<Script>, _, _) = (Arc::new(script), Arc::clone(&seen), Arc::clone(&stop));
        thread::spawn(move || {
            for connection in listener.incoming() {
                if halt.load(Ordering::SeqCst) {
                    break;
                }
                let (Ok(connection), script, log) = (connection, Arc::clone(&script), Arc::clone(&log)) else { break };
                thread::spawn(move || serve(&connection, &*script, &log, discovering));
            }
        });
        Ok(Self { address, seen, stop })
    }

    /// Gives these replies in turn, and the last one for ever.
    pub(crate) fn replying(replies: impl IntoIterator<Item = Reply>) -> std::io::Result<Self> {
        Self::new(in_turn(replies))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What came in so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Options that point every service here.
    pub(crate) fn options(&self) -> ConnectOptions {
        let url = Some(self.url());
        ConnectOptions {
            cloud: Cloud::Global,
            tenant: TenantName::parse("contoso.onmicrosoft.com"),
            overrides: EndpointOverrides { portal: url.clone(), graph: url.clone(), login: url },
            credentials: Credentials::fixed(Some(Token::new(PORTAL_TOKEN)), Some(Token::new(GRAPH_TOKEN))),
            clock: Clock::Fixed(Timestamp::UNIX_EPOCH),
            http: HttpClient::new(hurried()),
        }
    }

    /// A reader with fixed tokens.
    pub(crate) fn reader(&self) -> Result<TenantReader, TenantError> {
        connect(self.options())
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the listener, which then sees that it is to stop.
        let _ = TcpStream::connect(self.address);
    }
}

/// A script with these replies in turn, and the last one for ever.
pub(crate) fn in_turn(replies: impl IntoIterator<Item = Reply>) -> impl Fn(&Seen) -> Reply + Send + Sync + 'static {
    let replies = Mutex::new(replies.into_iter().collect::<VecDeque<_>>());
    move |_| {
        let mut replies = replies.lock().unwrap_or_else(PoisonError::into_inner);
        let next = if replies.len() > 1 { replies.pop_front() } else { replies.front().cloned() };
        next.unwrap_or(Reply::HangUp)
    }
}

/// Patience without pauses worth mentioning.
pub(crate) fn hurried() -> RetryPolicy {
    RetryPolicy {
        retries: 2,
        first_pause: Duration::from_millis(1),
        jitter: Jitter::None,
        access_pause: Duration::ZERO,
        metadata_retries: 4,
        update_pause: Duration::from_millis(1),
        ..RetryPolicy::default()
    }
}

/// A reader that asks for page after page without a pause.
pub(crate) fn unpaced(harness: &Harness) -> Result<TenantReader, TenantError> {
    let retry_policy = RetryPolicy { report_pause: Duration::ZERO, ..hurried() };
    connect(ConnectOptions { http: HttpClient::new(retry_policy), ..harness.options() })
}

fn serve(connection: &TcpStream, script: &Script, log: &Mutex<Vec<Seen>>, discovering: bool) {
    let mut reader = BufReader::new(connection);
    while let Ok(Some(seen)) = receive(&mut reader) {
        if !discovering && seen.target.ends_with("/openid-configuration") {
            if say(connection, 404, &[], b"").is_err() {
                break;
            }
            continue;
        }
        log.lock().unwrap_or_else(PoisonError::into_inner).push(seen.clone());
        match script(&seen) {
            Reply::Say { status, headers, body } => {
                if say(connection, status, &headers, &body).is_err() {
                    break;
                }
            }
            Reply::Cut(text) => {
                let half = &text.as_bytes()[..text.len() / 2];
                let length = [("content-length", text.len().to_string())];
                let _ = head(connection, 200, &length).and_then(|()| (&mut &*connection).write_all(half));
                break;
            }
            Reply::HangUp => break,
        }
    }
}

fn receive(reader: &mut BufReader<&TcpStream>) -> std::io::Result<Option<Seen>> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(None) };
    let mut seen = Seen { method, target, ..Seen::default() };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        seen.headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = seen.header("content-length").parse().unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    seen.body = String::from_utf8_lossy(&body).into_owned();
    Ok(Some(seen))
}

fn say(connection: &TcpStream, status: u16, headers: &[(&str, String)], body: &[u8]) -> std::io::Result<()> {
    let length = ("content-length", body.len().to_string());
    head(connection, status, &headers.iter().cloned().chain([length]).collect::<Vec<_>>())?;
    (&mut &*connection).write_all(body)
}

fn head(mut connection: &TcpStream, status: u16, headers: &[(&str, String)]) -> std::io::Result<()> {
    let mut text = format!("HTTP/1.1 {status} Whatever\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    connection.write_all(format!("{text}\r\n").as_bytes())
}

/// An unsigned token with these claims.
pub(crate) fn jwt(claims: &serde_json::Value) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.{}", part(r#"{"alg":"none"}"#), part(&claims.to_string()), part("signature"))
}

/// The error that was expected.
pub(crate) fn error_of<T>(outcome: Result<T, TenantError>) -> Result<TenantError, &'static str> {
    outcome.err().ok_or("this was expected to fail")
}
