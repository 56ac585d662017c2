//! How many people of a tenant can reset: today, once its policy is applied, and on each date that lies ahead.

use jiff::Timestamp;

use crate::base::finding::{Finding, Severity};
use crate::base::ids::TenantId;
use crate::catalog::desired::Desired;
use crate::client::TenantReader;
use crate::engine::context::RunContext;
use crate::engine::impact::{ForecastMoments, census, read_deciding, unknown_change, unread_document, unread_facts};
use crate::engine::people::{PeopleRead, day_of_facts, day_of_reading, situation};
use crate::engine::readiness;
use crate::engine::result::TenantResult;
use crate::engine::tenants::for_each_tenant;
use crate::person::by_value::GroupedPeople;
use crate::person::forecast::{ForecastCounts, forecast};
use crate::person::pace::TenantReadiness;
use crate::person::policy_state::PolicyState;
use crate::person::readiness::ReadyCounts;
use crate::plan::build;
use crate::review::approve::plan_and_review;
use crate::review::config::ReviewConfig;
use crate::tenant::error::TenantError;
use crate::tenant::facts::UnreadFact;

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
    let ahead = ForecastMoments { waivers: &waivers, range, by, lists: true };
    let (census, PeopleRead { tenant, unread, refreshed, texts: _ }, grouped) =
        census(context, reader, &desired.tenant, policies, tenant, ahead).await?;
    let is_current = tenant.today == day_of_reading(&snapshot);
    let counts = ForecastCounts { past: !is_current, ..forecast(&census, &tenant, policies, &waivers, range) };
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
