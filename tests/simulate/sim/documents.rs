//! What the simulated tenants have, what policies ask of them, and what the second administrator does to them.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;

use serde_json::{Map, Value, json};
use ssprctl::testing::catalog::desired::Desired;
use ssprctl::testing::policy::load::{LoadOptions, load};
use ssprctl::testing::tenant::surface::Surface;

use super::rng::Rng;

/// A JSON object: the content of a document.
pub(crate) type Content = Map<String, Value>;

pub(crate) const TENANT: &str = "55bc0001-0000-4000-8000-000000000001";

/// The sections of the policies; each seed applies some of them.
const SECTIONS: [&str; 20] = [
    "scope: { administrators: false }\nmethods: { required: 2 }\nwriteback: { passwords: false, unlockWithoutReset: false }",
    "scope: { administrators: true }\nwriteback: { passwords: true, unlockWithoutReset: true }",
    "methods: { required: 1, convergedPolicy: manage, allowed: [email, mobilePhone] }",
    "methods: { required: 2, convergedPolicy: manage, allowed: [mobileAppCode, mobileAppNotification, email, officePhone] }",
    "methods: { allowed: [email, mobilePhone, officePhone] }\nnotifications: { users: true, administrators: true }",
    "notifications: { users: false }",
    "registration: { requiredAtSignIn: true, reconfirmAfterDays: 90 }\nscope: { administrators: true }",
    "registration: { requiredAtSignIn: false, reconfirmAfterDays: 0 }\nwriteback: { passwords: true }",
    "registration: { allowedFrom: { locations: [allTrusted] } }\nnotifications: { administrators: true }",
    "registration: { allowedFrom: { locations: [Headquarters, allTrusted], state: enforced } }",
    "registration: { allowedFrom: { locations: [Headquarters], state: disabled } }\nscope: { administrators: false }",
    "windowsSignIn: { resetLink: true, group: 55bc0001-0600-4000-8000-000000000001 }",
    "windowsSignIn: { resetLink: false }\nmethods: { required: 1 }",
    "windowsSignIn: { resetLink: true }\nwriteback: { passwords: false }\nscope: { administrators: false }",
    "scope: { users: none }\nhelpdesk: { link: none }",
    "scope: { users: selected, group: 55bc0001-0600-4000-8000-000000000001 }",
    "scope: { users: all, administrators: true }\nhelpdesk: { link: https://help.contoso.com }",
    "writeback: { passwords: true, unlockWithoutReset: false }\nmethods: { convergedPolicy: manage, allowed: [mobileAppCode, email] }",
    "helpdesk: { link: a.b@contoso.com }\nregistration: { reconfirmAfterDays: 180, allowedFrom: { locations: [allTrusted], state: enforced } }",
    "methods: { required: 2, convergedPolicy: manage, allowed: [mobilePhone, officePhone, email] }\nscope: { administrators: false }",
];

/// The policies of the simulation.
pub(crate) fn policies() -> Result<Vec<Desired>, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let options = LoadOptions { folder: folder.path().to_owned(), root: Some(folder.path().to_owned()) };
    let mut policies = Vec::new();
    for (number, sections) in SECTIONS.iter().enumerate() {
        let name = format!("{number:02}.yaml");
        std::fs::write(folder.path().join(&name), format!("version: 1\ntenant: {TENANT}\n{sections}\n"))?;
        let loaded = load(&[PathBuf::from(name)], &options);
        let policy = loaded.policies.first().ok_or_else(|| format!("{sections}\n{:#?}", loaded.findings))?;
        policies.push(Desired::from_policy(policy));
    }
    Ok(policies)
}

fn object(value: Value) -> Content {
    match value {
        Value::Object(content) => content,
        _ => Content::new(),
    }
}

fn entry(id: &str, on: bool) -> Value {
    json!({
        "@odata.type": format!("#microsoft.graph.{id}AuthenticationMethodConfiguration"), "id": id,
        "state": if on { "enabled" } else { "disabled" }, "excludeTargets": [],
        "includeTargets": [{ "targetType": "group", "id": "all_users", "isRegistrationRequired": false }],
    })
}

