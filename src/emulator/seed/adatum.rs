//! Migrated: the methods are managed in the converged authentication methods policy, the old flags are off and not allowed.
//! Security questions stay: they can only be had in the old policy.

use serde_json::json;

use super::parts::{blank, crowd, group};
use crate::emulator::state::{Licence, Migration, Tenant};

const NUMBER: u32 = 4;

pub(super) fn tenant() -> Tenant {
    let mut tenant = Tenant {
        migration: Migration::MigrationComplete,
        groups: vec![group(NUMBER, 1, "SSPR-Pilot", crowd(NUMBER, 1, 12))],
        ..blank(NUMBER, "adatum", "Adatum Corporation", Licence::P1)
    };
    let policy = &mut tenant.password_reset;
    policy.set("enablementType", &json!(2));
    policy.set("numberOfAuthenticationMethodsRequired", &json!(2));
    for key in [
        "emailOptionEnabled",
        "mobilePhoneOptionEnabled",
        "emailOptionAllowed",
        "mobilePhoneOptionAllowed",
        "officePhoneOptionAllowed",
        "mobileAppNotificationOptionAllowed",
        "mobileAppCodeOptionAllowed",
    ] {
        policy.set(key, &json!(false));
    }
    tenant
}
