//! `/identity/conditionalAccess`: policies, and the named locations to which they refer.

mod collection;
mod locations;
mod policies;
mod rules;

use axum::http::{Method, StatusCode};
use collection::ObjectCollection;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::query::{self, Collection};
use super::{errors, reply};
use crate::audit::event::{Actor, EventKind, Target};
use crate::audit::record;
use crate::http::message::{Answer, Caller, Reply, Request};
use crate::state::role::Role;
use crate::state::tenant::Tenant;

const READ: [&str; 2] = ["Policy.Read.All", "Policy.Read.ConditionalAccess"];
const WRITERS: [Role; 3] =
    [Role::GlobalAdministrator, Role::ConditionalAccessAdministrator, Role::SecurityAdministrator];
const READERS: [Role; 5] = [
    Role::GlobalAdministrator,
    Role::ConditionalAccessAdministrator,
    Role::SecurityAdministrator,
    Role::SecurityReader,
    Role::GlobalReader,
];

pub(super) fn handle(request: &Request, caller: &Caller, tenant: &mut Tenant) -> Answer {
    let collection = match request.segments.get(3).map(|name| name.to_ascii_lowercase()).as_deref() {
        Some("policies") => policies::COLLECTION,
        Some("namedlocations") => locations::COLLECTION,
        Some(other) => return Err(errors::unknown_segment(request, other)),
        None => return Err(errors::unknown_segment(request, "")),
    };
    authorize(request, caller, &collection)?;
    if !tenant.licence.has_premium() {
        return Err(errors::error(
            request,
            StatusCode::FORBIDDEN,
            "AccessDenied",
            "Your tenant is not licensed for this feature.",
        ));
    }
    match (request.segments.get(4..).unwrap_or_default(), &request.method) {
        ([], &Method::GET) => query::page(request, query_collection(&collection, tenant)),
        ([], &Method::POST) => create(request, caller, tenant, &collection),
        ([id], &Method::GET) => {
            let all = query_collection(&collection, tenant);
            query::single(request, &all, find(request, &all.objects, id)?.clone())
        }
        ([id], &Method::PATCH) => update(request, caller, tenant, &collection, id),
        ([id], &Method::DELETE) => delete(request, caller, tenant, &collection, id),
        ([_, other, ..], _) => Err(errors::unknown_segment(request, other)),
        _ => Err(errors::method_not_allowed(request)),
    }
}

fn authorize(request: &Request, caller: &Caller, collection: &ObjectCollection) -> Result<(), Reply> {
    let has = |scope: &&str| caller.has_any_scope(&[*scope]);
    let (scopes, roles): (bool, &[Role]) = match request.method {
        Method::GET => (caller.has_any_scope(&READ), &READERS),
        Method::DELETE => (collection.scopes.iter().take(2).all(&has), &WRITERS),
        _ => (collection.scopes.iter().all(has), &WRITERS),
    };
    if scopes && (caller.app || caller.has_any_role(roles)) {
        return Ok(());
    }
    let message = "You cannot perform the requested operation, required scopes are missing in the token.";
    Err(errors::error(request, StatusCode::FORBIDDEN, "AccessDenied", message))
}

fn query_collection(collection: &ObjectCollection, tenant: &mut Tenant) -> Collection<'static> {
    let objects = (collection.objects)(tenant).clone();
    Collection { context: collection.context, kind: collection.kind, properties: collection.properties, objects }
}

fn find<'a>(request: &Request, objects: &'a [Value], id: &str) -> Result<&'a Value, Reply> {
    let missing = || {
        let message = format!("{id} was not found in the directory.");
        errors::error(request, StatusCode::NOT_FOUND, "ResourceNotFound", &message)
    };
    objects.iter().find(|one| has_id(one, id)).ok_or_else(missing)
}

fn has_id(object: &Value, id: &str) -> bool {
    object["id"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(id))
}

fn create(request: &Request, caller: &Caller, tenant: &mut Tenant, collection: &ObjectCollection) -> Answer {
    let (_, object) = save(tenant, collection, None, body(request)?, request.now)
        .map_err(|message| bad_request(request, &message))?;
    record_change(request, caller, tenant, collection, (&Value::Null, &object));
    let mut reply = reply::entity(request, collection.context, object);
    reply.status = StatusCode::CREATED;
    Ok(reply)
}

