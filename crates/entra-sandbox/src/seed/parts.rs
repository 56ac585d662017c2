//! The parts of which the seeded tenants consist.

use serde_json::json;
use uuid::Uuid;

use crate::methods::policy::{MethodsPolicy, Migration};
use crate::methods::{RESET_METHODS, defaults};
use crate::state::raw_json::RawJson;
use crate::state::role::Role;
use crate::state::tenant::{Account, App, DirectorySync, Group, Licence, Tenant};

/// The password of every seeded person who can sign in.
pub const PASSWORD: &str = "Sandbox-1";
/// The client secret of every seeded application.
pub const APP_SECRET: &str = "sandbox-secret";

/// The document of a tenant that nobody configured, as captured in May 2026.
const UNTOUCHED: &str = r#"{"objectId":"default","enablementType":0,"numberOfAuthenticationMethodsRequired":1,"emailOptionEnabled":true,"mobilePhoneOptionEnabled":true,"officePhoneOptionEnabled":false,"securityQuestionsOptionEnabled":false,"mobileAppNotificationEnabled":false,"mobileAppCodeEnabled":false,"numberOfQuestionsToRegister":5,"numberOfQuestionsToReset":3,"registrationRequiredOnSignIn":true,"registrationReconfirmIntevalInDays":180,"skipRegistrationAllowed":true,"skipRegistrationMaxAllowedDays":7,"customizeHelpdeskLink":false,"customHelpdeskEmailOrUrl":"","notifyUsersOnPasswordReset":true,"notifyOnAdminPasswordReset":false,"passwordResetEnabledGroupIds":[],"passwordResetEnabledGroupName":"","securityQuestions":[],"registrationConditionalAccessPolicies":[],"emailOptionAllowed":true,"mobilePhoneOptionAllowed":true,"officePhoneOptionAllowed":true,"securityQuestionsOptionAllowed":true,"mobileAppNotificationOptionAllowed":true,"mobileAppCodeOptionAllowed":true}"#;

/// The kind of object that an id is for, which is a part of the id.
#[derive(Clone, Copy)]
pub(super) enum IdKind {
    Tenant = 0x0000,
    Group = 0x0600,
    Person = 0x0ac0,
    App = 0x0a99,
    Service = 0x05e9,
    Location = 0x010c,
    AccessPolicy = 0x0ca0,
    Device = 0x0de0,
}

/// The id of the `n`th object of a kind in the `tenant`th tenant.
pub(super) fn id(tenant: u32, kind: IdKind, n: u8) -> Uuid {
    Uuid::from_fields(0x55bc_0000 + tenant, kind as u16, 0x4000, &[0x80, 0, 0, 0, 0, 0, 0, n])
}

/// A cloud-only tenant with its people and applications and with default policies. `number` is a part of every id.
pub(super) fn base_tenant(number: u32, name: &str, title: &str, licence: Licence) -> Tenant {
    let domains = vec![format!("{name}.onmicrosoft.com"), format!("{name}.com")];
    Tenant {
        format_version: 1,
        id: id(number, IdKind::Tenant, 1),
        display_name: title.to_owned(),
        licence,
        sync: DirectorySync { enabled: false, password_hashes: false, writeback_agent: false },
        // The constants of this file are valid JSON; tests read each of them.
        password_reset: password_reset(),
        on_premises: on_premises(None),
        authorization: authorization(),
        methods: methods(),
        access_policies: Vec::new(),
        named_locations: Vec::new(),
        device_configurations: Vec::new(),
        audit: Vec::new(),
        groups: Vec::new(),
        accounts: people(number, &domains[0]),
        users: 0,
        apps: apps(number),
        domains,
    }
}

/// The document of a new tenant. A method that the capture does not contain is allowed and off.
fn password_reset() -> RawJson {
    let mut policy = RawJson::parse(UNTOUCHED).unwrap_or_default();
    for method in &RESET_METHODS {
        for (key, value) in [(method.enabled_key, false), (method.allowed_key, true)] {
            if policy.get(key).is_none() {
                policy.set(key, &value.into());
            }
        }
    }
    policy
}

/// The on-premises document. A synchronized tenant has an object id, a cloud-only one has none.
pub(super) fn on_premises(object: Option<&str>) -> RawJson {
    let hybrid = object.is_some();
    let mut raw = RawJson::default();
    raw.set("objectId", &object.map_or(serde_json::Value::Null, Into::into));
    raw.set("passwordWritebackSupported", &hybrid.into());
    raw.set("accountUnlockSupported", &hybrid.into());
    raw.set("accountUnlockEnabled", &false.into());
    raw.set("enablementForTenant", &hybrid.into());
    raw.set("cloudProvisioningEnablementForTenant", &false.into());
    raw
}

/// The policy of a tenant that has begun the migration, and has switched on no method in
/// the authentication methods policy yet.
fn methods() -> MethodsPolicy {
    let mut methods = defaults::policy();
    methods.set_migration(Some(Migration::MigrationInProgress));
    methods
}

/// Enables configurations for all users.
pub(super) fn enable(methods: &mut MethodsPolicy, ids: &[&str]) {
    ids.iter().for_each(|id| methods.set(id, "state", &json!("enabled")));
}

