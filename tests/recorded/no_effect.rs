//! Why settings do nothing, and who decides them: for every setting, in a tenant where all of them act, with each fact
//! changed, and with each two facts that take an effect away.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::base::exit::Exit;
use ssprctl::testing::base::ids::TenantName;
use ssprctl::testing::base::source::Source;
use ssprctl::testing::catalog;
use ssprctl::testing::engine::result::{PlanScope, TenantResult};
use ssprctl::testing::plan::change::Plan;
use ssprctl::testing::plan::effects;
use ssprctl::testing::render::json;
use ssprctl::testing::review::approve::Review;
use ssprctl::testing::tenant::document::Document;
use ssprctl::testing::tenant::error::{TenantError, TenantErrorKind};
use ssprctl::testing::tenant::facts::{Hybrid, Licence, Migration, ResetLicence, TenantFacts};
use ssprctl::testing::tenant::snapshot::Snapshot;
use ssprctl::testing::tenant::surface::Surface;

use crate::{Checked, recorded};

/// A tenant: its documents as the wire has them, by the name of their surface, and what else decides about it.
#[derive(Clone)]
struct Tenant {
    documents: BTreeMap<&'static str, Json>,
    circumstances: TenantFacts,
}

type Fact = (&'static str, fn(&mut Tenant));

/// A tenant in which every setting acts.
fn acting() -> Tenant {
    let method = |id: &str, on: bool| {
        let targets = json!([{ "targetType": "group", "id": "all_users" }]);
        json!({
            "@odata.type": "#microsoft.graph.methodConfiguration",
            "id": id,
            "state": if on { "enabled" } else { "disabled" },
            "isOfficePhoneAllowed": false,
            "isSoftwareOathEnabled": false,
            "includeTargets": targets,
        })
    };
    let documents = [
        (
            "passwordReset",
            json!({
                "enablementType": 1,
                "passwordResetEnabledGroupIds": ["b6cdb9c3-d660-4558-bcfd-82c14a986b56"],
                "numberOfAuthenticationMethodsRequired": 2,
                "emailOptionEnabled": true,
                "mobilePhoneOptionEnabled": false,
                "officePhoneOptionEnabled": false,
                "securityQuestionsOptionEnabled": true,
                "mobileAppNotificationEnabled": false,
                "mobileAppCodeEnabled": false,
                "numberOfQuestionsToRegister": 5,
                "numberOfQuestionsToReset": 3,
                "securityQuestions": [{ "questionText": "What is your badge number?", "isCustomQuestion": true }],
                "registrationRequiredOnSignIn": true,
                "registrationReconfirmIntevalInDays": 180,
                "notifyUsersOnPasswordReset": true,
                "notifyOnAdminPasswordReset": true,
                "customizeHelpdeskLink": true,
                "customHelpdeskEmailOrUrl": "https://help.contoso.com",
            }),
        ),
        ("onPremisesPasswordReset", json!({ "passwordWritebackSupported": true, "accountUnlockEnabled": true })),
        ("authorizationPolicy", json!({ "allowedToUseSSPR": true })),
        (
            "authenticationMethods",
            json!({
                "policyMigrationState": "migrationInProgress",
                "Email": method("Email", false),
                "Sms": method("Sms", true),
                "Voice": method("Voice", false),
                "MicrosoftAuthenticator": method("MicrosoftAuthenticator", false),
                "SoftwareOath": method("SoftwareOath", false),
            }),
        ),
        (
            "conditionalAccess",
            json!({
                "id": "0c9e1b7a-0000-4000-8000-000000000001",
                "displayName": "Registration [ssprctl:allowedFrom]",
                "state": "enabled",
                "conditions": {
                    "applications": { "includeUserActions": ["urn:user:registersecurityinfo"] },
                    "users": { "includeUsers": ["All"], "excludeGroups": ["b6cdb9c3-d660-4558-bcfd-82c14a986b56"] },
                    "locations": { "includeLocations": ["All"], "excludeLocations": ["AllTrusted"] },
                },
                "grantControls": { "operator": "OR", "builtInControls": ["block"] },
                "ssprctl.locations": [],
                "ssprctl.others": [],
            }),
        ),
        (
            "deviceConfiguration",
            json!({
                "id": "0c9e1b7a-0000-4000-8000-000000000002",
                "displayName": "Reset link [ssprctl:resetLink]",
                "omaSettings": [{
                    "omaUri": "./Device/Vendor/MSFT/Policy/Config/Authentication/AllowAadPasswordReset",
                    "value": 1,
                }],
                "assignments": [{ "target": {
                    "@odata.type": "#microsoft.graph.groupAssignmentTarget",
                    "groupId": "b6cdb9c3-d660-4558-bcfd-82c14a986b56",
                } }],
                "ssprctl.others": [],
            }),
        ),
    ];
    let circumstances = TenantFacts {
        migration: Some(Migration::InProgress),
        licence: Some(Licence { reset: ResetLicence::Permits, writeback: true }),
        hybrid: Some(Hybrid { synchronised: true, writeback_up: Some(true) }),
        ..TenantFacts::default()
    };
    Tenant { documents: documents.into(), circumstances }
}

impl Tenant {
    fn set(&mut self, surface: &str, pointer: &str, value: Json) {
        if let Some(place) = self.documents.get_mut(surface).and_then(|document| document.pointer_mut(pointer)) {
            *place = value;
        }
    }

    /// Changes one part of what is known of licences, or of the directory on premises.
    fn licence(&mut self, change: fn(&mut Licence)) {
        self.circumstances.licence.iter_mut().for_each(change);
    }

    fn hybrid(&mut self, change: fn(&mut Hybrid)) {
        self.circumstances.hybrid.iter_mut().for_each(change);
    }

    fn migration(&mut self, word: Json, migration: Migration) {
        self.set("authenticationMethods", "/policyMigrationState", word);
        self.circumstances.migration = Some(migration);
    }

    fn snapshot(&self) -> Result<Snapshot, Box<dyn Error>> {
        let mut documents = BTreeMap::new();
        for surface in Surface::ALL {
            let read = match self.documents.get(surface.spec().name) {
                Some(document) => Ok(Document::parse(&document.to_string())?),
                None => Err(TenantError::new(TenantErrorKind::Unavailable, "not read")),
            };
            documents.insert(surface, read);
        }
        Ok(Snapshot {
            taken: Timestamp::UNIX_EPOCH,
            tenant: "11111111-2222-4333-8444-555555555555".parse()?,
            identities: BTreeMap::new(),
            documents,
            groups: BTreeMap::new(),
            facts: self.circumstances.clone(),
        })
    }

    /// For each setting, in the order of the catalogue, who decides it and why it does nothing, as JSON says it.
    fn answers(&self) -> Result<Vec<(&'static str, String)>, Box<dyn Error>> {
        let source = Arc::new(Source::new("policies/contoso.yaml", ""));
        let snapshot = self.snapshot()?;
        let plan = Plan {
            tenant: TenantName::parse("contoso.onmicrosoft.com"),
            tenant_id: snapshot.tenant,
            cloud: Cloud::Global,
            source,
            files: Vec::new(),
            taken: snapshot.taken,
            steps: Vec::new(),
            seen: BTreeMap::new(),
            unchanged: Vec::new(),
            unmanaged: Vec::new(),
            skipped: Vec::new(),
            unknown: Vec::new(),
            actual: BTreeMap::new(),
            ended: Vec::new(),
            effects_now: Vec::new(),
            effects: effects::effective_now(&snapshot),
            unread: Vec::new(),
            new_keys: Vec::new(),
            rolled_back: std::collections::BTreeSet::new(),
            group_names: BTreeMap::new(),
        };
        let review = Review::new(plan, Vec::new());
        let tenant = TenantResult { tenant: "contoso".to_owned(), path: String::new(), result: Ok(review) };
        let document: Json =
            serde_json::from_str(&json::plan(&[tenant], PlanScope::default(), &[], json::RunEnd::real(Exit::Done)))?;
        let effects = document.pointer("/tenants/0/effects").and_then(Json::as_array).ok_or("no effects")?;
        let answer = |name: &'static str| {
            let effect = effects.iter().find(|effect| effect["setting"] == name);
            let answer = effect.map(|effect| match effect.pointer("/noEffect/code").and_then(Json::as_str) {
                Some(code) => format!("{}, {code}", effect["decidedBy"].as_str().unwrap_or_default()),
                None => effect["decidedBy"].as_str().unwrap_or_default().to_owned(),
            });
            (name, answer.unwrap_or_else(|| "not known".to_owned()))
        };
        Ok(catalog::ALL.iter().map(|setting| answer(setting.name)).collect())
    }
}

