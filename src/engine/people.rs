//! Reads the people of a tenant for everything that asks the person model about each of them: the members of the groups on
//! which it depends who can reset, the accounts of the directory, and the registration report.

use std::collections::{BTreeSet, HashSet};
use std::ops::ControlFlow;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::base::clock::Stopwatch;
use crate::base::ids::ObjectId;
use crate::catalog::tenant_calendar::TenantCalendar;
use crate::client::TenantReader;
use crate::engine::context::{Deadline, RunContext};
use crate::engine::progress::{Progress, ReadingProgress};
use crate::person::facts::{GroupMemberships, PersonFacts, TenantSituation};
use crate::person::policy_state::PolicyState;
use crate::tenant::account::Accounts;
use crate::tenant::error::TenantError;
use crate::tenant::facts::UnreadFact;
use crate::tenant::registration::UserRegistrationDetails;
use crate::tenant::snapshot::Snapshot;

/// The longest time of a reading that is not reported beforehand.
const ANNOUNCED: Duration = Duration::from_secs(5);
/// How many users are read before progress is reported again.
const REPORT_EVERY: u64 = 999;

/// What was found while people were read, beyond the people themselves.
pub(crate) struct PeopleRead {
    /// The tenant, with the members of its groups.
    pub(crate) tenant: TenantSituation,
    /// What could not be read, because of which people are unclear.
    pub(crate) unread: Vec<UnreadFact>,
    /// The times at which the oldest and the newest line of the report were refreshed; `None` if no line has such a time.
    pub(crate) refreshed: Option<(Timestamp, Timestamp)>,
}

/// The day for which people can be asked about now: that on which the tenant was read, or an earlier `--as-of`.
pub(crate) fn day_of_facts(snapshot: &Snapshot, as_of: Date) -> Date {
    snapshot.taken.to_zoned_datetime(TimeZone::UTC).date().min(as_of)
}

/// What is known about the tenant, without the members of its groups.
pub(crate) fn situation(snapshot: &Snapshot, calendar: TenantCalendar, today: Date) -> TenantSituation {
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

/// Calls `each` once for every person: those of the registration report in its order, then the accounts that it does not have.
/// Where the accounts cannot be read, the members of the groups in scope of `policies` take their place. `each` also gets the
/// tenant, with the members of its groups.
///
/// It reads the members of every group on which an answer by one of these policies depends. The caller ends the progress
/// with [`Progress::ReadingEnded`].
///
/// # Errors
/// When the report cannot be read. Whatever else cannot be read is in [`PeopleRead::unread`].
pub(crate) async fn read(
    context: &RunContext,
    reader: &TenantReader,
    mut tenant: TenantSituation,
    policies: &[&PolicyState],
    each: &mut (dyn FnMut(&TenantSituation, &PersonFacts<'_>) + Send),
) -> Result<PeopleRead, TenantError> {
    let (mut unread, mut refreshed) = (Vec::new(), None);
    let mut groups: BTreeSet<ObjectId> = policies.iter().flat_map(|policy| policy.groups()).collect();
    let provider = tenant.calendar.provider.as_ref();
    groups.extend(provider.and_then(|provider| provider.groups.as_ref()).into_iter().flatten());
    for group in groups {
        tenant.groups.insert(group, members(reader, group, &mut unread).await);
    }
    let watch = ReadingWatch::start(context, None);
    let accounts = reader.accounts(&|users| watch.report(users, Duration::ZERO)).await;
    let accounts = accounts.map_err(|why| unread.push(UnreadFact { what: "the accounts of the directory", why })).ok();
    let users = accounts.as_ref().map(Accounts::len);
    announce(context, reader, users);
    let watch = ReadingWatch::start(context, users);
    let (mut seen, mut counter) = (HashSet::new(), UserCounter::default());
    let account = |id| accounts.as_ref().and_then(|accounts: &Accounts| accounts.get(id));
    let mut person = |line: UserRegistrationDetails| {
        seen.insert(line.id);
        if let Some(at) = line.refreshed {
            let (oldest, newest) = refreshed.unwrap_or((at, at));
            refreshed = Some((at.min(oldest), at.max(newest)));
        }
        each(&tenant, &PersonFacts { id: line.id, account: account(line.id), report: Some(&line) });
        if let Some(users) = counter.next() {
            watch.report_of(reader, users);
        }
    };
    reader.people(&mut person).await?;
    let listed: Vec<ObjectId> = accounts.iter().flat_map(Accounts::iter).map(|(id, _)| id).collect();
    let in_scope = policies.iter().flat_map(|policy| policy.scope_members(&tenant.groups));
    // A member that is no account is of another kind, such as a device.
    let in_scope = in_scope.filter(|_| accounts.is_none());
    let missing = listed.iter().chain(in_scope).filter(|id| !seen.contains(id)).collect::<BTreeSet<_>>();
    for id in missing {
        each(&tenant, &PersonFacts { id: *id, account: account(*id), report: None });
    }
    Ok(PeopleRead { tenant, unread, refreshed })
}

/// The members of a group; `None` if they cannot be read, which is noted in `unread`.
pub(crate) async fn members(
    reader: &TenantReader,
    group: ObjectId,
    unread: &mut Vec<UnreadFact>,
) -> Option<Vec<ObjectId>> {
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

/// Reports beforehand how long the registration report of so many users takes, where that is more than a few seconds.
fn announce(context: &RunContext, reader: &TenantReader, users: Option<u64>) {
    let Some((users, time)) =
        users.map(|users| (users, reader.report_time(users))).filter(|(_, time)| *time > ANNOUNCED)
    else {
        return;
    };
    let whole = context.deadline.as_ref().map(Deadline::left);
    let short = match whole {
        Some(left) if left < time => Some("--timeout"),
        Some(_) | None => (context.tenant_timeout < time).then_some("--tenant-timeout"),
    };
    context.report(Progress::ReadingTakes(users, time, short));
}

/// Reports how far a reading is.
pub(crate) struct ReadingWatch<'a> {
    context: &'a RunContext,
    of: Option<u64>,
    watch: Stopwatch,
}

impl<'a> ReadingWatch<'a> {
    /// Begins to read users, of whom there are so many if that is known.
    pub(crate) fn start(context: &'a RunContext, of: Option<u64>) -> Self {
        Self { context, of, watch: Stopwatch::start() }
    }

    /// Reports that so many users were read. The others take `least` at least.
    pub(crate) fn report(&self, users: u64, least: Duration) {
        let (of, elapsed) = (self.of, self.watch.elapsed());
        self.context.report(Progress::UsersRead(ReadingProgress { users, of, now: users, elapsed, least }));
    }

    /// The same for the registration report.
    fn report_of(&self, reader: &TenantReader, users: u64) {
        let left = self.of.unwrap_or_default().saturating_sub(users);
        self.report(users, reader.report_time(left));
    }
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
