//! `/policies/authenticationMethodsPolicy` and its configurations: which methods users may register and use.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{errors, query, reply};
use crate::http::message::{Answer, Caller, Reply, Request};
use crate::methods::policy::{MethodsPolicy, id_of};
use crate::methods::{defaults, rules};
use crate::state::raw_json::RawJson;
use crate::state::role::Role;
use crate::state::tenant::Tenant;

const READ: [&str; 3] =
    ["Policy.Read.AuthenticationMethod", "Policy.Read.All", "Policy.ReadWrite.AuthenticationMethod"];
const WRITE: [&str; 1] = ["Policy.ReadWrite.AuthenticationMethod"];
const READERS: [Role; 3] = [Role::GlobalAdministrator, Role::AuthenticationPolicyAdministrator, Role::GlobalReader];
const WRITERS: [Role; 2] = [Role::GlobalAdministrator, Role::AuthenticationPolicyAdministrator];
const CONFIGURATIONS: &str = "authenticationMethodConfigurations";
/// Configurations that only beta has.
const BETA_ONLY: [&str; 1] = ["HardwareOath"];

pub(super) fn handle(request: &Request, caller: &Caller, tenant: &mut Tenant) -> Answer {
    let tail: Vec<String> = request.segments.iter().skip(3).cloned().collect();
    match tail.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => match request.method {
            Method::GET => {
                authorize_read(request, caller)?;
                Ok(reply::json(full_policy_json(request, &tenant.methods)))
            }
            Method::PATCH => patch_policy(request, caller, tenant),
            _ => Err(errors::method_not_allowed(request)),
        },
        [list] if list.eq_ignore_ascii_case(CONFIGURATIONS) => {
            errors::require_get(request)?;
            authorize_read(request, caller)?;
            let context = json!(context(request));
            let list = configurations_json(request, &tenant.methods);
            Ok(reply::json(format!("{{\"@odata.context\":{context},\"value\":[{list}]}}")))
        }
        [list, id] if list.eq_ignore_ascii_case(CONFIGURATIONS) => handle_configuration(request, caller, tenant, id),
        [list, _, other, ..] if list.eq_ignore_ascii_case(CONFIGURATIONS) => {
            Err(errors::unknown_segment(request, other))
        }
        [other, ..] => Err(errors::unknown_segment(request, other)),
    }
}

fn handle_configuration(request: &Request, caller: &Caller, tenant: &mut Tenant, id: &str) -> Answer {
    match request.method {
        Method::GET => {
            authorize_read(request, caller)?;
            let found = tenant.methods.configuration(id).filter(|one| is_served(request, one));
            let served = with_context(request, found.ok_or_else(|| errors::unknown_object(request, id))?);
            let mut body = RawJson::default();
            body.set("@odata.context", &json!(format!("{}/$entity", context(request))));
            served.entries().for_each(|(key, text)| body.set_text(key, text));
            Ok(reply::json(body.text()))
        }
        Method::PATCH => {
            authorize_write(request, caller)?;
            let body = body(request)?;
            let bad = |message: String| errors::bad_request(request, &message);
            let old = tenant.methods.configuration(id).ok_or_else(|| errors::unknown_object(request, id))?;
            let new = rules::patched_configuration(old, &body, |group| tenant.group(group).is_some()).map_err(bad)?;
            replace(request, tenant, |methods| {
                if let Some(one) = methods.configuration_mut(id) {
                    *one = new;
                }
            })
        }
        Method::DELETE => {
            authorize_write(request, caller)?;
            let default = defaults::configuration(id);
            tenant.methods.configuration(id).ok_or_else(|| errors::unknown_object(request, id))?;
            // A configuration that the tenant added is deleted; any other is reset to its default.
            replace(request, tenant, |methods| match default {
                Some(default) => methods
                    .configurations
                    .iter_mut()
                    .filter(|one| has_id(one, id))
                    .for_each(|one| *one = default.clone()),
                None => methods.configurations.retain(|one| !has_id(one, id)),
            })
        }
        _ => Err(errors::method_not_allowed(request)),
    }
}