/// What takes an effect away: one fact for each reason, at least.
const AGAINST: [Fact; 14] = [
    ("no licence for reset", |tenant| tenant.licence(|known| known.reset = ResetLicence::ChangeOnly)),
    ("no licence for writeback", |tenant| tenant.licence(|known| known.writeback = false)),
    ("not synchronised", |tenant| tenant.hybrid(|known| known.synchronised = false)),
    ("no writeback client", |tenant| tenant.hybrid(|known| known.writeback_up = Some(false))),
    ("nobody in scope", |tenant| tenant.set("passwordReset", "/enablementType", json!(0))),
    ("no security questions", |tenant| {
        tenant.set("passwordReset", "/securityQuestionsOptionEnabled", json!(false));
    }),
    ("registration not required", |tenant| tenant.set("passwordReset", "/registrationRequiredOnSignIn", json!(false))),
    ("administrators may not", |tenant| tenant.set("authorizationPolicy", "/allowedToUseSSPR", json!(false))),
    ("passwords not written back", |tenant| {
        tenant.set("onPremisesPasswordReset", "/passwordWritebackSupported", json!(false));
    }),
    ("access policy disabled", |tenant| tenant.set("conditionalAccess", "/state", json!("disabled"))),
    ("access policy reports only", |tenant| {
        tenant.set("conditionalAccess", "/state", json!("enabledForReportingButNotEnforced"));
    }),
    ("reset link off", |tenant| tenant.set("deviceConfiguration", "/omaSettings/0/value", json!(0))),
    ("assigned to nobody", |tenant| tenant.set("deviceConfiguration", "/assignments", json!([]))),
    ("registration allowed anywhere", |tenant| {
        tenant.set("conditionalAccess", "/conditions/locations/includeLocations", json!([]));
    }),
];

