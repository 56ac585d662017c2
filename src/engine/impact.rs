//! How many people a plan affects: reads the registration report, the accounts, and the members of every group on which it
//! depends who can reset.

use std::collections::{BTreeSet, HashSet};
use std::ops::ControlFlow;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::base::ids::ObjectId;
use crate::catalog::desired::Desired;
use crate::catalog::tenant_calendar::TenantCalendar;
use crate::client::TenantReader;
use crate::engine::context::RunContext;
use crate::engine::progress::Progress;
use crate::person::assess::count_synchronised;
use crate::person::facts::{GroupMemberships, PersonFacts, TenantSituation};
use crate::person::policy_state::{PolicyState, ResetScope};
use crate::plan::build;
use crate::review::approve::{self, Review};
use crate::review::config::ReviewConfig;
use crate::review::impact::{self, Impact, ImpactResult, PolicyChange};
use crate::tenant::account::Accounts;
use crate::tenant::error::TenantError;
use crate::tenant::facts::{FactsToRead, SynchronisedPeople, UnreadFact};
use crate::tenant::registration::UserRegistrationDetails;
use crate::tenant::snapshot::{self, Snapshot};
use crate::tenant::surface::Surface;

/// How many users are read before progress is reported again.
const REPORT_EVERY: u64 = 999;
/// The documents that decide together who can reset. All of them are read even if the policy manages only one.
const DECIDING: [Surface; 4] = [
    Surface::PasswordReset,
    Surface::OnPremisesPasswordReset,
    Surface::AuthorizationPolicy,
    Surface::AuthenticationMethods,
];

/// Reads a tenant and reviews what its policy would change, and for how many people.
///
/// # Errors
/// When the tenant cannot be read at all, or is another one than the policy names.
pub(crate) async fn review_with_impact(
    context: &RunContext,
    reader: &TenantReader,
    desired: &Desired,
    config: &ReviewConfig,
) -> Result<Review, TenantError> {
    let planned = desired.read_set();
    let mut all = planned.clone();
    all.surfaces.extend(DECIDING);
    all.surfaces.sort_unstable();
    all.surfaces.dedup();
    all.asked = FactsToRead { licence: true, hybrid: true };
    let mut snapshot = snapshot::read(reader, &desired.tenant, &all, &context.clock).await?;
    let impact = count_affected(context, reader, desired, &snapshot, config).await;
    if let ImpactResult::Counted(impact) = &impact {
        snapshot.facts.synchronised_people = Some(impact.synchronised);
    }
    // The review sees only what a plan reads, so that it is the same with and without the impact.
    let review = approve::plan_and_review(desired, &snapshot.restricted_to(&planned), config);
    Ok(review.with_people(impact, config))
}

async fn count_affected(
    context: &RunContext,
    reader: &TenantReader,
    desired: &Desired,
    snapshot: &Snapshot,
    config: &ReviewConfig,
) -> ImpactResult {
    let (plan, _) = build::build(desired, snapshot);
    let calendar = config.calendar(&desired.tenant, desired.cloud);
    let today = day_of_facts(snapshot, config.today());
    // What is not known of a document that the policy changes is not known of people either.
    if let Some(unknown) = plan.unknown.iter().find(|unknown| DECIDING.contains(&unknown.setting.surface)) {
        return ImpactResult::Unknown(unknown.why.clone());
    }
    let Some(change) = impact::policy_change(&plan, &calendar, today, config.today()) else {
        return ImpactResult::Unaffected;
    };
    // Without one of these two nothing can be said about anybody.
    let needed = [Surface::PasswordReset, Surface::AuthenticationMethods];
    if let Some(why) = needed.into_iter().find_map(|surface| snapshot.document(surface).err()) {
        return ImpactResult::Unknown(why.clone());
    }
    let counted = count(context, reader, &change, situation(snapshot, calendar, today)).await;
    context.report(Progress::ReadingEnded);
    counted.map_or_else(ImpactResult::Unknown, |impact| ImpactResult::Counted(Box::new(impact)))
}

/// The day for which people can be asked about now: that on which the tenant was read, or an earlier `--as-of`.
fn day_of_facts(snapshot: &Snapshot, as_of: Date) -> Date {
    snapshot.taken.to_zoned_datetime(TimeZone::UTC).date().min(as_of)
}