fn authorization() -> RawJson {
    let text = json!({
        "id": "authorizationPolicy",
        "allowInvitesFrom": "everyone",
        "allowedToSignUpEmailBasedSubscriptions": true,
        "allowedToUseSSPR": true,
        "allowEmailVerifiedUsersToJoinOrganization": false,
        "allowUserConsentForRiskyApps": null,
        "blockMsolPowerShell": false,
        "displayName": "Authorization Policy",
        "description": "Used to manage authorization related settings across the company.",
        "guestUserRoleId": "10dae51f-b6af-4016-8d66-8c2a99b929b3",
        "defaultUserRolePermissions": {
            "allowedToCreateApps": true,
            "allowedToCreateSecurityGroups": true,
            "allowedToCreateTenants": true,
            "allowedToReadBitlockerKeysForOwnedDevice": true,
            "allowedToReadOtherUsers": true,
            "permissionGrantPoliciesAssigned": ["ManagePermissionGrantsForSelf.microsoft-user-default-recommended"],
        },
    });
    RawJson::parse(&text.to_string()).unwrap_or_default()
}

fn people(number: u32, domain: &str) -> Vec<Account> {
    let signed_in = [
        ("admin", "Ada Admin", Some(Role::GlobalAdministrator)),
        ("policy.admin", "Pia Policy", Some(Role::AuthenticationPolicyAdministrator)),
        ("hybrid.admin", "Hugo Hybrid", Some(Role::HybridIdentityAdministrator)),
        ("role.admin", "Rosa Roles", Some(Role::PrivilegedRoleAdministrator)),
        ("global.reader", "Gil Reader", Some(Role::GlobalReader)),
        ("security.reader", "Sam Reader", Some(Role::SecurityReader)),
        ("member", "Mia Member", None),
        ("alice", "Alice Adams", Some(Role::AuthenticationPolicyAdministrator)),
        ("bob", "Bob Brown", Some(Role::GlobalAdministrator)),
    ];
    let accounts = signed_in.into_iter().zip(1..).map(|((name, title, role), n)| Account {
        id: id(number, IdKind::Person, n),
        user_principal_name: format!("{name}@{domain}"),
        display_name: title.to_owned(),
        password: Some(PASSWORD.to_owned()),
        roles: role.into_iter().collect(),
        profile: None,
    });
    // People without a password, as members of groups.
    let crowd = (1..=24).map(|n| Account {
        id: id(number, IdKind::Person, 100 + n),
        user_principal_name: format!("user{n:02}@{domain}"),
        display_name: format!("User {n:02}"),
        password: None,
        roles: Vec::new(),
        profile: None,
    });
    accounts.chain(crowd).collect()
}

/// The ids of the people without a password from the `from`th to the `to`th, counted from 1.
pub(super) fn crowd(number: u32, from: u8, to: u8) -> Vec<Uuid> {
    (from..=to).map(|n| id(number, IdKind::Person, 100 + n)).collect()
}

fn apps(number: u32) -> Vec<App> {
    multi_tenant_app(number, number)
}

/// The applications of tenant `home`, in a tenant that has consented to them.
pub(super) fn multi_tenant_app(home: u32, number: u32) -> Vec<App> {
    let read = [
        "AuditLog.Read.All",
        "Group.Read.All",
        "GroupMember.Read.All",
        "LicenseAssignment.Read.All",
        "Organization.Read.All",
        "Policy.Read.All",
        "SecurityEvents.Read.All",
        "DeviceManagementConfiguration.Read.All",
        "User.Read.All",
    ];
    let app = |n: u8, name: &str, more: &[&str]| App {
        client_id: id(home, IdKind::App, n),
        object_id: id(number, IdKind::Service, n),
        display_name: name.to_owned(),
        secret: APP_SECRET.to_owned(),
        graph_roles: read.iter().chain(more).map(|role| (*role).to_owned()).collect(),
        certificates: Vec::new(),
        federated: Vec::new(),
        public: false,
    };
    vec![
        app(
            1,
            "ssprctl apply",
            &[
                "Policy.ReadWrite.Authorization",
                "Policy.ReadWrite.AuthenticationMethod",
                "Policy.ReadWrite.ConditionalAccess",
                "Application.Read.All",
                "DeviceManagementConfiguration.ReadWrite.All",
            ],
        ),
        app(2, "ssprctl plan", &[]),
    ]
}

/// The emergency access group, which no policy may lock out. The second Global Administrator is its member.
pub(super) fn break_glass(number: u32, n: u8) -> Group {
    group(number, n, "Break-glass accounts", vec![id(number, IdKind::Person, 9)])
}

pub(super) fn group(number: u32, n: u8, name: &str, members: Vec<Uuid>) -> Group {
    Group {
        id: id(number, IdKind::Group, n),
        display_name: name.to_owned(),
        description: None,
        security_enabled: true,
        mail_enabled: false,
        group_types: Vec::new(),
        membership_rule: None,
        on_premises_sync_enabled: None,
        members,
    }
}
