//! What `import` is to make of a state, setting by setting: a second reading of the services' documents, by Microsoft's
//! documentation and not by the program's code.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use ssprctl::testing::policy::questions::PREDEFINED;

use super::states::State;

/// What is to become of one setting.
#[derive(Debug)]
pub(crate) enum Expected {
    /// The policy has this value.
    Written(Json),
    /// The policy has this value, or the setting is named as left out.
    WrittenOrNamed(Json),
    /// A policy cannot hold the value: the setting is named as left out.
    Named,
    /// A policy expresses the value by leaving the key out, and nobody has to be informed.
    Absent,
    /// The value is written, named or absent; what it is does not matter here.
    Any,
}

use Expected::{Absent, Any, Named, Written, WrittenOrNamed};

/// The expectation for every setting.
pub(crate) fn expected(state: &State) -> BTreeMap<&'static str, Expected> {
    let mut all = password_reset(state);
    let read = |surface: &str| state.documents.get(surface).filter(|_| !state.unread.contains(surface));
    let switch = |surface: &str, key: &str| match read(surface).map(|document| &document[key]) {
        Some(Json::Bool(on)) => Written(json!(on)),
        _ => Named,
    };
    all.insert("scope.administrators", switch("authorizationPolicy", "allowedToUseSSPR"));
    // A switch of another type makes the shape of the whole document unknown.
    let writeback = |key: &str| match switch("onPremisesPasswordReset", "accountUnlockEnabled") {
        Named => Named,
        _ => switch("onPremisesPasswordReset", key),
    };
    all.insert("writeback.passwords", writeback("passwordWritebackSupported"));
    all.insert("writeback.unlockWithoutReset", writeback("accountUnlockEnabled"));
    let methods = if is_known_shape(&state.documents["passwordReset"]) { allowed(state) } else { Named };
    all.insert("methods.allowed", methods);
    all.extend(allowed_from(state));
    all.extend(reset_link(state));
    all
}

fn is_known_shape(document: &Json) -> bool {
    ["notifyOnAdminPasswordReset", "numberOfQuestionsToReset", "enablementType"]
        .iter()
        .all(|key| !document[key].is_null())
}

fn password_reset(state: &State) -> BTreeMap<&'static str, Expected> {
    let document = &state.documents["passwordReset"];
    let number = |key: &str, from: u64, to: u64| match document[key].as_u64() {
        Some(number) if (from..=to).contains(&number) => Written(json!(number)),
        _ => Named,
    };
    let switch = |key: &str| Written(document[key].clone());
    let (register, reset) = ("numberOfQuestionsToRegister", "numberOfQuestionsToReset");
    let counts = |key: &str| match (number(register, 3, 5), number(reset, 3, 5)) {
        // Nobody can answer more questions than were registered.
        (Written(registered), Written(asked)) if asked.as_u64() > registered.as_u64() => {
            WrittenOrNamed(document[key].clone())
        }
        _ => number(key, 3, 5),
    };
    let groups = groups(document);
    let (users, group) = match (document["enablementType"].as_i64(), groups.len()) {
        (Some(0), _) => (Written(json!("none")), Absent),
        (Some(2), _) => (Written(json!("all")), Absent),
        (Some(1), 1) => (Written(json!("selected")), Written(json!(groups.first()))),
        (Some(1), 0) => (Named, Absent),
        (Some(1), _) => (Named, Named),
        _ => (Named, Any),
    };
    let rows = BTreeMap::from([
        ("scope.users", users),
        ("scope.group", group),
        ("methods.required", number("numberOfAuthenticationMethodsRequired", 1, 2)),
        ("securityQuestions.toRegister", counts(register)),
        ("securityQuestions.toReset", counts(reset)),
        ("securityQuestions.questions", questions(document)),
        ("registration.requiredAtSignIn", switch("registrationRequiredOnSignIn")),
        ("registration.reconfirmAfterDays", number("registrationReconfirmIntevalInDays", 0, 730)),
        ("notifications.users", switch("notifyUsersOnPasswordReset")),
        ("notifications.administrators", switch("notifyOnAdminPasswordReset")),
        ("helpdesk.link", helpdesk(document)),
    ]);
    if is_known_shape(document) { rows } else { rows.into_keys().map(|setting| (setting, Named)).collect() }
}

