//! Where the locks of tenants are, and what is told when one cannot be had.

use std::path::PathBuf;
use std::time::Duration;

use crate::apply::lock::{LockError, TenantLock};
use crate::base::ids::{RunId, TenantId};
use crate::cli::compose::Context;
use crate::cli::stop::Shutdown;
use crate::tenant::error::{TenantError, TenantErrorKind};

/// Takes the lock of a tenant for a run, or waits for it for `patience`; an interrupt ends the waiting.
///
/// # Errors
/// When it cannot be had. Nothing may be sent then.
pub async fn take(
    setup: &Context,
    tenant: TenantId,
    run: &RunId,
    patience: Duration,
    stop: &Shutdown,
) -> Result<TenantLock, TenantError> {
    let folder = folder(setup);
    if !patience.is_zero() && TenantLock::is_held(&folder, tenant) {
        setup.output.note("another apply of this tenant is running; waiting for it");
    }
    let taking = TenantLock::take(&folder, tenant, run, patience, stop.flag());
    taking.await.map_err(refused)
}

/// Whether a run works on a tenant right now.
#[must_use]
pub fn is_held(setup: &Context, tenant: TenantId) -> bool {
    TenantLock::is_held(&folder(setup), tenant)
}

/// In the folder for the state of programs, so that runs from any folder meet; beside the embedded tenants where those are
/// meant.
fn folder(setup: &Context) -> PathBuf {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = variable("XDG_STATE_HOME")
        .or_else(|| variable("HOME").map(|home| home.join(".local/state")))
        .or_else(|| variable("LOCALAPPDATA"))
        .filter(|folder| folder.is_absolute() && !setup.options.sandbox);
    state.map_or_else(|| PathBuf::from(".ssprctl/locks"), |state| state.join("ssprctl/locks"))
}

fn refused(why: LockError) -> TenantError {
    match why {
        LockError::Held(by) => {
            let by = if by.is_empty() { String::new() } else { format!(" ({by})") };
            let message = format!("another apply of this tenant is running{by}; nothing was sent");
            TenantError::new(TenantErrorKind::Unavailable, message)
                .hint("apply again when it is done, or pass --lock-timeout to have this one wait")
        }
        LockError::Unusable(error) => {
            let message = format!("the tenant cannot be locked on this machine: {error}; nothing was sent");
            TenantError::new(TenantErrorKind::Refused, message)
                .hint("make the state folder writable, or name another one with XDG_STATE_HOME")
        }
    }
}
