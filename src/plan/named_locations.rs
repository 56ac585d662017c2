//! Resolves the named locations of a policy before anything is compared: a policy that blocks registration everywhere but in
//! locations that do not exist would block everybody.

use std::collections::BTreeSet;

use crate::base::finding::{Finding, Severity};
use crate::base::source::Place;
use crate::catalog::allowed_from::{ALL_TRUSTED, location_word};
use crate::catalog::desired::DesiredSetting;
use crate::policy::codes::FindingCode;
use crate::tenant::conditional_access::{self, NamedLocation};
use crate::tenant::error::TenantError;
use crate::tenant::snapshot::Snapshot;

const NOT_FOUND: &str = "location-not-found";
const AMBIGUOUS: &str = "location-ambiguous";
const NONE_TRUSTED: &str = "location-none-trusted";

/// The findings about the locations of a policy, which need the tenant.
pub(crate) const CODES: &[FindingCode] = &[
    FindingCode {
        code: NOT_FOUND,
        severity: Severity::Error,
        means: "The tenant has no named location with the name or id that the policy names. A policy that is enforced with it \
                would let nobody register.",
        fix: "Create the named location first, or correct its name. One made seconds ago may not be found yet.",
        example: None,
    },
    FindingCode {
        code: AMBIGUOUS,
        severity: Severity::Error,
        means: "The tenant has several named locations with a name that the policy uses. Names need not be unique.",
        fix: "Write the id of the one that is meant.",
        example: Some("registration:\n  allowedFrom:\n    locations: [b6cdb9c3-d660-4558-bcfd-82c14a986b56]"),
    },
    FindingCode {
        code: NONE_TRUSTED,
        severity: Severity::Error,
        means: "The policy lets people register from all trusted locations, and the tenant marks none as trusted: nobody could \
                register. The trusted addresses of the old multi-factor authentication page are not seen by this.",
        fix: "Mark a named location as trusted, or name the locations.",
        example: None,
    },
];

/// Why a group or a named location of a policy could not be resolved to the one in the tenant.
pub(crate) enum ReferenceError {
    /// The tenant has none, several, or one that does not fit.
    Invalid(Box<Finding>),
    /// The tenant could not be read.
    Unavailable(TenantError),
}

/// The names that the tenant has for the locations `words` of a policy.
pub(crate) fn resolve_locations(
    desired_setting: &DesiredSetting,
    words: &BTreeSet<String>,
    snapshot: &Snapshot,
) -> Result<BTreeSet<String>, ReferenceError> {
    let document = snapshot.document(desired_setting.setting.surface).map_err(ReferenceError::Unavailable)?;
    let known = conditional_access::locations(document);
    words.iter().map(|word| one(word, &known, desired_setting.place_of_item(word))).collect()
}

fn one(word: &str, known: &[NamedLocation], place: &Place) -> Result<String, ReferenceError> {
    let wrong = |code, message: String, says: &str, hint: String| {
        Err(ReferenceError::Invalid(Box::new(Finding::error(code, message).at(place.clone(), says).hint(hint))))
    };
    if word == ALL_TRUSTED {
        if known.iter().any(|location| location.trusted) {
            return Ok(word.to_owned());
        }
        let hint = "mark a named location as trusted, or name the locations".to_owned();
        let message = "the tenant has no trusted location, so nobody could register".to_owned();
        return wrong(NONE_TRUSTED, message, "none there", hint);
    }
    let by_id = known.iter().find(|location| location.id.eq_ignore_ascii_case(word));
    let by_name: Vec<_> = known.iter().filter(|location| location.name.to_lowercase() == word.to_lowercase()).collect();
    match (by_id, by_name.as_slice()) {
        (Some(location), _) => Ok(location_word(location, known)),
        (None, [location]) => Ok(location_word(location, known)),
        (None, []) => {
            let message = format!("the tenant has no named location called `{word}`");
            wrong(NOT_FOUND, message, "no such location", hint(known))
        }
        (None, several) => {
            let ids = several.iter().map(|location| location.id.as_str()).collect::<Vec<_>>().join(" or ");
            let message = format!("the tenant has several named locations called `{word}`");
            wrong(AMBIGUOUS, message, "which one?", format!("write the id instead, for example {ids}"))
        }
    }
}

fn hint(known: &[NamedLocation]) -> String {
    const SHOWN: usize = 10;
    let names: Vec<_> = known.iter().take(SHOWN).map(|location| format!("`{}`", location.name)).collect();
    if names.is_empty() {
        return "create the named location first".to_owned();
    }
    let more = if known.len() > SHOWN { ", …" } else { "" };
    format!("create it first, or write one that is there: {}{more}", names.join(", "))
}