/// The groups of the scope; the zero id is none.
fn groups(document: &Json) -> BTreeSet<String> {
    let listed = document["passwordResetEnabledGroupIds"].as_array().into_iter().flatten().filter_map(Json::as_str);
    listed.map(str::to_lowercase).filter(|id| !id.starts_with("00000000-")).collect()
}

fn helpdesk(document: &Json) -> Expected {
    let address = document["customHelpdeskEmailOrUrl"].as_str().unwrap_or_default();
    match (document["customizeHelpdeskLink"] == json!(true), address) {
        (false, _) | (true, "") => Written(json!("none")),
        (true, "https://help.contoso.com" | "helpdesk@contoso.com") => Written(json!(address)),
        (true, _) => Named,
    }
}

fn questions(document: &Json) -> Expected {
    let list = document["securityQuestions"].as_array().cloned().unwrap_or_default();
    let texts: Vec<_> = list.iter().filter_map(|one| one["questionText"].as_str()).collect();
    let distinct: BTreeSet<_> = texts.iter().collect();
    let suitable = |one: &Json| {
        let text = one["questionText"].as_str().unwrap_or_default();
        if one["isCustomQuestion"] == json!(true) { text.chars().count() >= 3 } else { PREDEFINED.contains(&text) }
    };
    if !list.iter().all(suitable) {
        return Named;
    }
    let written = list.iter().map(|one| {
        let kind = if one["isCustomQuestion"] == json!(true) { "custom" } else { "predefined" };
        json!({ kind: one["questionText"] })
    });
    // Five are as many as people register at most; a question twice may be one too many or one alone.
    let value = json!(written.collect::<Vec<_>>());
    if distinct.len() != list.len() {
        return Any;
    }
    let unused = list.is_empty() && document["securityQuestionsOptionEnabled"] == json!(false);
    if unused || list.len() >= 5 { Written(value) } else { WrittenOrNamed(value) }
}

/// The methods that people may use.
fn allowed(state: &State) -> Expected {
    let (legacy, methods) = (&state.documents["passwordReset"], &state.documents["authenticationMethods"]);
    if state.unread.contains("authenticationMethods") {
        return Named;
    }
    let configuration = |id: &str| {
        let list = methods["authenticationMethodConfigurations"].as_array().into_iter().flatten();
        list.into_iter().find(|one| one["id"] == id).cloned().unwrap_or_default()
    };
    let on = |id: &str| {
        let one = configuration(id);
        one["state"] == "enabled" && one["includeTargets"].as_array().is_some_and(|list| !list.is_empty())
    };
    let flag = |id: &str, key: &str| configuration(id)[key] == json!(true);
    let text_known = configuration("Sms")["state"].as_str().is_some_and(|state| state != "paused");
    let office = flag("Voice", "isOfficePhoneAllowed");
    let old = [
        ("email", "emailOptionEnabled"),
        ("mobilePhone", "mobilePhoneOptionEnabled"),
        ("officePhone", "officePhoneOptionEnabled"),
        ("securityQuestions", "securityQuestionsOptionEnabled"),
        ("mobileAppNotification", "mobileAppNotificationEnabled"),
        ("mobileAppCode", "mobileAppCodeEnabled"),
    ];
    let old: BTreeSet<&str> =
        old.iter().filter(|(_, key)| legacy[*key] == json!(true)).map(|(word, _)| *word).collect();
    let (app, codes) = (on("MicrosoftAuthenticator"), flag("MicrosoftAuthenticator", "isSoftwareOathEnabled"));
    let new = [
        ("email", on("Email")),
        ("mobilePhone", on("Sms") || on("Voice") && !office),
        ("officePhone", on("Voice") && office),
        ("mobileAppNotification", app),
        ("mobileAppCode", app && codes || on("SoftwareOath")),
    ];
    let new: BTreeSet<&str> = new.iter().filter(|(_, on)| *on).map(|(word, _)| *word).collect();
    let words: BTreeSet<&str> = match methods["policyMigrationState"].as_str() {
        Some("preMigration") => old.clone(),
        Some("migrationInProgress") => &old | &new,
        None | Some("migrationComplete") => &(&old & &BTreeSet::from(["securityQuestions"])) | &new,
        Some(_) => return Named,
    };
    if !text_known && methods["policyMigrationState"] != "preMigration" {
        return Named;
    }
    // Two methods that last, and nothing that asks for more: nothing speaks against these. Whether a method reaches everybody
    // counts where the authentication methods policy decides alone.
    let lasting = words.contains("email") && words.contains("mobileAppCode") && !words.contains("securityQuestions");
    let everybody = matches!(methods["policyMigrationState"].as_str(), Some("preMigration" | "migrationInProgress"));
    let text_known = text_known || everybody;
    if lasting && everybody && text_known { Written(json!(words)) } else { WrittenOrNamed(json!(words)) }
}

