//! Hybrid: P2, directory synchronization and writeback, a scope group with a nested group, two methods, security
//! questions of both kinds, and groups with ambiguous or unusual names.

use serde_json::json;

use super::parts::{IdKind, base_tenant, break_glass, crowd, enable, group, id, on_premises};
use super::{access, devices};
use crate::methods::policy::{MethodsPolicy, Migration};
use crate::portal::questions;
use crate::state::tenant::{DirectorySync, Group, Licence, Tenant};

const NUMBER: u32 = 2;

pub(super) fn tenant() -> Tenant {
    let mut tenant = Tenant {
        users: 5_000,
        sync: DirectorySync { enabled: true, password_hashes: true, writeback_agent: true },
        on_premises: on_premises(Some("55bc0002-0e00-4000-8000-000000000001")),
        groups: groups(),
        ..base_tenant(NUMBER, "fabrikam", "Fabrikam, Inc.", Licence::P2)
    };
    tenant.on_premises.set("accountUnlockEnabled", &true.into());
    access::add(&mut tenant, NUMBER, 8);
    devices::add(&mut tenant, NUMBER);
    migrate_halfway(&mut tenant.methods);
    let scope = id(NUMBER, IdKind::Group, 1).to_string();
    let policy = &mut tenant.password_reset;
    for (key, value) in [
        ("enablementType", json!(1)),
        ("numberOfAuthenticationMethodsRequired", json!(2)),
        ("mobileAppNotificationEnabled", json!(true)),
        ("mobileAppCodeEnabled", json!(true)),
        ("securityQuestionsOptionEnabled", json!(true)),
        ("registrationReconfirmIntevalInDays", json!(90)),
        ("customizeHelpdeskLink", json!(true)),
        ("customHelpdeskEmailOrUrl", json!("https://help.fabrikam.com/password")),
        ("notifyOnAdminPasswordReset", json!(true)),
        ("passwordResetEnabledGroupIds", json!([scope])),
        ("securityQuestions", questions()),
    ] {
        policy.set(key, &value);
    }
    tenant
}

/// Text messages for the branch offices and for one user, which older tenants may have; the app for all users.
fn migrate_halfway(methods: &mut MethodsPolicy) {
    methods.set_migration(Some(Migration::MigrationInProgress));
    methods.policy.set("lastModifiedDateTime", &json!("2025-08-27T06:40:02.9031155Z"));
    enable(methods, &["MicrosoftAuthenticator", "Sms", "SoftwareOath", "Email"]);
    let target = |kind: &str, id| json!({"targetType": kind, "id": id, "isRegistrationRequired": false, "isUsableForSignIn": true});
    let (offices, person) = (id(NUMBER, IdKind::Group, 2), id(NUMBER, IdKind::Person, 115));
    methods.set("Sms", "includeTargets", &json!([target("group", offices), target("user", person)]));
}

fn questions() -> serde_json::Value {
    let predefined = [
        "In what city was your first job?",
        "What was the name of the hospital in which you were born?",
        "What was your childhood nickname?",
        "What was the name of your first pet?",
    ];
    let custom = [
        ("5c57000000004000800000000000f001", "What was the first project you worked on at Fabrikam?"),
        ("5c57000000004000800000000000f002", "Wie hieß Ihre erste Teamleitung?"),
    ];
    let predefined = predefined.into_iter().map(|text| (questions::predefined_id(text), text, false));
    let custom = custom.into_iter().map(|(id, text)| (Some(id.to_owned()), text, true));
    predefined
        .chain(custom)
        .map(|(id, text, own)| json!({"objectId": id, "questionText": text, "isCustomQuestion": own}))
        .collect()
}

fn groups() -> Vec<Group> {
    let synced = |group: Group| Group { on_premises_sync_enabled: Some(true), ..group };
    let nested = group(NUMBER, 2, "SSPR Branch Offices", crowd(NUMBER, 9, 14));
    let scope_members = crowd(NUMBER, 1, 10).into_iter().chain([nested.id]).collect();
    let marketing = Group {
        security_enabled: false,
        mail_enabled: true,
        group_types: vec!["Unified".to_owned()],
        ..group(NUMBER, 5, "Marketing", crowd(NUMBER, 15, 18))
    };
    let dynamic = Group {
        group_types: vec!["DynamicMembership".to_owned()],
        membership_rule: Some("(user.department -eq \"Sales\")".to_owned()),
        ..group(NUMBER, 7, "Sales (dynamic)", crowd(NUMBER, 19, 24))
    };
    vec![
        group(NUMBER, 1, "SSPR Users", scope_members),
        nested,
        synced(group(NUMBER, 3, "All Employees", crowd(NUMBER, 1, 24))),
        group(NUMBER, 4, "All Employees", crowd(NUMBER, 1, 20)),
        marketing,
        group(NUMBER, 6, "Müller's Team", crowd(NUMBER, 3, 5)),
        dynamic,
        break_glass(NUMBER, 8),
    ]
}
