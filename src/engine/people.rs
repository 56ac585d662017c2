//! Reads the people of a tenant for everything that asks the person model about each of them: the members of the groups on
//! which it depends who can reset, the accounts of the directory, and the registration report.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::time::Duration;

use futures::future;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::base::clock::Stopwatch;
use crate::base::ids::ObjectId;
use crate::catalog::tenant_calendar::TenantCalendar;
use crate::client::{AccountColumns, TenantReader};
use crate::engine::context::RunContext;
use crate::engine::people_file::PeopleFile;
use crate::engine::progress::{Progress, ReadingProgress};
use crate::engine::report_table::NumberedDetails;
use crate::engine::unfinished_reading::ReportReading;
use crate::person::facts::{GroupMemberships, PersonFacts, TenantSituation};
use crate::person::policy_state::PolicyState;
use crate::tenant::account::{AccountColumn, AccountNames, Accounts, TextNumbers, UserAccount};
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::facts::UnreadFact;
use crate::tenant::registration::ReportPart;
use crate::tenant::snapshot::Snapshot;

/// The longest time of a reading that is not reported beforehand.
const ANNOUNCED: Duration = Duration::from_secs(5);

/// What was found while people were read, beyond the people themselves.
pub(crate) struct PeopleRead {
    /// The tenant, with the members of its groups.
    pub(crate) tenant: TenantSituation,
    /// What could not be read, because of which people are unclear.
    pub(crate) unread: Vec<UnreadFact>,
    /// The times at which the oldest and the newest line of the report were refreshed; `None` if no line has such a time.
    pub(crate) refreshed: Option<(Timestamp, Timestamp)>,
    /// The texts by which people are counted.
    pub(crate) texts: TextNumbers,
}

/// One person who was read.
pub(crate) struct ReadPerson<'a> {
    pub(crate) facts: PersonFacts<'a>,
    /// The number of all lines of the report that say the same; 0 for somebody without a line.
    pub(crate) line: u32,
    /// The number of the text by which people are counted.
    pub(crate) text: u16,
    /// The names, where people are listed.
    pub(crate) names: Option<AccountNames<'a>>,
}

impl<'a> ReadPerson<'a> {
    fn new(
        id: ObjectId,
        account: Option<UserAccount>,
        report: Option<NumberedDetails<'a>>,
        text: u16,
        names: Option<AccountNames<'a>>,
    ) -> Self {
        let (line, report) = report.map_or((0, None), |(line, report)| (line, Some(report)));
        Self { facts: PersonFacts { id, account, report, roles: None }, line, text, names }
    }
}

/// The day on which a tenant was read, in UTC.
pub(crate) fn day_of_reading(snapshot: &Snapshot) -> Date {
    snapshot.taken.to_zoned_datetime(TimeZone::UTC).date()
}

