//! An event of the audit log in Graph's form.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::http::message::Caller;
use crate::state::tenant::{Account, App};

/// Who caused an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Actor {
    Person {
        id: Uuid,
        name: Option<String>,
        upn: Option<String>,
    },
    /// An application that acts for itself.
    App {
        name: Option<String>,
        /// The object id of the service principal.
        principal: Uuid,
    },
}

impl Actor {
    /// The caller of a request. The names of applications come from `apps`.
    #[must_use]
    pub(crate) fn from_caller(caller: &Caller, apps: &[App]) -> Self {
        if caller.app {
            let name = apps.iter().find(|app| app.client_id == caller.client).map(|app| app.display_name.clone());
            return Self::App { name, principal: caller.object };
        }
        Self::Person { id: caller.object, name: caller.name.clone(), upn: caller.upn.clone() }
    }

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
                    "homeTenantId": null,
                    "homeTenantName": null,
                },
            }),
            // Live logs have the service principal and its name, and neither of the other two.
            Self::App { name, principal } => json!({
                "app": {
                    "appId": null,
                    "displayName": name,
                    "servicePrincipalId": principal,
                    "servicePrincipalName": null,
                },
                "user": null,
            }),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EventKind {
    pub(crate) service: &'static str,
    /// The value of `activityDisplayName`.
    pub(crate) activity: &'static str,
    pub(crate) category: &'static str,
    /// The value of `operationType`.
    pub(crate) operation: &'static str,
}

/// The object of an event, with its changed properties.
#[derive(Clone, Debug, Default)]
pub(crate) struct Target {
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    /// The type of the object: `Policy`, `User`, `Other` and so on.
    pub(crate) kind: &'static str,
    /// The name, the old value and the new value of each property. Values are JSON text; a missing one is `None`.
    pub(crate) changes: Vec<(String, Option<String>, Option<String>)>,
}

#[must_use]
pub(crate) fn event(kind: EventKind, actor: &Actor, target: &Target, correlation: Uuid, moment: Timestamp) -> Value {
    let change = |(name, old, new): &(String, Option<String>, Option<String>)| json!({"displayName": name, "oldValue": old, "newValue": new});
    let upn = match actor {
        Actor::Person { id, upn, .. } if target.id == Some(id.to_string()) => upn.clone(),
        _ => None,
    };
    let prefix = if kind.service == "Core Directory" { "Directory" } else { kind.service };
    let (number, place) = (moment.as_millisecond().rem_euclid(1_000_000_000), correlation.as_u128() % (1 << 20));
    json!({
        "id": format!("{prefix}_{correlation}_{place:05X}_{number}"),
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
