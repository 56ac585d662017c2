//! The base URLs of the three services. A URL can be overridden, but never by one that a token must not be sent to.

use url::{Host, Url};

use crate::base::cloud::Cloud;
use crate::client::cloud::{self, CloudRow};
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::surface::Service;

/// The variable that replaces the base of the portal API.
const PORTAL_URL: &str = "SSPRCTL_PORTAL_URL";
/// The variable that replaces the base of Microsoft Graph.
const GRAPH_URL: &str = "SSPRCTL_GRAPH_URL";
/// The variable that replaces the base of the sign-in service.
const LOGIN_URL: &str = "SSPRCTL_LOGIN_URL";

/// Base addresses that replace a cloud's own, as a person wrote them; they are judged by [`Endpoints::of`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointOverrides {
    /// The base that `/api/PasswordReset/…` follows.
    pub portal: Option<String>,
    /// The base that `/v1.0/…` follows.
    pub graph: Option<String>,
    /// The base that `/{tenant}/oauth2/…` follows.
    pub login: Option<String>,
}

impl EndpointOverrides {
    /// Takes `SSPRCTL_PORTAL_URL`, `SSPRCTL_GRAPH_URL` and `SSPRCTL_LOGIN_URL` from `get`; an empty value counts as none.
    #[must_use]
    pub(crate) fn from_env(get: impl Fn(&str) -> Option<String>) -> Self {
        let get = |name: &str| get(name).filter(|value| !value.trim().is_empty());
        Self { portal: get(PORTAL_URL), graph: get(GRAPH_URL), login: get(LOGIN_URL) }
    }
}

/// Where the three services are: each an `https` host of the cloud's table, or `http` on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoints {
    portal: Url,
    graph: Url,
    login: Url,
}

impl Endpoints {
    /// The addresses of a cloud, with replacements that are allowed.
    ///
    /// # Errors
    /// [`TenantErrorKind::Refused`] when a replacement is neither `https` to a host that the cloud has for this service, nor
    /// `http` to loopback (127.0.0.0/8, `[::1]`, `localhost`). Nothing is sent before.
    pub(crate) fn of(cloud: Cloud, overrides: &EndpointOverrides) -> Result<Self, TenantError> {
        let row = cloud::row(cloud);
        let EndpointOverrides { portal, graph, login } = overrides;
        Ok(Self {
            portal: base(row, PORTAL_URL, portal.as_deref(), row.portal)?,
            graph: base(row, GRAPH_URL, graph.as_deref(), row.graph)?,
            login: base(row, LOGIN_URL, login.as_deref(), row.login)?,
        })
    }

    /// The base address of a system.
    #[must_use]
    pub(crate) fn of_system(&self, service: Service) -> &Url {
        match service {
            Service::Portal => &self.portal,
            Service::Graph => &self.graph,
        }
    }

    /// The base address of the sign-in service.
    #[must_use]
    pub(crate) fn login(&self) -> &Url {
        &self.login
    }
}

/// Whether an address is on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Whether an address is on the machine's own link (169.254.0.0/16), where a platform serves what no router passes on.
pub(crate) fn is_link_local(url: &Url) -> bool {
    matches!(url.host(), Some(Host::Ipv4(address)) if address.is_link_local())
}

/// An address below a base; segments are escaped, and a path that the base already has stays in front.
pub(crate) fn below(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    // Only addresses that cannot be a base have no segments, and those never get past `base`.
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

fn base(row: &CloudRow, variable: &str, written: Option<&str>, hosts: &[&str]) -> Result<Url, TenantError> {
    let home = hosts.first().copied().unwrap_or_default();
    let written = written.map_or_else(|| format!("https://{home}"), |written| written.trim().to_owned());
    let refused = |why: String| {
        TenantError::new(TenantErrorKind::Refused, format!("{variable} {why}")).hint(format!(
            "use https://{home}, which is the address in the {} cloud, or http:// to this machine; tokens go nowhere else",
            row.cloud.name()
        ))
    };
    let url = Url::parse(&written).map_err(|error| refused(format!("is not an address: {error}")))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("holds a user name or a password".to_owned()));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused("has a query or a fragment, but is a base that paths are added to".to_owned()));
    }
    let host = url.host_str().unwrap_or_default();
    match url.scheme() {
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(refused(format!("is http:// to {host}, where a token could be read on the way"))),
        "https" if url.port().is_some() => {
            Err(refused(format!("names a port of {host} that the service does not have")))
        }
        "https" if hosts.contains(&host) => Ok(url),
        "https" => Err(refused(format!("points at {host}, which is no host of this service"))),
        other => Err(refused(format!("has the scheme {other}:"))),
    }
}
