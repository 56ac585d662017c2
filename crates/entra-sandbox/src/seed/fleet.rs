//! Any number of similar tenants for fleets: cloud-only and licensed, some of them with a few settings changed.

use serde_json::json;

use super::parts::{base_tenant, group, multi_tenant_app};
use crate::state::tenant::{Account, Licence, Tenant};

/// Lower numbers belong to the tenants with files of their own.
const FIRST: u32 = 1_000;
/// The largest number of tenants in a fleet.
pub const LARGEST_FLEET: u32 = 20_000;

/// The tenants `tenant-0001.onmicrosoft.com` to number `tenants`, at most [`LARGEST_FLEET`]. They share two
/// multi-tenant applications, so that one client id and secret serve for all of them.
///
/// Administrators may not reset their own password. Every fifth tenant notifies administrators, every seventh requires
/// two methods, and every eleventh allows reset for everybody.
#[must_use]
pub fn fleet(tenants: u32) -> Vec<Tenant> {
    (1..=tenants.min(LARGEST_FLEET)).map(tenant).collect()
}

fn tenant(n: u32) -> Tenant {
    let number = FIRST + n;
    let mut tenant = base_tenant(number, &format!("tenant-{n:04}"), &format!("Tenant {n:04}"), Licence::P1);
    tenant.apps = multi_tenant_app(FIRST, number);
    // The accounts without a password are left out, because a large fleet would have many of them.
    tenant.accounts.retain(|Account { password, .. }| password.is_some());
    tenant.groups = vec![group(number, 1, "SSPR-Pilot", tenant.accounts.iter().map(|one| one.id).collect())];
    tenant.authorization.set("allowedToUseSSPR", &json!(false));
    let done = [
        (5, "notifyOnAdminPasswordReset", json!(true)),
        (7, "numberOfAuthenticationMethodsRequired", json!(2)),
        (11, "enablementType", json!(2)),
    ];
    for (every, key, value) in done {
        if n.is_multiple_of(every) {
            tenant.password_reset.set(key, &value);
        }
    }
    tenant
}
