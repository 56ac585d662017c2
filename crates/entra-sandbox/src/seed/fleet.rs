//! As many tenants as are asked for, for whoever looks after hundreds: cloud-only, licensed, and alike but for what somebody
//! has already done in some of them.

use serde_json::json;

use super::parts::{base_tenant, group, multi_tenant_app};
use crate::state::tenant::{Account, Licence, Tenant};

/// The numbers below this are those of the tenants that have a file of their own.
const FIRST: u32 = 1_000;
/// The most tenants of a fleet.
pub const LARGEST_FLEET: u32 = 20_000;

/// `tenant-0001.onmicrosoft.com` to the `tenants`th, at most [`LARGEST_FLEET`]. All know the same two applications: the client id and
/// the secret of one serve for all of them, as those of a multi-tenant application do.
///
/// Administrators may not reset their own password anywhere. Every fifth has notifications to administrators switched on already, every seventh asks for two methods, and every
/// eleventh is open to everybody.
#[must_use]
pub fn fleet(tenants: u32) -> Vec<Tenant> {
    (1..=tenants.min(LARGEST_FLEET)).map(tenant).collect()
}

fn tenant(n: u32) -> Tenant {
    let number = FIRST + n;
    let mut tenant = base_tenant(number, &format!("tenant-{n:04}"), &format!("Tenant {n:04}"), Licence::P1);
    tenant.apps = multi_tenant_app(FIRST, number);
    // Nobody of the crowd is needed, and two thousand crowds are a lot of people.
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
