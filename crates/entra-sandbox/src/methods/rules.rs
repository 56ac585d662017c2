//! The rules of the service for changes of the authentication methods policy and its configurations.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::methods::policy::{MethodsPolicy, Migration, id_of};
use crate::state::raw_json::RawJson;

/// The maximum size of the policy, in bytes of JSON.
pub(crate) const MAX_BYTES: usize = 20 * 1024;

/// Properties that can be set although a configuration does not contain them, by the start of its type.
const HIDDEN: [(&str, &str); 6] = [
    ("fido2", "keyRestrictions"),
    ("fido2", "defaultPasskeyProfile"),
    ("x509Certificate", "certificateAuthorityScopes"),
    ("x509Certificate", "issuerHintsConfiguration"),
    ("x509Certificate", "crlValidationConfiguration"),
    ("voice", "callerIdNumber"),
];
const ENUMS: [(&str, &[&str]); 2] =
    [("state", &["enabled", "disabled"]), ("allowExternalIdToUseEmailOtp", &["default", "enabled", "disabled"])];

/// The policy after a PATCH, which replaces the properties that it names.
///
/// # Errors
/// The message of the service.
pub(crate) fn patched_policy(old: &MethodsPolicy, body: &RawJson) -> Result<RawJson, String> {
    let mut policy = old.policy.clone();
    for (name, text) in body.entries().filter(|(name, _)| !name.contains("@odata.") && *name != "id") {
        match name {
            "policyMigrationState" => policy.set(name, &json!(migration_after(old.migration(), text)?)),
            "reconfirmationInDays" if text.parse::<i32>().is_ok() => policy.set_text(name, text),
            "registrationEnforcement" => policy.set(name, &campaign(text)?),
            "reconfirmationInDays" => return Err(format!("Invalid value for property '{name}'.")),
            "authenticationMethodConfigurations" => {
                return Err("Update each authenticationMethodConfiguration by its own address.".to_owned());
            }
            _ => return Err(format!("Invalid property '{name}'.")),
        }
    }
    Ok(policy)
}

/// The service does not allow a return to `preMigration`.
fn migration_after(from: Migration, text: &str) -> Result<Migration, String> {
    let name: Option<String> = serde_json::from_str(text).ok();
    let known = [Migration::PreMigration, Migration::MigrationInProgress, Migration::MigrationComplete];
    let spelled = |state: &Migration| json!(state).as_str().map(str::to_ascii_lowercase);
    let to = name
        .and_then(|name| known.into_iter().find(|state| spelled(state) == Some(name.to_ascii_lowercase())))
        .ok_or_else(|| format!("Invalid value {text} for property 'policyMigrationState'."))?;
    if to == Migration::PreMigration && from != Migration::PreMigration {
        return Err("policyMigrationState cannot return to preMigration.".to_owned());
    }
    Ok(to)
}

fn campaign(text: &str) -> Result<Value, String> {
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    let campaign = &value["authenticationMethodsRegistrationCampaign"];
    let invalid = |name: &str| Err(format!("Invalid value for property '{name}'."));
    if !campaign.is_object() {
        return invalid("registrationEnforcement");
    }
    if !matches!(campaign["state"].as_str(), None | Some("default" | "enabled" | "disabled")) {
        return invalid("state");
    }
    if campaign["snoozeDurationInDays"].as_i64().is_some_and(|days| !(0..=14).contains(&days)) {
        return invalid("snoozeDurationInDays");
    }
    Ok(value)
}

