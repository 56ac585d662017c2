//! Migrated: the authentication methods policy decides about methods; the old switches are off and not allowed.
//! Security questions are still managed in the old policy. Synchronized from on-premises, without a writeback client.

use serde_json::json;

use super::parts::{IdKind, base_tenant, break_glass, crowd, enable, group, id, on_premises};
use super::{access, devices};
use crate::methods::RESET_METHODS;
use crate::methods::policy::Migration;
use crate::state::tenant::{DirectorySync, Group, Licence, Tenant};

const NUMBER: u32 = 4;

pub(super) fn tenant() -> Tenant {
    // A rule about the members of another group, which the service no longer evaluates.
    let frozen = Group {
        group_types: vec!["DynamicMembership".to_owned()],
        membership_rule: Some(format!("user.memberOf -any (group.objectId -in ['{}'])", id(NUMBER, IdKind::Group, 1))),
        ..group(NUMBER, 3, "Field Staff", crowd(NUMBER, 1, 12))
    };
    let mut tenant = Tenant {
        sync: DirectorySync { enabled: true, password_hashes: true, writeback_agent: false },
        on_premises: on_premises(Some("55bc0004-0e00-4000-8000-000000000001")),
        groups: vec![group(NUMBER, 1, "SSPR-Pilot", crowd(NUMBER, 1, 12)), break_glass(NUMBER, 2), frozen],
        ..base_tenant(NUMBER, "adatum", "Adatum Corporation", Licence::BusinessPremium)
    };
    tenant.on_premises.set("passwordWritebackSupported", &false.into());
    tenant.on_premises.set("enablementForTenant", &false.into());
    access::add(&mut tenant, NUMBER, 2);
    devices::add(&mut tenant, NUMBER);
    let methods = &mut tenant.methods;
    methods.set_migration(Some(Migration::MigrationComplete));
    methods.policy.set("lastModifiedDateTime", &json!("2025-09-12T14:03:51.2177431Z"));
    enable(methods, &["Fido2", "MicrosoftAuthenticator", "Sms", "TemporaryAccessPass", "SoftwareOath", "Email"]);
    // Text messages are enabled for the pilot group only.
    let pilot = id(NUMBER, IdKind::Group, 1);
    let target =
        json!([{"targetType": "group", "id": pilot, "isRegistrationRequired": false, "isUsableForSignIn": false}]);
    methods.set("Sms", "includeTargets", &target);
    let policy = &mut tenant.password_reset;
    policy.set("enablementType", &json!(2));
    policy.set("numberOfAuthenticationMethodsRequired", &json!(2));
    for method in RESET_METHODS.iter().filter(|method| !method.configurations.is_empty()) {
        policy.set(method.enabled_key, &json!(false));
        policy.set(method.allowed_key, &json!(false));
    }
    tenant
}
