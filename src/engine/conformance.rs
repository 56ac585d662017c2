//! Asks one tenant which assumptions about the services hold.

use std::time::Duration;

use crate::apply::options::OnFailure;
use crate::base::cloud::Cloud;
use crate::base::exit::Exit;
use crate::base::ids::TenantName;
use crate::client::{TenantReader, TenantWriter};
use crate::conformance::answers::Answers;
use crate::conformance::judge::{JudgedAssumption, judge_all};
use crate::conformance::state::AssumptionState;
use crate::conformance::trial::TrialFacts;
use crate::engine::context::{RunContext, WriteOptions};
use crate::engine::error::RunError;
use crate::engine::policies::managed_tenants;
use crate::engine::recovery;
use crate::engine::show::single_reader;
use crate::engine::trial_run::{TrialRunner, TrialSummary};
use crate::tenant::facts::FactsToRead;
use crate::tenant::snapshot::{self, ReadSet, Snapshot};
use crate::tenant::surface::{Service, Surface};

/// A tenant that has answered all reads.
pub(crate) struct AskedTenant {
    pub(crate) name: TenantName,
    cloud: Cloud,
    reader: TenantReader,
    snapshot: Snapshot,
    answers: Answers,
}

/// Which assumptions hold, and what became of the writes, if any were tried.
pub(crate) struct ConformanceResult {
    pub(crate) judged: Vec<JudgedAssumption>,
    pub(crate) writes: Option<TrialSummary>,
}

/// Makes all reads in the one tenant that the selection names.
///
/// # Errors
/// When no tenant is named, or no credential is proved to belong to it.
pub(crate) async fn ask_tenant(context: &RunContext, cloud: Cloud) -> Result<AskedTenant, RunError> {
    let (name, reader) = single_reader(context, cloud)?;
    let surfaces = [
        Surface::PasswordReset,
        Surface::OnPremisesPasswordReset,
        Surface::AuthorizationPolicy,
        Surface::AuthenticationMethods,
    ];
    let read_set = ReadSet {
        surfaces: surfaces.to_vec(),
        asked: FactsToRead { licence: true, hybrid: true },
        ..ReadSet::default()
    };
    let snapshot = snapshot::read(&reader, &name, &read_set, &context.clock).await?;
    let answers = Answers::read(&reader, &snapshot).await;
    Ok(AskedTenant { name, cloud, reader, snapshot, answers })
}

/// Refuses writes in a tenant that a policy of the repository manages, because that is no disposable one, and in one in which
/// an interrupted run has left changes, because those would be measured as the tenant's own.
///
/// # Errors
/// When there is such a policy or such a run, or that is not known.
pub(crate) fn check_disposable(context: &RunContext, tenant: &AskedTenant) -> Result<(), RunError> {
    if recovery::has_interrupted_runs(context, tenant.snapshot.tenant) {
        return Err(RunError::refused("a run was interrupted while it worked on this tenant; nothing was written")
            .hint("`ssprctl history` names the run; `ssprctl rollback RUN` puts back what it wrote"));
    }
    let managed = managed_tenants(context)?;
    let Some(Ok(identity)) = tenant.snapshot.identities.get(&Service::Graph) else {
        return Err(RunError::refused(
            "Microsoft Graph does not say which domains the tenant has; nothing was written",
        )
        .hint("sign in to Microsoft Graph, too: `ssprctl doctor` says what is missing"));
    };
    let is_this = |name: &&TenantName| match name {
        TenantName::Id(id) => *id == identity.id,
        TenantName::Domain(domain) => {
            **name == tenant.name || identity.domains.iter().any(|own| own.eq_ignore_ascii_case(domain))
        }
    };
    match managed.iter().find(is_this) {
        None => Ok(()),
        Some(name) => {
            Err(RunError::refused(format!("a policy of this repository manages {name}; nothing was written"))
                .hint("--write is for a disposable tenant that nobody depends on"))
        }
    }
}

/// Tries every write and puts everything back. The caller was asked twice for it.
///
/// # Errors
/// When the tenant is locked, or an earlier run that was interrupted cannot be resolved. Nothing was written then.
pub(crate) async fn try_writes(
    context: &RunContext,
    tenant: AskedTenant,
    verify_timeout: Duration,
) -> Result<ConformanceResult, RunError> {
    let AskedTenant { name, cloud, reader, snapshot, mut answers } = tenant;
    let journal = context.new_journal();
    let id = snapshot.tenant;
    let _lock = recovery::lock(context, id, journal.run(), Duration::ZERO, &context.cancel).await?;
    let options =
        WriteOptions { verify_timeout, verify_reads: 2, on_failure: OnFailure::Rollback, lock_timeout: Duration::ZERO };
    recovery::recover(context, &reader, id, &options).await?;
    let facts = TrialFacts {
        reset: snapshot.facts.licence.and_then(|licence| licence.reset.known()),
        premium: answers.licensed,
        synchronised: answers.synchronised,
        migration: snapshot.facts.migration,
        ..TrialFacts::default()
    };
    let writer = TenantWriter::new(reader);
    let runner = TrialRunner::new(&writer, &journal, id, facts, verify_timeout, &context.cancel);
    let (written, summary) = runner.run(&name, cloud, snapshot).await;
    answers.add_written(writer.reader(), written).await;
    Ok(ConformanceResult { judged: judge_all(&answers), writes: Some(summary) })
}

/// Judges every assumption by the reads alone.
pub(crate) fn judge_reads(tenant: &AskedTenant) -> ConformanceResult {
    ConformanceResult { judged: judge_all(&tenant.answers), writes: None }
}

/// How the run ends: [`Exit::Failed`] if something could not be put back, [`Exit::Changes`] if an assumption is broken.
pub(crate) fn exit_of(result: &ConformanceResult) -> Exit {
    let broken = result.judged.iter().any(|one| one.state == AssumptionState::Broken);
    match &result.writes {
        Some(writes) if !writes.left.is_empty() => Exit::Failed,
        Some(_) | None if broken => Exit::Changes,
        Some(_) | None => Exit::Done,
    }
}
