//! Which tenants and which services a run uses.

use glob::Pattern;

use crate::base::ids::TenantName;
use crate::base::shard::Shard;
use crate::engine::error::RunError;
use crate::review::rings::Rings;
use crate::tenant::surface::Service;

/// Which tenants and which services a run uses.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    /// Only tenants whose name, as their policies write it, matches.
    pub(crate) tenant: Option<Pattern>,
    /// Only tenants of this shard.
    pub(crate) shard: Option<Shard>,
    /// Only tenants of this ring of `ssprctl.yaml`.
    pub(crate) ring: Option<String>,
    /// Only settings of these services.
    pub(crate) services: &'static [Service],
}

impl Selection {
    /// Whether `--tenant` names the tenant, or is not given.
    #[must_use]
    pub(crate) fn names(&self, tenant: &TenantName) -> bool {
        self.tenant.as_ref().is_none_or(|only| only.matches(&tenant.to_string()))
    }

    /// Whether the tenant is named, and is in the shard and the ring of the run.
    #[must_use]
    pub(crate) fn has(&self, tenant: &TenantName, rings: &Rings) -> bool {
        let in_ring = |ring: &String| rings.names().get(rings.of(tenant)) == Some(&ring.as_str());
        self.names(tenant)
            && self.shard.is_none_or(|shard| shard.contains(tenant))
            && self.ring.as_ref().is_none_or(in_ring)
    }

    /// The tenant that the selection names, for commands that take exactly one.
    ///
    /// # Errors
    /// When no tenant is named, or a pattern for several.
    pub(crate) fn single_tenant(&self) -> Result<TenantName, RunError> {
        const HINT: &str = "pass --tenant with a verified domain or the tenant id";
        let Some(pattern) = &self.tenant else { return Err(RunError::failed("no tenant is named").hint(HINT)) };
        if pattern.as_str().contains(['*', '?', '[']) {
            return Err(RunError::failed(format!("`{pattern}` is a pattern, and this takes one tenant")).hint(HINT));
        }
        Ok(TenantName::parse(pattern.as_str()))
    }
}
