//! Which `Host` and `Origin` are answered. A page in a browser can reach this port by a name of its own that it lets lead here
//! (DNS rebinding), so only names are answered that lead here on purpose.

use std::net::IpAddr;

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Uri};
use tokio::sync::watch;

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Requester {
    /// The socket in the state folder, which only the owner of this process can open.
    Socket,
    /// The port of `--listen`, over the network.
    Network {
        /// The address of the client.
        from: IpAddr,
        /// The address of this machine that it reached.
        to: IpAddr,
    },
}

/// Whether the connection of a request is about to end, so that an answer that lasts ends by itself and is not cut off.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionEnding(pub(crate) watch::Receiver<bool>);

/// The names and addresses of `--host`.
#[derive(Clone, Debug, Default)]
pub(crate) struct HostNames(Vec<String>);

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HostRefusal {
    /// There is no `Host`, or more than one.
    Missing,
    /// The `Host`, or the host of the address that is asked for, is none of this server.
    Host,
    /// The `Origin` is another one.
    Origin,
}

/// Reads a value of `--host`: a name or an IP address without scheme and port.
///
/// # Errors
/// Why it cannot be one.
pub(crate) fn parse_name(text: &str) -> Result<String, String> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let is_name = !bare.is_empty()
        && bare.len() <= 253
        && bare.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if is_name || bare.parse::<IpAddr>().is_ok() {
        return Ok(bare.trim_end_matches('.').to_ascii_lowercase());
    }
    Err("write a host name or an IP address, without scheme and port".to_owned())
}

impl HostNames {
    /// The names as [`parse_name`] reads them.
    pub(crate) fn new(names: Vec<String>) -> Self {
        Self(names)
    }

    /// Checks `Host`, the address that is asked for, and `Origin`.
    ///
    /// # Errors
    /// Why the request is refused.
    pub(crate) fn check(&self, uri: &Uri, headers: &HeaderMap, client: Requester) -> Result<(), HostRefusal> {
        let mut hosts = headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return Err(HostRefusal::Missing) };
        let host = host.to_str().map_err(|_| HostRefusal::Host)?;
        let asked = uri.authority().map(|authority| authority.as_str());
        if ![Some(host), asked].into_iter().flatten().all(|host| self.is_served(host, client)) {
            return Err(HostRefusal::Host);
        }
        let is_own = |origin: &str| {
            let rest = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            rest.is_some_and(|rest| rest.eq_ignore_ascii_case(host))
        };
        let own = headers.get_all(ORIGIN).iter().all(|origin| origin.to_str().is_ok_and(is_own));
        if own { Ok(()) } else { Err(HostRefusal::Origin) }
    }

    /// Whether a host, which may have a port, is this server: the address that the client reached, `localhost` on this
    /// machine, or a name of `--host`.
    fn is_served(&self, host: &str, client: Requester) -> bool {
        let Some(name) = without_port(host) else { return false };
        let address = name.parse::<IpAddr>().ok();
        let reached = match client {
            Requester::Socket => name == "localhost",
            Requester::Network { to, .. } => {
                address.is_some_and(|address| address.to_canonical() == to.to_canonical())
                    || to.to_canonical().is_loopback() && name == "localhost"
            }
        };
        reached || self.0.contains(&name)
    }
}

/// The name or address of a host in small letters, without brackets and port; `None` if it is malformed.
fn without_port(host: &str) -> Option<String> {
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']')?;
            address.parse::<std::net::Ipv6Addr>().ok()?;
            (address, port)
        }
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let is_whole = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    is_whole.then(|| name.trim_end_matches('.').to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(to: &str) -> Result<Requester, std::net::AddrParseError> {
        Ok(Requester::Network { from: IpAddr::from([10, 0, 0, 9]), to: to.parse()? })
    }

    fn names() -> HostNames {
        HostNames::new(["Status.Contoso.com.", "10.9.9.9"].iter().filter_map(|name| parse_name(name).ok()).collect())
    }

    #[test]
    fn only_the_own_names_are_served() -> Result<(), Box<dyn std::error::Error>> {
        for (to, host, served) in [
            ("127.0.0.1", "127.0.0.1:8780", true),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "localhost:1", true),
            ("127.0.0.1", "LOCALHOST.", true),
            ("::1", "[::1]:8780", true),
            ("::1", "localhost", true),
            ("10.0.0.1", "10.0.0.1:8080", true),
            ("::ffff:10.0.0.1", "10.0.0.1:8080", true),
            ("10.0.0.1", "status.contoso.com", true),
            ("10.0.0.1", "STATUS.contoso.com.:443", true),
            ("10.0.0.1", "10.9.9.9:8080", true),
            ("10.0.0.1", "localhost", false),
            ("10.0.0.1", "127.0.0.1", false),
            ("10.0.0.1", "10.0.0.2", false),
            ("127.0.0.1", "rebound.example:8780", false),
            ("127.0.0.1", "127.0.0.1.rebound.example", false),
            ("127.0.0.1", "localhost.rebound.example:80", false),
            ("127.0.0.1", "rebound.example@localhost", false),
            ("127.0.0.1", "localhost:80@rebound.example", false),
            ("127.0.0.1", "localhost:80:80", false),
            ("127.0.0.1", "localhost/", false),
            ("127.0.0.1", "[127.0.0.1]", false),
            ("127.0.0.1", "[::1", false),
            ("127.0.0.1", "", false),
        ] {
            assert_eq!(names().is_served(host, client(to)?), served, "{host} at {to}");
        }
        assert!(names().is_served("localhost", Requester::Socket));
        assert!(!names().is_served("rebound.example", Requester::Socket));
        Ok(())
    }

    #[test]
    fn the_address_that_is_asked_for_and_the_origin_count_too() -> Result<(), Box<dyn std::error::Error>> {
        let local = client("127.0.0.1")?;
        let check = |uri: &str, headers: &[(axum::http::HeaderName, &str)]| {
            let read = |(name, value): &(axum::http::HeaderName, &str)| Some((name.clone(), value.parse().ok()?));
            let mut map = HeaderMap::new();
            for (name, value) in headers.iter().filter_map(read) {
                map.append(name, value);
            }
            uri.parse().map(|uri: Uri| names().check(&uri, &map, local))
        };
        assert_eq!(check("/status", &[(HOST, "localhost:1")])?, Ok(()));
        assert_eq!(check("/status", &[])?, Err(HostRefusal::Missing));
        assert_eq!(check("/status", &[(HOST, "localhost"), (HOST, "localhost")])?, Err(HostRefusal::Missing));
        assert_eq!(check("http://rebound.example/status", &[(HOST, "localhost")])?, Err(HostRefusal::Host));
        assert_eq!(check("http://localhost/status", &[(HOST, "rebound.example")])?, Err(HostRefusal::Host));
        let origin = |origin: &str| check("/status", &[(HOST, "localhost:1"), (ORIGIN, origin)]);
        assert_eq!(origin("http://localhost:1")?, Ok(()));
        for other in ["null", "http://localhost", "http://localhost:2", "https://contoso.com", "localhost:1", ""] {
            assert_eq!(origin(other)?, Err(HostRefusal::Origin), "{other}");
        }
        Ok(())
    }

    #[test]
    fn a_name_has_no_scheme_and_no_port() {
        for name in ["status.contoso.com", "ssprctl", "10.0.0.1", "::1", "[::1]"] {
            assert!(parse_name(name).is_ok(), "{name}");
        }
        for name in ["", "https://contoso.com", "contoso.com:80", "contoso.com/x", "*", "a b", "[::1]:80"] {
            assert!(parse_name(name).is_err(), "{name}");
        }
    }
}
