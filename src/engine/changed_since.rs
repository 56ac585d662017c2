//! Which tenants a change touches: those whose files are not the files that an earlier commit has for them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::base::ids::TenantName;
use crate::base::source::{Source, portable};
use crate::policy::PolicyOrigin;
use crate::policy::load;
use crate::policy::repository::load as repository;
use crate::policy::roots::Roots;

/// Which tenants of a run a change touches, and which have no policy any more.
#[derive(Clone, Debug)]
pub(crate) struct ChangedSince {
    /// The commit, branch or tag, as the caller named it.
    pub(crate) since: String,
    /// The id of the commit whose files were compared: the last one that `since` and the checked-out commit share.
    pub(crate) commit: String,
    /// How many tenants of the run are touched.
    pub(crate) touched: usize,
    /// How many tenants the run would have without the comparison.
    pub(crate) of: usize,
    /// The tenants that had a policy at that commit and have none now, sorted.
    pub(crate) left: Vec<TenantName>,
}

/// The files that decide about tenants: the file of the repository for all, and for each its policy and what that extends.
pub(crate) struct TenantFiles {
    config: Option<Arc<Source>>,
    tenants: BTreeMap<TenantName, Vec<Arc<Source>>>,
}

/// The files of an earlier commit.
pub(crate) struct EarlierFiles {
    /// The commit, branch or tag, as the caller named it.
    pub(crate) since: String,
    /// The id of the commit that they are of.
    pub(crate) commit: String,
    pub(crate) files: TenantFiles,
}

impl TenantFiles {
    pub(crate) fn new(config: Option<Arc<Source>>, origins: Vec<PolicyOrigin>) -> Self {
        let tenants = origins.into_iter().map(|PolicyOrigin { tenant, files }| (tenant, files)).collect();
        Self { config, tenants }
    }

    /// Reads the files of `paths`, which are relative to the folder of `roots`. Errors in them are no errors here: a file that
    /// has some differs from the one without.
    #[must_use]
    pub(crate) fn read(roots: &Roots, paths: &[PathBuf]) -> Self {
        Self::new(repository::discover_in(roots).file, load::load_in(paths, roots).origins)
    }

    /// The tenants of the files, sorted by name.
    pub(crate) fn tenants(&self) -> impl Iterator<Item = &TenantName> {
        self.tenants.keys()
    }

    pub(crate) fn has(&self, tenant: &TenantName) -> bool {
        self.tenants.contains_key(tenant)
    }

    /// `ssprctl.yaml`, which decides about every tenant.
    pub(crate) fn config(&self) -> Option<&Arc<Source>> {
        self.config.as_ref()
    }

    /// The policy of a tenant and every baseline that it leads to.
    #[must_use]
    pub(crate) fn of(&self, tenant: &TenantName) -> &[Arc<Source>] {
        self.tenants.get(tenant).map_or(&[], Vec::as_slice)
    }

    /// Whether a file that decides about the tenant is not the same in both: its path or its text. Line ends do not count.
    #[must_use]
    pub(crate) fn differ(&self, other: &Self, tenant: &TenantName) -> bool {
        let same = |(a, b): (&Arc<Source>, &Arc<Source>)| a.path == b.path && portable(&a.text) == portable(&b.text);
        let files = |of: &Self| of.config.iter().chain(of.of(tenant)).cloned().collect();
        let (now, before): (Vec<_>, Vec<_>) = (files(self), files(other));
        !other.has(tenant) || now.len() != before.len() || !now.iter().zip(&before).all(same)
    }
}