/// A tenant to start with.
pub(crate) fn tenant(rng: &mut Rng) -> BTreeMap<Surface, Content> {
    let mut flag = || rng.chance(500);
    let policy = json!({
        "objectId": "default", "enablementType": 2, "numberOfAuthenticationMethodsRequired": if flag() { 1 } else { 2 },
        "emailOptionEnabled": flag(), "mobilePhoneOptionEnabled": flag(), "officePhoneOptionEnabled": flag(),
        "securityQuestionsOptionEnabled": false, "mobileAppNotificationEnabled": false, "mobileAppCodeEnabled": flag(),
        "numberOfQuestionsToRegister": 5, "numberOfQuestionsToReset": 3, "registrationRequiredOnSignIn": flag(),
        "registrationReconfirmIntevalInDays": if flag() { 180 } else { 90 }, "skipRegistrationAllowed": true,
        "skipRegistrationMaxAllowedDays": 7, "customizeHelpdeskLink": false, "customHelpdeskEmailOrUrl": "",
        "notifyUsersOnPasswordReset": flag(), "notifyOnAdminPasswordReset": flag(), "passwordResetEnabledGroupIds": [],
        "passwordResetEnabledGroupName": "", "securityQuestions": [], "registrationConditionalAccessPolicies": [],
        "emailOptionAllowed": true, "mobilePhoneOptionAllowed": true, "officePhoneOptionAllowed": true,
        "securityQuestionsOptionAllowed": true, "mobileAppNotificationOptionAllowed": true,
        "mobileAppCodeOptionAllowed": true,
    });
    let on_premises = json!({
        "objectId": "55bc0001-0e00-4000-8000-000000000001", "passwordWritebackSupported": flag(),
        "accountUnlockSupported": true, "accountUnlockEnabled": flag(), "enablementForTenant": true,
        "cloudProvisioningEnablementForTenant": false,
    });
    let authorization = json!({
        "id": "authorizationPolicy", "allowInvitesFrom": "everyone", "allowedToUseSSPR": flag(),
        "displayName": "Authorization Policy", "blockMsolPowerShell": false,
    });
    let ids = ["Email", "Sms", "Voice", "MicrosoftAuthenticator", "SoftwareOath", "Fido2"];
    let mut methods = object(json!({ "id": "authenticationMethodsPolicy", "lastModifiedDateTime": "0" }));
    for id in ids {
        methods.insert(id.to_owned(), entry(id, flag()));
    }
    methods["Voice"]["isOfficePhoneAllowed"] = json!(flag());
    methods["MicrosoftAuthenticator"]["isSoftwareOathEnabled"] = json!(flag());
    let state = rng.pick(&["preMigration", "migrationInProgress", "migrationComplete"]);
    methods.insert("policyMigrationState".to_owned(), json!(state));
    BTreeMap::from([
        (Surface::PasswordReset, object(policy)),
        (Surface::OnPremisesPasswordReset, object(on_premises)),
        (Surface::AuthorizationPolicy, object(authorization)),
        (Surface::AuthenticationMethods, methods),
        (Surface::ConditionalAccess, access(rng)),
        (Surface::DeviceConfiguration, devices(rng)),
    ])
}

fn access(rng: &mut Rng) -> Content {
    let own = json!({ "ssprctl.others": [], "ssprctl.locations":
        [{ "id": "55bc0001-010c-4000-8000-000000000001", "name": "Headquarters", "trusted": true }] });
    let mut content = Content::new();
    if rng.chance(400) {
        content = object(json!({
            "id": "55bc0001-0ca0-4000-8000-000000000009", "modifiedDateTime": "0",
            "displayName": "Register from known places [ssprctl:allowedFrom]",
            "state": rng.pick(&["enabled", "disabled", "enabledForReportingButNotEnforced"]), "sessionControls": null,
            "conditions": {
                "clientAppTypes": ["all"], "applications": { "includeUserActions": ["urn:user:registersecurityinfo"] },
                "users": { "includeUsers": ["All"], "excludeUsers": [], "excludeGroups": [] },
                "locations": { "includeLocations": ["All"], "excludeLocations": ["AllTrusted"] },
            },
            "grantControls": { "operator": "OR", "builtInControls": ["block"] },
        }));
    }
    content.extend(object(own));
    content
}

