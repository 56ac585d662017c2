//! The plan that reverses an earlier run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::future;

use crate::apply::entry::ApplyEnd;
use crate::apply::run_record::{RunRecord, TenantRecord};
use crate::base::cloud::Cloud;
use crate::base::ids::{ObjectId, TenantId, TenantName};
use crate::base::source::{Place, Source};
use crate::base::value::Value;
use crate::client::TenantReader;
use crate::engine::context::RunContext;
use crate::engine::error::RunError;
use crate::engine::policies::{folder_of, load_from};
use crate::engine::result::{PlannedTenant, TenantResult};
use crate::engine::selection::Selection;
use crate::plan::change::{Change, Plan};
use crate::plan::reversal::source_of_run;
use crate::policy::gate::has_yaml_ending;
use crate::policy::roots::Roots;
use crate::review::approve::Review;
use crate::review::rollback;
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::snapshot::{self, ReadSet};
use crate::tenant::surface::{Service, Surface};

/// Plans the reversal of a run, for every tenant of it that the selection names. Writes nothing.
pub(crate) async fn plan_reversal(context: &RunContext, record: &RunRecord) -> Vec<PlannedTenant> {
    let source = Arc::new(Source::new(source_of_run(&record.run.to_string()), ""));
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

/// What a policy still asks for that a rollback takes back, so that the next apply makes it again.
pub(crate) struct StillDesired {
    /// The tenant, as the rollback names it.
    pub(crate) tenant: String,
    /// The settings, each with its place in the policy or in a baseline.
    pub(crate) settings: Vec<(&'static str, Place)>,
}

/// What the policies here still ask for: those at `policies`, if there are any, and those that the run applied.
pub(crate) fn still_desired(
    context: &RunContext,
    record: &RunRecord,
    planned: &[PlannedTenant],
    policies: &Path,
) -> Vec<StillDesired> {
    let Ok(folder) = folder_of(context) else { return Vec::new() };
    let applied = record.tenants.values().filter_map(|known| Some(PathBuf::from(&known.started.as_ref()?.policy)));
    let applied = applied.filter(|path| has_yaml_ending(path));
    let paths = applied.chain([policies.to_owned()]).filter(|path| folder.join(path).exists());
    let paths: Vec<PathBuf> = paths.collect();
    let all = Selection { tenant: None, shard: None, ring: None, services: &Service::ALL };
    let loaded = load_from(&Roots::new(folder, None), &paths, &all, context.today);
    let still = planned.iter().filter_map(|one| {
        let plan = &one.result.as_ref().ok()?.1.plan;
        let is_same = |tenant: &TenantName| {
            let tenant = tenant.to_string();
            tenant.eq_ignore_ascii_case(&one.tenant) || tenant == plan.tenant_id.to_string()
        };
        let desired = loaded.desired.iter().find(|desired| is_same(&desired.tenant))?;
        let changes = plan.changes().into_iter();
        let settings: Vec<_> = changes
            .filter_map(|change| {
                let wanted = desired.setting(change.setting.name)?;
                differs(&wanted.value, &change, plan).then(|| (change.setting.name, wanted.place.clone()))
            })
            .collect();
        (!settings.is_empty()).then(|| StillDesired { tenant: one.tenant.clone(), settings })
    });
    still.collect()
}

/// Whether a policy asks for another value than a change leaves. A change may be of some members of a set alone.
fn differs(wanted: &Value, change: &Change, plan: &Plan) -> bool {
    let named = |id: &ObjectId, name: &String| {
        plan.group_names.get(id) == Some(name) || name.eq_ignore_ascii_case(&id.to_string())
    };
    match (wanted, &change.before, &change.after) {
        (Value::Set(wanted), Value::Set(before), Value::Set(after)) => {
            before.difference(after).any(|gone| wanted.contains(gone))
                || !after.iter().all(|one| wanted.contains(one) || before.contains(one))
        }
        (Value::GroupName(name), _, Value::Group(id)) => !named(id, name),
        (Value::GroupNames(names), _, Value::Groups(ids)) => {
            names.len() != ids.len() || !ids.iter().all(|id| names.iter().any(|name| named(id, name)))
        }
        (wanted, _, after) => wanted != after,
    }
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
    let mut review = rollback::plan_and_review(&sent, &snapshot, cloud, source)?;
    if let Some(started) = started {
        review.plan.tenant = TenantName::parse(&started.tenant);
    }
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
