//! The one Conditional Access policy for the user action "register security information" that a policy keeps, as a document
//! of ours; see [`kept`]. The named locations of the tenant come with it, because the wire knows them by id alone.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::tenant::document::{DecodeError, Document};
use crate::tenant::managed_object;
use crate::tenant::managed_object::ObjectSelector;

/// The user action.
pub const ACTION: &str = "urn:user:registersecurityinfo";
/// The mark in the display name of the policy that is kept.
pub const MARK: &str = "[ssprctl:allowedFrom]";
/// Where the document lists the named locations.
pub const LOCATIONS: &str = "ssprctl.locations";
/// Every location, as the wire writes it.
pub const EVERYWHERE: &str = "All";

/// Selects Conditional Access policies that are about registering.
pub(crate) const SELECTOR: ObjectSelector = ObjectSelector {
    marker: MARK,
    is_candidate: |policy| concerns(policy),
    is_adoptable: |policy| concerns(policy) && blocks(policy),
    is_active: |policy| policy.get::<String>("state", "a state").ok().as_deref() != Some("disabled"),
};

/// A named location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NamedLocation {
    /// Its id.
    pub id: String,
    /// Its display name, which need not be unique: untrusted text.
    pub name: String,
    /// Whether it counts among the trusted ones.
    pub trusted: bool,
}

/// Makes the document.
///
/// # Errors
/// When several policies are marked.
pub fn document(policies: Vec<Document>, locations: &[NamedLocation], adopt: bool) -> Result<Document, DecodeError> {
    Ok(managed_object::select(policies, &SELECTOR, adopt)?.with(LOCATIONS, &json!(locations)))
}

/// The tenant's named locations.
#[must_use]
pub fn locations(document: &Document) -> Vec<NamedLocation> {
    document.get(LOCATIONS, "a list of named locations").unwrap_or_default()
}

/// Whether the policy is about registering.
#[must_use]
pub fn concerns(policy: &Document) -> bool {
    lists(&conditions(policy)["applications"]["includeUserActions"], ACTION)
}

/// Whether the policy keeps people out wherever it applies.
#[must_use]
pub fn blocks(policy: &Document) -> bool {
    let controls: Value = policy.get("grantControls", "controls").unwrap_or_default();
    lists(&controls["builtInControls"], "block")
}

/// Whether the policy applies everywhere but in the locations that it excludes.
#[must_use]
pub fn applies_elsewhere(policy: &Document) -> bool {
    lists(&conditions(policy)["locations"]["includeLocations"], EVERYWHERE)
}

fn conditions(policy: &Document) -> Value {
    policy.get("conditions", "conditions").unwrap_or_default()
}

fn lists(list: &Value, word: &str) -> bool {
    list.as_array().is_some_and(|list| list.iter().filter_map(Value::as_str).any(|one| one.eq_ignore_ascii_case(word)))
}
