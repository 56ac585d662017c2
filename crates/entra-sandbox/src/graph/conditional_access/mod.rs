//! `/identity/conditionalAccess`: policies, and the named locations that they refer to.

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
    let shelf = match request.segments.get(3).map(|name| name.to_ascii_lowercase()).as_deref() {
        Some("policies") => policies::COLLECTION,
        Some("namedlocations") => locations::COLLECTION,
        Some(other) => return Err(errors::no_segment(request, other)),
        None => return Err(errors::no_segment(request, "")),
    };
    allowed(request, caller, &shelf)?;
    if !tenant.licence.premium() {
        return Err(errors::refuse(
            request,
            StatusCode::FORBIDDEN,
            "AccessDenied",
            "Your tenant is not licensed for this feature.",
        ));
    }
    match (request.segments.get(4..).unwrap_or_default(), &request.method) {
        ([], &Method::GET) => query::page(request, collection(&shelf, tenant)),
        ([], &Method::POST) => create(request, caller, tenant, &shelf),
        ([id], &Method::GET) => {
            let all = collection(&shelf, tenant);
            query::one(request, &all, find(request, &all.objects, id)?.clone())
        }
        ([id], &Method::PATCH) => update(request, caller, tenant, &shelf, id),
        ([id], &Method::DELETE) => delete(request, caller, tenant, &shelf, id),
        ([_, other, ..], _) => Err(errors::no_segment(request, other)),
        _ => Err(errors::wrong_verb(request)),
    }
}

fn allowed(request: &Request, caller: &Caller, shelf: &ObjectCollection) -> Result<(), Reply> {
    let has = |scope: &&str| caller.granted(&[*scope]);
    let (scopes, roles): (bool, &[Role]) = match request.method {
        Method::GET => (caller.granted(&READ), &READERS),
        Method::DELETE => (shelf.scopes.iter().take(2).all(&has), &WRITERS),
        _ => (shelf.scopes.iter().all(has), &WRITERS),
    };
    if scopes && (caller.app || caller.holds(roles)) {
        return Ok(());
    }
    let message = "You cannot perform the requested operation, required scopes are missing in the token.";
    Err(errors::refuse(request, StatusCode::FORBIDDEN, "AccessDenied", message))
}

fn collection(shelf: &ObjectCollection, tenant: &mut Tenant) -> Collection<'static> {
    let objects = (shelf.objects)(tenant).clone();
    Collection { context: shelf.context, kind: shelf.kind, properties: shelf.properties, objects }
}

fn find<'a>(request: &Request, objects: &'a [Value], id: &str) -> Result<&'a Value, Reply> {
    let missing = || {
        let message = format!("{id} was not found in the directory.");
        errors::refuse(request, StatusCode::NOT_FOUND, "ResourceNotFound", &message)
    };
    objects.iter().find(|one| is(one, id)).ok_or_else(missing)
}

fn is(object: &Value, id: &str) -> bool {
    object["id"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(id))
}

fn create(request: &Request, caller: &Caller, tenant: &mut Tenant, shelf: &ObjectCollection) -> Answer {
    let (_, object) =
        save(tenant, shelf, None, body(request)?, request.now).map_err(|message| bad(request, &message))?;
    log(request, caller, tenant, shelf, (&Value::Null, &object));
    let mut reply = reply::entity(request, reply::version(request), shelf.context, &object.to_string());
    reply.status = StatusCode::CREATED;
    Ok(reply)
}

fn update(request: &Request, caller: &Caller, tenant: &mut Tenant, shelf: &ObjectCollection, id: &str) -> Answer {
    let old = find(request, (shelf.objects)(tenant), id)?.clone();
    let (old, new) =
        save(tenant, shelf, Some(old), body(request)?, request.now).map_err(|message| bad(request, &message))?;
    if new != old {
        log(request, caller, tenant, shelf, (&old, &new));
    }
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// Makes a policy, or changes the one with this id, as the portal's page does.
pub(crate) fn save_policy(
    tenant: &mut Tenant,
    id: Option<&str>,
    sent: Map<String, Value>,
    now: Timestamp,
) -> Result<(), String> {
    let old = id.and_then(|id| tenant.access_policies.iter().find(|one| is(one, id)).cloned());
    save(tenant, &policies::COLLECTION, old, sent, now).map(|_| ())
}

/// Makes or changes an object: as it was, and as it is.
fn save(
    tenant: &mut Tenant,
    shelf: &ObjectCollection,
    old: Option<Value>,
    sent: Map<String, Value>,
    now: Timestamp,
) -> Result<(Value, Value), String> {
    let mut new = (shelf.made)(old.as_ref(), sent, tenant)?;
    let moment = json!(format!("{now:.7}"));
    let Some(old) = old else {
        let mut object = Map::new();
        // The type comes first, then what the service itself adds.
        if let Some(kind) = new.get("@odata.type") {
            object.insert("@odata.type".to_owned(), kind.clone());
        }
        object.insert("id".to_owned(), json!(Uuid::new_v4()));
        object.insert("createdDateTime".to_owned(), moment);
        object.insert("modifiedDateTime".to_owned(), Value::Null);
        object.extend(new.as_object().cloned().unwrap_or_default());
        let object = Value::Object(object);
        (shelf.objects)(tenant).push(object.clone());
        return Ok((Value::Null, object));
    };
    if new != old {
        new["modifiedDateTime"] = moment;
        let id = old["id"].as_str().unwrap_or_default();
        (shelf.objects)(tenant).iter_mut().filter(|one| is(one, id)).for_each(|one| *one = new.clone());
    }
    Ok((old, new))
}

fn delete(request: &Request, caller: &Caller, tenant: &mut Tenant, shelf: &ObjectCollection, id: &str) -> Answer {
    let old = find(request, (shelf.objects)(tenant), id)?.clone();
    if let Some(reason) = (shelf.held)(&old, tenant) {
        return Err(bad(request, &reason));
    }
    (shelf.objects)(tenant).retain(|one| !is(one, id));
    log(request, caller, tenant, shelf, (&old, &Value::Null));
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

fn body(request: &Request) -> Result<Map<String, Value>, Reply> {
    if !request.sends_json() {
        return Err(bad(request, "Entity only allows writes with a JSON Content-Type header."));
    }
    serde_json::from_str(&request.body).map_err(|_| bad(request, "Unable to read JSON request payload."))
}

fn bad(request: &Request, message: &str) -> Reply {
    errors::refuse(request, StatusCode::BAD_REQUEST, "BadRequest", message)
}

/// The whole object before and after, as the log tells it.
fn log(
    request: &Request,
    caller: &Caller,
    tenant: &mut Tenant,
    shelf: &ObjectCollection,
    (old, new): (&Value, &Value),
) {
    let (activity, operation) = match (old.is_null(), new.is_null()) {
        (true, _) => (shelf.activities[0], "Add"),
        (false, true) => (shelf.activities[2], "Delete"),
        (false, false) => (shelf.activities[1], "Update"),
    };
    let kind = EventKind { service: "Conditional Access", activity, category: "Policy", operation };
    let known = if new.is_null() { old } else { new };
    let text = |value: &Value| (!value.is_null()).then(|| value.to_string());
    let target = Target {
        id: known["id"].as_str().map(str::to_owned),
        name: known["displayName"].as_str().map(str::to_owned),
        kind: "Policy",
        changes: vec![(shelf.logged.to_owned(), text(old), text(new))],
    };
    let actor = Actor::asking(caller, &tenant.apps);
    record::note(tenant, kind, &actor, &target, request.now);
}
