//! The HTTP connections that all requests of a process share. They are built when the first request needs them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
#[cfg(unix)]
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use reqwest::{Client, ClientBuilder, redirect, retry};
use url::Url;

use crate::base::ids::TenantName;
use crate::client::endpoints::{is_link_local, is_loopback};
use crate::client::proxy;
use crate::client::rate_limit::TenantRates;
use crate::client::retry_policy::RetryPolicy;

const USER_AGENT: &str = concat!("ssprctl/", env!("CARGO_PKG_VERSION"));
/// How long an idle connection stays open: shorter than at the servers, so that a request rarely meets one that is closing.
const IDLE: Duration = Duration::from_secs(15);

/// Shared connections. Cheap to create and to clone; clones share the connections.
#[derive(Clone, Default)]
pub struct HttpClient {
    shared: Arc<Shared>,
}

/// Shows one line of progress; an empty one removes the last.
type ShowLine = dyn Fn(&str) + Send + Sync;

#[derive(Default)]
struct Shared {
    retry_policy: RetryPolicy,
    show: Option<Box<ShowLine>>,
    /// Milliseconds that this run has waited, or is about to.
    waited_ms: AtomicU64,
    outside: OnceLock<Result<Client, String>>,
    loopback: OnceLock<Result<Client, String>>,
    link: OnceLock<Result<Client, String>>,
    rates: Mutex<BTreeMap<TenantName, Arc<TenantRates>>>,
}

impl HttpClient {
    /// Connections that retry as `retry_policy` says.
    #[must_use]
    pub fn new(retry_policy: RetryPolicy) -> Self {
        Self { shared: Arc::new(Shared { retry_policy, ..Shared::default() }) }
    }

    /// Connections that report progress: `show` gets a line for each wait or long read, and an empty one at its end.
    #[must_use]
    pub fn watched(retry_policy: RetryPolicy, show: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { shared: Arc::new(Shared { retry_policy, show: Some(Box::new(show)), ..Shared::default() }) }
    }

    /// The same connections, which reach nothing outside of this machine if the environment names a proxy that cannot be used:
    /// otherwise requests would go past it. `get` returns a variable of the environment.
    #[must_use]
    pub(crate) fn checking_proxy(self, get: impl Fn(&str) -> Option<OsString>) -> Self {
        if let Some(problem) = proxy::unusable_variable(&get) {
            // Nothing was sent yet, so there is no client that would have to be replaced.
            let _ = self.shared.outside.set(Err(problem));
        }
        self
    }

    /// A line of progress, which is empty at first.
    pub(crate) fn line(&self) -> ProgressLine<'_> {
        ProgressLine { show: self.shared.show.as_deref(), shown: AtomicBool::new(false) }
    }

    /// Subtracts a pause from the time that the run may still wait. Returns `false`, and subtracts nothing, if the
    /// rest is too short.
    pub(crate) fn spend(&self, pause: Duration) -> bool {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let (pause, most) = (millis(pause), millis(self.retry_policy().run_pauses));
        let after = |waited: u64| waited.checked_add(pause).filter(|after| *after <= most);
        self.shared.waited_ms.fetch_update(Ordering::Relaxed, Ordering::Relaxed, after).is_ok()
    }

    /// The time limits and pauses.
    #[must_use]
    pub(crate) fn retry_policy(&self) -> &RetryPolicy {
        &self.shared.retry_policy
    }

    /// The rate limits of one tenant, shared by all clones of these connections.
    pub(crate) fn rates(&self, tenant: &TenantName) -> Arc<TenantRates> {
        let mut rates = self.shared.rates.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(rates.entry(tenant.clone()).or_default())
    }

    /// The client for a URL. Loopback and the machine's own link have clients of their own, which never use a proxy
    /// and load no certificates.
    pub(crate) fn client(&self, url: &Url) -> Result<&Client, String> {
        let client = if is_loopback(url) {
            self.shared.loopback.get_or_init(|| built(on_this_machine(builder(self.retry_policy()))))
        } else if is_link_local(url) {
            let builder = builder(self.retry_policy()).connect_timeout(self.retry_policy().link);
            self.shared.link.get_or_init(|| built(builder.no_proxy().tls_certs_only([])))
        } else {
            self.shared.outside.get_or_init(|| built(builder(self.retry_policy()).https_only(true)))
        };
        client.as_ref().map_err(Clone::clone)
    }
}

/// The progress of one wait or long read. It is removed when the value is dropped.
pub(crate) struct ProgressLine<'a> {
    show: Option<&'a ShowLine>,
    shown: AtomicBool,
}

impl ProgressLine<'_> {
    /// Replaces what the line shows.
    pub(crate) fn say(&self, text: &str) {
        if let Some(show) = self.show {
            self.shown.store(true, Ordering::Relaxed);
            show(text);
        }
    }

    pub(crate) fn end(&self) {
        if let Some(show) = self.show.filter(|_| self.shown.swap(false, Ordering::Relaxed)) {
            show("");
        }
    }
}

impl Drop for ProgressLine<'_> {
    fn drop(&mut self) {
        self.end();
    }
}

/// A client that connects only to this socket.
///
/// # Errors
/// When it cannot be built.
#[cfg(unix)]
pub(crate) fn socket_client(socket: &Path) -> Result<Client, String> {
    built(on_this_machine(builder(&RetryPolicy::default())).unix_socket(socket))
}

fn builder(retry_policy: &RetryPolicy) -> ClientBuilder {
    // The first one that is installed counts for the whole process; this program never installs another one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(retry_policy.connect)
        .timeout(retry_policy.request)
        .pool_idle_timeout(IDLE)
        .redirect(redirect::Policy::none())
        .referer(false)
        // Only `retry` repeats requests, and never a write.
        .retry(retry::never())
}

/// `localhost` always resolves to loopback, so that a name service cannot send a token elsewhere.
fn on_this_machine(builder: ClientBuilder) -> ClientBuilder {
    let addresses = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
    builder.no_proxy().tls_certs_only([]).resolve_to_addrs("localhost", &addresses)
}

fn built(builder: ClientBuilder) -> Result<Client, String> {
    builder.build().map_err(|error| chain(&error))
}

/// Messages of the libraries that say nothing about the cause.
const EMPTY: [&str; 3] = ["error sending request", "client error (Connect)", "client error (SendRequest)"];

/// The messages of an error and all its sources, because the topmost message of an HTTP error says nothing.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let line = error.to_string();
        if !EMPTY.contains(&line.as_str()) && !lines.iter().any(|above| above.contains(&line)) {
            lines.push(line);
        }
        next = error.source();
    }
    if lines.is_empty() { error.to_string() } else { lines.join(": ") }
}
