//! The managed Intune configuration that shows the link "Reset password" on the Windows sign-in screen; see
//! [`managed_object`]. Its assignments, which have a URL of their own, are a key of the document.

use serde_json::{Map, Value, json};

use crate::tenant::document::{DecodeError, Document};
use crate::tenant::managed_object;
use crate::tenant::managed_object::ObjectSelector;

/// The marker in the display name of the managed configuration.
pub(crate) const MARK: &str = "[ssprctl:resetLink]";
/// The only type of configuration that has settings by OMA-URI.
pub(crate) const TYPE: &str = "#microsoft.graph.windows10CustomConfiguration";
/// The key of the settings.
pub(crate) const SETTINGS: &str = "omaSettings";
/// The key of the assignments.
pub(crate) const ASSIGNMENTS: &str = "assignments";
/// The OMA-URIs of the link's switch: the one that Microsoft documents today, and the one of older pages.
pub(crate) const ADDRESSES: [&str; 2] = [
    "./Device/Vendor/MSFT/Policy/Config/Authentication/AllowAadPasswordReset",
    "./Vendor/MSFT/Policy/Config/Authentication/AllowAadPasswordReset",
];

/// Selects Intune configurations that hold the switch of the reset link.
pub(crate) const SELECTOR: ObjectSelector = ObjectSelector {
    marker: MARK,
    is_candidate: |configuration| settings(configuration).iter().any(is_link),
    // A policy has no setting for anything else that a configuration may do.
    is_adoptable: |configuration| matches!(settings(configuration).as_slice(), [only] if is_link(only)),
    is_active: |_| true,
};

/// Builds the document from all configurations of the tenant, without assignments.
///
/// # Errors
/// When several configurations have the marker.
pub fn document(configurations: Vec<Document>, adopt: bool) -> Result<Document, DecodeError> {
    managed_object::select(configurations, &SELECTOR, adopt)
}

/// The document with the targets of its assignments, sorted, because the service's order varies.
#[must_use]
pub(crate) fn assigned(document: &Document, assignments: Vec<Map<String, Value>>) -> Document {
    let mut targets: Vec<Value> = assignments.into_iter().filter_map(|mut one| one.remove("target")).collect();
    targets.sort_by_key(Value::to_string);
    let targets: Vec<_> = targets.into_iter().map(|target| json!({ "target": target })).collect();
    document.with(ASSIGNMENTS, &targets.into())
}

/// Whether a setting is the link's switch.
#[must_use]
pub(crate) fn is_link(setting: &Value) -> bool {
    let address = setting["omaUri"].as_str().unwrap_or_default();
    ADDRESSES.iter().any(|known| known.eq_ignore_ascii_case(address))
}

fn settings(configuration: &Document) -> Vec<Value> {
    configuration.get(SETTINGS, "a list of settings").unwrap_or_default()
}
