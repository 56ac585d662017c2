//! From a yes to the end of an apply, ring by ring: which tenants it begins with, and what becomes of those that it does not
//! come to.

use crate::apply::journal::Journal;
use crate::base::ids::TenantName;
use crate::cli::approval::Planned;
use crate::cli::compose::Setup;
use crate::cli::stop::Stop;
use crate::cli::write_options::WriteArgs;
use crate::cli::{carry_out, gather};
use crate::render::report::{Applied, Ending, PerTenant};
use crate::review::rings::Rings;

/// The tenants of one ring, each with its place among all of them.
type Members = Vec<(usize, Planned)>;

/// Carries out what was planned, where it was said yes to, ring by ring: the next one is begun only when every tenant of the
/// one before is as its policy wants it. All tenants share one journal.
pub async fn all(
    setup: &Setup,
    planned: Vec<Planned>,
    rings: &Rings,
    yes: bool,
    arguments: &WriteArgs,
    stop: &Stop,
) -> Vec<PerTenant<Applied>> {
    let journal = Journal::new(&arguments.journal, &setup.clock);
    let (mut done, mut failed) = (Vec::new(), None::<String>);
    for (ring, members) in by_ring(planned, rings) {
        if let Some(after) = &failed {
            done.extend(members.into_iter().map(|(place, one)| (place, not_begun(one, &ring, after))));
            continue;
        }
        let (places, members): (Vec<_>, Vec<_>) = members.into_iter().unzip();
        let works = members.into_iter().map(|planned| carry_out::one(setup, planned, yes, arguments, stop, &journal));
        let tenants = gather::at_once(setup, works).await;
        let through = tenants.iter().all(|tenant| tenant.result.as_ref().is_ok_and(Applied::went_well));
        failed = (yes && !through).then_some(ring);
        done.extend(places.into_iter().zip(tenants));
    }
    if journal.path().exists() {
        setup.output.talk(&format!("run {}; `ssprctl history {0}` tells what it did", journal.run()));
    }
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, tenant)| tenant).collect()
}

/// The rings that have tenants, in order, each with its name and its tenants; without rings all of them at once.
fn by_ring(planned: Vec<Planned>, rings: &Rings) -> Vec<(String, Members)> {
    let names = rings.names();
    let mut rolled: Vec<(String, Members)> = names.iter().map(|name| ((*name).to_owned(), Vec::new())).collect();
    if rolled.is_empty() {
        rolled.push((String::new(), Vec::new()));
    }
    for (place, one) in planned.into_iter().enumerate() {
        let ring = rings.of(&TenantName::parse(&one.tenant));
        if let Some((_, members)) = rolled.get_mut(ring) {
            members.push((place, one));
        }
    }
    rolled.retain(|(_, members)| !members.is_empty());
    rolled
}

/// A tenant of a ring that was not begun. One that matches its policy has nothing to wait for.
fn not_begun(one: Planned, ring: &str, after: &str) -> PerTenant<Applied> {
    let PerTenant { tenant, path, result } = one;
    let result = result.map(|(_, review)| {
        let matches = review.refusal().is_none() && review.plan.steps.is_empty();
        let waiting = || Ending::NotBegun { ring: ring.to_owned(), after: after.to_owned() };
        let ending = if matches { Ending::Matched } else { waiting() };
        Applied { review, ending }
    });
    PerTenant { tenant, path, result }
}
