//! From a yes to the end of an apply, ring by ring: which tenants it begins with, and what becomes of those that it does not
//! come to.

use crate::apply::journal::Journal;
use crate::base::ids::TenantName;
use crate::cli::approval::Planned;
use crate::cli::compose::Context;
use crate::cli::stop::Shutdown;
use crate::cli::write_options::WriteArgs;
use crate::cli::{carry_out, gather};
use crate::render::report::{ApplyEnding, ApplyResult, TenantResult};
use crate::review::rings::Rings;

/// The tenants of one ring, each with its place among all of them.
type RingTenants = Vec<(usize, Planned)>;

/// Carries out what was planned, where it was said yes to, ring by ring: the next one is begun only when every tenant of the
/// one before is as its policy wants it. All tenants share one journal.
pub async fn apply_by_ring(
    setup: &Context,
    planned: Vec<Planned>,
    rings: &Rings,
    yes: bool,
    arguments: &WriteArgs,
    stop: &Shutdown,
) -> Vec<TenantResult<ApplyResult>> {
    let journal = Journal::new(&arguments.journal, &setup.clock);
    let (mut done, mut failed) = (Vec::new(), None::<String>);
    for (ring, members) in by_ring(planned, rings) {
        if let Some(after) = &failed {
            done.extend(members.into_iter().map(|(place, one)| (place, not_begun(one, &ring, after))));
            continue;
        }
        let (places, members): (Vec<_>, Vec<_>) = members.into_iter().unzip();
        let works =
            members.into_iter().map(|planned| carry_out::apply_tenant(setup, planned, yes, arguments, stop, &journal));
        let tenants = gather::buffered_in_order(setup, works).await;
        let through = tenants.iter().all(|tenant| tenant.result.as_ref().is_ok_and(ApplyResult::went_well));
        failed = (yes && !through).then_some(ring);
        done.extend(places.into_iter().zip(tenants));
    }
    if journal.path().exists() {
        setup.output.note(&format!("run {}; `ssprctl history {0}` tells what it did", journal.run()));
    }
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, tenant)| tenant).collect()
}

/// The rings that have tenants, in order, each with its name and its tenants; without rings all of them at once.
fn by_ring(planned: Vec<Planned>, rings: &Rings) -> Vec<(String, RingTenants)> {
    let names = rings.names();
    let mut rolled: Vec<(String, RingTenants)> = names.iter().map(|name| ((*name).to_owned(), Vec::new())).collect();
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
fn not_begun(one: Planned, ring: &str, after: &str) -> TenantResult<ApplyResult> {
    let TenantResult { tenant, path, result } = one;
    let result = result.map(|(_, review)| {
        let matches = review.refusal().is_none() && review.plan.steps.is_empty();
        let waiting = || ApplyEnding::RingNotStarted { ring: ring.to_owned(), after: after.to_owned() };
        let ending = if matches { ApplyEnding::InSync } else { waiting() };
        ApplyResult { review, ending }
    });
    TenantResult { tenant, path, result }
}
