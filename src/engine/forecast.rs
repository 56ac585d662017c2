//! How many people of a tenant can reset: today, once its policy is applied, and on each date that lies ahead.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::base::finding::{Finding, Severity};
use crate::base::ids::{ObjectId, TenantId};
use crate::catalog::desired::Desired;
use crate::client::TenantReader;
use crate::engine::context::RunContext;
use crate::engine::impact::{
    ForecastMoments, TextTally, census, read_deciding, unknown_change, unread_document, unread_facts,
};
use crate::engine::people::{PeopleRead, day_of_facts, situation};
use crate::engine::readiness::{self, TenantReadiness};
use crate::engine::result::TenantResult;
use crate::engine::tenants::for_each_tenant;
use crate::person::by_value::{CountedValue, ValueCounts, ValueTally, by_value};
use crate::person::census::Census;
use crate::person::facts::{PersonFacts, TenantSituation};
use crate::person::forecast::{ForecastCounts, forecast, moments};
use crate::person::policy_state::PolicyState;
use crate::person::readiness::ReadyCounts;
use crate::person::registered::RegisteredMethods;
use crate::plan::build;
use crate::review::approve::plan_and_review;
use crate::review::config::ReviewConfig;
use crate::tenant::account::TextNumbers;
use crate::tenant::api::ReadTenant;
use crate::tenant::error::TenantError;
use crate::tenant::facts::UnreadFact;
use crate::tenant::group::GroupQuery;

pub(crate) use crate::person::by_value::GroupedBy;
pub(crate) use crate::person::forecast_dates::ForecastRange;

/// The forecast of one tenant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TenantForecast {
    pub(crate) tenant_id: TenantId,
    /// The name of the cloud that hosts it, as in a policy.
    pub(crate) cloud: &'static str,
    /// When reading it began.
    pub(crate) taken: Timestamp,
    pub(crate) counts: ForecastCounts,
    /// The findings because of which a plan of the policy is refused.
    pub(crate) refused: Vec<Finding>,
    /// Whether the policy counts as applied from its row on. One that names something that the tenant does not have cannot be
    /// planned: the tenant counts as it is.
    pub(crate) counts_policy: bool,
    /// What could not be read, because of which people are unclear.
    pub(crate) unread: Vec<UnreadFact>,
    /// The times at which the oldest and the newest line of the report were refreshed.
    pub(crate) refreshed: Option<(Timestamp, Timestamp)>,
    /// The share of people who can reset with the policy over the days until now. `None` for a day that is past, and where the
    /// report has no time.
    pub(crate) readiness: Option<TenantReadiness>,
    /// The same people by what they have in common, where that was asked.
    pub(crate) grouped: Option<GroupedPeople>,
}

/// People by what they have in common.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GroupedPeople {
    pub(crate) by: GroupedBy,
    pub(crate) values: Vec<ValueCounts>,
}

/// What a forecast is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ForecastQuestion {
    pub(crate) range: ForecastRange,
    /// What people are counted by, besides all of them together.
    pub(crate) by: Option<GroupedBy>,
    /// The share of people, in percent, about which it is asked when it can reset.
    pub(crate) ready: u32,
}

impl TenantForecast {
    /// Whether it is certain that somebody falls out at one of the moments.
    pub(crate) fn has_losses(&self) -> bool {
        self.counts.rows.iter().any(|row| row.people.lose + row.administrators.lose > 0)
    }

    /// Whether something could not be read, and it is not known of somebody whether they fall out.
    pub(crate) fn is_incomplete(&self) -> bool {
        !self.unread.is_empty() && self.counts.unclear + self.counts.administrators_unclear > 0
    }
}

/// Reads the people of every tenant and counts them for today, for what is planned, and for the dates of a range.
pub(crate) async fn forecast_all(
    context: &RunContext,
    desired: Vec<Desired>,
    config: &ReviewConfig,
    question: ForecastQuestion,
) -> Vec<TenantResult<TenantForecast>> {
    for_each_tenant(context, desired, async |reader, desired| {
        forecast_tenant(context, &reader, &desired, config, question).await
    })
    .await
}

