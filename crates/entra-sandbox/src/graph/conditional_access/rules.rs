//! The rules of the service for Conditional Access policies. Microsoft documents that it refuses these; the messages
//! are assumed.

use serde_json::Value;
use uuid::Uuid;

use crate::state::tenant::Tenant;

const STATES: [&str; 3] = ["enabled", "disabled", "enabledForReportingButNotEnforced"];
const ACTIONS: [&str; 2] = ["urn:user:registersecurityinfo", "urn:user:registerdevice"];
const CONTROLS: [&str; 8] = [
    "block",
    "mfa",
    "compliantDevice",
    "domainJoinedDevice",
    "approvedApplication",
    "compliantApplication",
    "passwordChange",
    "riskRemediation",
];
const APP_TYPES: [&str; 6] =
    ["all", "browser", "mobileAppsAndDesktopClients", "exchangeActiveSync", "easSupported", "other"];
/// The zero id means the addresses that multi-factor authentication trusts.
const WORDS: [(&str, &[&str]); 3] = [
    ("Locations", &["All", "AllTrusted", "00000000-0000-0000-0000-000000000000"]),
    ("Users", &["All", "None", "GuestsOrExternalUsers"]),
    ("Groups", &[]),
];

/// Checks what a body must contain, before defaults are added.
pub(super) fn check_sent(policy: &Value) -> Result<(), String> {
    if policy["displayName"].as_str().is_none_or(str::is_empty) {
        return Err("displayName is required.".to_owned());
    }
    if !policy["state"].as_str().is_some_and(|state| STATES.contains(&state)) {
        return Err(format!("Invalid state; it is one of {}.", STATES.join(", ")));
    }
    for part in ["applications", "users"] {
        if !policy["conditions"][part].is_object() {
            return Err(format!("conditions.{part} is required."));
        }
    }
    if policy["grantControls"].is_null() && policy["sessionControls"].is_null() {
        return Err("A policy must contain grantControls or sessionControls.".to_owned());
    }
    Ok(())
}

/// Checks a policy with all its properties.
pub(super) fn check(policy: &Value, tenant: &Tenant) -> Result<(), String> {
    let conditions = &policy["conditions"];
    let (applications, users) = (&conditions["applications"], &conditions["users"]);
    let apps = strings(applications, "includeApplications")?;
    let actions = strings(applications, "includeUserActions")?;
    let contexts = strings(applications, "includeAuthenticationContextClassReferences")?;
    match [&apps, &actions, &contexts].iter().filter(|list| !list.is_empty()).count() {
        0 => return Err("A policy must include applications, user actions or authentication contexts.".to_owned()),
        1 => {}
        _ => return Err("Applications and user actions exclude one another.".to_owned()),
    }
    check_words("includeUserActions", &actions, &ACTIONS)?;
    let app_types = strings(conditions, "clientAppTypes")?;
    if app_types.is_empty() {
        return Err("conditions.clientAppTypes is required.".to_owned());
    }
    check_words("clientAppTypes", &app_types, &APP_TYPES)?;
    let included = ["includeUsers", "includeGroups", "includeRoles"];
    let mut anybody = !users["includeGuestsOrExternalUsers"].is_null();
    for list in included {
        anybody |= !strings(users, list)?.is_empty();
    }
    if !anybody {
        return Err("A policy must include users.".to_owned());
    }
    check_references(users, &["Users", "Groups"], tenant)?;
    if conditions["locations"].is_object() {
        check_references(&conditions["locations"], &["Locations"], tenant)?;
        if strings(&conditions["locations"], "includeLocations")?.is_empty() {
            return Err("conditions.locations must include a location.".to_owned());
        }
    }
    check_grant(&policy["grantControls"])
}

fn check_grant(controls: &Value) -> Result<(), String> {
    if controls.is_null() {
        return Ok(());
    }
    if !matches!(controls["operator"].as_str(), Some("AND" | "OR")) {
        return Err("grantControls.operator is AND or OR.".to_owned());
    }
    let built_in = strings(controls, "builtInControls")?;
    check_words("builtInControls", &built_in, &CONTROLS)?;
    if built_in.contains(&"block") && built_in.len() > 1 {
        return Err("block cannot be joined by another control.".to_owned());
    }
    let more = !strings(controls, "termsOfUse")?.is_empty() || !controls["authenticationStrength"].is_null();
    if built_in.is_empty() && !more && strings(controls, "customAuthenticationFactors")?.is_empty() {
        return Err("grantControls must name a control.".to_owned());
    }
    Ok(())
}

/// Checks that every id in these included and excluded lists exists.
fn check_references(part: &Value, kinds: &[&str], tenant: &Tenant) -> Result<(), String> {
    for kind in kinds {
        let words = WORDS.iter().find(|(known, _)| known == kind).map_or(&[][..], |(_, words)| *words);
        for side in ["include", "exclude"] {
            for id in strings(part, &format!("{side}{kind}"))? {
                if !words.contains(&id) && !exists(kind, id, tenant) {
                    return Err(format!("{side}{kind} names '{id}', which does not exist in the directory."));
                }
            }
        }
    }
    Ok(())
}

fn exists(kind: &str, id: &str, tenant: &Tenant) -> bool {
    let Ok(id) = Uuid::parse_str(id) else { return false };
    let named = |location: &Value| location["id"].as_str().and_then(|own| Uuid::parse_str(own).ok()) == Some(id);
    match kind {
        "Locations" => tenant.named_locations.iter().any(named),
        "Users" => tenant.accounts.iter().any(|account| account.id == id),
        _ => tenant.group(id).is_some(),
    }
}

fn check_words(name: &str, sent: &[&str], known: &[&str]) -> Result<(), String> {
    match sent.iter().find(|one| !known.contains(one)) {
        Some(other) => Err(format!("Invalid value '{other}' for {name}.")),
        None => Ok(()),
    }
}

fn strings<'a>(part: &'a Value, name: &str) -> Result<Vec<&'a str>, String> {
    let list = part[name].as_array().and_then(|list| list.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
    list.ok_or_else(|| format!("Invalid value for property '{name}'."))
}
