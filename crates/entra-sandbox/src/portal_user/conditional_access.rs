//! The Conditional Access page: edits of the policy on registering security information. The page itself uses Graph.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::graph::conditional_access;
use crate::portal_user::input::{EditError, TypedSetting};
use crate::state::tenant::Tenant;

const ACTION: &str = "urn:user:registersecurityinfo";
const STATES: [(&str, &str); 3] =
    [("disabled", "disabled"), ("reportOnly", "enabledForReportingButNotEnforced"), ("enforced", "enabled")];

/// Edits the newest policy on registering. Without one, creates a policy that blocks untrusted locations.
pub(crate) fn edit(tenant: &mut Tenant, input: &TypedSetting<'_>, now: Timestamp) -> Result<(), EditError> {
    let registers = |policy: &&Value| {
        policy["conditions"]["applications"]["includeUserActions"]
            .as_array()
            .is_some_and(|list| list.contains(&json!(ACTION)))
    };
    let id = tenant.access_policies.iter().rev().find(registers).and_then(|policy| policy["id"].as_str());
    let id = id.map(str::to_owned);
    let mut body = if id.is_some() { Map::new() } else { blocking_policy() };
    match input.setting.rsplit('.').next() {
        Some("state") => {
            let known = STATES.iter().find(|(word, _)| *word == input.value).map(|(_, state)| json!(state));
            body.insert("state".to_owned(), known.ok_or_else(|| input.invalid("disabled, reportOnly or enforced"))?);
        }
        Some("locations") => {
            let ids =
                input.list().into_iter().map(|name| location(tenant, input, name)).collect::<Result<Vec<_>, _>>()?;
            put(&mut body, "locations", json!({"includeLocations": ["All"], "excludeLocations": ids}));
        }
        _ => {
            let ids = input.list().into_iter().map(|name| input.group(tenant, name)).collect::<Result<Vec<_>, _>>()?;
            let mut users = json!({"excludeGroups": ids});
            if id.is_none() {
                users["includeUsers"] = json!(["All"]);
            }
            put(&mut body, "users", users);
        }
    }
    conditional_access::save_policy(tenant, id.as_deref(), body, now).map_err(|reason| input.rule_violation(&reason))
}

fn put(body: &mut Map<String, Value>, part: &str, value: Value) {
    let conditions = body.entry("conditions").or_insert_with(|| json!({}));
    conditions[part] = value;
}

fn location(tenant: &Tenant, input: &TypedSetting<'_>, name: &str) -> Result<Value, EditError> {
    if name == "allTrusted" {
        return Ok(json!("AllTrusted"));
    }
    let found =
        tenant.named_locations.iter().find(|location| location["displayName"] == name || location["id"] == name);
    found.map(|location| location["id"].clone()).ok_or_else(|| input.invalid("names of named locations, or allTrusted"))
}

fn blocking_policy() -> Map<String, Value> {
    let body = json!({
        "displayName": "Security information from trusted places",
        "state": "enabledForReportingButNotEnforced",
        "conditions": {
            "clientAppTypes": ["all"],
            "applications": {"includeUserActions": [ACTION]},
            "users": {"includeUsers": ["All"]},
            "locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]},
        },
        "grantControls": {"operator": "OR", "builtInControls": ["block"]},
    });
    body.as_object().cloned().unwrap_or_default()
}
