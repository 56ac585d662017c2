//! How many people a plan affects.

use std::time::Duration;

use crate::base::ids::TenantName;
use crate::catalog::desired::Desired;
use crate::catalog::tenant_calendar::TenantCalendar;
use crate::client::TenantReader;
use crate::engine::context::RunContext;
use crate::engine::grouped_people::{TextTally, grouped};
use crate::engine::people::{self, PeopleRead, ReadPerson, ReadingWatch, day_of_facts, day_of_reading, situation};
use crate::engine::people_file::TenantPeople;
use crate::engine::progress::Progress;
use crate::person::assess::count_synchronised;
use crate::person::by_value::{GroupedBy, GroupedPeople};
use crate::person::census::Census;
use crate::person::facts::{PersonFacts, TenantSituation};
use crate::person::forecast::{forecast, moments};
use crate::person::forecast_dates::ForecastRange;
use crate::person::outlook::outlook;
use crate::person::policy_state::{PolicyState, ResetScope};
use crate::plan::build;
use crate::plan::change::Plan;
use crate::policy::waiver::Waiver;
use crate::review::approve::{self, Review};
use crate::review::config::ReviewConfig;
use crate::review::impact::{self, Impact, ImpactResult, PolicyChange};
use crate::tenant::error::TenantError;
use crate::tenant::facts::{FactsToRead, SynchronisedPeople, UnreadFact};
use crate::tenant::snapshot::{self, ReadSet, Snapshot};
use crate::tenant::surface::Surface;

/// The documents that decide together who can reset. All of them are read even if the policy manages only one.
pub(crate) const DECIDING: [Surface; 4] = [
    Surface::PasswordReset,
    Surface::OnPremisesPasswordReset,
    Surface::AuthorizationPolicy,
    Surface::AuthenticationMethods,
];

/// Reads a tenant and reviews what its policy would change, and for how many people, with `by` also by what they have in common.
///
/// # Errors
/// When the tenant cannot be read at all, or is another one than the policy names.
pub(crate) async fn review_with_impact(
    context: &RunContext,
    reader: &TenantReader,
    desired: &Desired,
    config: &ReviewConfig,
    by: Option<GroupedBy>,
) -> Result<Review, TenantError> {
    let mut snapshot = read_deciding(context, reader, desired).await?;
    let impact = count_affected(context, reader, desired, &snapshot, config, by).await;
    if let ImpactResult::Counted(impact) = &impact {
        snapshot.facts.synchronised_people = Some(impact.synchronised);
    }
    // The review sees only what a plan reads, so that it is the same with and without the impact.
    let review = approve::plan_and_review(desired, &snapshot.restricted_to(&desired.read_set()), config);
    Ok(review.with_people(impact, config))
}

/// Reads what a plan reads, and everything that decides who can reset.
///
/// # Errors
/// When the tenant cannot be read at all, or is another one than the policy names.
pub(crate) async fn read_deciding(
    context: &RunContext,
    reader: &TenantReader,
    desired: &Desired,
) -> Result<Snapshot, TenantError> {
    snapshot::read(reader, &desired.tenant, &with_deciding(desired.read_set()), &context.clock).await
}

/// What is read to answer about people, besides what is read anyway.
pub(crate) fn with_deciding(mut read_set: ReadSet) -> ReadSet {
    read_set.surfaces.extend(DECIDING);
    read_set.surfaces.sort_unstable();
    read_set.surfaces.dedup();
    read_set.asked = FactsToRead { licence: true, hybrid: true };
    read_set
}

/// Why nothing can be said about people after a plan: it changes a document that decides about them and is not known.
pub(crate) fn unknown_change(plan: &Plan) -> Option<TenantError> {
    let unknown = plan.unknown.iter().find(|unknown| DECIDING.contains(&unknown.setting.surface));
    unknown.map(|unknown| unknown.why.clone())
}

/// Why nothing can be said about people at all: one of the two documents could not be read without which there is no answer.
pub(crate) fn unread_document(snapshot: &Snapshot) -> Option<TenantError> {
    let needed = [Surface::PasswordReset, Surface::AuthenticationMethods];
    needed.into_iter().find_map(|surface| snapshot.document(surface).err())
}

/// Which of the documents that decide about people could not be read.
pub(crate) fn unread_documents(snapshot: &Snapshot) -> impl Iterator<Item = UnreadFact> {
    let unread =
        |surface: Surface| snapshot.document(surface).err().map(|why| UnreadFact { what: surface.name(), why });
    DECIDING.into_iter().filter_map(unread)
}

/// The same, and which facts about the whole tenant could not be read.
pub(crate) fn unread_facts(snapshot: &Snapshot) -> Vec<UnreadFact> {
    unread_documents(snapshot).chain(snapshot.facts.unread.iter().cloned()).collect()
}

