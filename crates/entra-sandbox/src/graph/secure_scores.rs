//! `/security/secureScores` and the profiles of their controls. There is one score, that of today.

use serde_json::{Value, json};

use super::errors::{self, require_get};
use super::query::{self, Collection};
use crate::http::message::{Answer, Caller, Request};
use crate::state::registration::RegistrationReport;
use crate::state::role::Role;
use crate::state::tenant::Tenant;

const READ: [&str; 2] = ["SecurityEvents.Read.All", "SecurityEvents.ReadWrite.All"];
const READERS: [Role; 4] =
    [Role::GlobalAdministrator, Role::GlobalReader, Role::SecurityReader, Role::SecurityAdministrator];
const PROPERTIES: [&str; 11] = [
    "id",
    "azureTenantId",
    "activeUserCount",
    "createdDateTime",
    "currentScore",
    "enabledServices",
    "licensedUserCount",
    "maxScore",
    "averageComparativeScores",
    "controlScores",
    "vendorInformation",
];
const PROFILE_PROPERTIES: [&str; 9] =
    ["id", "azureTenantId", "controlCategory", "maxScore", "rank", "service", "title", "vendorInformation", "tier"];
const FILTERS: [(&str, &str); 1] = [("vendorInformation/vendor", "eq")];
/// The name, the maximum score, the title and the remediation of a control.
type Control = (&'static str, f64, &'static str, &'static str);
const RESET: Control = (
    "SelfServicePasswordReset",
    1.0,
    "Ensure 'Self service password reset enabled' is set to 'All'",
    "Enable self-service password reset for all users.",
);
/// The control of password reset, and two others.
const CONTROLS: [Control; 3] = [
    ("BlockLegacyAuthentication", 8.0, "Block legacy authentication", "Create a Conditional Access policy."),
    ("MFARegistrationV2", 9.0, "Ensure multifactor authentication for all users", "Require registration."),
    RESET,
];

pub(super) fn handle(request: &Request, caller: &Caller, tenant: &Tenant) -> Answer {
    require_get(request)?;
    if !caller.has_any_scope(&READ) || !(caller.app || caller.has_any_role(&READERS)) {
        return Err(errors::insufficient_privileges(request));
    }
    query::allow_options(request, &["$filter", "$top", "$select", "$skiptoken", "$orderby"])?;
    query::allow_filters(request, &FILTERS)?;
    let is = |at: usize, wanted: &str| request.segments.get(at).is_some_and(|part| part.eq_ignore_ascii_case(wanted));
    let all = if is(2, "secureScoreControlProfiles") {
        Collection {
            context: "security/secureScoreControlProfiles",
            kind: "microsoft.graph.secureScoreControlProfile",
            properties: &PROFILE_PROPERTIES,
            objects: CONTROLS.iter().map(|control| profile_json(tenant, control)).collect(),
        }
    } else {
        Collection {
            context: "security/secureScores",
            kind: "microsoft.graph.secureScore",
            properties: &PROPERTIES,
            objects: vec![score_json(request, tenant)],
        }
    };
    match request.segments.get(3..) {
        None | Some([]) => query::page(request, all),
        Some([id]) => {
            let found = all.objects.iter().find(|one| one["id"].as_str() == Some(id)).cloned();
            query::single(request, &all, found.ok_or_else(|| errors::unknown_object(request, id))?)
        }
        Some([_, other, ..]) => Err(errors::unknown_segment(request, other)),
    }
}

fn score_json(request: &Request, tenant: &Tenant) -> Value {
    let report = RegistrationReport::new(tenant, false);
    let total = report.user_count();
    let enabled = (0..total).filter(|index| report.user(*index).enabled).count();
    let share = enabled as f64 / f64::from(total.max(1));
    let midnight = request.now.strftime("%Y-%m-%dT00:00:00Z").to_string();
    let scores: Vec<Value> = CONTROLS
        .iter()
        .map(|(name, most, ..)| {
            let own = *name == RESET.0;
            // Every tenant has half of the score of the other controls.
            let share = if own { share } else { 0.5 };
            let mut control = json!({
                "controlCategory": "Identity",
                "controlName": name,
                "description": CONTROLS.iter().find(|(known, ..)| known == name).map(|(.., what)| what),
                "score": two_decimals(share * most),
                "scoreInPercentage": two_decimals(share * 100.0),
                "lastSynced": midnight,
            });
            if own {
                let without = usize::try_from(total).unwrap_or(usize::MAX).saturating_sub(enabled);
                let status =
                    format!("You have {without} of {total} users who don't have self-service password reset enabled.");
                control["count"] = json!(enabled.to_string());
                control["total"] = json!(total.to_string());
                control["implementationStatus"] = json!(status);
            }
            control
        })
        .collect();
    let current: f64 = scores.iter().filter_map(|control| control["score"].as_f64()).sum();
    json!({
        "id": format!("{}_{}", tenant.id, request.now.strftime("%Y-%m-%d")),
        "azureTenantId": tenant.id,
        "activeUserCount": total,
        "createdDateTime": midnight,
        "currentScore": two_decimals(current),
        "enabledServices": ["HasAAD"],
        "licensedUserCount": if tenant.licence.allows_reset() { total } else { 0 },
        "maxScore": CONTROLS.iter().map(|(_, most, ..)| most).sum::<f64>(),
        "averageComparativeScores": [],
        "controlScores": scores,
        "vendorInformation": vendor(),
    })
}

fn two_decimals(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

fn vendor() -> Value {
    json!({"provider": "SecureScore", "providerVersion": null, "subProvider": null, "vendor": "Microsoft"})
}

fn profile_json(tenant: &Tenant, (name, most, title, remediation): &Control) -> Value {
    json!({
        "id": name,
        "azureTenantId": tenant.id,
        "actionType": "Config",
        "actionUrl": null,
        "controlCategory": "Identity",
        "title": title,
        "deprecated": false,
        "implementationCost": "Moderate",
        "lastModifiedDateTime": null,
        "maxScore": most,
        "rank": 17,
        "remediation": remediation,
        "remediationImpact": "",
        "service": "AzureAD",
        "threats": ["Account Breach"],
        "tier": "Core",
        "userImpact": "Moderate",
        "complianceInformation": [],
        "controlStateUpdates": [],
        "vendorInformation": vendor(),
    })
}
