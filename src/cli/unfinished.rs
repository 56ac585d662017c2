//! Runs that were cut off: told before a plan is shown, settled before anything is sent.

use std::path::Path;

use crate::apply::recovery;
use crate::apply::recovery::RecoveryOptions;
use crate::base::ids::TenantId;
use crate::cli::compose::Context;
use crate::cli::locks;
use crate::cli::write_options::WriteArgs;
use crate::client::TenantReader;
use crate::render::terminal::history;
use crate::tenant::error::TenantError;

/// Whether some run was cut off while it worked on a tenant, or still works on it.
#[must_use]
pub fn has_interrupted_runs(folder: &Path, tenant: TenantId) -> bool {
    recovery::unfinished(folder, tenant).is_ok_and(|runs| !runs.is_empty())
}

/// Warns of journals that cannot be read: nobody knows whether their runs were cut off.
pub fn warn_of_unreadable(setup: &Context, folder: &Path) {
    for (path, error) in recovery::unreadable(folder).unwrap_or_default() {
        let path = path.display();
        setup.output.note(&format!(
            "warning: the journal {path} cannot be read: {error}; that its run was cut off would not be seen"
        ));
    }
}

/// Tells of runs that were cut off while they worked on a tenant, or that are at work. Settles nothing.
pub fn report_interrupted_runs(setup: &Context, folder: &Path, tenant: TenantId) {
    match recovery::unfinished(folder, tenant) {
        Ok(runs) if runs.is_empty() => {}
        Ok(_) if locks::is_held(setup, tenant) => {
            setup.output.note("warning: an apply is at work on this tenant right now; what is read may be half of it");
        }
        Ok(runs) => {
            for run in runs {
                setup.output.note(&history::unfinished(&run, tenant));
            }
        }
        Err(error) => {
            let folder = folder.display();
            setup
                .output
                .note(&format!("warning: {folder} cannot be read: {error}; an unfinished run would not be seen"));
        }
    }
}

/// Finds out by reading what became of runs that were cut off, writes it down and tells it. Call it with the tenant's lock
/// held.
///
/// # Errors
/// When the tenant cannot be read.
pub async fn recover(
    setup: &Context,
    reader: &TenantReader,
    id: TenantId,
    arguments: &WriteArgs,
) -> Result<(), TenantError> {
    let folder = &arguments.journal;
    let care = RecoveryOptions {
        lag: arguments.verify_timeout,
        consistent_reads: arguments.verify_reads,
        clock: &setup.clock,
    };
    for cut_off in recovery::unfinished(folder, id).unwrap_or_default() {
        let settled = recovery::recover_run(reader, id, &cut_off, folder, care).await;
        setup.output.note(&history::recovered(&cut_off, id, settled.as_ref()));
        settled?;
    }
    Ok(())
}
