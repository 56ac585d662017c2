//! The locations from which people may register: one Conditional Access policy for the user action "register security
//! information", which blocks everywhere but in the locations that it excludes. Its other conditions and its users are not
//! changed.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use crate::base::ids::ObjectId;
use crate::base::value::Value;
use crate::catalog::setting::{NoEffectReason, PortalPage, Setting, ValueKind};
use crate::policy::document::{AccessState, AllowedFrom, PolicyFile as Policy};
use crate::policy::managed::Managed;
use crate::tenant::conditional_access::{self, ACTION, EVERYWHERE, MARK, NamedLocation};
use crate::tenant::document::{DecodeError, Document, Patch};
use crate::tenant::managed_object;
use crate::tenant::surface::Surface;

const CONDITIONS: &str = "conditions";
const CONTROLS: &str = "grantControls";
const STATE_KEY: &str = "state";
const NAME: &str = "displayName";
/// The word of policies for all trusted locations; the wire has another one.
pub(crate) const ALL_TRUSTED: &str = "allTrusted";
const ALL_TRUSTED_WIRE: &str = "AllTrusted";
/// The value of the locations if registration is not blocked anywhere.
pub(crate) const ANYWHERE: &str = "anywhere";
/// The state in which the policy neither blocks nor reports.
pub(crate) const DISABLED: &str = "disabled";
/// The state in which the policy reports and does not block.
pub(crate) const REPORT_ONLY: &str = "reportOnly";
/// The state in which the policy blocks.
pub(crate) const ENFORCED: &str = "enforced";
/// The words of policies for the state, each with the word of the wire.
const STATES: [(&str, &str); 3] =
    [(DISABLED, "disabled"), (REPORT_ONLY, "enabledForReportingButNotEnforced"), (ENFORCED, "enabled")];
const STATE_WORDS: &[&str] = &[STATES[0].0, STATES[1].0, STATES[2].0];
const SOURCE: &str = "Conditional Access for security information registration (policy-all-users-security-info-registration); \
                      Microsoft Graph conditionalAccessPolicy";

/// The locations from which people may register.
pub(crate) static LOCATIONS: Setting = Setting {
    name: "registration.allowedFrom.locations",
    page: PortalPage::ConditionalAccess,
    portal: "Target resources: User actions, Register security information; Network: Exclude; Grant: Block access",
    surface: Surface::ConditionalAccess,
    keys: &[CONDITIONS, CONTROLS],
    kind: ValueKind::Locations,
    default: "anywhere",
    needs: &[],
    source: SOURCE,
    audit_names: &[],
    audit: None,
    delay_minutes: None,
    off_value: None,
    no_effect: &[NoEffectReason::PolicyOff, NoEffectReason::ReportOnly],
    desired: |policy| {
        in_allowed_from(policy, |from| &from.locations, |places| Value::Set(places.iter().cloned().collect()))
    },
    decode: decode_locations,
    encode: |value, document| match value {
        Value::Set(words) => encode_locations(words, document),
        _ => Vec::new(),
    },
};

/// The groups that may register from anywhere.
pub(crate) static EXCLUDED_GROUPS: Setting = Setting {
    name: "registration.allowedFrom.excludedGroups",
    page: PortalPage::ConditionalAccess,
    portal: "Users: Exclude, Users and groups",
    surface: Surface::ConditionalAccess,
    keys: &[CONDITIONS],
    kind: ValueKind::Groups,
    default: "none",
    needs: &[],
    source: SOURCE,
    audit_names: &[],
    audit: None,
    delay_minutes: None,
    off_value: None,
    no_effect: &[NoEffectReason::PolicyOff, NoEffectReason::ReportOnly],
    desired: |policy| {
        in_allowed_from(
            policy,
            |from| &from.excluded_groups,
            |groups| Value::GroupNames(groups.iter().cloned().collect()),
        )
    },
    decode: |document| {
        if !managed_object::exists(document) {
            return Ok(Value::Groups(BTreeSet::new()));
        }
        let conditions = conditions(document)?;
        let users = conditions.get("users").and_then(Json::as_object);
        let users = users.ok_or_else(|| decode_error(CONDITIONS, "with an object `users`"))?;
        let listed = users.get("excludeGroups").filter(|listed| !listed.is_null()).cloned().unwrap_or(json!([]));
        let ids: Vec<ObjectId> = serde_json::from_value(listed)
            .map_err(|_| decode_error(CONDITIONS, "with a list of group ids in `users.excludeGroups`"))?;
        Ok(Value::Groups(ids.into_iter().collect()))
    },
    encode: |value, document| match value {
        Value::Groups(ids) => {
            let mut conditions = conditions_to_write(document);
            put(&mut conditions, "users", [("excludeGroups", json!(ids))]);
            with_rest(document, vec![Patch { key: CONDITIONS, value: conditions.into() }])
        }
        _ => Vec::new(),
    },
};

