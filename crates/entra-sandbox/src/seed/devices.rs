//! Intune of a new tenant: a configuration that another team manages.

use serde_json::json;

use super::parts::{IdKind, id};
use crate::state::tenant::Tenant;

/// Adds the configuration, assigned to all devices.
pub(super) fn add(tenant: &mut Tenant, number: u32) {
    let own = id(number, IdKind::Device, 1);
    let created = "2025-12-01T07:45:12.8800000Z";
    tenant.device_configurations = vec![json!({
        "@odata.type": "#microsoft.graph.windows10CustomConfiguration",
        "id": own,
        "lastModifiedDateTime": created,
        "roleScopeTagIds": ["0"],
        "supportsScopeTags": true,
        "createdDateTime": created,
        "description": "Kept by the workplace team",
        "displayName": "Windows: no consumer accounts",
        "version": 3,
        "omaSettings": [{
            "@odata.type": "#microsoft.graph.omaSettingInteger",
            "displayName": "AllowMicrosoftAccountConnection",
            "description": null,
            "omaUri": "./Device/Vendor/MSFT/Policy/Config/Accounts/AllowMicrosoftAccountConnection",
            "secretReferenceValueId": null,
            "isEncrypted": false,
            "value": 0,
        }],
        "assignments": [{
            "id": format!("{own}_allDevicesAssignmentTarget"),
            "target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"},
        }],
    })];
}
