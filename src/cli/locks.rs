//! Where the locks of tenants are, and what is told when one cannot be had.

use std::path::PathBuf;
use std::time::Duration;

use crate::apply::lock::{Lock, Unlocked};
use crate::base::ids::{RunId, TenantId};
use crate::cli::compose::Setup;
use crate::cli::stop::Stop;
use crate::tenant::trouble::{Trouble, TroubleKind};

/// Takes the lock of a tenant for a run, or waits for it for `patience`; an interrupt ends the waiting.
///
/// # Errors
/// When it cannot be had. Nothing may be sent then.
pub async fn take(
    setup: &Setup,
    tenant: TenantId,
    run: &RunId,
    patience: Duration,
    stop: &Stop,
) -> Result<Lock, Trouble> {
    let folder = folder(setup);
    if !patience.is_zero() && Lock::is_held(&folder, tenant) {
        setup.output.talk("another apply of this tenant is running; waiting for it");
    }
    let taking = Lock::take(&folder, tenant, run, patience, stop.flag());
    taking.await.map_err(refused)
}

/// Whether a run works on a tenant right now.
#[must_use]
pub fn is_held(setup: &Setup, tenant: TenantId) -> bool {
    Lock::is_held(&folder(setup), tenant)
}

/// In the folder for the state of programs, so that runs from any folder meet; beside the embedded tenants where those are
/// meant.
fn folder(setup: &Setup) -> PathBuf {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = variable("XDG_STATE_HOME")
        .or_else(|| variable("HOME").map(|home| home.join(".local/state")))
        .or_else(|| variable("LOCALAPPDATA"))
        .filter(|folder| folder.is_absolute() && !setup.options.sandbox);
    state.map_or_else(|| PathBuf::from(".ssprctl/locks"), |state| state.join("ssprctl/locks"))
}

fn refused(why: Unlocked) -> Trouble {
    match why {
        Unlocked::Held(by) => {
            let by = if by.is_empty() { String::new() } else { format!(" ({by})") };
            let message = format!("another apply of this tenant is running{by}; nothing was sent");
            Trouble::new(TroubleKind::Unavailable, message)
                .hint("apply again when it is done, or pass --lock-timeout to have this one wait")
        }
        Unlocked::Unusable(error) => {
            let message = format!("the tenant cannot be locked on this machine: {error}; nothing was sent");
            Trouble::new(TroubleKind::Refused, message)
                .hint("make the state folder writable, or name another one with XDG_STATE_HOME")
        }
    }
}
