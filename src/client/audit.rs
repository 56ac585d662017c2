//! Reads the directory's audit log (`auditLogs/directoryAudits`).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::base::count::counted;
use crate::client::auth::claims;
use crate::client::graph;
use crate::client::operations::table::Operation;
use crate::client::paging::PageReader;
use crate::client::reader::TenantReader;
use crate::tenant::audit::{Actor, ActorKind, AuditEvent, AuditQuery, AuditResult, AuditTrail};
use crate::tenant::error::TenantError;
use crate::tenant::surface::Service;

/// The most requests that one question takes, of a hundred events each: far more than anybody changes the settings, and not
/// so many that a run waits long for a busy log.
const MOST_PAGES: usize = 20;

impl TenantReader {
    /// Reads the events that a query asks for, in at most 20 pages of a hundred.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub async fn audit(&self, query: &AuditQuery) -> Result<AuditTrail, TenantError> {
        let base = self.base(Service::Graph);
        // The filter on the activity comes first, because a service's own events may be many. The
        // reference documents this filter and the times only separately, so if the service rejects both together, the
        // query by service is sent instead.
        let (first, instead) = (graph::audit_of_activity(base, query), graph::audit_of_service(base, query));
        let mut pages = PageReader::new(self.session(), Operation::Audit, first, instead);
        let (line, mut events) = (self.session().http.line(), Vec::new());
        while pages.asked() < MOST_PAGES
            && let Some(page) = pages.next::<Entry>().await?
        {
            // An entry that names no moment cannot be assigned to a change; one of another activity was not requested.
            events.extend(page.into_iter().filter_map(event).filter(|event| asked_for(query, event)));
            if !pages.ended() {
                line.say(&format!("reading the audit log: {}", counted(pages.asked() as u64, "page", "pages")));
            }
        }
        events.sort_by(|one: &AuditEvent, other| (other.at, &other.id).cmp(&(one.at, &one.id)));
        events.dedup_by(|one, other| !one.id.is_empty() && one.id == other.id);
        Ok(AuditTrail { events, whole: pages.ended() })
    }

    /// The ids by which the log knows the application that this program signs in as, application and service principal. None
    /// where it signs in as a person, or where its token cannot be read.
    pub(crate) async fn own_application(&self) -> Vec<String> {
        let Ok(bearer) = self.session().bearer(Service::Graph).await else { return Vec::new() };
        let claims = claims::facts(bearer.token()).filter(|claims| claims.application);
        claims.into_iter().flat_map(|claims| claims.who.into_iter().chain(claims.object)).collect()
    }
}

fn asked_for(query: &AuditQuery, event: &AuditEvent) -> bool {
    let start = event.activity.get(..query.activity.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(query.activity))
        && (query.since..=query.until).contains(&event.at)
}

/// An entry as it comes; anything may be null.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: Option<String>,
    activity_date_time: Option<String>,
    activity_display_name: Option<String>,
    result: Option<String>,
    initiated_by: Option<InitiatedBy>,
    target_resources: Option<Vec<Target>>,
}

#[derive(Deserialize)]
struct InitiatedBy {
    user: Option<User>,
    app: Option<App>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    id: Option<String>,
    display_name: Option<String>,
    user_principal_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct App {
    app_id: Option<String>,
    display_name: Option<String>,
    service_principal_id: Option<String>,
    service_principal_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    display_name: Option<String>,
    modified_properties: Option<Vec<Property>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Property {
    display_name: Option<String>,
    new_value: Option<Value>,
    old_value: Option<Value>,
}

fn event(entry: Entry) -> Option<AuditEvent> {
    let Entry { id, activity_date_time, activity_display_name, result, initiated_by, target_resources } = entry;
    let at: Timestamp = activity_date_time?.parse().ok()?;
    let (mut targets, mut properties) = (Vec::new(), Vec::new());
    let (mut old_values, mut new_values) = (BTreeMap::new(), BTreeMap::new());
    for Target { display_name, modified_properties } in target_resources.into_iter().flatten() {
        targets.extend(display_name);
        for property in modified_properties.into_iter().flatten() {
            let Property { display_name, new_value, old_value } = property;
            let (old, new) = (unfold(old_value), unfold(new_value));
            old_values.extend(values(display_name.as_ref(), &old));
            new_values.extend(values(display_name.as_ref(), &new));
            properties.extend(names(display_name, &old, &new));
        }
    }
    Some(AuditEvent {
        id: id.unwrap_or_default(),
        at,
        activity: activity_display_name.unwrap_or_default(),
        result: match result.as_deref() {
            Some("success") => AuditResult::Success,
            Some("failure") => AuditResult::Failure,
            _ => AuditResult::Unclear,
        },
        actor: initiated_by.and_then(actor),
        properties,
        old_values,
        new_values,
        targets,
    })
}

/// The names that one changed property holds: its own, and the keys of its values where these are JSON objects, as whole
/// policies are logged under one name.
fn names(display_name: Option<String>, old: &Value, new: &Value) -> Vec<String> {
    let mut names: Vec<String> = display_name.into_iter().collect();
    for (these, those) in [(old, new), (new, old)] {
        let Value::Object(these) = these else { continue };
        let moved = these.iter().filter(|(key, value)| those.get(key) != Some(value)).map(|(key, _)| key.clone());
        names.extend(moved);
    }
    names.sort();
    names.dedup();
    names
}

/// The names that one side of a changed property has a value for, with the values: its own name, or the keys of an object.
fn values(name: Option<&String>, side: &Value) -> Vec<(String, String)> {
    match side {
        Value::Object(keys) => {
            keys.iter().filter_map(|(key, value)| Some((key.clone(), text(&unfold(Some(value.clone())))?))).collect()
        }
        single => name.cloned().zip(text(single)).into_iter().collect(),
    }
}

/// A value as text; a list is JSON text. `None` for an object, and for null, which means that nothing is said.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Bool(_) | Value::Number(_) | Value::Array(_) => Some(value.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Null | Value::Object(_) => None,
    }
}

/// A value freed from the texts it is wrapped in: values come as texts, which often are JSON themselves, also twice.
fn unfold(value: Option<Value>) -> Value {
    const WRAPPED: usize = 3;
    let mut value = value.unwrap_or_default();
    for _ in 0..WRAPPED {
        let Some(inner) = value.as_str().and_then(|text| serde_json::from_str(text).ok()) else { break };
        value = inner;
    }
    match value {
        Value::Array(mut items) if items.len() == 1 => items.pop().unwrap_or_default(),
        value => value,
    }
}

fn actor(by: InitiatedBy) -> Option<Actor> {
    let InitiatedBy { user, app } = by;
    let user = user.and_then(|User { id, display_name, user_principal_name }| {
        named(ActorKind::User, [id, None], [user_principal_name, display_name, None])
    });
    user.or_else(|| {
        let App { app_id, display_name, service_principal_id, service_principal_name } = app?;
        let principal = service_principal_id.clone().unwrap_or_default().trim().to_owned();
        let app = named(ActorKind::App, [app_id, service_principal_id], [display_name, service_principal_name, None])?;
        Some(Actor { principal, ..app })
    })
}

/// An actor with the first id and the first name that says something; `None` where nothing does.
fn named(kind: ActorKind, ids: [Option<String>; 2], names: [Option<String>; 3]) -> Option<Actor> {
    let says = |text: &String| !text.trim().is_empty();
    let id = ids.into_iter().flatten().find(says).unwrap_or_default();
    let name = names.into_iter().flatten().find(says).unwrap_or_else(|| id.clone());
    (!name.is_empty()).then_some(Actor { kind, id, principal: String::new(), name })
}
