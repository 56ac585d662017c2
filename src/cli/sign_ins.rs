//! How long kept sign-ins live, for those who watch.

use jiff::Timestamp;

use crate::catalog::desired::Desired;
use crate::cli::compose::Context;
use crate::tenant::surface::Service;

/// When the kept sign-ins of a policy's tenant end unless they are used before, by the service that they are for.
#[must_use]
pub fn ends(setup: &Context, desired: &Desired) -> Vec<(Service, Timestamp)> {
    // What cannot be opened is told by whoever signs in with it.
    let Ok(reader) = setup.reader(&desired.tenant, desired.cloud) else { return Vec::new() };
    let end = |system| Some((system, reader.life(system).ok()??.ends));
    Service::ALL.into_iter().filter_map(end).collect()
}
