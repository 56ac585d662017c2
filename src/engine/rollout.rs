//! An approved apply of many tenants, ring by ring.

use crate::apply::journal::Journal;
use crate::base::ids::TenantName;
use crate::engine::apply::apply_tenant;
use crate::engine::context::RunContext;
use crate::engine::context::WriteOptions;
use crate::engine::error::RunError;
use crate::engine::progress::{Progress, RingPosition};
use crate::engine::result::{ApplyEnding, ApplyResult, PlannedTenant, TenantResult};
use crate::engine::tenants::buffered_in_order;
use crate::review::rings::Rings;

/// The tenants of one ring.
struct RingTenants {
    /// The ring's name; empty without rings.
    ring: String,
    /// Those that are not held back, each with its position among all tenants of the run.
    members: Vec<(usize, PlannedTenant)>,
    /// How many are held back.
    held_back: usize,
}

/// Applies the plans, where they are approved, ring by ring: the next ring starts only when every tenant of the one before is
/// as its policy says. Tenants that are `held_back` are not waited for, but a ring of such tenants alone shows nothing about the
/// change, so that no other starts after it. All tenants share one journal; the second result is an error if it is incomplete.
pub(crate) async fn apply_by_ring(
    context: &RunContext,
    planned: Vec<PlannedTenant>,
    held_back: Vec<TenantResult<ApplyResult>>,
    rings: &Rings,
    approved: bool,
    options: &WriteOptions,
) -> (Vec<TenantResult<ApplyResult>>, Result<(), RunError>) {
    let journal = context.new_journal();
    let (mut done, mut failed) = (Vec::new(), None::<String>);
    let grouped = by_ring(planned, &held_back, rings);
    let count = grouped.len();
    for (index, RingTenants { ring, members, held_back }) in grouped.into_iter().enumerate() {
        let tenants = members.len();
        let position = RingPosition { ring: &ring, number: index + 1, of: count, tenants, held_back };
        if let Some(after) = &failed {
            done.extend(members.into_iter().map(|(place, one)| (place, not_started(one, &ring, after))));
            continue;
        }
        if approved && count > 1 {
            context.report(Progress::RingStarted(position));
        }
        let (places, members): (Vec<_>, Vec<_>) = members.into_iter().unzip();
        let works = members.into_iter().map(|planned| apply_tenant(context, planned, approved, options, &journal));
        let tenants = buffered_in_order(context.parallel, works).await;
        let well = tenants.iter().filter(|one| one.result.as_ref().is_ok_and(ApplyResult::went_well)).count();
        if approved && count > 1 {
            context.report(Progress::RingEnded(position, well));
        }
        failed = (approved && (well < tenants.len() || well == 0)).then_some(ring);
        done.extend(places.into_iter().zip(tenants));
    }
    if journal.path().exists() {
        context.report(Progress::RunRecorded(journal.run()));
    }
    done.sort_unstable_by_key(|(place, _)| *place);
    let mut all: Vec<_> = done.into_iter().map(|(_, tenant)| tenant).collect();
    if !held_back.is_empty() {
        all.extend(held_back);
        all.sort_by(|a, b| a.path.cmp(&b.path));
    }
    (all, check_complete(&journal))
}

/// Checks that every line of the run's journal is on disk.
fn check_complete(journal: &Journal) -> Result<(), RunError> {
    let Some(why) = journal.failure() else { return Ok(()) };
    let path = journal.path().display();
    let message = format!("the journal {path} lacks the end of the run: {why}");
    Err(RunError::failed(message)
        .hint("make room or the folder writable; the next run reads the tenant and completes it"))
}

/// The rings that have tenants, in order; without rings all tenants at once.
fn by_ring(planned: Vec<PlannedTenant>, held_back: &[TenantResult<ApplyResult>], rings: &Rings) -> Vec<RingTenants> {
    let names = rings.names();
    let names = if names.is_empty() { vec![""] } else { names };
    let with_no_tenant = |ring: &str| RingTenants { ring: ring.to_owned(), members: Vec::new(), held_back: 0 };
    let mut grouped: Vec<_> = names.into_iter().map(with_no_tenant).collect();
    let ring_of = |tenant: &str| rings.of(&TenantName::parse(tenant));
    for (place, one) in planned.into_iter().enumerate() {
        if let Some(ring) = grouped.get_mut(ring_of(&one.tenant)) {
            ring.members.push((place, one));
        }
    }
    for one in held_back {
        if let Some(ring) = grouped.get_mut(ring_of(&one.tenant)) {
            ring.held_back += 1;
        }
    }
    grouped.retain(|ring| !ring.members.is_empty() || ring.held_back > 0);
    grouped
}

/// A tenant of a ring that was not started. One that is in sync, or whose plan is refused, has nothing to wait for.
fn not_started(one: PlannedTenant, ring: &str, after: &str) -> TenantResult<ApplyResult> {
    let TenantResult { tenant, path, result } = one;
    let result = result.map(|(_, review)| {
        let waiting = || ApplyEnding::RingNotStarted { ring: ring.to_owned(), after: after.to_owned() };
        let ending = match review.refusal() {
            Some(refusal) => ApplyEnding::Refused(refusal),
            None if review.has_no_request() => ApplyEnding::InSync,
            None => waiting(),
        };
        ApplyResult { review, ending }
    });
    TenantResult { tenant, path, result }
}