fn has_id(configuration: &RawJson, id: &str) -> bool {
    id_of(configuration).eq_ignore_ascii_case(id)
}

fn patch_policy(request: &Request, caller: &Caller, tenant: &mut Tenant) -> Answer {
    authorize_write(request, caller)?;
    let new = rules::patched_policy(&tenant.methods, &body(request)?);
    let new = new.map_err(|message| errors::bad_request(request, &message))?;
    replace(request, tenant, |methods| methods.policy = new)?;
    Ok(reply::json(full_policy_json(request, &tenant.methods)))
}

/// Applies a change unless the policy becomes too large. The date of the last change moves only if something differs.
fn replace(request: &Request, tenant: &mut Tenant, change: impl FnOnce(&mut MethodsPolicy)) -> Answer {
    let mut new = tenant.methods.clone();
    change(&mut new);
    let text = new.text();
    if text.len() > rules::MAX_BYTES {
        return Err(errors::bad_request(request, "The authentication methods policy is larger than 20 KB."));
    }
    if text != tenant.methods.text() {
        new.set_modified(request.now);
        tenant.methods = new;
    }
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

fn body(request: &Request) -> Result<RawJson, Reply> {
    if !request.has_json_body() {
        let message = "Entity only allows writes with a JSON Content-Type header.";
        return Err(errors::bad_request(request, message));
    }
    RawJson::parse(&request.body).map_err(|_| errors::bad_request(request, "Unable to read JSON request payload."))
}

fn authorize_read(request: &Request, caller: &Caller) -> Result<(), Reply> {
    authorize(request, caller, &READ, &READERS)?;
    // The documentation has no query options here; the message is assumed.
    query::allow_options(request, &[])
}

fn authorize_write(request: &Request, caller: &Caller) -> Result<(), Reply> {
    authorize(request, caller, &WRITE, &WRITERS)
}

fn authorize(request: &Request, caller: &Caller, scopes: &[&str], roles: &[Role]) -> Result<(), Reply> {
    if !caller.has_any_scope(scopes) {
        return Err(errors::insufficient_privileges(request));
    }
    if caller.app || caller.has_any_role(roles) { Ok(()) } else { Err(errors::access_denied(request)) }
}

fn context(request: &Request) -> String {
    let version = reply::version(request);
    format!("{}/{version}/$metadata#policies/authenticationMethodsPolicy/{CONFIGURATIONS}", request.base)
}

/// The policy with its configurations at the end.
fn full_policy_json(request: &Request, methods: &MethodsPolicy) -> String {
    let version = reply::version(request);
    let mut body = RawJson::default();
    let own = format!("{}/{version}/$metadata#authenticationMethodsPolicy", request.base);
    body.set("@odata.context", &Value::from(own));
    methods.policy.entries().for_each(|(key, text)| body.set_text(key, text));
    body.set(&format!("{CONFIGURATIONS}@odata.context"), &Value::from(context(request)));
    body.set_text(CONFIGURATIONS, &format!("[{}]", configurations_json(request, methods)));
    body.text()
}

fn configurations_json(request: &Request, methods: &MethodsPolicy) -> String {
    let served = methods
        .configurations
        .iter()
        .filter(|one| is_served(request, one))
        .map(|one| with_context(request, one).text());
    served.collect::<Vec<_>>().join(",")
}

fn is_served(request: &Request, configuration: &RawJson) -> bool {
    reply::version(request) == "beta" || !BETA_ONLY.iter().any(|id| has_id(configuration, id))
}

/// A configuration with the annotation that the service puts before its targets.
fn with_context(request: &Request, configuration: &RawJson) -> RawJson {
    let kind: String = configuration.read("@odata.type").unwrap_or_default();
    let mut served = RawJson::default();
    for (key, text) in configuration.entries() {
        if key == "includeTargets" {
            let id = id_of(configuration);
            let kind = kind.trim_start_matches('#');
            let targets_context = format!("{}('{id}')/{kind}/includeTargets", context(request));
            served.set("includeTargets@odata.context", &Value::from(targets_context));
        }
        served.set_text(key, text);
    }
    served
}
