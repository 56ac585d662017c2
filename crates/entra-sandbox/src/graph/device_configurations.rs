//! `/deviceManagement/deviceConfigurations`: custom settings of Windows, and the groups that receive them.

use axum::http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::query::{self, Collection};
use super::{errors, reply, versions};
use crate::http::message::{Answer, Caller, Reply, Request};
use crate::state::role::Role;
use crate::state::tenant::Tenant;

const READ: [&str; 2] = ["DeviceManagementConfiguration.Read.All", "DeviceManagementConfiguration.ReadWrite.All"];
const WRITE: [&str; 1] = ["DeviceManagementConfiguration.ReadWrite.All"];
const WRITERS: [Role; 2] = [Role::GlobalAdministrator, Role::IntuneAdministrator];
const READERS: [Role; 4] =
    [Role::GlobalAdministrator, Role::IntuneAdministrator, Role::GlobalReader, Role::SecurityReader];
const CONTEXT: &str = "deviceManagement/deviceConfigurations";
const CUSTOM_CONFIGURATION: &str = "#microsoft.graph.windows10CustomConfiguration";
const MAX_SETTINGS: usize = 1_000;
/// The key under which an object contains the assignments that `/assignments` returns.
const ASSIGNMENTS: &str = "assignments";
const PROPERTIES: [&str; 9] = [
    "id",
    "lastModifiedDateTime",
    "roleScopeTagIds",
    "supportsScopeTags",
    "createdDateTime",
    "description",
    "displayName",
    "version",
    "omaSettings",
];
/// The type of a setting, and whether a value is of this type.
type Setting = (&'static str, fn(&Value) -> bool);
const SETTINGS: [Setting; 4] = [
    ("#microsoft.graph.omaSettingInteger", |value| value.is_i64()),
    ("#microsoft.graph.omaSettingString", |value| value.is_string()),
    ("#microsoft.graph.omaSettingBoolean", |value| value.is_boolean()),
    ("#microsoft.graph.omaSettingStringXml", |value| value.is_string()),
];
const TARGETS: [&str; 4] = [
    "#microsoft.graph.groupAssignmentTarget",
    "#microsoft.graph.exclusionGroupAssignmentTarget",
    "#microsoft.graph.allDevicesAssignmentTarget",
    "#microsoft.graph.allLicensedUsersAssignmentTarget",
];

pub(super) fn handle(request: &Request, caller: &Caller, tenant: &mut Tenant) -> Answer {
    let (scopes, roles): (&[&str], &[Role]) = if request.is_write() { (&WRITE, &WRITERS) } else { (&READ, &READERS) };
    if !caller.has_any_scope(scopes) || !(caller.app || caller.has_any_role(roles)) {
        let message = "Application is not authorized to perform this operation.";
        return Err(errors::error(request, StatusCode::FORBIDDEN, "Forbidden", message));
    }
    // In the sandbox the licences with Entra ID P1 include Intune.
    if !tenant.licence.has_premium() {
        return Err(bad_request(request, "Request not applicable to target tenant."));
    }
    let tail: Vec<String> = request.segments.iter().skip(3).cloned().collect();
    let tail: Vec<&str> = tail.iter().map(String::as_str).collect();
    match (tail.as_slice(), &request.method) {
        ([], &Method::GET) => query::page(request, collection(tenant)),
        ([], &Method::POST) => create(request, tenant),
        ([id], &Method::GET) => {
            let at = find(request, tenant, id)?;
            query::single(request, &collection(tenant), without_assignments(&tenant.device_configurations[at]))
        }
        ([id], &Method::PATCH) => update(request, tenant, id),
        ([id], &Method::DELETE) => {
            let at = find(request, tenant, id)?;
            tenant.device_configurations.remove(at);
            Ok(Reply::empty(StatusCode::NO_CONTENT))
        }
        ([id, part], &Method::GET) if part.eq_ignore_ascii_case(ASSIGNMENTS) => {
            let at = find(request, tenant, id)?;
            query::page(request, assignments(&tenant.device_configurations[at]))
        }
        ([id, part], &Method::POST) if part.eq_ignore_ascii_case("assign") => assign(request, tenant, id),
        ([_, part], _) if ["assign", ASSIGNMENTS].iter().all(|known| !part.eq_ignore_ascii_case(known)) => {
            Err(errors::unknown_segment(request, part))
        }
        ([_, _, other, ..], _) => Err(errors::unknown_segment(request, other)),
        _ => Err(errors::method_not_allowed(request)),
    }
}

fn collection(tenant: &Tenant) -> Collection<'static> {
    let objects = tenant.device_configurations.iter().map(without_assignments).collect();
    Collection { context: CONTEXT, kind: "microsoft.graph.deviceConfiguration", properties: &PROPERTIES, objects }
}

