//! The HTTP machinery that everything in one process shares. Nothing is built before the first request needs it.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use reqwest::{Client, ClientBuilder, redirect, retry};
use url::Url;

use crate::base::ids::TenantName;
use crate::client::endpoints::{is_link_local, is_loopback};
use crate::client::rate_limit::RateLimiter;
use crate::client::retry_policy::RetryPolicy;

const USER_AGENT: &str = concat!("ssprctl/", env!("CARGO_PKG_VERSION"));
/// Shorter than servers keep idle connections, so that a request rarely meets one that is closing.
const IDLE: Duration = Duration::from_secs(15);

/// Shared connections. Cheap to make and to clone; clones share.
#[derive(Clone, Default)]
pub struct HttpClient {
    shared: Arc<Shared>,
}

/// Says one line to whoever watches; an empty one takes the last away.
type Tell = dyn Fn(&str) + Send + Sync;

#[derive(Default)]
struct Shared {
    patience: RetryPolicy,
    tell: Option<Box<Tell>>,
    /// Milliseconds that this run has waited, or is about to.
    waited_ms: AtomicU64,
    outside: OnceLock<Result<Client, String>>,
    loopback: OnceLock<Result<Client, String>>,
    link: OnceLock<Result<Client, String>>,
    paces: Mutex<BTreeMap<TenantName, Arc<RateLimiter>>>,
}

impl HttpClient {
    /// Connections that wait as `patience` says.
    #[must_use]
    pub fn new(patience: RetryPolicy) -> Self {
        Self { shared: Arc::new(Shared { patience, ..Shared::default() }) }
    }

    /// The same for somebody who watches: `tell` gets a line for each thing that takes long, and an empty one at its end.
    #[must_use]
    pub fn watched(patience: RetryPolicy, tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { shared: Arc::new(Shared { patience, tell: Some(Box::new(tell)), ..Shared::default() }) }
    }

    /// A line to whoever watches.
    pub(crate) fn line(&self) -> ProgressLine<'_> {
        ProgressLine { tell: self.shared.tell.as_deref(), shown: AtomicBool::new(false) }
    }

    /// Takes a pause out of what the run may wait in all. `false`, and nothing taken, when that is no longer enough.
    pub(crate) fn spend(&self, pause: Duration) -> bool {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let (pause, most) = (millis(pause), millis(self.patience().run_pauses));
        let after = |waited: u64| waited.checked_add(pause).filter(|after| *after <= most);
        self.shared.waited_ms.fetch_update(Ordering::Relaxed, Ordering::Relaxed, after).is_ok()
    }

    /// How long this waits.
    #[must_use]
    pub fn patience(&self) -> &RetryPolicy {
        &self.shared.patience
    }

    /// The pace of one tenant, which all who go through these connections keep together.
    pub(crate) fn pace(&self, tenant: &TenantName) -> Arc<RateLimiter> {
        let mut paces = self.shared.paces.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(paces.entry(tenant.clone()).or_default())
    }

    /// The client for an address. Loopback and the machine's own link have theirs: they never go through a proxy, and load
    /// no certificates.
    pub(crate) fn client(&self, url: &Url) -> Result<&Client, String> {
        let client = if is_loopback(url) {
            self.shared.loopback.get_or_init(|| built(on_this_machine(builder(self.patience()))))
        } else if is_link_local(url) {
            let builder = builder(self.patience()).connect_timeout(self.patience().link);
            self.shared.link.get_or_init(|| built(builder.no_proxy().tls_certs_only([])))
        } else {
            self.shared.outside.get_or_init(|| built(builder(self.patience()).https_only(true)))
        };
        client.as_ref().map_err(Clone::clone)
    }
}

/// What whoever watches is told of one thing that takes long. It is taken back when the thing ends, also when it is given up.
pub(crate) struct ProgressLine<'a> {
    tell: Option<&'a Tell>,
    shown: AtomicBool,
}

impl ProgressLine<'_> {
    /// Shows this in place of what was shown.
    pub(crate) fn say(&self, text: &str) {
        if let Some(tell) = self.tell {
            self.shown.store(true, Ordering::Relaxed);
            tell(text);
        }
    }

    /// Takes it back.
    pub(crate) fn end(&self) {
        if let Some(tell) = self.tell.filter(|_| self.shown.swap(false, Ordering::Relaxed)) {
            tell("");
        }
    }
}

impl Drop for ProgressLine<'_> {
    fn drop(&mut self) {
        self.end();
    }
}

fn builder(patience: &RetryPolicy) -> ClientBuilder {
    Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(patience.connect)
        .timeout(patience.request)
        .pool_idle_timeout(IDLE)
        .redirect(redirect::Policy::none())
        .referer(false)
        // Whether a request is sent again is decided in one place of ours, and never for a write.
        .retry(retry::never())
}

/// `localhost` is pinned, so that a name service cannot send a token elsewhere.
fn on_this_machine(builder: ClientBuilder) -> ClientBuilder {
    let addresses = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
    builder.no_proxy().tls_certs_only([]).resolve_to_addrs("localhost", &addresses)
}

fn built(builder: ClientBuilder) -> Result<Client, String> {
    builder.build().map_err(|error| chain(&error))
}

/// What the libraries say above the cause, and what tells nobody anything.
const EMPTY: [&str; 3] = ["error sending request", "client error (Connect)", "client error (SendRequest)"];

/// An error with everything beneath it: the top line of an HTTP error says nothing.
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
