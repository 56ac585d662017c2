//! How many people a plan affects.

use std::time::Duration;

use crate::catalog::desired::Desired;
use crate::catalog::tenant_calendar::TenantCalendar;
use crate::client::TenantReader;
use crate::engine::context::RunContext;
use crate::engine::people::{self, PeopleRead, ReadingWatch, day_of_facts, situation};
use crate::engine::progress::Progress;
use crate::person::assess::count_synchronised;
use crate::person::census::Census;
use crate::person::facts::{PersonFacts, TenantSituation};
use crate::person::forecast::forecast;
use crate::person::forecast_dates::ForecastRange;
use crate::person::policy_state::{PolicyState, ResetScope};
use crate::plan::build;
use crate::policy::waiver::Waiver;
use crate::review::approve::{self, Review};
use crate::review::config::ReviewConfig;
use crate::review::impact::{self, Impact, ImpactResult, PolicyChange};
use crate::tenant::error::TenantError;
use crate::tenant::facts::{FactsToRead, SynchronisedPeople};
use crate::tenant::snapshot::{self, Snapshot};
use crate::tenant::surface::Surface;

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
    let waivers: Vec<_> = desired.waivers.iter().map(|located| located.waiver.clone()).collect();
    let counted = count(context, reader, &change, situation(snapshot, calendar, today), &waivers).await;
    context.report(Progress::ReadingEnded);
    counted.map_or_else(ImpactResult::Unknown, |impact| ImpactResult::Counted(Box::new(impact)))
}

async fn count(
    context: &RunContext,
    reader: &TenantReader,
    change: &PolicyChange,
    tenant: TenantSituation,
    waivers: &[Waiver],
) -> Result<Impact, TenantError> {
    let policies = [&change.before, &change.after];
    let mut census = Census::new(policies);
    let mut each = |tenant: &TenantSituation, person: &PersonFacts<'_>| census.add(&tenant.groups, person);
    let PeopleRead { tenant, unread, refreshed } = people::read(context, reader, tenant, &policies, &mut each).await?;
    let range = if change.at > tenant.today { ForecastRange::At(change.at) } else { ForecastRange::Until(None) };
    let forecast = forecast(&census, &tenant, policies, waivers, range);
    Ok(Impact { unread, refreshed, forecast, ..change.count(&census, &tenant) })
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
    let accounts = reader.accounts(&|users| watch.report(users, Duration::ZERO)).await?;
    let mut counted = SynchronisedPeople::default();
    for (id, account) in accounts.iter() {
        let person = PersonFacts { id, account: Some(account), report: None };
        count_synchronised(&mut counted, 1, &policy, &tenant, &person, today);
    }
    Ok(counted)
}
