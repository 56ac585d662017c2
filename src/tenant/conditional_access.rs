//! The managed Conditional Access policy for the user action "register security information"; see [`managed_object`]. The
//! document also lists the tenant's named locations, because the service refers to them by id only.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::tenant::document::{DecodeError, Document};
use crate::tenant::managed_object;
use crate::tenant::managed_object::ObjectSelector;

/// The user action "register security information".
pub(crate) const ACTION: &str = "urn:user:registersecurityinfo";
/// The marker in the display name of the managed policy.
pub(crate) const MARK: &str = "[ssprctl:allowedFrom]";
/// The key under which the document lists the named locations.
pub(crate) const LOCATIONS: &str = "ssprctl.locations";
/// The word for every location in `includeLocations`.
pub(crate) const EVERYWHERE: &str = "All";

/// Selects Conditional Access policies that are about registering.
pub(crate) const SELECTOR: ObjectSelector = ObjectSelector {
    marker: MARK,
    is_candidate: |policy| concerns(policy),
    is_adoptable: |policy| concerns(policy) && blocks(policy),
    is_active: |policy| policy.get::<String>("state", "a state").ok().as_deref() != Some("disabled"),
};

/// A named location of Conditional Access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NamedLocation {
    /// The id that Conditional Access policies refer to.
    pub id: String,
    /// The location's display name, which need not be unique: untrusted text.
    pub name: String,
    /// Whether it is marked as trusted.
    pub trusted: bool,
}

/// Builds the document from all policies and named locations of the tenant.
///
/// # Errors
/// When several policies have the marker.
pub fn document(policies: Vec<Document>, locations: &[NamedLocation], adopt: bool) -> Result<Document, DecodeError> {
    Ok(managed_object::select(policies, &SELECTOR, adopt)?.with(LOCATIONS, &json!(locations)))
}

/// The tenant's named locations.
#[must_use]
pub(crate) fn locations(document: &Document) -> Vec<NamedLocation> {
    document.get(LOCATIONS, "a list of named locations").unwrap_or_default()
}

/// Whether the policy applies to registering security information.
#[must_use]
pub(crate) fn concerns(policy: &Document) -> bool {
    lists(&conditions(policy)["applications"]["includeUserActions"], ACTION)
}

/// Whether the policy blocks access wherever it applies.
#[must_use]
pub(crate) fn blocks(policy: &Document) -> bool {
    let controls: Value = policy.get("grantControls", "controls").unwrap_or_default();
    lists(&controls["builtInControls"], "block")
}

/// Whether the policy applies everywhere but in the locations that it excludes.
#[must_use]
pub(crate) fn applies_elsewhere(policy: &Document) -> bool {
    lists(&conditions(policy)["locations"]["includeLocations"], EVERYWHERE)
}

fn conditions(policy: &Document) -> Value {
    policy.get("conditions", "conditions").unwrap_or_default()
}

fn lists(list: &Value, word: &str) -> bool {
    list.as_array().is_some_and(|list| list.iter().filter_map(Value::as_str).any(|one| one.eq_ignore_ascii_case(word)))
}
