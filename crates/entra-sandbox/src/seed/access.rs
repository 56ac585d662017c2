//! Conditional Access of a new tenant: two named locations, and a policy that another team manages.

use serde_json::{Value, json};

use super::parts::{IdKind, id};
use crate::state::tenant::Tenant;

/// Adds them. `excluded_group` is the number of the group that the policy excludes.
pub(super) fn add(tenant: &mut Tenant, number: u32, excluded_group: u8) {
    let created = "2025-11-10T10:20:30.1234567Z";
    tenant.named_locations = vec![
        json!({
            "@odata.type": "#microsoft.graph.ipNamedLocation",
            "id": id(number, IdKind::Location, 1),
            "createdDateTime": created,
            "modifiedDateTime": null,
            "displayName": "Headquarters",
            "isTrusted": true,
            "ipRanges": [
                {"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "203.0.113.0/24"},
                {"@odata.type": "#microsoft.graph.iPv6CidrRange", "cidrAddress": "2001:db8:42::/48"},
            ],
        }),
        json!({
            "@odata.type": "#microsoft.graph.countryNamedLocation",
            "id": id(number, IdKind::Location, 2),
            "createdDateTime": created,
            "modifiedDateTime": null,
            "displayName": "Where we work",
            "countriesAndRegions": ["DE", "FR", "NL"],
            "includeUnknownCountriesAndRegions": false,
            "countryLookupMethod": "clientIpAddress",
        }),
    ];
    tenant.access_policies = vec![administrators_policy(number, excluded_group, created)];
}

/// Requires multi-factor authentication for Global Administrators.
fn administrators_policy(number: u32, excluded_group: u8, created: &str) -> Value {
    json!({
        "id": id(number, IdKind::AccessPolicy, 1),
        "createdDateTime": created,
        "modifiedDateTime": null,
        "templateId": null,
        "displayName": "Administrators need a second factor",
        "state": "enabled",
        "sessionControls": null,
        "conditions": {
            "userRiskLevels": [],
            "signInRiskLevels": [],
            "clientAppTypes": ["all"],
            "servicePrincipalRiskLevels": [],
            "platforms": null,
            "locations": null,
            "devices": null,
            "clientApplications": null,
            "applications": {
                "includeApplications": ["All"],
                "excludeApplications": [],
                "includeUserActions": [],
                "includeAuthenticationContextClassReferences": [],
                "applicationFilter": null,
            },
            "users": {
                "includeUsers": [],
                "excludeUsers": [],
                "includeGroups": [],
                "excludeGroups": [id(number, IdKind::Group, excluded_group)],
                "includeRoles": ["62e90394-69f5-4237-9190-012177145e10"],
                "excludeRoles": [],
                "includeGuestsOrExternalUsers": null,
                "excludeGuestsOrExternalUsers": null,
            },
        },
        "grantControls": {
            "operator": "OR",
            "builtInControls": ["mfa"],
            "customAuthenticationFactors": [],
            "termsOfUse": [],
            "authenticationStrength": null,
        },
    })
}
