//! `/directory/onPremisesSynchronization`. Its flag for writeback is always false, as Microsoft documents.

use serde_json::{Value, json};

use super::errors::{self, require_get};
use super::query::{self, Collection};
use crate::http::message::{Answer, Caller, Request};
use crate::state::role::Role;
use crate::state::tenant::Tenant;

const READ: [&str; 2] = ["OnPremDirectorySynchronization.Read.All", "OnPremDirectorySynchronization.ReadWrite.All"];
const READERS: [Role; 3] = [Role::GlobalAdministrator, Role::HybridIdentityAdministrator, Role::GlobalReader];
const PROPERTIES: [&str; 3] = ["id", "configuration", "features"];
/// Flags that are false in every tenant.
const OFF: [&str; 13] = [
    "directoryExtensionsEnabled",
    "cloudPasswordPolicyForPasswordSyncedUsersEnabled",
    "fopeConflictResolutionEnabled",
    "unifiedGroupWritebackEnabled",
    "userWritebackEnabled",
    "deviceWritebackEnabled",
    "userForcePasswordChangeOnLogonEnabled",
    "concurrentOrgIdProvisioningEnabled",
    "concurrentCredentialUpdateEnabled",
    "groupWriteBackEnabled",
    "blockSoftMatchEnabled",
    "blockCloudObjectTakeoverThroughHardMatchEnabled",
    "bypassDirSyncOverridesEnabled",
];
/// Flags that are true in every tenant.
const ON: [&str; 4] = [
    "quarantineUponUpnConflictEnabled",
    "quarantineUponProxyAddressesConflictEnabled",
    "softMatchOnUpnEnabled",
    "synchronizeUpnForManagedUsersEnabled",
];

pub(super) fn handle(request: &Request, caller: &Caller, tenant: &Tenant) -> Answer {
    require_get(request)?;
    // No application permission is documented.
    if caller.app || !caller.has_any_scope(&READ) || !caller.has_any_role(&READERS) {
        return Err(errors::insufficient_privileges(request));
    }
    query::allow_options(request, &["$select"])?;
    let all = Collection {
        context: "directory/onPremisesSynchronization",
        kind: "microsoft.graph.onPremisesDirectorySynchronization",
        properties: &PROPERTIES,
        objects: vec![synchronization_json(tenant)],
    };
    match request.segments.get(3..) {
        None | Some([]) => query::page(request, all),
        Some([id]) if tenant.id.to_string().eq_ignore_ascii_case(id) => {
            query::single(request, &all, synchronization_json(tenant))
        }
        Some([id]) => Err(errors::unknown_object(request, id)),
        Some([_, other, ..]) => Err(errors::unknown_segment(request, other)),
    }
}

fn synchronization_json(tenant: &Tenant) -> Value {
    let mut features = serde_json::Map::new();
    features.insert("passwordSyncEnabled".to_owned(), json!(tenant.sync.password_hashes));
    features.insert("passwordWritebackEnabled".to_owned(), json!(false));
    features.extend(ON.map(|flag| (flag.to_owned(), json!(true))));
    features.extend(OFF.map(|flag| (flag.to_owned(), json!(false))));
    features.insert("allowOnPremUpdateOfOnPremisesObjectIdentifierEnabled".to_owned(), json!(false));
    json!({
        "id": tenant.id,
        "configuration": {
            "accidentalDeletionPrevention": {
                "synchronizationPreventionType": if tenant.sync.enabled { "enabledForCount" } else { "disabled" },
                "alertThreshold": if tenant.sync.enabled { 500 } else { 0 },
            },
        },
        "features": features,
    })
}