fn update(request: &Request, caller: &Caller, tenant: &mut Tenant, collection: &ObjectCollection, id: &str) -> Answer {
    let old = find(request, (collection.objects)(tenant), id)?.clone();
    let (old, new) = save(tenant, collection, Some(old), body(request)?, request.now)
        .map_err(|message| bad_request(request, &message))?;
    if new != old {
        record_change(request, caller, tenant, collection, (&old, &new));
    }
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// Creates a policy, or changes the one with this id, as the portal's page does.
pub(crate) fn save_policy(
    tenant: &mut Tenant,
    id: Option<&str>,
    sent: Map<String, Value>,
    now: Timestamp,
) -> Result<(), String> {
    let old = id.and_then(|id| tenant.access_policies.iter().find(|one| has_id(one, id)).cloned());
    save(tenant, &policies::COLLECTION, old, sent, now).map(|_| ())
}

/// Creates or changes an object. Returns it as it was and as it is.
fn save(
    tenant: &mut Tenant,
    collection: &ObjectCollection,
    old: Option<Value>,
    sent: Map<String, Value>,
    now: Timestamp,
) -> Result<(Value, Value), String> {
    let mut new = (collection.build)(old.as_ref(), sent, tenant)?;
    let moment = json!(format!("{now:.7}"));
    let Some(old) = old else {
        let mut object = Map::new();
        // The type comes first, then the properties that the service adds.
        if let Some(kind) = new.get("@odata.type") {
            object.insert("@odata.type".to_owned(), kind.clone());
        }
        object.insert("id".to_owned(), json!(Uuid::new_v4()));
        object.insert("createdDateTime".to_owned(), moment);
        object.insert("modifiedDateTime".to_owned(), Value::Null);
        object.extend(new.as_object().cloned().unwrap_or_default());
        let object = Value::Object(object);
        (collection.objects)(tenant).push(object.clone());
        return Ok((Value::Null, object));
    };
    if new != old {
        new["modifiedDateTime"] = moment;
        let id = old["id"].as_str().unwrap_or_default();
        (collection.objects)(tenant).iter_mut().filter(|one| has_id(one, id)).for_each(|one| *one = new.clone());
    }
    Ok((old, new))
}

fn delete(request: &Request, caller: &Caller, tenant: &mut Tenant, collection: &ObjectCollection, id: &str) -> Answer {
    let old = find(request, (collection.objects)(tenant), id)?.clone();
    if let Some(reason) = (collection.deletion_error)(&old, tenant) {
        return Err(bad_request(request, &reason));
    }
    (collection.objects)(tenant).retain(|one| !has_id(one, id));
    record_change(request, caller, tenant, collection, (&old, &Value::Null));
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

fn body(request: &Request) -> Result<Map<String, Value>, Reply> {
    if !request.has_json_body() {
        return Err(bad_request(request, "Entity only allows writes with a JSON Content-Type header."));
    }
    serde_json::from_str(&request.body).map_err(|_| bad_request(request, "Unable to read JSON request payload."))
}

fn bad_request(request: &Request, message: &str) -> Reply {
    errors::error(request, StatusCode::BAD_REQUEST, "BadRequest", message)
}

/// Records the object before and after the change in the audit log.
fn record_change(
    request: &Request,
    caller: &Caller,
    tenant: &mut Tenant,
    collection: &ObjectCollection,
    (old, new): (&Value, &Value),
) {
    let (activity, operation) = match (old.is_null(), new.is_null()) {
        (true, _) => (collection.activities[0], "Add"),
        (false, true) => (collection.activities[2], "Delete"),
        (false, false) => (collection.activities[1], "Update"),
    };
    let kind = EventKind { service: "Conditional Access", activity, category: "Policy", operation };
    let object = if new.is_null() { old } else { new };
    let text = |value: &Value| (!value.is_null()).then(|| value.to_string());
    let target = Target {
        id: object["id"].as_str().map(str::to_owned),
        name: object["displayName"].as_str().map(str::to_owned),
        kind: "Policy",
        changes: vec![(collection.audit_name.to_owned(), text(old), text(new))],
    };
    let actor = Actor::from_caller(caller, &tenant.apps);
    record::append(tenant, kind, &actor, &target, request.now);
}
