//! Made-up states of a tenant, the odd ones often. The same number gives the same state in every run.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use ssprctl::testing::policy::questions::PREDEFINED;
use ssprctl::testing::tenant::facts::{Licence, ResetLicence};

/// The groups that exist: two security groups and one that is none.
pub(crate) const SECURITY: [&str; 2] = ["55bc0001-0600-4000-8000-000000000001", "55bc0001-0600-4000-8000-000000000002"];
pub(crate) const MAIL: &str = "55bc0001-0600-4000-8000-000000000003";
const DELETED: &str = "55bc0001-0600-4000-8000-0000000000ff";
const LOCATIONS: [&str; 4] = [
    "55bc0001-010c-4000-8000-000000000001",
    "55bc0001-010c-4000-8000-000000000002",
    "55bc0001-010c-4000-8000-000000000003",
    "55bc0001-010c-4000-8000-0000000000ff",
];

/// One state of a tenant, as its services answer.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) documents: BTreeMap<&'static str, Json>,
    /// The Conditional Access policies.
    pub(crate) access_policies: Vec<Json>,
    /// Each named location: its id, its name, and whether it is trusted.
    pub(crate) locations: Vec<(&'static str, &'static str, bool)>,
    /// The Intune configurations.
    pub(crate) configurations: Vec<Json>,
    /// The documents that cannot be read.
    pub(crate) unread: BTreeSet<&'static str>,
    pub(crate) licence: Option<Licence>,
    pub(crate) synchronised: Option<bool>,
    pub(crate) writeback_up: Option<bool>,
}

/// A sequence of numbers that look random (SplitMix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn one_of<T: Clone>(&mut self, values: &[T]) -> T {
        let index = self.below(values.len() as u64);
        values[usize::try_from(index).unwrap_or_default()].clone()
    }

    /// Each of these with a chance.
    fn some_of<T: Clone>(&mut self, values: &[T], percent: u64) -> Vec<T> {
        values.iter().filter(|_| self.chance(percent)).cloned().collect()
    }
}

/// The state with this number.
pub(crate) fn state(number: u64) -> State {
    let mut dice = Dice(number);
    let documents = BTreeMap::from([
        ("passwordReset", password_reset(&mut dice)),
        ("onPremisesPasswordReset", on_premises(&mut dice)),
        ("authorizationPolicy", authorization(&mut dice)),
        ("authenticationMethods", methods(&mut dice)),
    ]);
    let locations = vec![
        (LOCATIONS[0], "Headquarters", dice.chance(50)),
        (LOCATIONS[1], dice.one_of(&["Branch", "Headquarters", "allTrusted", " ", "Straße 1"]), false),
        (LOCATIONS[2], dice.one_of(&["Branch", "anywhere", "STRASSE 1", "Büro", "- a: b # c"]), false),
    ];
    let access_policies = access_policies(&mut dice);
    let configurations = configurations(&mut dice);
    let every = ["passwordReset", "onPremisesPasswordReset", "authorizationPolicy", "authenticationMethods"];
    let unread = if dice.chance(12) {
        BTreeSet::from([dice.one_of(&[every[1], every[2], every[3], "conditionalAccess", "deviceConfiguration"])])
    } else {
        BTreeSet::new()
    };
    let reset = dice.one_of(&[ResetLicence::Permits, ResetLicence::NotKnown, ResetLicence::ChangeOnly]);
    let writeback = dice.chance(50);
    State {
        documents,
        access_policies,
        locations,
        configurations,
        unread,
        licence: (!dice.chance(15)).then_some(Licence { reset, writeback }),
        synchronised: dice.one_of(&[Some(true), Some(false), None]),
        writeback_up: dice.one_of(&[Some(true), Some(false), None]),
    }
}

