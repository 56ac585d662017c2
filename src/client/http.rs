//! The HTTP machinery that everything in one process shares. Nothing is built before the first request needs it.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use reqwest::{Client, ClientBuilder, redirect, retry};
use url::Url;

use crate::base::ids::TenantName;
use crate::client::endpoints::{is_link_local, is_loopback};
use crate::client::pace::Pace;
use crate::client::patience::Patience;

const USER_AGENT: &str = concat!("ssprctl/", env!("CARGO_PKG_VERSION"));
/// Shorter than servers keep idle connections, so that a request rarely meets one that is closing.
const IDLE: std::time::Duration = std::time::Duration::from_secs(15);

/// Shared connections. Cheap to make and to clone; clones share.
#[derive(Clone, Default)]
pub struct Http {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    patience: Patience,
    outside: OnceLock<Result<Client, String>>,
    loopback: OnceLock<Result<Client, String>>,
    link: OnceLock<Result<Client, String>>,
    paces: Mutex<BTreeMap<TenantName, Arc<Pace>>>,
}

impl Http {
    /// Connections that wait as `patience` says.
    #[must_use]
    pub fn new(patience: Patience) -> Self {
        Self { shared: Arc::new(Shared { patience, ..Shared::default() }) }
    }

    /// How long this waits.
    #[must_use]
    pub fn patience(&self) -> &Patience {
        &self.shared.patience
    }

    /// The pace of one tenant, which all who go through these connections keep together.
    pub(crate) fn pace(&self, tenant: &TenantName) -> Arc<Pace> {
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

fn builder(patience: &Patience) -> ClientBuilder {
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

/// An error with everything beneath it: the top line of an HTTP error says nothing.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut below = error.source();
    while let Some(error) = below {
        let line = error.to_string();
        if !text.contains(&line) {
            text = format!("{text}: {line}");
        }
        below = error.source();
    }
    text
}