/// A configuration after a PATCH. `exists` says whether the tenant has a group.
///
/// # Errors
/// The message of the service.
pub(crate) fn patched_configuration(
    old: &RawJson,
    body: &RawJson,
    exists: impl Fn(Uuid) -> bool,
) -> Result<RawJson, String> {
    let kind: String = old.read("@odata.type").unwrap_or_default();
    let sent: String = body.read("@odata.type").ok_or("The property '@odata.type' is required.")?;
    if sent.trim_start_matches('#') != kind.trim_start_matches('#') {
        return Err(format!("The type '{sent}' is not the type of the configuration '{}'.", id_of(old)));
    }
    let mut new = old.clone();
    for (name, text) in body.entries().filter(|(name, _)| !name.contains("@odata.")) {
        match name {
            "id" if body.read::<String>("id").is_some_and(|id| id.eq_ignore_ascii_case(&id_of(old))) => {}
            "id" => return Err("The property 'id' cannot be changed.".to_owned()),
            "includeTargets" | "excludeTargets" => new.set(name, &targets(name, text, old, &exists)?),
            _ if old.get(name).is_some() || is_hidden(&kind, name) => {
                check_value(name, text, old.get(name))?;
                new.set_text(name, text);
            }
            _ => return Err(format!("Invalid property '{name}'.")),
        }
    }
    let read = |key: &str| new.read::<String>(key).unwrap_or_default();
    if read("state") == "disabled" && read("allowExternalIdToUseEmailOtp") == "enabled" {
        return Err("Email cannot be disabled while allowExternalIdToUseEmailOtp is enabled.".to_owned());
    }
    Ok(new)
}

fn is_hidden(kind: &str, name: &str) -> bool {
    HIDDEN.iter().any(|(stem, key)| *key == name && kind.starts_with(&format!("#microsoft.graph.{stem}")))
}

/// Checks that a value is one of its enumeration and has the type of the present value.
fn check_value(name: &str, text: &str, old: Option<&str>) -> Result<(), String> {
    let invalid = || Err(format!("Invalid value for property '{name}'."));
    if let Some((_, members)) = ENUMS.iter().find(|(known, _)| *known == name) {
        let member: String = serde_json::from_str(text).unwrap_or_default();
        return if members.contains(&member.as_str()) { Ok(()) } else { invalid() };
    }
    let json_type = |text: &str| serde_json::from_str::<Value>(text).map(|value| std::mem::discriminant(&value)).ok();
    match old.filter(|old| *old != "null") {
        Some(old) if json_type(old) != json_type(text) => invalid(),
        _ => Ok(()),
    }
}

/// The new targets, with the properties that the service adds. Users may stay targets, but none can be added.
fn targets(name: &str, text: &str, old: &RawJson, exists: &impl Fn(Uuid) -> bool) -> Result<Value, String> {
    let invalid = || format!("Invalid value for property '{name}'.");
    let mut sent: Vec<serde_json::Map<String, Value>> = serde_json::from_str(text).map_err(|_| invalid())?;
    let before: Vec<Value> = old.read(name).unwrap_or_default();
    // The properties that the service adds to a new target of this configuration.
    let fills: &[(&str, Value)] = match (name, id_of(old).as_str()) {
        ("excludeTargets", _) => &[],
        (_, "Sms") => &[("isRegistrationRequired", json!(false)), ("isUsableForSignIn", json!(true))],
        (_, "MicrosoftAuthenticator") => {
            &[("isRegistrationRequired", json!(false)), ("authenticationMode", json!("any"))]
        }
        _ => &[("isRegistrationRequired", json!(false))],
    };
    for target in &mut sent {
        target.retain(|key, _| !key.contains("@odata."));
        let id = target.get("id").and_then(Value::as_str).ok_or_else(invalid)?.to_owned();
        let kind = target.get("targetType").and_then(Value::as_str).ok_or_else(invalid)?;
        let known = before.iter().any(|one| one["id"].as_str().is_some_and(|old| old.eq_ignore_ascii_case(&id)));
        match (kind, Uuid::parse_str(&id)) {
            ("group", Err(_)) if id == "all_users" && name == "includeTargets" => {}
            ("group", Ok(group)) if known || exists(group) => {}
            ("group", _) => return Err(format!("The group '{id}' does not exist.")),
            ("user", Ok(_)) if known => {}
            ("user", _) => return Err("Individual users cannot be targeted.".to_owned()),
            _ => return Err(invalid()),
        }
        for (key, value) in fills {
            target.entry(*key).or_insert_with(|| value.clone());
        }
    }
    Ok(json!(sent))
}
