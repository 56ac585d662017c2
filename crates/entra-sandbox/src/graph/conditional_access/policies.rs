//! Conditional Access policies, with the properties that the service adds.

use serde_json::{Map, Value, json};

use super::collection::ObjectCollection;
use super::rules;
use crate::state::tenant::Tenant;

pub(super) const COLLECTION: ObjectCollection = ObjectCollection {
    context: "identity/conditionalAccess/policies",
    kind: "microsoft.graph.conditionalAccessPolicy",
    properties: &[
        "id",
        "templateId",
        "displayName",
        "createdDateTime",
        "modifiedDateTime",
        "state",
        "conditions",
        "grantControls",
        "sessionControls",
    ],
    scopes: &["Policy.Read.All", "Policy.ReadWrite.ConditionalAccess", "Application.Read.All"],
    audit_name: "ConditionalAccessPolicy",
    activities: [
        "Add conditional access policy",
        "Update conditional access policy",
        "Delete conditional access policy",
    ],
    objects: |tenant| &mut tenant.access_policies,
    build,
    deletion_error: |_, _| None,
};

fn build(old: Option<&Value>, sent: Map<String, Value>, tenant: &Tenant) -> Result<Value, String> {
    let mut new = old.cloned().unwrap_or_else(|| {
        json!({"templateId": null, "displayName": null, "state": null, "sessionControls": null,
            "conditions": null, "grantControls": null})
    });
    for (name, value) in sent {
        match name.as_str() {
            "id" | "createdDateTime" | "modifiedDateTime" | "templateId" => {}
            name if name.contains("@odata.") => {}
            "displayName" | "state" | "sessionControls" => new[&name] = value,
            "conditions" | "grantControls" => merge(&mut new[&name], value),
            other => return Err(format!("Invalid property '{other}'.")),
        }
    }
    rules::check_sent(&new)?;
    let policy = with_defaults(new);
    rules::check(&policy, tenant)?;
    Ok(policy)
}

/// Merges objects at any depth; lists are replaced as a whole.
fn merge(old: &mut Value, new: Value) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (name, value) in new.into_iter().filter(|(name, _)| !name.contains("@odata.")) {
                merge(old.entry(name).or_insert(Value::Null), value);
            }
        }
        (old, new) => *old = new,
    }
}

/// The policy with the default of every property that the body leaves out.
fn with_defaults(policy: Value) -> Value {
    let conditions = json!({
        "userRiskLevels": [],
        "signInRiskLevels": [],
        "clientAppTypes": [],
        "servicePrincipalRiskLevels": [],
        "platforms": null,
        "locations": null,
        "devices": null,
        "clientApplications": null,
        "applications": {
            "includeApplications": [],
            "excludeApplications": [],
            "includeUserActions": [],
            "includeAuthenticationContextClassReferences": [],
            "applicationFilter": null,
        },
        "users": {
            "includeUsers": [],
            "excludeUsers": [],
            "includeGroups": [],
            "excludeGroups": [],
            "includeRoles": [],
            "excludeRoles": [],
            "includeGuestsOrExternalUsers": null,
            "excludeGuestsOrExternalUsers": null,
        },
    });
    let grant = json!({
        "operator": null,
        "builtInControls": [],
        "customAuthenticationFactors": [],
        "termsOfUse": [],
        "authenticationStrength": null,
    });
    let mut with_defaults = policy.clone();
    let merged = |mut base: Value, sent: &Value| {
        merge(&mut base, sent.clone());
        base
    };
    with_defaults["conditions"] = merged(conditions, &policy["conditions"]);
    if with_defaults["conditions"]["locations"].is_object() {
        let locations = json!({"includeLocations": [], "excludeLocations": []});
        with_defaults["conditions"]["locations"] = merged(locations, &policy["conditions"]["locations"]);
    }
    if policy["grantControls"].is_object() {
        with_defaults["grantControls"] = merged(grant, &policy["grantControls"]);
    }
    with_defaults
}
