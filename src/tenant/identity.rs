//! Which tenant a credential belongs to, and whether that is the tenant a policy names.

use crate::base::ids::{TenantId, TenantName};
use crate::tenant::surface::System;
use crate::tenant::trouble::{Access, Trouble, TroubleKind};

/// A tenant as one of its services describes itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The tenant id.
    pub id: TenantId,
    /// The organisation's display name: untrusted text.
    pub name: String,
    /// Its verified domains in lower case; empty where the service does not say.
    pub domains: Vec<String>,
}

/// Checks that a credential's tenant is the one meant.
///
/// # Errors
/// [`Access::WrongTenant`] when it is another one.
pub fn check(system: System, found: &Identity, meant: &TenantName, meant_id: TenantId) -> Result<(), Trouble> {
    if found.id == meant_id {
        return Ok(());
    }
    Err(Trouble::new(
        TroubleKind::NoAccess(Access::WrongTenant(system)),
        format!(
            "the credential for {} is for tenant {} ({}), but the policy is for {meant} ({meant_id})",
            system.title(),
            found.name,
            found.id
        ),
    )
    .hint(format!("sign in to {meant}, or correct `tenant` in the policy")))
}
