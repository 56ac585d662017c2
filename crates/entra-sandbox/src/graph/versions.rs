//! The properties that only one version of Graph has, by Microsoft's published metadata. The other version neither
//! returns them nor accepts them in `$select`.

use serde_json::Value;

/// The version, the context of the resource, and the path of the property.
const OF_ONE_VERSION: [(&str, &str, &str); 8] = [
    ("beta", "organization", "onPremisesLastPasswordSyncDateTime"),
    ("beta", "auditLogs/directoryAudits", "initiatedBy/user/homeTenantId"),
    ("beta", "auditLogs/directoryAudits", "initiatedBy/user/homeTenantName"),
    ("beta", "deviceManagement/deviceConfigurations", "roleScopeTagIds"),
    ("beta", "deviceManagement/deviceConfigurations", "supportsScopeTags"),
    ("beta", "deviceManagement/deviceConfigurations", "omaSettings/isEncrypted"),
    ("beta", "deviceManagement/deviceConfigurations", "omaSettings/secretReferenceValueId"),
    ("v1.0", "identity/conditionalAccess/policies", "templateId"),
];

/// The paths of the properties that this version of a resource does not have.
pub(super) fn missing<'a>(version: &'a str, context: &'a str) -> impl Iterator<Item = &'static str> + 'a {
    let other = move |(only, of, _): &&(&str, &str, &str)| !only.eq_ignore_ascii_case(version) && *of == context;
    OF_ONE_VERSION.iter().filter(other).map(|(.., path)| *path)
}

/// Removes the properties that this version does not have.
pub(super) fn restrict(version: &str, context: &str, object: &mut Value) {
    missing(version, context).for_each(|path| remove(object, path));
}

fn remove(object: &mut Value, path: &str) {
    match (object, path.split_once('/')) {
        (Value::Array(items), _) => items.iter_mut().for_each(|item| remove(item, path)),
        (Value::Object(fields), Some((first, rest))) => {
            fields.get_mut(first).into_iter().for_each(|inner| remove(inner, rest));
        }
        (Value::Object(fields), None) => {
            fields.remove(path);
        }
        _ => {}
    }
}