/// Whether the policy blocks, only reports, or is off.
pub(crate) static STATE: Setting = Setting {
    name: "registration.allowedFrom.state",
    page: PortalPage::ConditionalAccess,
    portal: "Enable policy",
    surface: Surface::ConditionalAccess,
    keys: &[STATE_KEY],
    kind: ValueKind::Choice(STATE_WORDS),
    default: "disabled",
    needs: &[],
    source: SOURCE,
    audit_names: &[],
    audit: None,
    delay_minutes: None,
    off_value: Some(|| Value::Text(DISABLED.to_owned())),
    no_effect: &[NoEffectReason::PolicyOff, NoEffectReason::ReportOnly],
    desired: |policy| in_allowed_from(policy, |from| &from.state, |state| Value::Text(word(*state).to_owned())),
    decode: |document| {
        if !managed_object::exists(document) {
            return Ok(Value::Text(DISABLED.to_owned()));
        }
        const EXPECTED: &str = "enabled, disabled or enabledForReportingButNotEnforced";
        let wire: String = document.get(STATE_KEY, EXPECTED)?;
        let known = STATES.iter().find(|(_, known)| *known == wire).map(|(word, _)| Value::Text((*word).to_owned()));
        known.ok_or_else(|| DecodeError {
            key: STATE_KEY.to_owned(),
            found: "another string".to_owned(),
            expected: EXPECTED,
        })
    },
    encode: |value, document| match value {
        Value::Text(word) => STATES
            .iter()
            .find(|(known, _)| known == word)
            .map_or_else(Vec::new, |(_, wire)| with_rest(document, vec![Patch { key: STATE_KEY, value: json!(wire) }])),
        _ => Vec::new(),
    },
};

/// The word of policies for a named location: its display name if that is unique and not a special word, or else its id.
#[must_use]
pub(crate) fn location_word(location: &NamedLocation, all: &[NamedLocation]) -> String {
    let same = all.iter().filter(|other| other.name.eq_ignore_ascii_case(&location.name)).count();
    let special = [ALL_TRUSTED, ANYWHERE].contains(&location.name.as_str());
    let usable = same == 1 && !special && !location.name.trim().is_empty();
    if usable { location.name.clone() } else { location.id.to_ascii_lowercase() }
}

fn in_allowed_from<T>(
    policy: &Policy,
    key: impl Fn(&AllowedFrom) -> &Managed<T>,
    value: impl Fn(&T) -> Value,
) -> Managed<Value> {
    let from = policy.registration.get().and_then(|registration| registration.allowed_from.get());
    from.and_then(|from| key(from).get()).map(value).into()
}

fn word(state: AccessState) -> &'static str {
    match state {
        AccessState::Disabled => DISABLED,
        AccessState::ReportOnly => REPORT_ONLY,
        AccessState::Enforced => ENFORCED,
    }
}

/// The locations of a policy that blocks elsewhere; any other policy lets people register from anywhere. An unmanaged policy,
/// which is read only to be adopted, gets an extra word, so that it always differs from the desired value.
fn decode_locations(document: &Document) -> Result<Value, DecodeError> {
    let anywhere = || BTreeSet::from([ANYWHERE.to_owned()]);
    if !managed_object::exists(document) {
        return Ok(Value::Set(anywhere()));
    }
    let conditions = conditions(document)?;
    check(document, &conditions)?;
    let limits = conditional_access::concerns(document)
        && conditional_access::blocks(document)
        && conditional_access::applies_elsewhere(document);
    let mut words = if limits { excluded_locations(document, &conditions)? } else { anywhere() };
    let name = managed_object::name(document);
    if !name.contains(MARK) {
        words.insert(format!("as somebody else's policy has it: {name}"));
    }
    Ok(Value::Set(words))
}

fn excluded_locations(document: &Document, conditions: &Map<String, Json>) -> Result<BTreeSet<String>, DecodeError> {
    let listed = conditions.get("locations").and_then(|locations| locations.get("excludeLocations"));
    let listed = listed.filter(|listed| !listed.is_null()).cloned();
    let ids: Vec<String> = serde_json::from_value(listed.unwrap_or(json!([])))
        .map_err(|_| decode_error(CONDITIONS, "with a list of location ids in `locations.excludeLocations`"))?;
    let known = conditional_access::locations(document);
    let word = |id: String| match known.iter().find(|location| location.id.eq_ignore_ascii_case(&id)) {
        _ if id.eq_ignore_ascii_case(ALL_TRUSTED_WIRE) => ALL_TRUSTED.to_owned(),
        Some(location) => location_word(location, &known),
        None => id.to_ascii_lowercase(),
    };
    Ok(ids.into_iter().map(word).collect())
}

