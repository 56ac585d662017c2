//! `/policies/authorizationPolicy`, which contains the switch for administrators' own password reset.

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::{errors, reply};
use crate::http::message::{Answer, Caller, Reply, Request};
use crate::state::raw_json::RawJson;
use crate::state::role::Role;
use crate::state::tenant::Tenant;

const READ: [&str; 2] = ["Policy.Read.All", "Policy.ReadWrite.Authorization"];
const WRITE: [&str; 1] = ["Policy.ReadWrite.Authorization"];
const WRITERS: [Role; 2] = [Role::GlobalAdministrator, Role::PrivilegedRoleAdministrator];

const PERMISSIONS: &str = "defaultUserRolePermissions";

/// The properties that a PATCH may contain, each with an example of its type.
const WRITABLE: [(&str, &str); 10] = [
    ("allowInvitesFrom", "\"everyone\""),
    ("allowedToSignUpEmailBasedSubscriptions", "true"),
    ("allowedToUseSSPR", "true"),
    ("allowEmailVerifiedUsersToJoinOrganization", "true"),
    ("allowUserConsentForRiskyApps", "true"),
    ("blockMsolPowerShell", "true"),
    ("displayName", "\"\""),
    ("description", "\"\""),
    ("guestUserRoleId", "\"\""),
    (PERMISSIONS, "{}"),
];

/// In v1.0 the policy is one object.
pub(super) fn handle(request: &Request, caller: &Caller, tenant: &mut Tenant) -> Answer {
    match request.method {
        Method::GET => {
            allowed(request, caller, &READ)?;
            let version = reply::version(request);
            let context = format!("{}/{version}/$metadata#policies/authorizationPolicy/$entity", request.base);
            Ok(with_context(&context, &selected(request, tenant)?))
        }
        Method::PATCH => {
            write(request, caller, tenant)?;
            Ok(Reply::empty(StatusCode::NO_CONTENT))
        }
        _ => Err(errors::method_not_allowed(request)),
    }
}

/// In beta it is a collection with the member `authorizationPolicy`.
pub(super) fn beta(request: &Request, caller: &Caller, tenant: &mut Tenant) -> Answer {
    match request.segments.get(3..) {
        Some([]) if request.method == Method::GET => {
            allowed(request, caller, &READ)?;
            let context = json!(format!("{}/beta/$metadata#policies/authorizationPolicy", request.base));
            let policy = selected(request, tenant)?.text();
            Ok(reply::json(format!("{{\"@odata.context\":{context},\"value\":[{policy}]}}")))
        }
        Some([]) => Err(errors::method_not_allowed(request)),
        Some([member]) if member.eq_ignore_ascii_case("authorizationPolicy") => handle(request, caller, tenant),
        Some([other, ..]) => Err(errors::unknown_segment(request, other)),
        None => Err(errors::unknown_segment(request, "")),
    }
}

fn allowed(request: &Request, caller: &Caller, scopes: &[&str]) -> Result<(), Reply> {
    if caller.has_any_scope(scopes) { Ok(()) } else { Err(errors::insufficient_privileges(request)) }
}

fn with_context(context: &str, policy: &RawJson) -> Reply {
    let mut body = RawJson::default();
    body.set("@odata.context", &json!(context));
    policy.entries().for_each(|(key, text)| body.set_text(key, text));
    reply::json(body.text())
}

/// The policy as the requested version has it: the policies for consent to applications are a part of the permissions
/// of users in v1.0, and a property of their own in beta.
fn served(request: &Request, tenant: &Tenant) -> RawJson {
    let mut policy = tenant.authorization.clone();
    if reply::version(request).eq_ignore_ascii_case("beta")
        && let Some(mut permissions) = policy.read::<Map<String, Value>>(PERMISSIONS)
        && let Some(consent) = permissions.remove("permissionGrantPoliciesAssigned")
    {
        policy.set(PERMISSIONS, &Value::Object(permissions));
        policy.set("permissionGrantPolicyIdsAssignedToDefaultUserRole", &consent);
    }
    policy
}

fn selected(request: &Request, tenant: &Tenant) -> Result<RawJson, Reply> {
    let policy = served(request, tenant);
    let Some(select) = request.query_option("$select").or_else(|| request.query_option("select")) else {
        return Ok(policy);
    };
    let mut writable = RawJson::default();
    for name in select.split(',').map(str::trim) {
        let found = policy.entries().find(|(key, _)| key.eq_ignore_ascii_case(name));
        let (key, text) = found.ok_or_else(|| {
            let kind = "microsoft.graph.authorizationPolicy";
            errors::bad_request(request, &format!("Could not find a property named '{name}' on type '{kind}'."))
        })?;
        writable.set_text(key, text);
    }
    Ok(writable)
}

/// The policy with the properties of the body.
fn write(request: &Request, caller: &Caller, tenant: &mut Tenant) -> Result<(), Reply> {
    allowed(request, caller, &WRITE)?;
    if !caller.app && !caller.has_any_role(&WRITERS) {
        return Err(errors::insufficient_privileges(request));
    }
    if !request.has_json_body() {
        let message = "Entity only allows writes with a JSON Content-Type header.";
        return Err(errors::bad_request(request, message));
    }
    let body = RawJson::parse(&request.body)
        .map_err(|_| errors::bad_request(request, "Unable to read JSON request payload."))?;
    for (name, text) in body.entries().filter(|(name, _)| !name.contains("@odata.") && *name != "id") {
        let bad = |what: &str| errors::bad_request(request, &format!("{what} property '{name}'."));
        let (_, example) = WRITABLE.iter().find(|(known, _)| *known == name).ok_or_else(|| bad("Invalid"))?;
        let merged =
            merge_value(tenant.authorization.get(name), text, example).ok_or_else(|| bad("Invalid value for"))?;
        tenant.authorization.set(name, &merged);
    }
    Ok(())
}

/// The new value, if it has the type of the example. Objects are merged.
fn merge_value(old: Option<&str>, new: &str, example: &str) -> Option<Value> {
    let parse = |text: &str| serde_json::from_str::<Value>(text).ok();
    match (parse(example)?, parse(new)?) {
        (Value::Object(_), Value::Object(changes)) => {
            let mut whole = old.and_then(parse).unwrap_or_else(|| json!({}));
            if let Value::Object(fields) = &mut whole {
                fields.extend(changes.into_iter().filter(|(key, _)| !key.contains("@odata.")));
            }
            Some(whole)
        }
        (Value::Bool(_), value @ Value::Bool(_)) | (Value::String(_), value @ Value::String(_)) => Some(value),
        _ => None,
    }
}