fn password_reset(dice: &mut Dice) -> Json {
    let mut document = json!({
        "objectId": "default",
        "enablementType": dice.one_of(&[0, 1, 1, 2]),
        "numberOfAuthenticationMethodsRequired": dice.one_of(&[1, 1, 2]),
        "registrationRequiredOnSignIn": dice.chance(50),
        "registrationReconfirmIntevalInDays": dice.one_of(&[0, 1, 180, 730]),
        "skipRegistrationAllowed": dice.chance(50),
        "skipRegistrationMaxAllowedDays": dice.below(15),
        "customizeHelpdeskLink": dice.chance(60),
        "customHelpdeskEmailOrUrl": dice.one_of(&["", "https://help.contoso.com", "helpdesk@contoso.com"]),
        "notifyUsersOnPasswordReset": dice.chance(50),
        "notifyOnAdminPasswordReset": dice.chance(50),
        "numberOfQuestionsToRegister": dice.one_of(&[3, 4, 5]),
        "numberOfQuestionsToReset": dice.one_of(&[3, 4, 5]),
        "registrationConditionalAccessPolicies": [],
        "passwordResetEnabledGroupName": "",
    });
    for method in ["email", "mobilePhone", "officePhone", "securityQuestions"] {
        document[format!("{method}OptionEnabled")] = dice.chance(40).into();
        document[format!("{method}OptionAllowed")] = true.into();
    }
    for method in ["mobileAppNotification", "mobileAppCode"] {
        document[format!("{method}Enabled")] = dice.chance(40).into();
        document[format!("{method}OptionAllowed")] = true.into();
    }
    scope(dice, &mut document);
    questions(dice, &mut document);
    if dice.chance(10) {
        document["customHelpdeskEmailOrUrl"] = dice.one_of(&[
            json!(null),
            json!("none"),
            json!("help"),
            json!("javascript:alert(1)"),
            json!(" "),
            json!("a b@c.de"),
        ]);
    }
    if dice.chance(10) {
        document["registrationReconfirmIntevalInDays"] = dice.one_of(&[json!(731), json!(-1), json!(1.5)]);
    }
    if dice.chance(8) {
        document["numberOfAuthenticationMethodsRequired"] = dice.one_of(&[json!(0), json!(3)]);
    }
    if dice.chance(10) {
        document["registrationConditionalAccessPolicies"] = json!(null);
    }
    if dice.chance(10) {
        document["tomorrow's: key # \n"] = json!({ "of": [1.50, null] });
    }
    if dice.chance(6) {
        // A switch or a number has no unset: the shape of the document is not known, and nothing of it is compared.
        let key = dice.one_of(&["notifyOnAdminPasswordReset", "numberOfQuestionsToReset", "enablementType"]);
        document[key] = json!(null);
    }
    document
}

fn scope(dice: &mut Dice, document: &mut Json) {
    let groups = match dice.below(10) {
        0 | 1 => json!([]),
        2 => json!(null),
        3 => json!([DELETED]),
        4 => json!([MAIL]),
        5 => json!(SECURITY),
        6 => json!(["00000000-0000-0000-0000-000000000000"]),
        7 => json!([SECURITY[0].to_uppercase(), SECURITY[0]]),
        _ => json!([SECURITY[0]]),
    };
    document["passwordResetEnabledGroupIds"] = groups;
    document["passwordResetEnabledGroupName"] = dice.one_of(&[json!(null), json!(""), json!("A: \n- group # 1")]);
    if dice.chance(4) {
        document["enablementType"] = dice.one_of(&[json!(3), json!(-1)]);
    }
}

fn questions(dice: &mut Dice, document: &mut Json) {
    let count = dice.one_of(&[0, 2, 3, 5, 6, 22]);
    let question =
        |text: &str, custom: bool| json!({"objectId": "q", "questionText": text, "isCustomQuestion": custom});
    let mut list: Vec<Json> = PREDEFINED.iter().take(count).map(|text| question(text, false)).collect();
    if dice.chance(20) {
        list.push(question("What was the first project: yours # here?", true));
    }
    if dice.chance(15) {
        let odd_one = [
            question("In welcher Stadt sind Sie geboren?", false),
            question("?", true),
            question(PREDEFINED[0], true),
            question(PREDEFINED[0], false),
            json!({"objectId": "q", "questionText": null, "isCustomQuestion": true}),
        ];
        list.push(dice.one_of(&odd_one));
    }
    document["securityQuestions"] = if dice.chance(15) { json!(null) } else { list.into() };
    if dice.chance(15) {
        document["numberOfQuestionsToRegister"] =
            dice.one_of(&[json!(0), json!(2), json!(6), json!(9_000_000_000_u64)]);
    }
    if dice.chance(10) {
        document["numberOfQuestionsToReset"] = dice.one_of(&[json!(0), json!(1), json!(6)]);
    }
}

fn on_premises(dice: &mut Dice) -> Json {
    let mut document = json!({
        "objectId": dice.one_of(&[json!(null), json!("default")]),
        "passwordWritebackSupported": dice.chance(50),
        "accountUnlockSupported": dice.chance(50),
        "accountUnlockEnabled": dice.chance(50),
        "enablementForTenant": dice.chance(50),
        "cloudProvisioningEnablementForTenant": dice.chance(50),
    });
    if dice.chance(8) {
        document["accountUnlockEnabled"] = json!(null);
    }
    document
}

fn authorization(dice: &mut Dice) -> Json {
    let mut document = json!({ "id": "authorizationPolicy", "allowedToUseSSPR": dice.chance(70) });
    if dice.chance(8) {
        document["allowedToUseSSPR"] = dice.one_of(&[json!(null), json!("yes")]);
    }
    document
}

