//! One event as Graph serves it.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::http::message::Caller;
use crate::state::tenant::{Account, App};

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Actor {
    /// A person.
    Person {
        /// Object id.
        id: Uuid,
        /// Display name.
        name: Option<String>,
        /// Sign-in name.
        upn: Option<String>,
    },
    /// An application for itself.
    App {
        /// Client id.
        client: Uuid,
        /// Display name.
        name: Option<String>,
        /// Object id of the service principal.
        principal: Uuid,
    },
}

impl Actor {
    /// Whoever a token is for. Applications are named by `apps`.
    #[must_use]
    pub(crate) fn from_caller(caller: &Caller, apps: &[App]) -> Self {
        if caller.app {
            let name = apps.iter().find(|app| app.client_id == caller.client).map(|app| app.display_name.clone());
            return Self::App { client: caller.client, name, principal: caller.object };
        }
        Self::Person { id: caller.object, name: caller.name.clone(), upn: caller.upn.clone() }
    }

    /// A person of the tenant.
    #[must_use]
    pub(crate) fn person(account: &Account) -> Self {
        let (name, upn) = (Some(account.display_name.clone()), Some(account.user_principal_name.clone()));
        Self::Person { id: account.id, name, upn }
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Person { id, name, upn } => json!({
                "app": null,
                "user": {
                    "id": id,
                    "displayName": name,
                    "userPrincipalName": upn,
                    "ipAddress": "203.0.113.24",
                    "userType": null,
                    "homeTenantId": null,
                    "homeTenantName": null,
                },
            }),
            Self::App { client, name, principal } => json!({
                "app": {
                    "appId": client,
                    "displayName": name,
                    "servicePrincipalId": principal,
                    "servicePrincipalName": null,
                },
                "user": null,
            }),
        }
    }
}

/// What kind of event it is: service, activity, category, type of operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EventKind {
    /// `loggedByService`.
    pub(crate) service: &'static str,
    /// `activityDisplayName`.
    pub(crate) activity: &'static str,
    /// `category`.
    pub(crate) category: &'static str,
    /// `operationType`.
    pub(crate) operation: &'static str,
}

/// What it was done to, and which properties became what.
#[derive(Clone, Debug, Default)]
pub(crate) struct Target {
    /// Object id.
    pub(crate) id: Option<String>,
    /// Display name.
    pub(crate) name: Option<String>,
    /// `Policy`, `User`, `Other` and so on.
    pub(crate) kind: &'static str,
    /// Name, old and new value, both as JSON text; `None` where there was or is none.
    pub(crate) changes: Vec<(String, Option<String>, Option<String>)>,
}

/// The event.
#[must_use]
pub(crate) fn event(kind: EventKind, actor: &Actor, target: &Target, correlation: Uuid, moment: Timestamp) -> Value {
    let change = |(name, old, new): &(String, Option<String>, Option<String>)| json!({"displayName": name, "oldValue": old, "newValue": new});
    let upn = match actor {
        Actor::Person { id, upn, .. } if target.id == Some(id.to_string()) => upn.clone(),
        _ => None,
    };
    let prefix: String = kind.service.split([' ', '-']).filter_map(|word| word.chars().next()).collect();
    json!({
        "id": format!("{}_{}_{}", prefix.to_uppercase(), correlation.simple(), moment.as_millisecond()),
        "category": kind.category,
        "correlationId": correlation,
        "result": "success",
        "resultReason": "",
        "activityDisplayName": kind.activity,
        "activityDateTime": format!("{moment:.7}"),
        "loggedByService": kind.service,
        "operationType": kind.operation,
        "initiatedBy": actor.to_json(),
        "targetResources": [{
            "id": target.id,
            "displayName": target.name,
            "type": target.kind,
            "userPrincipalName": upn,
            "groupType": null,
            "modifiedProperties": target.changes.iter().map(change).collect::<Vec<_>>(),
        }],
        "additionalDetails": [],
    })
}