async fn count_affected(
    context: &RunContext,
    reader: &TenantReader,
    desired: &Desired,
    snapshot: &Snapshot,
    config: &ReviewConfig,
    by: Option<GroupedBy>,
) -> ImpactResult {
    let (plan, _) = build::build(desired, snapshot);
    let calendar = config.calendar(&desired.tenant, desired.cloud);
    let today = day_of_facts(snapshot, config.today());
    if let Some(why) = unknown_change(&plan) {
        return ImpactResult::Unknown(why);
    }
    let Some(change) = impact::policy_change(&plan, &calendar, today, config.today()) else {
        return ImpactResult::Unaffected;
    };
    if let Some(why) = unread_document(snapshot) {
        return ImpactResult::Unknown(why);
    }
    let waivers: Vec<_> = desired.waivers.iter().map(|located| located.waiver.clone()).collect();
    let range = if change.at > today { ForecastRange::At(change.at) } else { ForecastRange::Until(None) };
    let moments = ForecastMoments { waivers: &waivers, range, by };
    let counted = count(context, reader, &desired.tenant, &change, situation(snapshot, calendar, today), moments).await;
    counted.map_or_else(ImpactResult::Unknown, |mut impact| {
        // What a plan says in any case: the facts about the whole tenant that could not be read.
        impact.unread.splice(0..0, unread_documents(snapshot));
        impact.forecast.past = today < day_of_reading(snapshot);
        ImpactResult::Counted(Box::new(impact))
    })
}

async fn count(
    context: &RunContext,
    reader: &TenantReader,
    name: &TenantName,
    change: &PolicyChange,
    tenant: TenantSituation,
    ahead: ForecastMoments<'_>,
) -> Result<Impact, TenantError> {
    let policies = [&change.before, &change.after];
    let (census, PeopleRead { tenant, unread, refreshed, texts: _ }, grouped) =
        census(context, reader, name, policies, tenant, ahead).await?;
    let forecast = forecast(&census, &tenant, policies, ahead.waivers, ahead.range);
    Ok(Impact { unread, refreshed, forecast, grouped, ..change.count(&census, &tenant) })
}

/// What decides about the moments of a forecast, besides policies and calendar.
#[derive(Clone, Copy)]
pub(crate) struct ForecastMoments<'a> {
    pub(crate) waivers: &'a [Waiver],
    pub(crate) range: ForecastRange,
    /// What people are counted by, besides all of them together.
    pub(crate) by: Option<GroupedBy>,
}

/// Reads everybody, for questions about the policies before and after a plan, lists them where the run makes a file of people,
/// and counts them by what they have in common where that was asked.
///
/// # Errors
/// When the registration report cannot be read, or people cannot be listed.
pub(crate) async fn census(
    context: &RunContext,
    reader: &TenantReader,
    name: &TenantName,
    policies: [&PolicyState; 2],
    tenant: TenantSituation,
    ForecastMoments { waivers, range, by }: ForecastMoments<'_>,
) -> Result<(Census, PeopleRead, Option<GroupedPeople>), TenantError> {
    let counted = match by {
        Some(GroupedBy::Column(column)) => Some(column),
        Some(GroupedBy::Group | GroupedBy::Method) | None => None,
    };
    let (mut census, mut tally) = (Census::new(policies), TextTally::new());
    let list = context.people_file.as_ref();
    let mut listed = list.map(|list| list.begin(&name.to_string())).transpose()?;
    let moments: Vec<_> = moments(&tenant, policies, waivers, range).into_iter().map(|(moment, _)| moment).collect();
    let mut each = |tenant: &TenantSituation, ReadPerson { facts, line, text, names }: ReadPerson<'_>| {
        let profile = census.add_line(line, &tenant.groups, &facts);
        if let Some(profile) = profile.filter(|_| counted.is_some()) {
            *tally.entry((text, profile)).or_default() += 1;
        }
        if let (Some(listed), Some(profile), Some(names)) = (&mut listed, profile, names) {
            listed.add(profile, names, || outlook(&moments, range, tenant, &facts));
        }
    };
    let read = people::read(context, reader, tenant, &policies, list, counted, &mut each).await;
    context.report(Progress::ReadingEnded);
    let read = read?;
    listed.map(TenantPeople::end).transpose()?;
    let grouped = match by {
        Some(by) => Some(grouped(reader, by, &census, (&tally, &read.texts), &read.tenant, &moments).await),
        None => None,
    };
    Ok((census, read, grouped))
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
        tenant.groups.insert(group, people::members(reader, group, &mut Vec::new()).await);
    }
    let watch = ReadingWatch::start(context, None);
    let accounts = reader.accounts(None, &|users| watch.report(users, Duration::ZERO)).await?;
    let mut counted = SynchronisedPeople::default();
    for (id, account, _) in accounts.iter() {
        let person = PersonFacts { id, account, report: None, roles: None };
        count_synchronised(&mut counted, 1, &policy, &tenant, &person, today);
    }
    Ok(counted)
}
