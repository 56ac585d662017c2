//! Puts a reader together. Nothing is sent, read or loaded yet: that happens with the first request.

use tokio::sync::Mutex;

use crate::base::clock::Clock;
use crate::base::cloud::Cloud;
use crate::base::ids::TenantName;
use crate::client::auth::credentials::Credentials;
use crate::client::auth::session::{Session, Slot};
use crate::client::endpoints::{Endpoints, Overrides};
use crate::client::http::Http;
use crate::client::reader::Reader;
use crate::tenant::trouble::Trouble;

/// What it takes to reach a tenant.
#[derive(Clone)]
pub struct Options {
    /// The cloud the tenant lives in.
    pub cloud: Cloud,
    /// The tenant, for which tokens are asked.
    pub tenant: TenantName,
    /// Addresses that replace the cloud's own.
    pub overrides: Overrides,
    /// Where tokens come from.
    pub credentials: Credentials,
    /// Judges whether tokens have expired, and dates in answers.
    pub clock: Clock,
    /// The connections, shared by every tenant of a run; they know how long to wait.
    pub http: Http,
}

/// A reader for one tenant.
///
/// # Errors
/// When an address is replaced by one that is not allowed; see [`Endpoints::of`].
pub fn connect(options: Options) -> Result<Reader, Trouble> {
    let Options { cloud, tenant, overrides, credentials, clock, http } = options;
    let endpoints = Endpoints::of(cloud, &overrides)?;
    let (portal, graph) = (Mutex::new(Slot::default()), Mutex::new(Slot::default()));
    let access = http.pace(&tenant);
    Ok(Reader::new(Session { tenant, cloud, endpoints, http, clock, credentials, portal, graph, access }))
}
