//! `/organization`: the tenant itself.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::errors::{self, require_get};
use super::query::{self, Collection};
use crate::http::message::{Answer, Caller, Request};
use crate::state::tenant::{Licence, Tenant};

/// The scopes that return every property.
const READ_ALL: [&str; 4] =
    ["Organization.Read.All", "Organization.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
/// The scopes that return only [`BASIC_PROPERTIES`].
const READ: [&str; 1] = ["User.Read"];
const BASIC_PROPERTIES: [&str; 3] = ["id", "displayName", "verifiedDomains"];
const PROPERTIES: [&str; 18] = [
    "id",
    "deletedDateTime",
    "businessPhones",
    "city",
    "country",
    "countryLetterCode",
    "createdDateTime",
    "defaultUsageLocation",
    "displayName",
    "onPremisesLastSyncDateTime",
    "onPremisesLastPasswordSyncDateTime",
    "onPremisesSyncEnabled",
    "preferredLanguage",
    "technicalNotificationMails",
    "tenantType",
    "assignedPlans",
    "provisionedPlans",
    "verifiedDomains",
];

pub(super) fn handle(request: &Request, caller: &Caller, tenant: &Tenant) -> Answer {
    require_get(request)?;
    if !caller.has_any_scope(&READ) && !caller.has_any_scope(&READ_ALL) {
        return Err(errors::insufficient_privileges(request));
    }
    let known = || {
        if caller.has_any_scope(&READ_ALL) {
            organization_json(request, tenant)
        } else {
            basic_profile(organization_json(request, tenant))
        }
    };
    let own = Collection {
        context: "organization",
        kind: "microsoft.graph.organization",
        properties: &PROPERTIES,
        objects: vec![known()],
    };
    match request.segments.get(2).map(String::as_str) {
        None => query::page(request, own),
        Some(_) if request.segments.len() > 3 => {
            Err(errors::unknown_segment(request, request.segments.get(3).map_or("", String::as_str)))
        }
        Some(id) if uuid::Uuid::parse_str(id).is_ok_and(|id| id == tenant.id) => query::single(request, &own, known()),
        Some(id) => Err(errors::unknown_object(request, id)),
    }
}

/// The organization with every other property set to `null`.
fn basic_profile(mut organization: Value) -> Value {
    for (key, value) in organization.as_object_mut().into_iter().flatten() {
        if !BASIC_PROPERTIES.contains(&key.as_str()) {
            *value = Value::Null;
        }
    }
    organization
}

fn organization_json(request: &Request, tenant: &Tenant) -> Value {
    // The service synchronizes objects every half hour and passwords every two minutes.
    let ago = |minutes| {
        let moment = request.now.saturating_sub(SignedDuration::from_mins(minutes)).unwrap_or(request.now);
        tenant.sync.enabled.then(|| moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    };
    let plan = |name: &str, id: &str| {
        json!({
            "assignedDateTime": "2025-11-03T09:00:00Z",
            "capabilityStatus": "Enabled",
            "service": name,
            "servicePlanId": id,
        })
    };
    let p1 = plan("AADPremiumService", "41781fb2-bc02-4b7c-bd55-b576c07bb09d");
    let plans = match tenant.licence {
        Licence::Free | Licence::Office365 | Licence::BusinessStandard => vec![],
        Licence::BusinessPremium | Licence::P1 => vec![p1],
        Licence::P2 => vec![p1, plan("AADPremiumService", "eec0eb4f-6444-4f95-aba0-50c24d67f998")],
    };
    let domains: Vec<Value> =
        tenant.domains.iter().enumerate().map(|(at, name)| domain_json(tenant, at, name)).collect();
    json!({
        "id": tenant.id,
        "deletedDateTime": null,
        "businessPhones": [],
        "city": null,
        "country": null,
        "countryLetterCode": "DE",
        "createdDateTime": "2025-11-03T09:00:00Z",
        "defaultUsageLocation": null,
        "displayName": tenant.display_name,
        "onPremisesLastSyncDateTime": ago(17),
        "onPremisesLastPasswordSyncDateTime": ago(1).filter(|_| tenant.sync.password_hashes),
        "onPremisesSyncEnabled": tenant.sync.enabled.then_some(true),
        "preferredLanguage": "en",
        "technicalNotificationMails": [format!("admin@{}", tenant.domain())],
        "tenantType": "AAD",
        "assignedPlans": plans,
        "provisionedPlans": [],
        "verifiedDomains": domains,
    })
}

fn domain_json(tenant: &Tenant, at: usize, name: &str) -> Value {
    json!({
        "capabilities": "Email, OfficeCommunicationsOnline",
        "isDefault": at + 1 == tenant.domains.len(),
        "isInitial": at == 0,
        "name": name,
        "type": "Managed",
    })
}
