//! Asks one tenant which assumptions about the services hold.

use crate::base::cloud::Cloud;
use crate::base::exit::Exit;
use crate::conformance::judge::{AssumptionState, JudgedAssumption, judge_all};
use crate::engine::context::RunContext;
use crate::engine::error::RunError;
use crate::engine::show::single_reader;
use crate::tenant::facts::FactsToRead;
use crate::tenant::snapshot::{self, ReadSet};
use crate::tenant::surface::Surface;

/// Judges every assumption by the one tenant that the selection names.
///
/// # Errors
/// When no tenant is named, or no credential is proved to belong to it.
pub(crate) async fn judge_tenant(context: &RunContext, cloud: Cloud) -> Result<Vec<JudgedAssumption>, RunError> {
    let (name, reader) = single_reader(context, cloud)?;
    let read_set = ReadSet {
        surfaces: vec![Surface::PasswordReset, Surface::AuthenticationMethods],
        asked: FactsToRead { licence: true, hybrid: true },
        ..ReadSet::default()
    };
    let snapshot = snapshot::read(&reader, &name, &read_set, &context.clock).await?;
    Ok(judge_all(&reader, &snapshot).await)
}

/// How the run ends: with [`Exit::Changes`] if an assumption is broken.
pub(crate) fn exit_of(judged: &[JudgedAssumption]) -> Exit {
    let broken = judged.iter().any(|one| one.state == AssumptionState::Broken);
    if broken { Exit::Changes } else { Exit::Done }
}
