//! The plans of a run with their findings, before anything is written.

use crate::catalog::desired::Desired;
use crate::client::TenantReader;
use crate::engine::context::RunContext;
use crate::engine::error::RunError;
use crate::engine::impact::{ImpactQuestion, review_with_impact};
use crate::engine::progress::Progress;
use crate::engine::result::{PlannedTenant, TenantResult};
use crate::engine::tenants::for_each_tenant;
use crate::review::approve::{self, Review};
use crate::review::config::ReviewConfig;
use crate::review::exceptions::{self, Exception};
use crate::review::file::format::SavedReview;
use crate::tenant::error::TenantError;
use crate::tenant::snapshot;

/// Reads a tenant and reviews what its policy would change; where people are asked for, where the repository limits how many
/// may lose the reset, or where the policy makes a step only once enough people are ready, also for how many people.
///
/// # Errors
/// When the tenant cannot be read at all, or is another one than the policy names.
pub(crate) async fn review_tenant(
    context: &RunContext,
    reader: &TenantReader,
    desired: &Desired,
    config: &ReviewConfig,
    question: ImpactQuestion,
) -> Result<Review, TenantError> {
    review_with_held(context, reader, desired, config, question, &[]).await
}

/// Like [`review_tenant`], where a saved review holds the settings in `reviewed`: they stay held, whoever is ready now.
async fn review_with_held(
    context: &RunContext,
    reader: &TenantReader,
    desired: &Desired,
    config: &ReviewConfig,
    question: ImpactQuestion,
    reviewed: &[&str],
) -> Result<Review, TenantError> {
    desired.check_not_empty()?;
    let question = ImpactQuestion { people: question.people || config.reads_people(), ..question };
    if question.people || (!desired.conditions.is_empty() && !config.only_reports()) {
        return review_with_impact(context, reader, desired, config, question, reviewed).await;
    }
    let read_set = if config.only_reports() { desired.read_set_of_report() } else { desired.read_set() };
    let snapshot = snapshot::read(reader, &desired.tenant, &read_set, &context.clock).await?;
    Ok(approve::plan_and_review(desired, &snapshot, config))
}

/// Plans every tenant for an apply. With `adopt`, an unmanaged object for the same purpose may be taken over. What `saved` holds
/// stays held. Writes nothing.
pub(crate) async fn plan_all(
    context: &RunContext,
    desired: Vec<Desired>,
    config: &ReviewConfig,
    adopt: bool,
    saved: Option<&SavedReview>,
) -> Vec<PlannedTenant> {
    for_each_tenant(context, desired, async |reader, desired| {
        let reader = reader.adopting(adopt);
        let reviewed = saved.map(|saved| saved.held(&desired.tenant)).unwrap_or_default();
        let review = review_with_held(context, &reader, &desired, config, ImpactQuestion::default(), &reviewed).await?;
        Ok((reader, review))
    })
    .await
}

/// The reviews of the tenants that could be planned.
pub(crate) fn reviews(planned: &[PlannedTenant]) -> impl Iterator<Item = &Review> {
    planned.iter().filter_map(|one| one.result.as_ref().ok()).map(|(_, review)| review)
}

/// Refuses a run that would change more tenants than the repository's limits allow, as a whole or in one ring. A tenant that cannot be applied for
/// another reason does not count.
///
/// # Errors
/// The numbers, and how to allow it.
pub(crate) fn check_limits<'a>(
    config: &ReviewConfig,
    reviews: impl Iterator<Item = &'a Review>,
) -> Result<(), RunError> {
    let changing = reviews.filter(|review| review.is_applicable()).map(|review| &review.plan.tenant);
    config.limits_exceeded(changing).map_or(Ok(()), |finding| Err(RunError::from_finding(&finding)))
}

/// Adds the findings of reviews to the exceptions that are about them.
pub(crate) fn count_findings<'a>(exceptions: &mut [Exception], reviews: impl Iterator<Item = &'a Review>) {
    let reviews: Vec<_> = reviews.collect();
    let (findings, silenced) = (reviews.iter().map(|one| &one.findings), reviews.iter().map(|one| &one.silenced));
    let waived = reviews.iter().flat_map(|one| &one.waived);
    exceptions::count(exceptions, findings.flatten(), waived, silenced.flatten());
}

/// Reports the keys of the tenants' documents that this version does not know.
pub(crate) fn report_unknown_keys<T: AsRef<Review>>(context: &RunContext, tenants: &[TenantResult<T>]) {
    let keys = tenants.iter().filter_map(|one| Some((one, one.result.as_ref().ok()?))).flat_map(|(one, review)| {
        let name = (tenants.len() > 1).then(|| one.tenant.clone());
        review.as_ref().plan.new_keys.iter().map(move |key| (name.clone(), key.clone()))
    });
    let keys: Vec<_> = keys.collect();
    if !keys.is_empty() {
        context.report(Progress::UnknownKeys(&keys));
    }
}