async fn forecast_tenant(
    context: &RunContext,
    reader: &TenantReader,
    desired: &Desired,
    config: &ReviewConfig,
    ForecastQuestion { range, by, ready }: ForecastQuestion,
) -> Result<TenantForecast, TenantError> {
    let snapshot = read_deciding(context, reader, desired).await?;
    let (plan, problems) = build::build(desired, &snapshot);
    if let Some(why) = unknown_change(&plan).or_else(|| unread_document(&snapshot)) {
        return Err(why);
    }
    let documents = plan.documents_after();
    let live = PolicyState::of(|surface| plan.seen.get(&surface));
    let is_error = |finding: &Finding| finding.severity == Severity::Error;
    let counts_policy = !problems.iter().any(is_error);
    let planned = PolicyState::of(|surface| {
        documents.get(&surface).filter(|_| counts_policy).or_else(|| plan.seen.get(&surface))
    });
    let review = plan_and_review(desired, &snapshot.restricted_to(&desired.read_set()), config);
    let refused = review.findings.into_iter().filter(is_error).collect();
    let tenant =
        situation(&snapshot, config.calendar(&desired.tenant, desired.cloud), day_of_facts(&snapshot, config.today()));
    let policies = [&live, &planned];
    let waivers: Vec<_> = desired.waivers.iter().map(|located| located.waiver.clone()).collect();
    let counted = match by {
        Some(GroupedBy::Column(column)) => Some(column),
        Some(GroupedBy::Group | GroupedBy::Method) | None => None,
    };
    let ahead = ForecastMoments { waivers: &waivers, range, counted };
    let (census, PeopleRead { tenant, unread, refreshed, texts }, tally) =
        census(context, reader, &desired.tenant, policies, tenant, ahead).await?;
    let grouped = match by {
        None => None,
        Some(by) => {
            let tally = match by {
                GroupedBy::Column(_) => by_text(&tally, &texts),
                GroupedBy::Group => by_group(reader, &census, &tenant, policies).await,
                GroupedBy::Method => by_method(&census),
            };
            let moments = moments(&tenant, policies, &waivers, range);
            let moments: Vec<_> = moments.into_iter().map(|(moment, _)| moment).collect();
            let profiles = census.people().map(|(person, _)| person);
            Some(GroupedPeople { by, values: by_value(&tally, profiles, &tenant, &moments) })
        }
    };
    let counts = forecast(&census, &tenant, policies, &waivers, range);
    let is_current = context.today >= plan.taken.to_zoned_datetime(TimeZone::UTC).date();
    let readiness = refreshed.filter(|_| is_current).map(|(_, newest)| {
        let counted = (newest, ReadyCounts::of(&counts));
        readiness::observe(context, plan.tenant_id, &planned.digest(), counted, ready)
    });
    Ok(TenantForecast {
        tenant_id: plan.tenant_id,
        cloud: plan.cloud.name(),
        taken: plan.taken,
        counts,
        refused,
        counts_policy,
        unread: unread_facts(&snapshot).into_iter().chain(unread).collect(),
        refreshed,
        readiness,
        grouped,
    })
}

/// How many people of which profile have which text of the directory.
fn by_text(tally: &TextTally, texts: &TextNumbers) -> ValueTally {
    let mut found = ValueTally::new();
    for ((text, profile), many) in tally {
        let value = match (*text, texts.text(*text)) {
            (TextNumbers::OTHERS, _) => CountedValue::Others,
            (_, Some(text)) => CountedValue::Named(text.to_owned()),
            (_, None) => CountedValue::Nothing,
        };
        *found.entry(value).or_default().entry(*profile).or_default() += many;
    }
    found
}

/// How many people of which profile are in which of the groups that the policies name. A group whose name cannot be read has its
/// id.
async fn by_group(
    reader: &TenantReader,
    census: &Census,
    tenant: &TenantSituation,
    policies: [&PolicyState; 2],
) -> ValueTally {
    let mut names = BTreeMap::new();
    for group in policies.into_iter().flat_map(PolicyState::groups) {
        let found = reader.groups(&GroupQuery::Id(group)).await.ok().and_then(|found| found.into_iter().next());
        names.insert(group, found.map_or_else(|| group.to_string(), |group| group.name));
    }
    of_profiles(census, |person| {
        let has = |group: &ObjectId| tenant.groups.contains(*group, person.id) == Some(true);
        names.iter().filter(|(group, _)| has(group)).map(|(_, name)| name.clone()).collect()
    })
}

/// How many people of which profile have registered which method that may reset a password.
fn by_method(census: &Census) -> ValueTally {
    of_profiles(census, |person| {
        let registered = person.report.map(|report| RegisteredMethods::read(&report.methods)).unwrap_or_default();
        registered.kinds.iter().map(|kind| kind.method().word().to_owned()).collect()
    })
}

/// The tally of values that follow from a profile; somebody may have several.
fn of_profiles(census: &Census, values: impl Fn(&PersonFacts<'_>) -> BTreeSet<String>) -> ValueTally {
    let mut found = ValueTally::new();
    for (profile, (person, many)) in census.people().enumerate() {
        let values = values(&person);
        let nothing = values.is_empty().then_some(CountedValue::Nothing);
        for value in values.into_iter().map(CountedValue::Named).chain(nothing) {
            *found.entry(value).or_default().entry(profile).or_default() += many;
        }
    }
    found
}
