//! How many people a plan affects: reads the registration report, and the members of a group that comes into scope.

use std::ops::ControlFlow;

use crate::catalog::desired::Desired;
use crate::client::TenantReader;
use crate::engine::context::RunContext;
use crate::engine::progress::Progress;
use crate::plan::build;
use crate::review::approve::{self, ImpactResult, Review};
use crate::review::config::ReviewConfig;
use crate::review::impact::{self, DECIDING_SETTINGS, GroupMembers, Impact, PolicyChange};
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::snapshot::{self, Snapshot};
use crate::tenant::surface::Surface;

/// How many users are read before progress is reported again.
const REPORT_EVERY: u64 = 999;

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
    // These settings decide together who can reset, so all of them are read even if the policy manages only one.
    if DECIDING_SETTINGS.iter().any(|name| desired.setting(name).is_some()) {
        all.surfaces.extend([Surface::PasswordReset, Surface::AuthenticationMethods]);
        all.surfaces.sort_unstable();
        all.surfaces.dedup();
    }
    let snapshot = snapshot::read(reader, &desired.tenant, &all, &context.clock).await?;
    let impact = count_affected(context, reader, desired, &snapshot).await;
    // The review sees only what a plan reads, so that it is the same with and without the impact.
    let review = approve::review(desired, &snapshot.restricted_to(&planned), config);
    Ok(Review { impact: Some(impact), ..review })
}

async fn count_affected(
    context: &RunContext,
    reader: &TenantReader,
    desired: &Desired,
    snapshot: &Snapshot,
) -> ImpactResult {
    let (plan, _) = build::build(desired, snapshot);
    let counted = match impact::shift(&plan) {
        Ok(None) => return ImpactResult::Unaffected,
        Ok(Some(change)) => count(context, reader, &change).await,
        Err(name) => {
            let why =
                plan.unknown.iter().find(|unknown| unknown.setting.name == name).map(|unknown| unknown.why.clone());
            Err(why.unwrap_or_else(|| TenantError::new(TenantErrorKind::NotFound, format!("{name} is not known"))))
        }
    };
    context.report(Progress::CountingEnded);
    counted.map_or_else(ImpactResult::Unknown, ImpactResult::Counted)
}

async fn count(context: &RunContext, reader: &TenantReader, change: &PolicyChange) -> Result<Impact, TenantError> {
    let mut members = Vec::new();
    if let Some(group) = change.group() {
        let mut each = |id| {
            members.push(id);
            ControlFlow::Continue(())
        };
        reader.members(group, &mut each).await?;
    }
    let members: GroupMembers = members.into_iter().collect();
    let (mut impact, mut users) = (Impact::default(), 0_u64);
    let mut each = |person| {
        change.count(&mut impact, &person, &members);
        users += 1;
        if users.is_multiple_of(REPORT_EVERY) {
            context.report(Progress::UsersCounted(users));
        }
    };
    reader.people(&mut each).await?;
    Ok(impact)
}
