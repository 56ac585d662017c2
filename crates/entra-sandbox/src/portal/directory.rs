//! The portal's documents about the tenant: synchronization, licences and properties.

use serde_json::{Map, Value, json};

use crate::state::tenant::{Licence, Tenant};

pub(super) fn ad_connect_status(tenant: &Tenant) -> Value {
    let synced = tenant.sync.enabled;
    let custom = tenant.domains.iter().filter(|domain| !domain.ends_with(".onmicrosoft.com")).count();
    json!({
        "verifiedDomainCount": tenant.domains.len(),
        "verifiedCustomDomainCount": custom,
        "federatedDomainCount": 0,
        "numberOfHoursFromLastSync": if synced { json!(0) } else { Value::Null },
        "dirSyncEnabled": synced,
        "dirSyncConfigured": synced,
        "passThroughAuthenticationEnabled": if synced { json!(false) } else { Value::Null },
        "seamlessSingleSignOnEnabled": if synced { json!(false) } else { Value::Null },
    })
}

pub(super) fn skus(tenant: &Tenant) -> Value {
    let Tenant { licence, .. } = tenant;
    json!({
        "unauthorized": false,
        "aadPremiumBasic": false,
        "aadPremium": licence.has_premium(),
        "aadPremiumP2": *licence == Licence::P2,
        "aadBasic": false,
        "aadBasicEdu": false,
        "aadSmb": *licence == Licence::BusinessPremium,
        "enterprisePackE3": false,
        "enterprisePremiumE5": false,
    })
}

/// The document `Properties`, with the keys and the order of a captured reply.
pub(super) fn properties(tenant: &Tenant) -> Value {
    let mut all = Map::new();
    all.insert("objectId".to_owned(), json!(tenant.id));
    all.insert("displayName".to_owned(), json!(tenant.display_name));
    all.insert("usersCanRegisterApps".to_owned(), json!(true));
    all.insert("isAnyAccessPanelPreviewFeaturesAvailable".to_owned(), json!(false));
    for (show, stem) in [
        ("showMyGroupsFeature", "myGroups"),
        ("showMyAppsFeature", "myApps"),
        ("showUserActivityReportsFeature", "userActivityReports"),
        ("showRegisteredAuthMethodFeature", "registeredAuthMethod"),
    ] {
        all.insert(show.to_owned(), json!(false));
        for tail in ["FeatureValue", "GroupId", "GroupName"] {
            all.insert(format!("{stem}{tail}"), Value::Null);
        }
    }
    for (key, value) in [
        ("usersCanAddExternalUsers", json!(false)),
        ("limitedAccessCanAddExternalUsers", json!(false)),
        ("restrictDirectoryAccess", json!(false)),
        ("groupsInAccessPanelEnabled", json!(false)),
        ("selfServiceGroupManagementEnabled", json!(true)),
        ("securityGroupsEnabled", json!(false)),
        ("usersCanManageSecurityGroups", Value::Null),
        ("office365GroupsEnabled", json!(false)),
        ("usersCanManageOfficeGroups", Value::Null),
        ("allUsersGroupEnabled", json!(false)),
        ("scopingGroupIdForManagingSecurityGroups", Value::Null),
        ("scopingGroupIdForManagingOfficeGroups", Value::Null),
        ("scopingGroupNameForManagingSecurityGroups", Value::Null),
        ("scopingGroupNameForManagingOfficeGroups", Value::Null),
        ("objectIdForAllUserGroup", Value::Null),
        ("allowInvitations", json!(false)),
        ("isB2CTenant", json!(false)),
        ("restrictNonAdminUsers", json!(false)),
        ("enableLinkedInAppFamily", json!(0)),
        ("toEnableLinkedInUsers", json!([])),
        ("toDisableLinkedInUsers", json!([])),
        ("linkedInSelectedGroupObjectId", Value::Null),
        ("linkedInSelectedGroupDisplayName", Value::Null),
    ] {
        all.insert(key.to_owned(), value);
    }
    Value::Object(all)
}