/// The object without its assignments, which have an address of their own.
fn without_assignments(object: &Value) -> Value {
    let fields = object.as_object().into_iter().flatten().filter(|(name, _)| *name != ASSIGNMENTS);
    let mut shown: Value = fields.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>().into();
    // The values of secret settings are masked.
    for setting in shown["omaSettings"].as_array_mut().into_iter().flatten() {
        if setting["isEncrypted"] == json!(true) {
            setting["value"] = json!("****");
        }
    }
    shown
}

fn assignments(object: &Value) -> Collection<'static> {
    Collection {
        context: "deviceManagement/deviceConfigurations/assignments",
        kind: "microsoft.graph.deviceConfigurationAssignment",
        properties: &["id", "target"],
        objects: object[ASSIGNMENTS].as_array().cloned().unwrap_or_default(),
    }
}

fn find(request: &Request, tenant: &Tenant, id: &str) -> Result<usize, Reply> {
    let same = |one: &Value| one["id"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(id));
    tenant.device_configurations.iter().position(same).ok_or_else(|| {
        let message = format!("Resource not found: {id}.");
        errors::error(request, StatusCode::NOT_FOUND, "ResourceNotFound", &message)
    })
}

fn create(request: &Request, tenant: &mut Tenant) -> Answer {
    let sent = body(request)?;
    let at = save(tenant, None, sent, request.now).map_err(|message| bad_request(request, &message))?;
    let made = without_assignments(&tenant.device_configurations[at]);
    let mut reply = reply::entity(request, CONTEXT, made);
    reply.status = StatusCode::CREATED;
    Ok(reply)
}

fn update(request: &Request, tenant: &mut Tenant, id: &str) -> Answer {
    find(request, tenant, id)?;
    let at = save(tenant, Some(id), body(request)?, request.now).map_err(|message| bad_request(request, &message))?;
    Ok(reply::entity(request, CONTEXT, without_assignments(&tenant.device_configurations[at])))
}

/// Creates a configuration, or changes the one with this id. Returns its index.
pub(crate) fn save(
    tenant: &mut Tenant,
    id: Option<&str>,
    sent: Map<String, Value>,
    now: Timestamp,
) -> Result<usize, String> {
    let now = json!(format!("{now:.7}"));
    let same = |one: &Value| one["id"].as_str().zip(id).is_some_and(|(own, id)| own.eq_ignore_ascii_case(id));
    let Some(at) = tenant.device_configurations.iter().position(same) else {
        let mut object = json!({
            "@odata.type": CUSTOM_CONFIGURATION,
            "id": Uuid::new_v4(),
            "lastModifiedDateTime": now,
            "roleScopeTagIds": ["0"],
            "supportsScopeTags": true,
            "createdDateTime": now,
            "description": null,
            "displayName": "",
            "version": 1,
            "omaSettings": [],
        });
        merge(&mut object, sent)?;
        object[ASSIGNMENTS] = json!([]);
        tenant.device_configurations.push(object);
        return Ok(tenant.device_configurations.len() - 1);
    };
    let mut object = tenant.device_configurations[at].clone();
    merge(&mut object, sent)?;
    if object != tenant.device_configurations[at] {
        object["lastModifiedDateTime"] = now;
        object["version"] = json!(object["version"].as_i64().unwrap_or_default() + 1);
        tenant.device_configurations[at] = object;
    }
    Ok(at)
}

