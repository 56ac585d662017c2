//! Puts a reader together. Nothing is sent, read or loaded yet: that happens with the first request.

use tokio::sync::{Mutex, OnceCell};

use crate::base::clock::Clock;
use crate::base::cloud::Cloud;
use crate::base::ids::TenantName;
use crate::client::auth::credentials::Credentials;
use crate::client::auth::session::{Session, TokenSlot};
use crate::client::endpoints::{EndpointOverrides, Endpoints};
use crate::client::http::HttpClient;
use crate::client::reader::TenantReader;
use crate::tenant::error::TenantError;

/// What it takes to reach a tenant.
#[derive(Clone)]
pub struct ConnectOptions {
    /// The cloud that hosts the tenant.
    pub cloud: Cloud,
    /// The tenant, for which tokens are asked.
    pub tenant: TenantName,
    /// Addresses that replace the cloud's own.
    pub overrides: EndpointOverrides,
    /// Where tokens come from.
    pub credentials: Credentials,
    /// Judges whether tokens have expired, and dates in answers.
    pub clock: Clock,
    /// The connections, shared by every tenant of a run; they know how long to wait.
    pub http: HttpClient,
}

/// A reader for one tenant.
///
/// # Errors
/// When an address is replaced by one that is not allowed; see [`Endpoints::of`].
pub fn connect(options: ConnectOptions) -> Result<TenantReader, TenantError> {
    let ConnectOptions { cloud, tenant, overrides, credentials, clock, http } = options;
    let endpoints = Endpoints::of(cloud, &overrides)?;
    let (portal, graph) = (Mutex::new(TokenSlot::default()), Mutex::new(TokenSlot::default()));
    let rates = http.rates(&tenant);
    let clouds = OnceCell::new();
    Ok(TenantReader::new(Session { tenant, cloud, endpoints, http, clock, credentials, portal, graph, rates, clouds }))
}
