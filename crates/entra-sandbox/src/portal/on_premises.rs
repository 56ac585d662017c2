//! The document `OnPremisesPasswordResetPolicies`, and the connectivity of writeback.

use serde_json::{Value, json};

use crate::state::raw_json::RawJson;
use crate::state::tenant::Tenant;

/// The fields that can be written. If a body has several, only the first in this order counts: a public client found
/// that the unlock switch is ignored next to writeback.
const WRITABLE: [&str; 4] = [
    "passwordWritebackSupported",
    "enablementForTenant",
    "cloudProvisioningEnablementForTenant",
    "accountUnlockEnabled",
];

/// Whether the tenant can use on-premises password reset.
#[must_use]
pub(crate) fn available(tenant: &Tenant) -> bool {
    tenant.sync.enabled && tenant.licence.has_premium()
}

/// The document `CheckWritebackConnectivityStatus`. 5 was captured for a tenant without writeback, and 0
/// for a running agent is assumed.
#[must_use]
pub(crate) fn writeback_status(tenant: &Tenant) -> Value {
    let status = match (tenant.sync.enabled, tenant.sync.writeback_agent) {
        (true, true) => 0,
        (_, false) | (false, _) => 5,
    };
    json!({"checkWritebackConnectivityStatusResponseEnum": status})
}

/// Writes one field of a body, in any casing. Unknown and read-only fields are ignored.
///
/// # Errors
/// The message of the service.
pub(crate) fn write(body: &str, tenant: &mut Tenant) -> Result<(), String> {
    let sent = RawJson::parse(body).map_err(|error| format!("The request body is not a valid policy: {error}"))?;
    let first = WRITABLE.into_iter().find_map(|key| sent.find(key).map(|text| (key, text)));
    let Some((key, text)) = first else { return Ok(()) };
    let on = match text.trim_matches('"').to_ascii_lowercase().as_str() {
        "true" => true,
        "false" => false,
        _ => return Err(format!("The value {text} is not valid for {key}.")),
    };
    set(key, on, tenant)
}

/// Sets a field of the document.
///
/// # Errors
/// If a field is switched on in a tenant that is not synchronized.
pub(crate) fn set(key: &str, on: bool, tenant: &mut Tenant) -> Result<(), String> {
    if on && !tenant.sync.enabled {
        return Err(format!("{key} needs directory synchronization, which is not configured."));
    }
    tenant.on_premises.set(key, &on.into());
    Ok(())
}
