//! `rollback`: a run taken back, as a plan like any other.

use std::sync::Arc;

use crate::apply::run_record::{RunRecord, TenantRecord};
use crate::base::cloud::Cloud;
use crate::base::exit::Exit;
use crate::base::ids::{TenantId, TenantName};
use crate::base::source::Source;
use crate::cli::compose::Context;
use crate::cli::failure::RunError;
use crate::cli::stop::Shutdown;
use crate::cli::write_options::{HistoryArgs, RollbackArgs};
use crate::cli::{applied, approval, history, rollout};
use crate::client::TenantReader;
use crate::render::report::TenantResult;
use crate::review::approve::Review;
use crate::review::rings::Rings;
use crate::review::rollback;
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::snapshot::{self, ReadSet};

/// Takes back what a run did, tenant by tenant, where a person or `--auto-approve` says yes to it.
///
/// # Errors
/// When the run is not known, or the result cannot be written.
pub async fn run(setup: &Context, arguments: &RollbackArgs, stop: &Shutdown) -> Result<Exit, RunError> {
    let write = &arguments.write;
    let journal = HistoryArgs { run: None, journal: write.journal.clone() };
    let past = history::find(&journal, &arguments.run)?;
    let source = Arc::new(Source { path: format!("run {}", past.run), text: String::new() });
    let only = setup.options.tenant.as_ref();
    let wanted = |known: &TenantRecord| only.is_none_or(|pattern| pattern.matches(&name(known)));
    let tenants = past.tenants.iter().filter(|(_, known)| wanted(known));
    let works = tenants.map(|(id, known)| plan(setup, *id, known, &source));
    let plans = async {
        let planned = futures::future::join_all(works).await;
        let yes = approval::approved(setup, write, &planned).await?;
        Ok::<_, RunError>((planned, yes))
    };
    let (planned, yes) = match stop.run_until_requested(plans).await {
        Ok(prepared) => prepared?,
        Err(exit) => return Ok(applied::stopped(setup, exit)),
    };
    refuse_nothing(&planned, &past)?;
    let tenants = rollout::apply_by_ring(setup, planned, &Rings::default(), yes, write, stop).await;
    applied::tell(setup, &tenants, stop)
}

fn refuse_nothing(planned: &[approval::Planned], past: &RunRecord) -> Result<(), RunError> {
    if planned.is_empty() {
        return Err(RunError::failed(format!("run {} did nothing to such a tenant", past.run))
            .hint("`ssprctl history` tells what each run did"));
    }
    Ok(())
}

async fn plan(setup: &Context, id: TenantId, known: &TenantRecord, source: &Arc<Source>) -> approval::Planned {
    let result = undo(setup, id, known, source).await;
    TenantResult { tenant: name(known), path: source.path.clone(), result }
}

async fn undo(
    setup: &Context,
    id: TenantId,
    known: &TenantRecord,
    source: &Arc<Source>,
) -> Result<(TenantReader, Review), TenantError> {
    let begun = known.started.as_ref();
    let cloud = begun.map_or(Some(Cloud::default()), |begun| Cloud::named(&begun.cloud));
    let cloud = cloud.ok_or_else(|| {
        TenantError::new(TenantErrorKind::Refused, "the journal names a cloud that this program does not know")
            .hint("take it back with the program that applied it")
    })?;
    // The id is what the run proved; a name may have moved to another tenant since.
    let tenant = TenantName::Id(id);
    let reader = setup.reader(&tenant, cloud)?;
    let sent = known.sent();
    let mut surfaces: Vec<_> = sent.iter().map(|one| one.surface).collect();
    surfaces.sort_unstable();
    surfaces.dedup();
    let wanted = ReadSet { surfaces, ..ReadSet::default() };
    let snapshot = snapshot::read(&reader, &tenant, &wanted, &setup.clock).await?;
    let review = rollback::review(&sent, &snapshot, cloud, source)?;
    Ok((reader, review))
}

fn name(known: &TenantRecord) -> String {
    known.started.as_ref().map_or_else(|| "a tenant".to_owned(), |begun| begun.tenant.clone())
}
