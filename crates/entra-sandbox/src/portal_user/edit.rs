//! Edits of one setting as in the portal: `sandbox set`, and foreign edits in tests. The names of keys are spelled
//! again here, so that no mistake can be shared with a client.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::audit::event::Actor;
use crate::audit::record;
use crate::clock::Clock;
use crate::methods::RESET_METHODS;
use crate::methods::policy::{MethodsPolicy, Migration};
use crate::methods::portal as methods_page;
use crate::portal::{on_premises, password_reset, questions};
use crate::portal_user::input::{EditError, TypedSetting};
use crate::portal_user::{conditional_access, device_configuration};
use crate::state::raw_json::RawJson;
use crate::state::tenant::Tenant;
use crate::state::world::World;

/// Sets a setting of a tenant (an id or a domain) as a Global Administrator would in the portal. `none` means no group
/// and no link. Methods, locations and excluded groups are separated by commas; questions are a JSON list of
/// `{"predefined": …}` and `{"custom": …}`.
///
/// The tenant's migration state decides where `methods.allowed` acts: on the password reset policy or, once migration
/// is complete, on the authentication methods policy. The latter also has the settings
/// `authenticationMethods.<Id>.state` (`enabled`, `disabled`) and `authenticationMethods.policyMigrationState`.
///
/// # Errors
/// If the setting is unknown, its value invalid or against the portal's rules, or the state cannot be used.
pub fn set(world: &World, tenant: &str, setting: &str, value: &str) -> Result<(), EditError> {
    set_as(world, tenant, setting, value, None, Clock::System.now()).map(|_| ())
}

/// The same at a given time and by a person of the tenant: their sign-in name, with any of the tenant's domains. The
/// audit log gets an event that names the person; without a person it gets none. The person's roles are not checked. Returns the
/// sign-in name under which the log names the person.
///
/// # Errors
/// As [`set`], and if the tenant has no such person.
pub fn set_as(
    world: &World,
    tenant: &str,
    setting: &str,
    value: &str,
    person: Option<&str>,
    now: Timestamp,
) -> Result<Option<String>, EditError> {
    world.change(tenant, |state| {
        let actor = person.map(|name| find_person(state, name)).transpose()?;
        let before = state.clone();
        edit(state, setting, value, now)?;
        let Some(actor) = actor else { return Ok(None) };
        record::record_changes(state, &before, &actor, now, false);
        record::record_access_policies(state, &before, &actor, now);
        Ok(match actor {
            Actor::Person { upn, .. } => upn,
            Actor::App { .. } => None,
        })
    })?
}

fn find_person(tenant: &Tenant, name: &str) -> Result<Actor, EditError> {
    let local = |upn: &str| upn.split_once('@').map_or(upn, |(local, _)| local).to_lowercase();
    let (wanted, domain) = (local(name), name.split_once('@').map(|(_, domain)| domain));
    let own = domain.is_none_or(|domain| tenant.domains.iter().any(|own| own.eq_ignore_ascii_case(domain)));
    let found = tenant.accounts.iter().find(|account| own && local(&account.user_principal_name) == wanted);
    found.map(Actor::person).ok_or_else(|| {
        let people = tenant.accounts.iter().filter(|account| account.password.is_some());
        let people: Vec<String> = people.map(|account| account.user_principal_name.clone()).collect();
        EditError::NoPerson { name: name.to_owned(), people: people.join(", ") }
    })
}

