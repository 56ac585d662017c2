//! Everything of one tenant that `show`, `import` and `snapshot` read.

use std::path::Path;
use std::time::Duration;

use futures::future;

use crate::base::cloud::Cloud;
use crate::base::ids::TenantName;
use crate::base::signature::SigningKey;
use crate::catalog::desired::Desired;
use crate::catalog::tenant_calendar::TenantCalendar;
use crate::client::TenantReader;
use crate::engine::context::RunContext;
use crate::engine::error::RunError;
use crate::engine::impact;
use crate::engine::people::ReadingWatch;
use crate::engine::progress::Progress;
use crate::engine::result::{TenantReports, TenantResult};
use crate::engine::tenants::for_each_tenant;
use crate::plan::import::{PolicyDraft, SkippedSetting, import_policy};
use crate::plan::public_snapshot::format::PublishedTenant;
use crate::plan::public_snapshot::publish;
use crate::plan::references;
use crate::plan::score;
use crate::policy::document::PolicyFile;
use crate::policy::gate::write_named;
use crate::review::approve;
use crate::review::config::ReviewConfig;
use crate::review::import_check;
use crate::tenant::error::TenantError;
use crate::tenant::facts::{FactsToRead, UnreadFact};
use crate::tenant::group::GroupQuery;
use crate::tenant::registration::RegistrationReport;
use crate::tenant::snapshot::{self, ReadSet, Snapshot};
use crate::tenant::surface::Surface;

/// A reader for the one tenant that the selection names.
///
/// # Errors
/// When no tenant is named, or it cannot be reached at all.
pub(crate) fn single_reader(context: &RunContext, cloud: Cloud) -> Result<(TenantName, TenantReader), RunError> {
    let name = context.selection.single_tenant()?;
    let reader = context.reader(&name, cloud)?;
    Ok((name, reader))
}

/// What `import` makes of a tenant.
#[derive(Debug)]
pub(crate) struct ImportedTenant {
    pub(crate) snapshot: Snapshot,
    /// The policy that describes the tenant as it is; `None` where its settings make no valid policy.
    pub(crate) policy: Option<PolicyFile>,
    /// The settings that are not in the policy, each with the reason.
    pub(crate) skipped: Vec<SkippedSetting>,
}

impl ImportedTenant {
    /// The id of the group in the policy's scope, if its name is not known.
    #[must_use]
    pub(crate) fn unnamed_group(&self) -> Option<String> {
        let policy = serde_json::to_value(self.policy.as_ref()?).ok()?;
        let id = policy.pointer("/scope/group")?.as_str()?;
        let is_named = references::names(&self.snapshot).keys().any(|known| known.to_string() == id);
        (!is_named).then(|| id.to_owned())
    }
}

/// Reads every setting of the one tenant that the selection names, and describes it by a policy.
///
/// # Errors
/// When no tenant is named, or it cannot be read at all.
pub(crate) async fn import(
    context: &RunContext,
    cloud: Cloud,
    config: &ReviewConfig,
) -> Result<ImportedTenant, RunError> {
    let (name, reader) = single_reader(context, cloud)?;
    let read_set = everything(Surface::ALL.to_vec(), Vec::new());
    let snapshot = snapshot::read(&reader, &name, &read_set, &context.clock).await?;
    Ok(describe(snapshot, &name, cloud, config))
}

/// Describes by a policy what a snapshot has, by the levels of rules that the repository sets.
pub(crate) fn describe(snapshot: Snapshot, name: &TenantName, cloud: Cloud, config: &ReviewConfig) -> ImportedTenant {
    let check = |draft: &PolicyDraft| import_check::first_invalid_setting(draft, config);
    let (policy, skipped) = import_policy(&snapshot, name, cloud, check);
    ImportedTenant { snapshot, policy, skipped }
}

/// Reads every setting and the reports of a tenant; the score is forecast for the policy of `desired`, where there is one.
///
/// # Errors
/// When it cannot be read at all.
pub(crate) async fn read_with_reports(
    context: &RunContext,
    (name, cloud): (&TenantName, Cloud),
    count_registration: bool,
    desired: Option<(Desired, ReviewConfig)>,
) -> Result<(Snapshot, TenantReports), RunError> {
    let reader = context.reader(name, cloud)?;
    let groups = desired.as_ref().map(|(desired, _)| desired.read_set().groups).unwrap_or_default();
    let mut snapshot =
        snapshot::read(&reader, name, &everything(Surface::ALL.to_vec(), groups), &context.clock).await?;
    if count_registration && snapshot.facts.hybrid.is_some_and(|hybrid| hybrid.synchronised) {
        let counted = impact::synchronised(context, &reader, &snapshot, TenantCalendar::of(cloud)).await;
        match counted {
            Ok(people) => snapshot.facts.synchronised_people = Some(people),
            Err(why) => snapshot.facts.unread.push(UnreadFact { what: "synchronised people", why }),
        }
    }
    let (score, registration) = future::join(reader.score(), registration(context, &reader, count_registration)).await;
    let known = score.as_ref().ok().and_then(Option::as_ref);
    let forecast = desired.map(|(desired, config)| {
        let plan = approve::plan_and_review(&desired, &snapshot, &config).plan;
        (desired.source.path.clone(), score::forecast(known, &plan))
    });
    Ok((snapshot, TenantReports { registration, score, forecast }))
}

/// Counts who registered, if that is requested: it takes a request for every thousand users.
async fn registration(
    context: &RunContext,
    reader: &TenantReader,
    count: bool,
) -> Option<Result<RegistrationReport, TenantError>> {
    if !count {
        return None;
    }
    let watch = ReadingWatch::start(context, None);
    let counted = reader.registration(&|users| watch.report(users, Duration::ZERO)).await;
    context.report(Progress::ReadingEnded);
    Some(counted)
}

/// Reads the part of every tenant that a public snapshot may hold.
pub(crate) async fn publish_all(context: &RunContext, desired: Vec<Desired>) -> Vec<TenantResult<PublishedTenant>> {
    for_each_tenant(context, desired, async |reader, desired| {
        // A proposal may manage more settings than the policy does now.
        let surfaces = Surface::ALL.into_iter().filter(|surface| !surface.is_optional()).collect();
        let read_set = everything(surfaces, desired.read_set().groups);
        let snapshot = snapshot::read(&reader, &desired.tenant, &read_set, &context.clock).await?;
        Ok(publish::publish(&desired, &snapshot))
    })
    .await
}

/// Writes a public snapshot, signed where there is a key, and returns how many tenants it has.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn save_published(
    context: &RunContext,
    published: Vec<PublishedTenant>,
    out: &Path,
    key: Option<&SigningKey>,
) -> Result<usize, RunError> {
    let many = published.len();
    let text = publish::text(published, context.sandbox, context.clock.now(), key)
        .map_err(|error| RunError::failed(format!("the snapshot cannot be written: {error}")))?;
    write_named(out, text.as_bytes()).map_err(|error| RunError::unwritten(out, &error))?;
    Ok(many)
}

fn everything(surfaces: Vec<Surface>, groups: Vec<GroupQuery>) -> ReadSet {
    ReadSet { surfaces, groups, asked: FactsToRead { licence: true, hybrid: true }, ..ReadSet::default() }
}