fn devices(rng: &mut Rng) -> Content {
    let mut content = Content::new();
    if rng.chance(400) {
        content = object(json!({
            "@odata.type": "#microsoft.graph.windows10CustomConfiguration", "id": "55bc0001-0dc0-4000-8000-000000000009",
            "displayName": "Reset link [ssprctl:resetLink]", "version": 1, "lastModifiedDateTime": "0",
            "omaSettings": [{
                "@odata.type": "#microsoft.graph.omaSettingInteger", "displayName": "AllowAadPasswordReset",
                "description": null, "value": rng.below(2),
                "omaUri": "./Device/Vendor/MSFT/Policy/Config/Authentication/AllowAadPasswordReset",
            }],
            "assignments": [],
        }));
    }
    content.insert("ssprctl.others".to_owned(), json!([]));
    content
}

/// What the second administrator does: one value of one document is another one afterwards. `number` makes values that no
/// policy asks for different.
pub(crate) fn edit(rng: &mut Rng, content: &mut Content, surface: Surface, number: u64) {
    let keys: &[&str] = match surface {
        Surface::PasswordReset => &[
            "numberOfAuthenticationMethodsRequired",
            "registrationReconfirmIntevalInDays",
            "skipRegistrationMaxAllowedDays",
            "notifyUsersOnPasswordReset",
            "notifyOnAdminPasswordReset",
            "registrationRequiredOnSignIn",
            "emailOptionEnabled",
            "brandNewKey",
        ],
        Surface::OnPremisesPasswordReset => &["passwordWritebackSupported", "accountUnlockEnabled", "brandNewKey"],
        Surface::AuthorizationPolicy => &["allowedToUseSSPR", "allowInvitesFrom", "blockMsolPowerShell"],
        Surface::AuthenticationMethods => &["Email", "Sms", "Voice", "SoftwareOath", "Fido2"],
        Surface::ConditionalAccess if content.contains_key("id") => &["state", "sessionControls", "conditions"],
        Surface::DeviceConfiguration if content.contains_key("id") => &["omaSettings", "assignments", "description"],
        Surface::ConditionalAccess | Surface::DeviceConfiguration => return,
    };
    let key = rng.pick(keys);
    let value = content.entry(key).or_insert(Value::Null);
    match (key, &mut *value) {
        ("state", _) => *value = json!(rng.pick(&["enabled", "disabled", "enabledForReportingButNotEnforced"])),
        ("omaSettings", Value::Array(settings)) => {
            for setting in settings {
                setting["value"] = json!(rng.below(2));
            }
        }
        ("assignments", _) => {
            *value = json!([{ "target": { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" } }]);
        }
        ("conditions", Value::Object(conditions)) => {
            let everyone = json!({ "includeUsers": ["All"], "excludeUsers": [format!("somebody-{number}")] });
            conditions.insert("users".to_owned(), everyone);
        }
        (_, Value::Bool(on)) => *on = !*on,
        ("numberOfAuthenticationMethodsRequired", _) => *value = json!(rng.between(1, 2)),
        (_, Value::Number(_)) => *value = json!(1000 + number),
        (_, Value::Object(entry)) => {
            if rng.chance(700) {
                let on = entry.get("state").is_some_and(|state| state == "enabled");
                entry.insert("state".to_owned(), json!(if on { "disabled" } else { "enabled" }));
            } else {
                entry.insert("brandNewKey".to_owned(), json!(number));
            }
        }
        _ => *value = json!(format!("edit {number}")),
    }
}
