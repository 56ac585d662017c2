//! How many people a plan affects.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use crate::base::finding::Severity;
use crate::base::ids::{TenantId, TenantName};
use crate::catalog::desired::{Desired, StepCondition};
use crate::catalog::tenant_calendar::TenantCalendar;
use crate::client::TenantReader;
use crate::engine::context::RunContext;
use crate::engine::drift_state;
use crate::engine::grouped_people::{TextTally, grouped};
use crate::engine::people::{self, PeopleRead, ReadPerson, ReadingWatch, day_of_facts, day_of_reading, situation};
use crate::engine::people_file::TenantPeople;
use crate::engine::progress::Progress;
use crate::engine::readiness;
use crate::person::assess::count_synchronised;
use crate::person::by_value::{GroupedBy, GroupedPeople};
use crate::person::census::Census;
use crate::person::facts::{PersonFacts, TenantSituation};
use crate::person::forecast::{forecast, moments};
use crate::person::forecast_dates::ForecastRange;
use crate::person::outlook::outlook;
use crate::person::policy_state::{PolicyState, ResetScope};
use crate::person::readiness::ReadyCounts;
use crate::plan::build;
use crate::plan::change::Plan;
use crate::policy::waiver::Waiver;
use crate::review::approve::{self, Review};
use crate::review::config::ReviewConfig;
use crate::review::hold::{HeldChange, HoldReason, hold_all};
use crate::review::impact::{self, Impact, ImpactResult, PolicyChange};
use crate::tenant::error::{TenantError, TenantErrorKind};
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

/// What is asked about the people whom a plan affects.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ImpactQuestion {
    /// Whether they are counted.
    pub(crate) people: bool,
    /// What they are counted by, besides all of them together.
    pub(crate) by: Option<GroupedBy>,
}

