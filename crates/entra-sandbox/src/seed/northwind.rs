//! Entra ID Free: users may change a password, not reset it, and on-premises settings return 403.

use super::parts::{base_tenant, crowd, group};
use crate::state::tenant::{Licence, Tenant};

const NUMBER: u32 = 3;

pub(super) fn tenant() -> Tenant {
    let mut tenant = Tenant {
        groups: vec![group(NUMBER, 1, "Everyone", crowd(NUMBER, 1, 24))],
        ..base_tenant(NUMBER, "northwind", "Northwind Traders", Licence::Free)
    };
    // A tenant that never had the old policies has no migration state.
    tenant.methods.set_migration(None);
    tenant
}