fn allowed_from(state: &State) -> [(&'static str, Expected); 3] {
    let rows = |locations, groups, on| {
        [
            ("registration.allowedFrom.locations", locations),
            ("registration.allowedFrom.excludedGroups", groups),
            ("registration.allowedFrom.state", on),
        ]
    };
    if state.unread.contains("conditionalAccess") {
        return rows(Named, Named, Named);
    }
    let marked = |one: &&Json| one["displayName"].as_str().is_some_and(|name| name.contains("[ssprctl:allowedFrom]"));
    let Some(policy) = state.access_policies.iter().find(marked) else { return rows(Absent, Absent, Absent) };
    let conditions = &policy["conditions"];
    let limits = conditions["applications"]["includeUserActions"] != json!([])
        && policy["grantControls"]["builtInControls"] == json!(["block"])
        && conditions["locations"]["includeLocations"] == json!(["All"]);
    let excluded = conditions["locations"]["excludeLocations"].as_array().is_some_and(|list| !list.is_empty());
    let groups = conditions["users"]["excludeGroups"].as_array().cloned().unwrap_or_default();
    let on = match policy["state"].as_str() {
        Some("enabled") => Some("enforced"),
        Some("disabled") => Some("disabled"),
        Some("enabledForReportingButNotEnforced") => Some("reportOnly"),
        _ => None,
    };
    // A limit needs places; without them a policy can say of it only what is not about places.
    let locations = match (limits, excluded) {
        (false, _) => Absent,
        (true, true) => Any,
        (true, false) => Named,
    };
    let on =
        on.map_or(Named, |word| if limits && excluded { Written(json!(word)) } else { WrittenOrNamed(json!(word)) });
    rows(locations, WrittenOrNamed(json!(groups)), on)
}

fn reset_link(state: &State) -> [(&'static str, Expected); 2] {
    let rows = |link, group| [("windowsSignIn.resetLink", link), ("windowsSignIn.group", group)];
    if state.unread.contains("deviceConfiguration") {
        return rows(Named, Named);
    }
    let marked = |one: &&Json| one["displayName"].as_str().is_some_and(|name| name.contains("[ssprctl:resetLink]"));
    let Some(configuration) = state.configurations.iter().find(marked) else { return rows(Absent, Absent) };
    let value = &configuration["omaSettings"][0]["value"];
    let assignments = configuration["assignments"].as_array().cloned().unwrap_or_default();
    let group = match assignments.as_slice() {
        [] => Absent,
        [one] if one["target"]["groupId"].is_string() => Written(one["target"]["groupId"].clone()),
        _ => Named,
    };
    let link = match (value.as_str(), *value == json!(1), &group) {
        (Some("****"), _, _) => Named,
        // A link for nobody is an error of a policy.
        (_, true, Absent | Named) => WrittenOrNamed(json!(true)),
        (_, on, _) => Written(json!(on)),
    };
    rows(link, group)
}