/// Sets the properties of a body. Every body must contain the type; the settings are replaced as a whole.
fn merge(object: &mut Value, sent: Map<String, Value>) -> Result<(), String> {
    let kind = sent.get("@odata.type").and_then(Value::as_str).ok_or("The property '@odata.type' is required.")?;
    if kind.trim_start_matches('#') != object["@odata.type"].as_str().unwrap_or_default().trim_start_matches('#') {
        return Err(format!("The type '{kind}' is not supported here."));
    }
    for (name, value) in sent {
        match name.as_str() {
            "id" | "createdDateTime" | "lastModifiedDateTime" | "version" | "supportsScopeTags" => {}
            name if name.contains("@odata.") => {}
            "description" if value.is_string() || value.is_null() => object["description"] = value,
            "displayName" if value.is_string() => object["displayName"] = value,
            "roleScopeTagIds" if value.is_array() => object["roleScopeTagIds"] = value,
            "omaSettings" => object["omaSettings"] = settings(value)?,
            other => return Err(format!("Invalid property '{other}'.")),
        }
    }
    match object["displayName"].as_str() {
        Some("") | None => Err("displayName is required.".to_owned()),
        Some(_) => Ok(()),
    }
}

fn settings(value: Value) -> Result<Value, String> {
    let list = value.as_array().ok_or("omaSettings must be a list.")?;
    if list.len() > MAX_SETTINGS {
        return Err(format!("omaSettings may have {MAX_SETTINGS} members."));
    }
    let filled = list.iter().map(|setting| {
        let kind = setting["@odata.type"].as_str().unwrap_or_default();
        let fits = SETTINGS.iter().find(|(known, _)| *known == kind).map(|(_, fits)| fits);
        let uri = setting["omaUri"].as_str().unwrap_or_default();
        if fits.is_none_or(|fits| !fits(&setting["value"])) || !uri.starts_with("./") {
            return Err(format!("Invalid setting '{uri}' of type '{kind}'."));
        }
        Ok(json!({
            "@odata.type": kind,
            "displayName": setting["displayName"],
            "description": setting["description"],
            "omaUri": uri,
            "secretReferenceValueId": null,
            "isEncrypted": false,
            "value": setting["value"],
        }))
    });
    Ok(Value::Array(filled.collect::<Result<Vec<_>, String>>()?))
}

fn assign(request: &Request, tenant: &mut Tenant, id: &str) -> Answer {
    let at = find(request, tenant, id)?;
    let own = tenant.device_configurations[at]["id"].clone();
    let sent = body(request)?;
    let list = sent.get(ASSIGNMENTS).and_then(Value::as_array);
    let list = list.ok_or_else(|| bad_request(request, "assignments must be a list."))?;
    let mut assigned = Vec::new();
    for assignment in list {
        let target = &assignment["target"];
        let kind = target["@odata.type"].as_str().filter(|kind| TARGETS.contains(kind));
        let kind = kind.ok_or_else(|| bad_request(request, "Invalid assignment target."))?;
        let (mut made, mut key) =
            (json!({"@odata.type": kind}), kind.trim_start_matches("#microsoft.graph.").to_owned());
        if kind.ends_with("roupAssignmentTarget") {
            let group = target["groupId"].as_str().and_then(|id| Uuid::parse_str(id).ok());
            let group = group.filter(|group| tenant.group(*group).is_some());
            let group = group.ok_or_else(|| bad_request(request, "The group of an assignment does not exist."))?;
            made["groupId"] = json!(group);
            key = group.to_string();
        }
        assigned.push(json!({"id": format!("{}_{key}", own.as_str().unwrap_or_default()), "target": made}));
    }
    tenant.device_configurations[at][ASSIGNMENTS] = json!(assigned);
    let context =
        format!("{}/{}/$metadata#{}", request.base, reply::version(request), assignments(&Value::Null).context);
    Ok(reply::json(json!({"@odata.context": context, "value": assigned}).to_string()))
}

fn body(request: &Request) -> Result<Map<String, Value>, Reply> {
    if !request.has_json_body() {
        return Err(bad_request(request, "Entity only allows writes with a JSON Content-Type header."));
    }
    let sent: Map<String, Value> = serde_json::from_str(&request.body)
        .map_err(|_| bad_request(request, "Unable to read JSON request payload."))?;
    match versions::missing(reply::version(request), CONTEXT).find(|path| sent.contains_key(*path)) {
        Some(path) => Err(bad_request(request, &format!("Invalid property '{path}'."))),
        None => Ok(sent),
    }
}

fn bad_request(request: &Request, message: &str) -> Reply {
    errors::error(request, StatusCode::BAD_REQUEST, "BadRequest", message)
}
