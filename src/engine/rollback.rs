//! The plan that reverses an earlier run.

use std::sync::Arc;

use futures::future;

use crate::apply::entry::ApplyEnd;
use crate::apply::run_record::{RunRecord, TenantRecord};
use crate::base::cloud::Cloud;
use crate::base::ids::{TenantId, TenantName};
use crate::base::source::Source;
use crate::client::TenantReader;
use crate::engine::context::RunContext;
use crate::engine::error::RunError;
use crate::engine::result::{PlannedTenant, TenantResult};
use crate::review::approve::Review;
use crate::review::rollback;
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::snapshot::{self, ReadSet};
use crate::tenant::surface::Surface;

/// Plans the reversal of a run, for every tenant of it that the selection names. Writes nothing.
pub(crate) async fn plan_reversal(context: &RunContext, record: &RunRecord) -> Vec<PlannedTenant> {
    let source = Arc::new(Source::new(format!("run {}", record.run), ""));
    let only = context.selection.tenant.as_ref();
    let selected = |known: &TenantRecord| only.is_none_or(|pattern| pattern.matches(&name(known)));
    let tenants = record.tenants.iter().filter(|(_, known)| selected(known));
    let works = tenants.map(async |(id, known)| TenantResult {
        tenant: name(known),
        path: source.path.clone(),
        result: plan_tenant(context, *id, record, known, &source).await,
    });
    future::join_all(works).await
}

/// Checks that every line of a run's journal could be read, so that what was rolled back is all of it.
///
/// # Errors
/// When lines are damaged.
pub(crate) fn check_whole(record: &RunRecord) -> Result<(), RunError> {
    if record.damaged.is_empty() {
        return Ok(());
    }
    Err(RunError::failed(format!("only what can be read of run {} is rolled back: {}", record.run, record.damage()))
        .hint("compare the tenant with the policy from before the run: `ssprctl plan`"))
}

async fn plan_tenant(
    context: &RunContext,
    id: TenantId,
    record: &RunRecord,
    known: &TenantRecord,
    source: &Arc<Source>,
) -> Result<(TenantReader, Review), TenantError> {
    let started = known.started.as_ref();
    let cloud = started.map_or(Some(Cloud::default()), |started| Cloud::named(&started.cloud));
    let cloud = cloud.ok_or_else(|| {
        TenantError::new(TenantErrorKind::Refused, "the journal names a cloud that this program does not know")
            .hint("roll back with the program that applied it")
    })?;
    // The run proved the id; a name may belong to another tenant since then.
    let tenant = TenantName::Id(id);
    let reader = context.reader(&tenant, cloud)?;
    let sent = known.sent();
    if sent.is_empty() {
        return Err(nothing_to_reverse(record, known));
    }
    let mut surfaces: Vec<_> = sent.iter().map(|one| one.surface).collect();
    if surfaces.contains(&Surface::PasswordReset) {
        surfaces.push(Surface::AuthenticationMethods);
    }
    surfaces.sort_unstable();
    surfaces.dedup();
    let read_set = ReadSet { surfaces, ..ReadSet::default() };
    let snapshot = snapshot::read(&reader, &tenant, &read_set, &context.clock).await?;
    let review = rollback::plan_and_review(&sent, &snapshot, cloud, source)?;
    Ok((reader, review))
}

/// Why there is no request to reverse.
fn nothing_to_reverse(record: &RunRecord, known: &TenantRecord) -> TenantError {
    let refused = |message: String| TenantError::new(TenantErrorKind::Refused, message);
    if known.ended != Some(ApplyEnd::RolledBack) && !record.damaged.is_empty() {
        let message = format!("what run {} sent to this tenant is not known: {}", record.run, record.damage());
        return refused(message).hint("compare the tenant with the policy from before the run: `ssprctl plan`");
    }
    let why = match known.ended {
        Some(ApplyEnd::RolledBack) => "it has been rolled back already",
        Some(ApplyEnd::Applied | ApplyEnd::Incomplete | ApplyEnd::RollbackIncomplete | ApplyEnd::CutOff) | None => {
            "no request of it took effect"
        }
    };
    let hint = format!("`ssprctl history {}` shows what the run did", record.run);
    refused(format!("run {} leaves nothing to reverse in this tenant: {why}", record.run)).hint(hint)
}

fn name(known: &TenantRecord) -> String {
    known.started.as_ref().map_or_else(|| "a tenant".to_owned(), |started| started.tenant.clone())
}