/// What is known about the tenant, without the members of its groups.
fn situation(snapshot: &Snapshot, calendar: TenantCalendar, today: Date) -> TenantSituation {
    let hybrid = snapshot.facts.hybrid;
    let synchronised = hybrid.map(|hybrid| hybrid.synchronised);
    TenantSituation {
        licence: snapshot.facts.licence,
        synchronised,
        writeback_running: hybrid.and_then(|hybrid| hybrid.writeback_up),
        needed_by_administrators: snapshot.facts.needed_by_administrators(),
        groups: GroupMemberships::default(),
        calendar,
        today,
    }
}

async fn count(
    context: &RunContext,
    reader: &TenantReader,
    change: &PolicyChange,
    mut tenant: TenantSituation,
) -> Result<Impact, TenantError> {
    let mut impact = change.nobody();
    let mut groups: BTreeSet<ObjectId> = change.before().groups().union(&change.after().groups()).copied().collect();
    let provider = tenant.calendar.provider.as_ref();
    groups.extend(provider.and_then(|provider| provider.groups.as_ref()).into_iter().flatten());
    for group in groups {
        tenant.groups.insert(group, members(reader, group, &mut impact.unread).await);
    }
    let accounts = reader.accounts(&|users| context.report(Progress::UsersRead(users))).await;
    let accounts =
        accounts.map_err(|why| impact.unread.push(UnreadFact { what: "the accounts of the directory", why })).ok();
    let (mut seen, mut counter) = (HashSet::new(), UserCounter::default());
    let account = |id| accounts.as_ref().and_then(|accounts: &Accounts| accounts.get(id));
    let mut each = |line: UserRegistrationDetails| {
        seen.insert(line.id);
        change.count(
            &mut impact,
            &tenant,
            &PersonFacts { id: line.id, account: account(line.id), report: Some(&line) },
        );
        if let Some(users) = counter.next() {
            context.report(Progress::UsersRead(users));
        }
    };
    reader.people(&mut each).await?;
    let listed: Vec<ObjectId> = accounts.iter().flat_map(Accounts::iter).map(|(id, _)| id).collect();
    let in_scope = change.after().scope_members(&tenant.groups);
    // A member that is no account is of another kind, such as a device.
    let in_scope = in_scope.iter().filter(|_| accounts.is_none());
    let missing = listed.iter().chain(in_scope).filter(|id| !seen.contains(id)).collect::<BTreeSet<_>>();
    for id in missing {
        change.count(&mut impact, &tenant, &PersonFacts { id: *id, account: account(*id), report: None });
    }
    Ok(impact)
}

/// Counts the people in scope whose password is on premises: how many of them cannot reset today, because it is not written
/// back.
///
/// # Errors
/// When the accounts cannot be read. Without the members of a group in scope, people are unclear.
pub(crate) async fn synchronised(
    context: &RunContext,
    reader: &TenantReader,
    snapshot: &Snapshot,
    calendar: TenantCalendar,
) -> Result<SynchronisedPeople, TenantError> {
    let today = day_of_facts(snapshot, context.today);
    let policy = PolicyState::of(|surface| snapshot.document(surface).ok());
    let mut tenant = situation(snapshot, calendar, today);
    if let Some(ResetScope::Members(group)) = policy.scope {
        tenant.groups.insert(group, members(reader, group, &mut Vec::new()).await);
    }
    let accounts = reader.accounts(&|users| context.report(Progress::UsersRead(users))).await?;
    let mut counted = SynchronisedPeople::default();
    for (id, account) in accounts.iter() {
        let person = PersonFacts { id, account: Some(account), report: None };
        count_synchronised(&mut counted, &policy, &tenant, &person, today);
    }
    Ok(counted)
}

/// Counts the users that are read.
#[derive(Default)]
struct UserCounter(u64);

impl UserCounter {
    /// Counts one more user; returns their number whenever it is to be reported.
    fn next(&mut self) -> Option<u64> {
        self.0 += 1;
        Some(self.0).filter(|users| users.is_multiple_of(REPORT_EVERY))
    }
}

/// The members of a group; `None` if they cannot be read, which is noted in `unread`.
async fn members(reader: &TenantReader, group: ObjectId, unread: &mut Vec<UnreadFact>) -> Option<Vec<ObjectId>> {
    let mut members = Vec::new();
    let mut each = |id| {
        members.push(id);
        ControlFlow::Continue(())
    };
    match reader.members(group, &mut each).await {
        Ok(()) => Some(members),
        Err(why) => {
            unread.push(UnreadFact { what: "the members of a group", why });
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_so_many_users_their_number_is_reported() {
        let mut counter = UserCounter::default();
        let reported: Vec<_> = (0..2_500).filter_map(|_| counter.next()).collect();
        assert_eq!(reported, [999, 1_998]);
    }
}