fn methods(dice: &mut Dice) -> Json {
    let states = [json!("preMigration"), json!("migrationInProgress"), json!("migrationComplete"), json!(null)];
    let mut configurations = Vec::new();
    for id in ["Email", "Sms", "Voice", "MicrosoftAuthenticator", "SoftwareOath", "Fido2"] {
        let target = |group: &str| json!({"targetType": "group", "id": group, "isRegistrationRequired": false});
        let included = match dice.below(9) {
            0 => json!([]),
            1 => json!(null),
            2 => json!([target(SECURITY[0])]),
            3 => json!([target(DELETED), target(SECURITY[1])]),
            _ => json!([target("all_users")]),
        };
        let excluded = dice.one_of(&[json!([]), json!(null), json!([{"targetType": "group", "id": SECURITY[1]}])]);
        configurations.push(json!({
            "@odata.type": "#microsoft.graph.authenticationMethodConfiguration",
            "id": id,
            "state": dice.one_of(&["enabled", "disabled"]),
            "isOfficePhoneAllowed": dice.chance(50),
            "isSoftwareOathEnabled": dice.chance(50),
            "includeTargets": included,
            "excludeTargets": excluded,
        }));
    }
    if dice.chance(6) {
        configurations[1]["state"] = dice.one_of(&[json!(null), json!("paused")]);
    }
    let state = if dice.chance(4) { json!("sideways") } else { dice.one_of(&states) };
    json!({ "id": "authenticationMethodsPolicy", "policyMigrationState": state,
        "authenticationMethodConfigurations": configurations })
}

fn access_policies(dice: &mut Dice) -> Vec<Json> {
    let mut policies = Vec::new();
    for name in ["Registration [ssprctl:allowedFrom]", "Somebody else's"] {
        if dice.chance(40) {
            continue;
        }
        let mut groups = dice.some_of(&[SECURITY[0], SECURITY[1]], 40);
        if dice.chance(15) {
            groups.push(dice.one_of(&[DELETED, MAIL]));
        }
        let mut places: Vec<&str> = dice.some_of(&LOCATIONS, 30);
        places.extend(dice.some_of(&["AllTrusted"], 40));
        let actions = dice.one_of(&[
            json!(["urn:user:registersecurityinfo"]),
            json!(["urn:user:registersecurityinfo"]),
            json!([]),
        ]);
        policies.push(json!({
            "id": format!("0c9e1b7a-0000-4000-8000-00000000000{}", policies.len()),
            "displayName": name,
            "state": dice.one_of(&["enabled", "disabled", "enabledForReportingButNotEnforced", "paused"]),
            "conditions": {
                "applications": { "includeUserActions": actions },
                "users": { "includeUsers": ["All"], "excludeGroups": dice.one_of(&[json!(groups), json!(groups), json!(null)]) },
                "locations": dice.one_of(&[
                    json!({ "includeLocations": ["All"], "excludeLocations": places }),
                    json!({ "includeLocations": ["All"], "excludeLocations": places }),
                    json!({ "includeLocations": ["All"], "excludeLocations": null }),
                    json!(null),
                ]),
            },
            "grantControls": dice.one_of(&[
                json!({ "operator": "OR", "builtInControls": ["block"] }),
                json!({ "operator": "OR", "builtInControls": ["block"] }),
                json!({ "operator": "OR", "builtInControls": ["mfa"] }),
                json!(null),
            ]),
        }));
    }
    policies
}

fn configurations(dice: &mut Dice) -> Vec<Json> {
    let mut all = Vec::new();
    for name in ["Reset link [ssprctl:resetLink]", "Somebody else's"] {
        if dice.chance(40) {
            continue;
        }
        let target = |group: &str| json!({ "target": { "@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group } });
        let assignments = match dice.below(6) {
            0 => json!([]),
            1 => json!([target(SECURITY[0]), target(SECURITY[1])]),
            2 => json!([{ "target": { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" } }]),
            3 => json!([target(DELETED)]),
            _ => json!([target(SECURITY[1])]),
        };
        let value = dice.one_of(&[json!(1), json!(1), json!(0), json!("****"), json!(null)]);
        all.push(json!({
            "@odata.type": "#microsoft.graph.windows10CustomConfiguration",
            "id": format!("0d9e1b7a-0000-4000-8000-00000000000{}", all.len()),
            "displayName": name,
            "omaSettings": [{
                "@odata.type": "#microsoft.graph.omaSettingInteger",
                "displayName": "AllowAadPasswordReset",
                "omaUri": "./Device/Vendor/MSFT/Policy/Config/Authentication/AllowAadPasswordReset",
                "value": value,
            }],
            "assignments": assignments,
        }));
    }
    all
}
