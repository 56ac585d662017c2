//! How many connections and requests one client and all clients may make.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::base::clock::Stopwatch;
use crate::controller::host::Requester;

/// The most connections at once of all clients of the port. The socket has as many again as one client.
const MOST_CONNECTIONS: usize = 128;
/// The most connections at once of one client.
const MOST_OF_ONE: usize = 32;
/// The time in which one more request is allowed.
const REQUEST_INTERVAL: Duration = Duration::from_millis(100);
/// How many requests may come at once after a pause.
const BURST: u32 = 50;
/// The most clients whose requests are counted.
const MOST_CLIENTS: usize = 1024;

/// The most streams of events at once of all clients of the port, which are far fewer than connections.
const MOST_STREAMS: usize = 32;
/// The most streams of events at once of one client.
const MOST_STREAMS_OF_ONE: usize = 16;

/// The connections that are open, or the streams among them that last.
#[derive(Debug)]
pub(crate) struct OpenConnections {
    open: Mutex<HashMap<Option<IpAddr>, usize>>,
    most: usize,
    most_of_one: usize,
}

/// One open connection. Dropping it makes room for another one.
#[derive(Debug)]
pub(crate) struct ConnectionSlot {
    connections: Arc<OpenConnections>,
    client: Option<IpAddr>,
}

impl Default for OpenConnections {
    fn default() -> Self {
        Self { open: Mutex::default(), most: MOST_CONNECTIONS, most_of_one: MOST_OF_ONE }
    }
}

impl OpenConnections {
    /// The limits of streams of events.
    pub(crate) fn of_streams() -> Self {
        Self { open: Mutex::default(), most: MOST_STREAMS, most_of_one: MOST_STREAMS_OF_ONE }
    }

    /// Counts a connection; `None` if there are too many.
    pub(crate) fn enter(self: &Arc<Self>, client: Requester) -> Option<ConnectionSlot> {
        let client = network_of(client);
        let mut open = self.open();
        let of_port: usize = open.iter().filter(|(client, _)| client.is_some()).map(|(_, count)| count).sum();
        let own = open.get(&client).copied().unwrap_or_default();
        if own >= self.most_of_one || client.is_some() && of_port >= self.most {
            return None;
        }
        open.insert(client, own + 1);
        Some(ConnectionSlot { connections: Arc::clone(self), client })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Option<IpAddr>, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let mut open = self.connections.open();
        let left = open.get(&self.client).copied().unwrap_or_default().saturating_sub(1);
        match left {
            0 => open.remove(&self.client),
            left => open.insert(self.client, left),
        };
    }
}

/// The rates at which clients make requests.
#[derive(Debug)]
pub(crate) struct RequestRates {
    started: Stopwatch,
    /// For each client the time at which it may make [`BURST`] requests at once again.
    rested: Mutex<HashMap<IpAddr, Duration>>,
}

impl RequestRates {
    /// Counts from now on.
    pub(crate) fn start() -> Self {
        Self { started: Stopwatch::start(), rested: Mutex::default() }
    }

    /// Counts a request. Requests through the socket are not limited.
    ///
    /// # Errors
    /// After how long the client may make its next request.
    pub(crate) fn admit(&self, client: Requester) -> Result<(), Duration> {
        let Some(client) = network_of(client) else { return Ok(()) };
        let mut rested = self.rested.lock().unwrap_or_else(PoisonError::into_inner);
        admit(&mut rested, client, self.started.elapsed())
    }
}

fn admit(rested: &mut HashMap<IpAddr, Duration>, client: IpAddr, now: Duration) -> Result<(), Duration> {
    if !rested.contains_key(&client) && rested.len() >= MOST_CLIENTS {
        rested.retain(|_, at| *at > now);
        // Of many busy clients the one that was least busy is forgotten, so that no one else is refused for them.
        let least = rested.iter().min_by_key(|(_, at)| **at).map(|(client, _)| *client);
        if let Some(least) = least.filter(|_| rested.len() >= MOST_CLIENTS) {
            rested.remove(&least);
        }
    }
    let next = rested.get(&client).copied().unwrap_or_default().max(now) + REQUEST_INTERVAL;
    match next.checked_sub(now + REQUEST_INTERVAL * BURST) {
        Some(wait) if !wait.is_zero() => Err(wait),
        Some(_) | None => {
            rested.insert(client, next);
            Ok(())
        }
    }
}

/// What counts as one client of the port: an IPv4 address, or a network of IPv6, in which one machine may have any address.
fn network_of(client: Requester) -> Option<IpAddr> {
    let Requester::Network { from, to: _ } = client else { return None };
    Some(match from.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(number: u32) -> Requester {
        let from = IpAddr::from(std::net::Ipv4Addr::from_bits(0x0a00_0000 + number));
        Requester::Network { from, to: from }
    }

    #[test]
    fn connections_are_bounded_for_one_client_and_for_all() {
        let open = Arc::<OpenConnections>::default();
        let enter = |number| open.enter(client(number));
        let mut slots: Vec<_> = (0..MOST_OF_ONE).map(|_| enter(1)).collect();
        assert!(slots.iter().all(Option::is_some) && enter(1).is_none());
        slots.extend((0..MOST_CONNECTIONS - MOST_OF_ONE).map(|n| enter(100 + n as u32)));
        assert!(slots.iter().all(Option::is_some) && enter(9999).is_none(), "all of them");
        assert!(open.enter(Requester::Socket).is_some(), "the socket has its own");
        slots.pop();
        assert!(enter(9999).is_some(), "one was closed");
        slots.clear();
        assert!(open.open().is_empty());
    }

    #[test]
    fn requests_are_bounded_by_a_rate_after_a_burst() {
        let mut rested = HashMap::new();
        let mut ask = |millis: u64| admit(&mut rested, IpAddr::from([10, 0, 0, 1]), Duration::from_millis(millis));
        assert!((0..BURST).all(|_| ask(0).is_ok()));
        assert_eq!(ask(0), Err(Duration::from_millis(100)));
        assert_eq!(ask(60), Err(Duration::from_millis(40)), "a refused request costs nothing");
        assert_eq!((ask(100), ask(100)), (Ok(()), Err(Duration::from_millis(100))));
        assert!((0..BURST).all(|_| ask(60_000).is_ok()) && ask(60_000).is_err(), "no more than a burst after a pause");
    }

    #[test]
    fn clients_are_counted_apart_and_never_too_many() {
        let mut rested = HashMap::new();
        let now = Duration::from_secs(9);
        let address = |number: u32| IpAddr::from(std::net::Ipv4Addr::from_bits(number));
        assert!((0..BURST).all(|_| admit(&mut rested, address(0), now).is_ok()));
        for number in 1..4 * MOST_CLIENTS as u32 {
            assert!(admit(&mut rested, address(number), now).is_ok(), "{number}");
        }
        assert_eq!(rested.len(), MOST_CLIENTS);
        assert!(admit(&mut rested, address(0), now).is_err(), "the busiest one is not forgotten");
        let ipv6 = |text: &str| text.parse().map(|from| network_of(Requester::Network { from, to: from }));
        assert_eq!(ipv6("2001:db8::1"), ipv6("2001:db8::ffff:1"));
        assert_ne!(ipv6("2001:db8::1"), ipv6("2001:db8:0:1::1"));
        assert_eq!(ipv6("::ffff:10.0.0.1"), ipv6("10.0.0.1"));
    }
}
