//! What `plan --impact` adds: the people that a plan touches.

use std::ops::ControlFlow;

use crate::catalog::desired::Desired;
use crate::cli::compose::Context;
use crate::client::TenantReader;
use crate::plan::build;
use crate::review::approve::{self, ImpactResult, Review};
use crate::review::config::ReviewConfig;
use crate::review::impact::{self, DECIDING_SETTINGS, GroupMembers, Impact, PolicyChange};
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::group::ReadMembers;
use crate::tenant::registration::ReadRegistration;
use crate::tenant::snapshot::{self, Snapshot};
use crate::tenant::surface::Surface;

/// Reads a tenant and reviews what the policy would change in it, and for how many.
///
/// # Errors
/// When the tenant cannot be read at all, or is another one than the policy names.
pub async fn review(
    setup: &Context,
    reader: &TenantReader,
    desired: &Desired,
    standards: &ReviewConfig,
) -> Result<Review, TenantError> {
    let wanted = desired.read_set();
    let mut more = wanted.clone();
    // Who can reset is decided by these, also where the policy manages only some of it.
    if DECIDING_SETTINGS.iter().any(|name| desired.setting(name).is_some()) {
        more.surfaces.extend([Surface::PasswordReset, Surface::AuthenticationMethods]);
        more.surfaces.sort_unstable();
        more.surfaces.dedup();
    }
    let snapshot = snapshot::read(reader, &desired.tenant, &more, &setup.clock).await?;
    let people = people(setup, reader, desired, &snapshot).await;
    // What was read beside is not judged: a plan says the same with and without people.
    let review = approve::review(desired, &snapshot.restricted_to(&wanted), standards);
    Ok(Review { impact: Some(people), ..review })
}

async fn people(setup: &Context, reader: &TenantReader, desired: &Desired, snapshot: &Snapshot) -> ImpactResult {
    let (plan, _) = build::build(desired, snapshot);
    let counted = match impact::shift(&plan) {
        Ok(None) => return ImpactResult::Unaffected,
        Ok(Some(shift)) => count(setup, reader, &shift).await,
        Err(name) => {
            let why =
                plan.unknown.iter().find(|unknown| unknown.setting.name == name).map(|unknown| unknown.why.clone());
            Err(why.unwrap_or_else(|| TenantError::new(TenantErrorKind::NotFound, format!("{name} is not known"))))
        }
    };
    setup.output.progress("");
    counted.map_or_else(ImpactResult::Unknown, ImpactResult::Counted)
}

async fn count(setup: &Context, reader: &TenantReader, shift: &PolicyChange) -> Result<Impact, TenantError> {
    let mut members = Vec::new();
    if let Some(group) = shift.group() {
        let mut each = |id| {
            members.push(id);
            ControlFlow::Continue(())
        };
        reader.members(group, &mut each).await?;
    }
    let members: GroupMembers = members.into_iter().collect();
    let (mut impact, mut seen) = (Impact::default(), 0_u64);
    let mut each = |person| {
        shift.count(&mut impact, &person, &members);
        seen += 1;
        if seen.is_multiple_of(999) {
            setup.output.progress(&format!("{seen} users counted"));
        }
    };
    reader.people(&mut each).await?;
    Ok(impact)
}
