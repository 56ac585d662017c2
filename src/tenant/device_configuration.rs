//! The one Intune configuration that shows the link "Reset password" on the Windows sign-in screen, as a document of ours; see
//! [`kept`]. Its assignments, which have an address of their own, are a key of it.

use serde_json::{Map, Value, json};

use crate::tenant::document::{DecodeError, Document};
use crate::tenant::managed_object;
use crate::tenant::managed_object::ObjectSelector;

/// The mark in the display name of the configuration that is kept.
pub const MARK: &str = "[ssprctl:resetLink]";
/// The only type of configuration that holds settings by address.
pub const TYPE: &str = "#microsoft.graph.windows10CustomConfiguration";
/// The key of the settings.
pub const SETTINGS: &str = "omaSettings";
/// The key of the assignments.
pub const ASSIGNMENTS: &str = "assignments";
/// The addresses of the link's switch: the one that Microsoft documents today, and the one of older pages.
pub const ADDRESSES: [&str; 2] = [
    "./Device/Vendor/MSFT/Policy/Config/Authentication/AllowAadPasswordReset",
    "./Vendor/MSFT/Policy/Config/Authentication/AllowAadPasswordReset",
];

/// Selects Intune configurations that hold the switch of the reset link.
pub(crate) const SELECTOR: ObjectSelector = ObjectSelector {
    marker: MARK,
    is_candidate: |configuration| settings(configuration).iter().any(is_link),
    // A configuration with more in it is more than a policy has words for.
    is_adoptable: |configuration| matches!(settings(configuration).as_slice(), [only] if is_link(only)),
    is_active: |_| true,
};

/// Makes the document, without assignments.
///
/// # Errors
/// When several configurations are marked.
pub fn document(configurations: Vec<Document>, adopt: bool) -> Result<Document, DecodeError> {
    managed_object::select(configurations, &SELECTOR, adopt)
}

/// The document with its assignments: their targets alone, in an order of ours.
#[must_use]
pub fn assigned(document: &Document, assignments: Vec<Map<String, Value>>) -> Document {
    let mut targets: Vec<Value> = assignments.into_iter().filter_map(|mut one| one.remove("target")).collect();
    targets.sort_by_key(Value::to_string);
    let targets: Vec<_> = targets.into_iter().map(|target| json!({ "target": target })).collect();
    document.with(ASSIGNMENTS, &targets.into())
}

/// Whether a setting is the link's switch.
#[must_use]
pub fn is_link(setting: &Value) -> bool {
    let address = setting["omaUri"].as_str().unwrap_or_default();
    ADDRESSES.iter().any(|known| known.eq_ignore_ascii_case(address))
}

fn settings(configuration: &Document) -> Vec<Value> {
    configuration.get(SETTINGS, "a list of settings").unwrap_or_default()
}
