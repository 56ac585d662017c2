//! Named locations: address ranges and countries.

use serde_json::{Map, Value, json};

use super::collection::ObjectCollection;
use crate::state::tenant::Tenant;

const IP: &str = "#microsoft.graph.ipNamedLocation";
const COUNTRY: &str = "#microsoft.graph.countryNamedLocation";

pub(super) const COLLECTION: ObjectCollection = ObjectCollection {
    context: "identity/conditionalAccess/namedLocations",
    kind: "microsoft.graph.namedLocation",
    properties: &["id", "displayName", "createdDateTime", "modifiedDateTime", "isTrusted", "ipRanges"],
    scopes: &["Policy.Read.All", "Policy.ReadWrite.ConditionalAccess"],
    audit_name: "NamedLocation",
    activities: ["Add named location", "Update named location", "Delete named location"],
    objects: |tenant| &mut tenant.named_locations,
    build,
    deletion_error,
};

fn build(old: Option<&Value>, sent: Map<String, Value>, _: &Tenant) -> Result<Value, String> {
    let kind = sent.get("@odata.type").and_then(Value::as_str).ok_or("The property '@odata.type' is required.")?;
    let kind = format!("#{}", kind.trim_start_matches('#'));
    if old.is_some_and(|old| old["@odata.type"] != kind.as_str()) {
        return Err("The type of a named location cannot be changed.".to_owned());
    }
    let mut new = match old.cloned() {
        Some(old) => old,
        None if kind == IP => json!({"@odata.type": IP, "displayName": "", "isTrusted": false, "ipRanges": []}),
        None if kind == COUNTRY => json!({"@odata.type": COUNTRY, "displayName": "", "countriesAndRegions": [],
            "includeUnknownCountriesAndRegions": false, "countryLookupMethod": "clientIpAddress"}),
        None => return Err(format!("The type '{kind}' is not a named location.")),
    };
    for (name, value) in sent {
        match name.as_str() {
            "id" | "createdDateTime" | "modifiedDateTime" => {}
            name if name.contains("@odata.") => {}
            name if new.get(name).is_some_and(|known| same_type(known, &value)) => new[name] = value,
            name => return Err(format!("Invalid property '{name}'.")),
        }
    }
    let ranges = new["ipRanges"].as_array();
    let filled = |name: &str| new[name].as_array().is_some_and(|list| !list.is_empty());
    if new["displayName"].as_str().is_none_or(str::is_empty) {
        return Err("displayName is required.".to_owned());
    }
    if kind == IP && !(filled("ipRanges") && ranges.is_some_and(|ranges| ranges.iter().all(is_range))) {
        return Err("ipRanges must be one or more ranges in CIDR notation, each with its type.".to_owned());
    }
    if kind == COUNTRY && !filled("countriesAndRegions") {
        return Err("countriesAndRegions must name one or more countries.".to_owned());
    }
    Ok(new)
}

fn same_type(left: &Value, right: &Value) -> bool {
    std::mem::discriminant(left) == std::mem::discriminant(right)
}

fn is_range(range: &Value) -> bool {
    let address = range["cidrAddress"].as_str().and_then(|text| text.split_once('/'));
    let max_bits = match range["@odata.type"].as_str() {
        Some("#microsoft.graph.iPv4CidrRange") => 32,
        Some("#microsoft.graph.iPv6CidrRange") => 128,
        _ => return false,
    };
    address.is_some_and(|(address, bits)| {
        let parsed = address.parse::<std::net::IpAddr>().ok();
        parsed.is_some_and(|address| address.is_ipv4() == (max_bits == 32))
            && bits.parse::<u8>().is_ok_and(|bits| bits <= max_bits)
    })
}

/// A location that is trusted or in use cannot be deleted.
fn deletion_error(location: &Value, tenant: &Tenant) -> Option<String> {
    if location["isTrusted"] == json!(true) {
        return Some("A trusted named location cannot be deleted.".to_owned());
    }
    let used = |policy: &Value| {
        ["includeLocations", "excludeLocations"].iter().any(|list| {
            policy["conditions"]["locations"][list].as_array().is_some_and(|ids| ids.contains(&location["id"]))
        })
    };
    tenant.access_policies.iter().any(used).then(|| "The named location is used by a policy.".to_owned())
}