/// How a person sets a setting.
enum Edit {
    /// One key of the password reset policy, to true or false.
    Switch(&'static str),
    /// One key of the password reset policy, to a number.
    Number(&'static str),
    /// Some keys of the password reset policy, to the values that a function makes of the input.
    Keys(fn(&Tenant, &TypedSetting<'_>) -> Result<Changes, EditError>),
    /// One key of the on-premises policy, to true or false.
    Writeback(&'static str),
    /// Any part of the tenant.
    Tenant(fn(&mut Tenant, &TypedSetting<'_>, Timestamp) -> Result<(), EditError>),
}

/// Keys of the password reset policy with their new values.
type Changes = Vec<(&'static str, Value)>;

/// Every setting, in the order of the portal's pages.
const EDITS: &[(&str, Edit)] = &[
    ("scope.users", Edit::Keys(scope)),
    ("scope.group", Edit::Keys(group)),
    ("scope.administrators", Edit::Tenant(administrators)),
    ("methods.required", Edit::Number("numberOfAuthenticationMethodsRequired")),
    ("methods.allowed", Edit::Tenant(methods)),
    ("securityQuestions.toRegister", Edit::Number("numberOfQuestionsToRegister")),
    ("securityQuestions.toReset", Edit::Number("numberOfQuestionsToReset")),
    ("securityQuestions.questions", Edit::Keys(question_list)),
    ("registration.requiredAtSignIn", Edit::Switch("registrationRequiredOnSignIn")),
    ("registration.reconfirmAfterDays", Edit::Number("registrationReconfirmIntevalInDays")),
    ("registration.allowedFrom.locations", Edit::Tenant(conditional_access::edit)),
    ("registration.allowedFrom.excludedGroups", Edit::Tenant(conditional_access::edit)),
    ("registration.allowedFrom.state", Edit::Tenant(conditional_access::edit)),
    ("notifications.users", Edit::Switch("notifyUsersOnPasswordReset")),
    ("notifications.administrators", Edit::Switch("notifyOnAdminPasswordReset")),
    ("helpdesk.link", Edit::Keys(helpdesk_link)),
    ("writeback.passwords", Edit::Writeback("passwordWritebackSupported")),
    ("writeback.unlockWithoutReset", Edit::Writeback("accountUnlockEnabled")),
    ("windowsSignIn.resetLink", Edit::Tenant(device_configuration::edit)),
    ("windowsSignIn.group", Edit::Tenant(device_configuration::edit)),
];

/// The name of every setting that can be set.
pub const SETTINGS: [&str; EDITS.len()] = {
    let mut names = [""; EDITS.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = EDITS[at].0;
        at += 1;
    }
    names
};

/// Edits a tenant in place.
fn edit(tenant: &mut Tenant, setting: &str, value: &str, now: Timestamp) -> Result<(), EditError> {
    let input = TypedSetting { setting, value: value.trim() };
    if let Some(name) = setting.strip_prefix("authenticationMethods.") {
        return change_methods_policy(tenant, now, |methods| edit_methods_policy(methods, &input, name));
    }
    let row = EDITS.iter().find(|(name, _)| *name == setting);
    match row.map(|(_, edit)| edit).ok_or_else(|| unknown(setting))? {
        Edit::Switch(key) => {
            let on = input.boolean()?;
            save(tenant, &input, &[(key, json!(on))])
        }
        Edit::Number(key) => {
            let number = input.number()?;
            save(tenant, &input, &[(key, number)])
        }
        Edit::Keys(changes) => {
            let changes = changes(tenant, &input)?;
            save(tenant, &input, &changes)
        }
        Edit::Writeback(key) => writeback(tenant, &input, key),
        Edit::Tenant(edit) => edit(tenant, &input, now),
    }
}

fn unknown(setting: &str) -> EditError {
    EditError::UnknownSetting { name: setting.to_owned(), settings: SETTINGS.join(", ") }
}

/// Sets keys of the password reset policy if the portal's rules allow the result.
fn save(tenant: &mut Tenant, input: &TypedSetting<'_>, changes: &[(&'static str, Value)]) -> Result<(), EditError> {
    let mut policy = tenant.password_reset.clone();
    for (key, value) in changes {
        policy.set(key, value);
    }
    if !tenant.licence.allows_reset() && policy.read::<i64>("enablementType") != Some(0) {
        return Err(input.rule_violation("password reset needs a licence this tenant does not have."));
    }
    // The portal does not check the number of methods if the other policy decides about them.
    let elsewhere = tenant.methods.migration() == Migration::MigrationComplete;
    password_reset::check(&policy, tenant, elsewhere).map_err(|reason| input.rule_violation(&reason))?;
    tenant.password_reset = policy;
    Ok(())
}

fn writeback(tenant: &mut Tenant, input: &TypedSetting<'_>, key: &str) -> Result<(), EditError> {
    let on = input.boolean()?;
    if !tenant.licence.has_premium() {
        return Err(input.rule_violation("on-premises integration needs a licence this tenant does not have."));
    }
    on_premises::set(key, on, tenant).map_err(|reason| input.rule_violation(&reason))
}

fn scope(_: &Tenant, input: &TypedSetting<'_>) -> Result<Changes, EditError> {
    let none = ("passwordResetEnabledGroupIds", json!([]));
    match input.value {
        "none" => Ok(vec![("enablementType", json!(0)), none]),
        "selected" => Ok(vec![("enablementType", json!(1))]),
        "all" => Ok(vec![("enablementType", json!(2)), none]),
        _ => Err(input.invalid("none, selected or all")),
    }
}

/// The group with this name or id as a list; empty for `none`.
fn group(tenant: &Tenant, input: &TypedSetting<'_>) -> Result<Changes, EditError> {
    let ids = if input.value == "none" { json!([]) } else { json!([input.group(tenant, input.value)?]) };
    Ok(vec![("passwordResetEnabledGroupIds", ids)])
}

fn administrators(tenant: &mut Tenant, input: &TypedSetting<'_>, _: Timestamp) -> Result<(), EditError> {
    tenant.authorization.set("allowedToUseSSPR", &json!(input.boolean()?));
    Ok(())
}

fn helpdesk_link(_: &Tenant, input: &TypedSetting<'_>) -> Result<Changes, EditError> {
    let (customized, link) = if input.value == "none" { (false, "") } else { (true, input.value) };
    Ok(vec![("customizeHelpdeskLink", json!(customized)), ("customHelpdeskEmailOrUrl", json!(link))])
}

fn method_names<'a>(input: &TypedSetting<'a>) -> Result<Vec<&'a str>, EditError> {
    let names: Vec<&str> = input.value.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let words = RESET_METHODS.each_ref().map(|method| method.word);
    if names.iter().any(|name| !words.contains(name)) {
        return Err(input.invalid(&format!("a comma-separated list of {}", words.join(", "))));
    }
    Ok(names)
}

/// Sets the methods in the policy that decides about them.
fn methods(tenant: &mut Tenant, input: &TypedSetting<'_>, now: Timestamp) -> Result<(), EditError> {
    let names = method_names(input)?;
    if tenant.methods.migration() != Migration::MigrationComplete {
        let changes: Changes =
            RESET_METHODS.iter().map(|method| (method.enabled_key, json!(names.contains(&method.word)))).collect();
        return save(tenant, input, &changes);
    }
    let questions = json!(names.contains(&"securityQuestions"));
    save(tenant, input, &[("securityQuestionsOptionEnabled", questions)])?;
    let page = |methods: &mut MethodsPolicy| methods_page::allow(methods, &names);
    change_methods_policy(tenant, now, |methods| page(methods).map_err(|reason| input.rule_violation(&reason)))
}

/// Changes the authentication methods policy, and its date if anything differs.
fn change_methods_policy(
    tenant: &mut Tenant,
    now: Timestamp,
    change: impl FnOnce(&mut MethodsPolicy) -> Result<(), EditError>,
) -> Result<(), EditError> {
    let before = tenant.methods.text();
    change(&mut tenant.methods)?;
    if tenant.methods.text() != before {
        tenant.methods.set_modified(now);
    }
    Ok(())
}

/// Sets `authenticationMethods.…`; `name` is without that prefix.
fn edit_methods_policy(methods: &mut MethodsPolicy, input: &TypedSetting<'_>, name: &str) -> Result<(), EditError> {
    if name == "policyMigrationState" {
        let state = serde_json::from_value(json!(input.value)).ok();
        let wrong = || input.invalid("preMigration, migrationInProgress or migrationComplete");
        methods.set_migration(Some(state.ok_or_else(wrong)?));
        return Ok(());
    }
    let id = name.strip_suffix(".state").ok_or_else(|| unknown(input.setting))?;
    let on = match input.value {
        "enabled" => true,
        "disabled" => false,
        _ => return Err(input.invalid("enabled or disabled")),
    };
    methods_page::set_enabled(methods, id, on).map_err(|reason| input.rule_violation(&reason))
}

/// The questions of the input. Those that the tenant has already get their present ids.
fn question_list(tenant: &Tenant, input: &TypedSetting<'_>) -> Result<Changes, EditError> {
    let expected = r#"a JSON list such as [{"predefined":"In what city was your first job?"},{"custom":"…"}]"#;
    let old = tenant.password_reset.get("securityQuestions").unwrap_or("[]");
    let existing: Vec<RawJson> = serde_json::from_str(old).unwrap_or_default();
    let wanted: Vec<serde_json::Map<String, Value>> =
        serde_json::from_str(input.value).map_err(|_| input.invalid(expected))?;
    let mut body = Vec::new();
    for question in wanted {
        let (text, custom) = match question.iter().next().filter(|_| question.len() == 1) {
            Some((kind, Value::String(text))) if kind == "predefined" => (text, false),
            Some((kind, Value::String(text))) if kind == "custom" => (text, true),
            _ => return Err(input.invalid(expected)),
        };
        let same = |known: &&RawJson| {
            known.read::<String>("questionText").as_ref() == Some(text)
                && known.read::<bool>("isCustomQuestion") == Some(custom)
        };
        let id: Option<String> = existing.iter().find(same).and_then(|known| known.read("objectId"));
        body.push(json!({"objectId": id, "questionText": text, "isCustomQuestion": custom}));
    }
    let bound =
        questions::bind(&Value::Array(body).to_string(), old).map_err(|reason| input.rule_violation(&reason))?;
    Ok(vec![("securityQuestions", bound)])
}
