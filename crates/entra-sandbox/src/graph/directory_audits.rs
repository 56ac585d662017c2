//! `/auditLogs/directoryAudits`: who changed what.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::errors::{self, require_get};
use super::query::{self, Collection};
use crate::audit::background;
use crate::http::message::{Answer, Caller, Request};
use crate::state::role::Role;
use crate::state::tenant::Tenant;

const READ: [&str; 2] = ["AuditLog.Read.All", "Directory.Read.All"];
const READERS: [Role; 5] = [
    Role::GlobalAdministrator,
    Role::GlobalReader,
    Role::ReportsReader,
    Role::SecurityReader,
    Role::SecurityAdministrator,
];
const PROPERTIES: [&str; 12] = [
    "id",
    "category",
    "correlationId",
    "result",
    "resultReason",
    "activityDisplayName",
    "activityDateTime",
    "loggedByService",
    "operationType",
    "initiatedBy",
    "targetResources",
    "additionalDetails",
];
/// The properties that can be filtered, and the operators for each, separated by spaces.
const FILTERS: [(&str, &str); 12] = [
    ("activityDateTime", "eq ge le"),
    ("activityDisplayName", "eq startswith"),
    ("loggedByService", "eq"),
    ("correlationId", "eq"),
    ("initiatedBy/user/id", "eq"),
    ("initiatedBy/user/displayName", "eq"),
    ("initiatedBy/user/userPrincipalName", "eq startswith"),
    ("initiatedBy/app/appId", "eq"),
    ("initiatedBy/app/displayName", "eq"),
    ("targetResources/id", "any"),
    ("targetResources/displayName", "any"),
    ("category", "eq"),
];

pub(super) fn handle(request: &Request, caller: &Caller, tenant: &Tenant) -> Answer {
    require_get(request)?;
    if !caller.has_any_scope(&READ) || !(caller.app || caller.has_any_role(&READERS)) {
        return Err(errors::insufficient_privileges(request));
    }
    query::allow_options(request, &["$filter", "$top", "$orderby", "$skiptoken"])?;
    query::allow_filters(request, &FILTERS)?;
    let all = Collection {
        context: "auditLogs/directoryAudits",
        kind: "microsoft.graph.directoryAudit",
        properties: &PROPERTIES,
        objects: retained_events(tenant, request.now),
    };
    match request.segments.get(3..) {
        None | Some([]) => query::page(request, all),
        Some([id]) => {
            let found = all.objects.iter().find(|event| event["id"].as_str() == Some(id)).cloned();
            query::single(request, &all, found.ok_or_else(|| errors::unknown_object(request, id))?)
        }
        Some([_, other, ..]) => Err(errors::unknown_segment(request, other)),
    }
}

/// The events that the service retains, newest first: 30 days with Entra ID P1, otherwise 7.
fn retained_events(tenant: &Tenant, now: Timestamp) -> Vec<Value> {
    let days = if tenant.licence.has_premium() { 30 } else { 7 };
    let since = now.saturating_sub(SignedDuration::from_hours(24 * days)).unwrap_or(now);
    let since = format!("{since:.7}");
    let moment = |event: &Value| event["activityDateTime"].as_str().unwrap_or_default().to_owned();
    let mut events: Vec<Value> = background::events(tenant, days, now);
    events.extend(tenant.audit.iter().cloned());
    events.retain(|event| moment(event) >= since);
    events.sort_by_key(|event| std::cmp::Reverse(moment(event)));
    events
}
