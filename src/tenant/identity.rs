//! Which tenant a credential belongs to, and whether that is the tenant a policy names.

use crate::base::ids::{TenantId, TenantName};
use crate::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use crate::tenant::surface::Service;

/// A tenant as one of its services describes itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The id of the tenant, as the service gives it.
    pub id: TenantId,
    /// The organisation's display name: untrusted text.
    pub name: String,
    /// Its verified domains in lower case; empty where the service does not say.
    pub domains: Vec<String>,
}

/// Checks that a credential belongs to the intended tenant.
///
/// # Errors
/// [`MissingAccess::WrongTenant`] when it belongs to another one.
pub(crate) fn check(
    service: Service,
    found: &Identity,
    meant: &TenantName,
    meant_id: TenantId,
) -> Result<(), TenantError> {
    if found.id == meant_id {
        return Ok(());
    }
    Err(TenantError::new(
        TenantErrorKind::NoAccess(MissingAccess::WrongTenant(service)),
        format!(
            "the credential for {} is for tenant {} ({}), but the policy is for {meant} ({meant_id})",
            service.display_name(),
            found.name,
            found.id
        ),
    )
    .hint(format!("sign in to {meant}, or correct `tenant` in the policy")))
}

/// The endings of the domain that every tenant has.
const INITIAL_DOMAINS: [&str; 3] = [".onmicrosoft.com", ".onmicrosoft.us", ".partner.onmschina.cn"];

/// Whether one of a tenant's domains is its own; `None` if they were not read.
pub(crate) fn has_custom_domain(domains: &[String]) -> Option<bool> {
    let initial = |domain: &String| INITIAL_DOMAINS.iter().any(|ending| domain.ends_with(ending));
    (!domains.is_empty()).then(|| !domains.iter().all(initial))
}