/// Reads a tenant and reviews what its policy would change, and for how many people. Where these are not asked for, they are
/// counted only if the plan makes a step with a condition. The settings in `reviewed` are held in any case.
///
/// # Errors
/// When the tenant cannot be read at all, or is another one than the policy names.
pub(crate) async fn review_with_impact(
    context: &RunContext,
    reader: &TenantReader,
    desired: &Desired,
    config: &ReviewConfig,
    ImpactQuestion { people, by }: ImpactQuestion,
    reviewed: &[&str],
) -> Result<Review, TenantError> {
    let mut snapshot = read_deciding(context, reader, desired).await?;
    let conditional =
        if config.only_reports() { Vec::new() } else { hold_all(desired, &snapshot, || HoldReason::Reviewed) };
    let counts = people || conditional.iter().any(|held| !reviewed.contains(&held.change.setting.name));
    let is_reviewed = |held: &HeldChange| reviewed.contains(&held.change.setting.name);
    let (mut held, mut open): (Vec<_>, Vec<_>) = conditional.into_iter().partition(is_reviewed);
    // A step that was made is not held again: what somebody took back is repaired, as far as limits allow.
    let drifted = drift_state::drifted(context, snapshot.tenant, open.iter().map(|held| &held.change));
    open.retain(|held| held.condition.settings.iter().all(|setting| !drifted.contains(setting.name)));
    let mut impact = None;
    if counts {
        let (counted, waiting) = count_affected(context, reader, desired, &snapshot, config, by, (&held, open)).await;
        held.extend(waiting);
        impact = Some(counted);
    }
    if let Some(ImpactResult::Counted(impact)) = &impact {
        snapshot.facts.synchronised_people = Some(impact.synchronised);
    }
    // The review sees only what a plan reads, so that it is the same with and without the impact.
    let snapshot = snapshot.restricted_to(&desired.read_set());
    let review = approve::plan_and_review_without(held, desired, &snapshot, config);
    Ok(match impact {
        Some(impact) => review.with_people(impact, config),
        None => review,
    })
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

/// Counts the people whom a plan affects, and finds the changes with a condition (`open`) that it leaves out: people are counted
/// with every step made that is not in `held`, and after that without those that have to wait.
async fn count_affected(
    context: &RunContext,
    reader: &TenantReader,
    desired: &Desired,
    snapshot: &Snapshot,
    config: &ReviewConfig,
    by: Option<GroupedBy>,
    (held, open): (&[HeldChange], Vec<HeldChange>),
) -> (ImpactResult, Vec<HeldChange>) {
    let calendar = config.calendar(&desired.tenant, desired.cloud);
    let today = day_of_facts(snapshot, config.today());
    let planned = |held: &[HeldChange]| {
        let settings: Vec<_> = held.iter().flat_map(|held| held.condition.settings).copied().collect();
        let (plan, problems) = build::build(&desired.without(&settings), snapshot);
        let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
        let not_counted: BTreeSet<_> = errors.map(|problem| problem.code).collect();
        let change = if not_counted.is_empty() {
            impact::policy_change(&plan, &calendar, today, config.today())
        } else {
            // Half of a policy is no policy: the tenant counts as it is.
            Some(impact::no_change(&plan, today, config.today()))
        };
        (plan, change, not_counted)
    };
    let not_known = |why: TenantError, open: Vec<HeldChange>| {
        let reason = HoldReason::NotKnown(why.clone());
        let held = open.into_iter().map(|held| HeldChange { why: reason.clone(), ..held }).collect();
        (ImpactResult::Unknown(why), held)
    };
    let (plan, change, mut not_counted) = planned(held);
    if let Some(why) = unknown_change(&plan) {
        return not_known(why, open);
    }
    let Some(change) = change else { return (ImpactResult::Unaffected, Vec::new()) };
    if let Some(why) = unread_document(snapshot) {
        return not_known(why, open);
    }
    let waivers: Vec<_> = desired.waivers.iter().map(|located| located.waiver.clone()).collect();
    let range = if change.at > today { ForecastRange::At(change.at) } else { ForecastRange::Until(None) };
    let ahead = ForecastMoments { waivers: &waivers, range, by, lists: true };
    let read = async |change: &PolicyChange, ahead| {
        let tenant = situation(snapshot, calendar.clone(), today);
        Counted::read(context, reader, &desired.tenant, change, tenant, ahead).await
    };
    // Whom a list names, and what they have in common, is asked of the plan that is left.
    let asks_more = by.is_some() || context.people_file.is_some();
    // What cannot be planned makes no step, so that none has to wait.
    let has_conditions = !open.is_empty() && not_counted.is_empty();
    let open = if has_conditions { open } else { Vec::new() };
    let first = if has_conditions { ForecastMoments { by: None, lists: false, ..ahead } } else { ahead };
    let mut people = match read(&change, first).await {
        Ok(people) => people,
        Err(why) => return not_known(why, open),
    };
    // Whoever is in scope decides how many are ready for a second method, so each step is judged by the plan that is left.
    let (mut change, mut open, mut waiting) = (change, open, Vec::new());
    while let Some(found) = first_not_ready(context, plan.tenant_id, &change, &people.impact(&change, ahead), &open) {
        open.retain(|held| found.iter().all(|waits| waits.condition != held.condition));
        waiting.extend(found);
        let (_, left, problems) = planned(&held.iter().chain(&waiting).cloned().collect::<Vec<_>>());
        let Some(left) = left else { return (ImpactResult::Unaffected, waiting) };
        (change, not_counted) = (left, problems);
    }
    if has_conditions && asks_more {
        people = match read(&change, ahead).await {
            Ok(people) => people,
            Err(why) => return (ImpactResult::Unknown(why), waiting),
        };
    }
    let mut impact = Impact { not_counted, ..people.impact(&change, ahead) };
    // What a plan says in any case: the facts about the whole tenant that could not be read.
    impact.unread.splice(0..0, unread_documents(snapshot));
    impact.forecast.past = today < day_of_reading(snapshot);
    (ImpactResult::Counted(Box::new(impact)), waiting)
}

/// The changes under the first condition that is not met, by the people who could reset if every open step was made;
/// `None` if each is met.
fn first_not_ready(
    context: &RunContext,
    tenant: TenantId,
    change: &PolicyChange,
    impact: &Impact,
    open: &[HeldChange],
) -> Option<Vec<HeldChange>> {
    let counts = ReadyCounts::of(&impact.forecast);
    let reason = |condition: &StepCondition| {
        let Some((_, newest)) = impact.refreshed else {
            let message = "the registration report does not say when its lines were refreshed";
            return Some(HoldReason::NotKnown(TenantError::new(TenantErrorKind::UnexpectedResponse, message)));
        };
        let threshold = condition.readiness.able.0;
        let ready = readiness::observe(context, tenant, &change.after.digest(), (newest, counts), threshold);
        condition.hold((newest, ready), context.clock.now())
    };
    open.iter().find_map(|first| {
        let why = reason(&first.condition)?;
        let its = open.iter().filter(|held| held.condition == first.condition);
        Some(its.map(|held| HeldChange { why: why.clone(), ..held.clone() }).collect())
    })
}

/// The people of a tenant as they were read.
struct Counted {
    census: Census,
    tenant: TenantSituation,
    unread: Vec<UnreadFact>,
    refreshed: Option<(Timestamp, Timestamp)>,
    grouped: Option<GroupedPeople>,
}

impl Counted {
    async fn read(
        context: &RunContext,
        reader: &TenantReader,
        name: &TenantName,
        change: &PolicyChange,
        tenant: TenantSituation,
        ahead: ForecastMoments<'_>,
    ) -> Result<Self, TenantError> {
        let policies = [&change.before, &change.after];
        let (census, PeopleRead { tenant, unread, refreshed, texts: _ }, grouped) =
            census(context, reader, name, policies, tenant, ahead).await?;
        Ok(Self { census, tenant, unread, refreshed, grouped })
    }

    /// Whom a change affects. It names no other users and groups than the change for which people were read.
    fn impact(&self, change: &PolicyChange, ahead: ForecastMoments<'_>) -> Impact {
        let Self { census, tenant, unread, refreshed, grouped } = self;
        let forecast = forecast(census, tenant, [&change.before, &change.after], ahead.waivers, ahead.range);
        let (unread, grouped) = (unread.clone(), grouped.clone());
        Impact { unread, refreshed: *refreshed, forecast, grouped, ..change.count(census, tenant) }
    }
}

/// What decides about the moments of a forecast, besides policies and calendar.
#[derive(Clone, Copy)]
pub(crate) struct ForecastMoments<'a> {
    pub(crate) waivers: &'a [Waiver],
    pub(crate) range: ForecastRange,
    /// What people are counted by, besides all of them together.
    pub(crate) by: Option<GroupedBy>,
    /// Whether people are listed where the run makes a file of them.
    pub(crate) lists: bool,
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
    ForecastMoments { waivers, range, by, lists }: ForecastMoments<'_>,
) -> Result<(Census, PeopleRead, Option<GroupedPeople>), TenantError> {
    let counted = match by {
        Some(GroupedBy::Column(column)) => Some(column),
        Some(GroupedBy::Group | GroupedBy::Method) | None => None,
    };
    let (mut census, mut tally) = (Census::new(policies), TextTally::new());
    let list = context.people_file.as_ref().filter(|_| lists);
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

/// Counts the people in scope whose password is on premises, and those who cannot reset today because it is not written back.
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
