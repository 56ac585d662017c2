//! `rollback`: a run taken back, as a plan like any other.

use std::sync::Arc;

use crate::apply::past::{Past, PastTenant};
use crate::base::cloud::Cloud;
use crate::base::exit::Exit;
use crate::base::ids::{TenantId, TenantName};
use crate::base::source::Source;
use crate::cli::compose::Setup;
use crate::cli::failure::Failure;
use crate::cli::stop::Stop;
use crate::cli::write_options::{HistoryArgs, RollbackArgs};
use crate::cli::{applied, approval, history, rollout};
use crate::client::Reader;
use crate::render::report::PerTenant;
use crate::review::approve::Review;
use crate::review::rings::Rings;
use crate::review::rollback;
use crate::tenant::snapshot::{self, Wanted};
use crate::tenant::trouble::{Trouble, TroubleKind};

/// Takes back what a run did, tenant by tenant, where a person or `--auto-approve` says yes to it.
///
/// # Errors
/// When the run is not known, or the result cannot be written.
pub async fn run(setup: &Setup, arguments: &RollbackArgs, stop: &Stop) -> Result<Exit, Failure> {
    let write = &arguments.write;
    let journal = HistoryArgs { run: None, journal: write.journal.clone() };
    let past = history::find(&journal, &arguments.run)?;
    let source = Arc::new(Source { path: format!("run {}", past.run), text: String::new() });
    let only = setup.options.tenant.as_ref();
    let wanted = |known: &PastTenant| only.is_none_or(|pattern| pattern.matches(&name(known)));
    let tenants = past.tenants.iter().filter(|(_, known)| wanted(known));
    let works = tenants.map(|(id, known)| plan(setup, *id, known, &source));
    let plans = async {
        let planned = futures::future::join_all(works).await;
        let yes = approval::approved(setup, write, &planned).await?;
        Ok::<_, Failure>((planned, yes))
    };
    let (planned, yes) = match stop.or(plans).await {
        Ok(prepared) => prepared?,
        Err(exit) => return Ok(applied::stopped(setup, exit)),
    };
    refuse_nothing(&planned, &past)?;
    let tenants = rollout::all(setup, planned, &Rings::default(), yes, write, stop).await;
    applied::tell(setup, &tenants, stop)
}

fn refuse_nothing(planned: &[approval::Planned], past: &Past) -> Result<(), Failure> {
    if planned.is_empty() {
        return Err(Failure::failed(format!("run {} did nothing to such a tenant", past.run))
            .hint("`ssprctl history` tells what each run did"));
    }
    Ok(())
}

async fn plan(setup: &Setup, id: TenantId, known: &PastTenant, source: &Arc<Source>) -> approval::Planned {
    let result = undo(setup, id, known, source).await;
    PerTenant { tenant: name(known), path: source.path.clone(), result }
}

async fn undo(
    setup: &Setup,
    id: TenantId,
    known: &PastTenant,
    source: &Arc<Source>,
) -> Result<(Reader, Review), Trouble> {
    let begun = known.begun.as_ref();
    let cloud = begun.map_or(Some(Cloud::default()), |begun| Cloud::named(&begun.cloud));
    let cloud = cloud.ok_or_else(|| {
        Trouble::new(TroubleKind::Refused, "the journal names a cloud that this program does not know")
            .hint("take it back with the program that applied it")
    })?;
    // The id is what the run proved; a name may have moved to another tenant since.
    let tenant = TenantName::Id(id);
    let reader = setup.reader(&tenant, cloud)?;
    let sent = known.sent();
    let mut surfaces: Vec<_> = sent.iter().map(|one| one.surface).collect();
    surfaces.sort_unstable();
    surfaces.dedup();
    let wanted = Wanted { surfaces, ..Wanted::default() };
    let snapshot = snapshot::take(&reader, &tenant, &wanted, &setup.clock).await?;
    let review = rollback::review(&sent, &snapshot, cloud, source)?;
    Ok((reader, review))
}

fn name(known: &PastTenant) -> String {
    known.begun.as_ref().map_or_else(|| "a tenant".to_owned(), |begun| begun.tenant.clone())
}