/// The day for which people can be asked about now: that on which the tenant was read, or an earlier `--as-of`.
pub(crate) fn day_of_facts(snapshot: &Snapshot, as_of: Date) -> Date {
    day_of_reading(snapshot).min(as_of)
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

/// Calls `each` once for every person who has an account or a line of the registration report, in the order of their ids.
/// Where the accounts cannot be read, the members of the groups in scope of `policies` take their place. `each` also gets the
/// tenant, with the members of its groups. With a `list` it gets the names of each person, too; the order is then that of the
/// directory, and accounts that cannot be read are an error.
///
/// It reads the members of every group on which an answer by one of these policies depends. A million users take 37 MB. The
/// caller ends the progress with [`Progress::ReadingEnded`].
///
/// # Errors
/// When the report cannot be read, or what is needed for a list cannot be. Whatever else cannot be read is in [`PeopleRead::unread`].
pub(crate) async fn read(
    context: &RunContext,
    reader: &TenantReader,
    mut tenant: TenantSituation,
    policies: &[&PolicyState],
    list: Option<&PeopleFile>,
    counted: Option<AccountColumn>,
    each: &mut (dyn FnMut(&TenantSituation, ReadPerson<'_>) + Send),
) -> Result<PeopleRead, TenantError> {
    let mut unread = Vec::new();
    let mut texts = TextNumbers::default();
    let mut named = list.map(PeopleFile::accounts).transpose()?;
    let mut groups: BTreeSet<ObjectId> = policies.iter().flat_map(|policy| policy.groups()).collect();
    let provider = tenant.calendar.provider.as_ref();
    groups.extend(provider.and_then(|provider| provider.groups.as_ref()).into_iter().flatten());
    for group in groups {
        tenant.groups.insert(group, members(reader, group, &mut unread).await);
    }
    let mut report = ReportReading::begin(context, reader);
    let users = reader.account_count().await;
    // The report takes the time that its limit allows; meanwhile the accounts are read.
    let accounts = async {
        if named.is_none() && counted.is_none() {
            return Ok(reader.accounts(users, &|_| {}).await);
        }
        let mut table = Accounts::expecting(users.filter(|_| named.is_none()));
        let columns = AccountColumns { named: named.is_some(), counted };
        let mut each = |id, account, names: AccountNames<'_>, text: &str| {
            let text = texts.number(text);
            match &mut named {
                Some(named) => named.add(id, account, names, text),
                None => table.add(id, Some(account), text),
            }
        };
        match reader.named_accounts(columns, &mut each).await {
            // Nobody can be listed without a name.
            Err(error) if named.is_some() => Err(error),
            read => Ok(read.map(|()| table.sorted())),
        }
    };
    let (accounts, ()) = future::try_join(accounts, read_report(context, reader, users, &mut report)).await?;
    let accounts = accounts.unwrap_or_else(|why| {
        unread.push(UnreadFact { what: "the accounts of the directory", why });
        let mut people = Accounts::default();
        let in_scope = policies.iter().flat_map(|policy| policy.scope_members(&tenant.groups));
        in_scope.for_each(|id| people.add(*id, None, 0));
        people.sorted()
    });
    let report = report.end();
    let refreshed = report.head().refreshed;
    match (list, named) {
        (Some(list), Some(named)) => named
            .with_report(report, |(id, account, report, text, names)| {
                each(&tenant, ReadPerson::new(id, account, report, text, Some(names)));
            })
            .map_err(|error| list.failed(&error))?,
        (None, _) | (_, None) => {
            report.with_accounts(&accounts, |id, account, report, text| {
                each(&tenant, ReadPerson::new(id, account, report, text, None));
            });
        }
    }
    Ok(PeopleRead { tenant, unread, refreshed, texts })
}

/// Reads what the report has after the pages that were read already.
async fn read_report(
    context: &RunContext,
    reader: &TenantReader,
    users: Option<u64>,
    report: &mut ReportReading<'_>,
) -> Result<(), TenantError> {
    if report.table().is_whole() {
        return Ok(());
    }
    report.expect(users);
    announce(context, reader, users.map(|users| users.saturating_sub(report.table().users())));
    let from = report.table().head().next.clone();
    let pages = report.table().head().pages;
    match read_pages(context, reader, users, report, from.as_deref()).await {
        // The token in a link expires (`Directory_ExpiredPageToken`, HTTP 400).
        Err(error) if error.kind == TenantErrorKind::Refused && pages > 0 && report.table().head().pages == pages => {
            report.begin_anew();
            report.expect(users);
            announce(context, reader, users);
            read_pages(context, reader, users, report, None).await
        }
        outcome => outcome,
    }
}

async fn read_pages(
    context: &RunContext,
    reader: &TenantReader,
    users: Option<u64>,
    report: &mut ReportReading<'_>,
    from: Option<&str>,
) -> Result<(), TenantError> {
    let watch = ReadingWatch { before: report.table().users(), ..ReadingWatch::start(context, users) };
    let mut part = |part: ReportPart<'_>| {
        report.add(part);
        if matches!(part, ReportPart::PageEnd(_)) {
            watch.report_of(reader, report.table().users());
        }
    };
    reader.people(from, &mut part).await
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
    let whole = context.deadline.as_ref().filter(|deadline| deadline.left() < time);
    let whole = whole.map(|deadline| ("--timeout", deadline.started.elapsed() + time));
    let tenant = (context.tenant_timeout < time).then_some(("--tenant-timeout", time));
    let short: Vec<_> = whole.into_iter().chain(tenant).collect();
    context.report(Progress::ReadingTakes(users, time, &short));
}

/// Reports how far a reading is.
pub(crate) struct ReadingWatch<'a> {
    context: &'a RunContext,
    of: Option<u64>,
    /// How many of them an earlier run has read.
    before: u64,
    watch: Stopwatch,
}

impl<'a> ReadingWatch<'a> {
    /// Begins to read users, of whom there are so many if that is known.
    pub(crate) fn start(context: &'a RunContext, of: Option<u64>) -> Self {
        Self { context, of, before: 0, watch: Stopwatch::start() }
    }

    /// Reports that so many users were read. The others take `least` at least.
    pub(crate) fn report(&self, users: u64, least: Duration) {
        let (of, elapsed, now) = (self.of, self.watch.elapsed(), users.saturating_sub(self.before));
        self.context.report(Progress::UsersRead(ReadingProgress { users, of, now, elapsed, least }));
    }

    /// The same for the registration report.
    fn report_of(&self, reader: &TenantReader, users: u64) {
        let left = self.of.unwrap_or_default().saturating_sub(users);
        self.report(users, reader.report_time(left));
    }
}