/// What is not known, or changes who decides.
const OTHERWISE: [Fact; 17] = [
    ("everybody in scope", |tenant| tenant.set("passwordReset", "/enablementType", json!(2))),
    ("licences unknown", |tenant| tenant.circumstances.licence = None),
    ("synchronisation unknown", |tenant| tenant.circumstances.hybrid = None),
    ("writeback client unknown", |tenant| tenant.hybrid(|known| known.writeback_up = None)),
    ("migration unknown", |tenant| tenant.circumstances.migration = None),
    ("before migration", |tenant| tenant.migration(json!("preMigration"), Migration::PreMigration)),
    ("migration complete", |tenant| tenant.migration(json!("migrationComplete"), Migration::Complete)),
    ("no reconfirmation", |tenant| {
        tenant.set("passwordReset", "/registrationReconfirmIntevalInDays", json!(0));
    }),
    ("users not notified", |tenant| tenant.set("passwordReset", "/notifyUsersOnPasswordReset", json!(false))),
    ("administrators not notified", |tenant| tenant.set("passwordReset", "/notifyOnAdminPasswordReset", json!(false))),
    ("no helpdesk link", |tenant| tenant.set("passwordReset", "/customizeHelpdeskLink", json!(false))),
    ("passwordReset not read", |tenant| drop(tenant.documents.remove("passwordReset"))),
    ("onPremisesPasswordReset not read", |tenant| drop(tenant.documents.remove("onPremisesPasswordReset"))),
    ("authorizationPolicy not read", |tenant| drop(tenant.documents.remove("authorizationPolicy"))),
    ("authenticationMethods not read", |tenant| drop(tenant.documents.remove("authenticationMethods"))),
    ("conditionalAccess not read", |tenant| drop(tenant.documents.remove("conditionalAccess"))),
    ("deviceConfiguration not read", |tenant| drop(tenant.documents.remove("deviceConfiguration"))),
];

fn with(facts: &[&Fact]) -> Result<Vec<(&'static str, String)>, Box<dyn Error>> {
    let mut tenant = acting();
    facts.iter().for_each(|(_, change)| change(&mut tenant));
    tenant.answers()
}

/// Of single facts, what differs from the tenant as it is. Of two facts, what both of them change, which shows the reason
/// that comes first; and whatever does not follow from either.
#[test]
fn every_setting_with_every_fact() -> Checked {
    let base = with(&[])?;
    let mut text = "as it is\n".to_owned();
    base.iter().for_each(|(setting, answer)| text.push_str(&format!("    {setting}: {answer}\n")));
    for fact in AGAINST.iter().chain(&OTHERWISE) {
        text.push_str(&format!("{}\n", fact.0));
        for ((setting, answer), (_, before)) in with(&[fact])?.iter().zip(&base) {
            if answer != before {
                text.push_str(&format!("    {setting}: {answer}\n"));
            }
        }
    }
    for (at, first) in AGAINST.iter().enumerate() {
        let alone = with(&[first])?;
        for second in &AGAINST[at + 1..] {
            text.push_str(&format!("{} + {}\n", first.0, second.0));
            let others = with(&[second])?;
            for (place, (setting, answer)) in with(&[first, second])?.iter().enumerate() {
                let [before, one, two] = [&base, &alone, &others].map(|answers| &answers[place].1);
                let follows = (two == before && answer == one) || (one == before && answer == two);
                if !follows {
                    text.push_str(&format!("    {setting}: {answer}\n"));
                }
            }
        }
    }
    recorded("no-effect.txt", &text)
}

/// A fact that changes nothing would prove nothing.
#[test]
fn every_reason_is_met() -> Checked {
    const REASONS: [&str; 13] = [
        "no-licence",
        "nobody-in-scope",
        "questions-not-allowed",
        "not-asked-at-sign-in",
        "administrators-may-not",
        "no-writeback-licence",
        "not-synchronised",
        "no-writeback-client",
        "writeback-off",
        "access-policy-off",
        "access-only-reported",
        "reset-link-off",
        "not-assigned",
    ];
    for reason in REASONS {
        let mut met = false;
        for fact in &AGAINST {
            met |= with(&[fact])?.iter().any(|(_, answer)| answer.ends_with(&format!(", {reason}")));
        }
        assert!(met, "no fact leads to {reason}");
    }
    Ok(())
}