fn encode_locations(words: &BTreeSet<String>, document: &Document) -> Vec<Patch> {
    let known = conditional_access::locations(document);
    let id = |word: &String| {
        let location = known.iter().find(|location| location_word(location, &known) == *word);
        match location {
            _ if word == ALL_TRUSTED => ALL_TRUSTED_WIRE.to_owned(),
            Some(location) => location.id.clone(),
            None => word.clone(),
        }
    };
    let mut conditions = conditions_to_write(document);
    let excluded = words.iter().map(id).collect();
    put(&mut conditions, "locations", [("includeLocations", json!([EVERYWHERE])), ("excludeLocations", excluded)]);
    if managed_object::exists(document) && !conditional_access::concerns(document) {
        // Applications and user actions exclude one another.
        let only = [("includeApplications", json!([])), ("includeUserActions", json!([ACTION]))];
        put(&mut conditions, "applications", only);
    }
    let mut patches = vec![Patch { key: CONDITIONS, value: conditions.into() }];
    if !conditional_access::blocks(document) {
        patches.push(Patch { key: CONTROLS, value: block() });
    }
    with_rest(document, patches)
}

/// Adds the keys that a write needs as well: all keys for a new policy, and the marker for a policy without one.
fn with_rest(document: &Document, mut patches: Vec<Patch>) -> Vec<Patch> {
    let name = managed_object::name(document);
    if !name.contains(MARK) {
        let name = if name.is_empty() { "Register security information from allowed places only" } else { name.trim() };
        patches.push(Patch { key: NAME, value: json!(format!("{name} {MARK}")) });
    }
    let rest = [
        Patch { key: STATE_KEY, value: json!(STATES[1].1) },
        Patch { key: CONDITIONS, value: conditions_to_write(document).into() },
        Patch { key: CONTROLS, value: block() },
    ];
    let missing = |patch: &Patch| document.raw(patch.key).is_none();
    for patch in rest.into_iter().filter(missing) {
        if patches.iter().all(|known| known.key != patch.key) {
            patches.push(patch);
        }
    }
    patches
}

fn block() -> Json {
    json!({ "operator": "OR", "builtInControls": ["block"] })
}

/// The conditions of the policy, or those of a new one: for everybody but guests, who register in their own tenant,
/// as in Microsoft's template.
fn conditions_to_write(document: &Document) -> Map<String, Json> {
    let blank = || {
        Map::from_iter([
            ("clientAppTypes".to_owned(), json!(["all"])),
            ("applications".to_owned(), json!({ "includeUserActions": [ACTION] })),
            (
                "users".to_owned(),
                json!({ "includeUsers": ["All"], "excludeUsers": ["GuestsOrExternalUsers"], "excludeGroups": [] }),
            ),
        ])
    };
    conditions(document).map_or_else(|_| blank(), without_annotations)
}

/// The conditions without the annotations that the service adds, which are not sent back.
fn without_annotations(mut conditions: Map<String, Json>) -> Map<String, Json> {
    conditions.retain(|key, _| !key.contains("@odata."));
    for value in conditions.values_mut() {
        if let Json::Object(part) = value {
            part.retain(|key, _| !key.contains("@odata."));
        }
    }
    conditions
}

/// Puts values into one part of the conditions, next to the values that it has.
fn put<const N: usize>(conditions: &mut Map<String, Json>, part: &str, values: [(&str, Json); N]) {
    let mut members = conditions.get(part).and_then(Json::as_object).cloned().unwrap_or_default();
    members.extend(values.map(|(name, value)| (name.to_owned(), value)));
    conditions.insert(part.to_owned(), members.into());
}

/// Checks that the policy has the parts that decide what it does.
fn check(document: &Document, conditions: &Map<String, Json>) -> Result<(), DecodeError> {
    if !conditions.get("applications").is_some_and(Json::is_object) {
        return Err(decode_error(CONDITIONS, "with an object `applications`"));
    }
    match document.get::<Json>(CONTROLS, "an object or null")? {
        Json::Null => Ok(()),
        controls if controls.get("builtInControls").is_some_and(Json::is_array) => Ok(()),
        _ => Err(decode_error(CONTROLS, "null or with a list `builtInControls`")),
    }
}

fn conditions(document: &Document) -> Result<Map<String, Json>, DecodeError> {
    document.get(CONDITIONS, "an object of conditions")
}

fn decode_error(key: &str, expected: &'static str) -> DecodeError {
    DecodeError { key: key.to_owned(), found: "of another shape".to_owned(), expected }
}
