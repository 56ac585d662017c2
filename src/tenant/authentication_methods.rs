//! The authentication methods policy ("converged policy"). The document has the policy's own keys and, for each method
//! configuration, an entry under its id. Configurations are never sent back as a whole, so everything that varies without a
//! change is normalised here: annotations are removed and targets sorted.

use std::collections::{BTreeMap, HashSet};

use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::base::exact_json::ExactJson;
use crate::base::ids::ObjectId;
use crate::tenant::document::{DecodeError, Document, Patch};
use crate::tenant::facts::Migration;

const CONFIGURATIONS: &str = "authenticationMethodConfigurations";
/// The keys that every request for an entry carries.
const NAMES: [&str; 2] = ["@odata.type", "id"];
const MIGRATION: &str = "policyMigrationState";

/// Turns the policy's list of configurations into entries.
///
/// # Errors
/// When the policy has no list of configurations, or one of them has no id.
pub fn into_entries(policy: &Document) -> Result<Document, DecodeError> {
    let error =
        |found: &str, expected| DecodeError { key: CONFIGURATIONS.to_owned(), found: found.to_owned(), expected };
    let _: Vec<BTreeMap<String, IgnoredAny>> = policy.get(CONFIGURATIONS, "a list of method configurations")?;
    let Some(ExactJson::Array(configurations)) = policy.exact(CONFIGURATIONS) else {
        return Err(error("nested too deep", "a list of method configurations"));
    };
    let policy = policy.without(CONFIGURATIONS);
    let mut known: HashSet<String> = policy.keys().map(str::to_owned).collect();
    let mut entries = Vec::new();
    for configuration in configurations {
        let id = configuration.get("id").and_then(ExactJson::as_text);
        let id = id.ok_or_else(|| error("a configuration without `id`", "configurations with ids"))?;
        if !known.insert(id.clone()) {
            return Err(error("with one id twice", "configurations with ids of their own"));
        }
        let raw = RawValue::from_string(tidy(configuration).text());
        entries.push((id, raw.map_err(|_| error("of another shape", "a list of method configurations"))?));
    }
    let own = policy.into_iter();
    Ok(own.chain(entries).collect())
}

/// The policy's migration state, compared without case. New tenants have `null`, because they have nothing to migrate.
///
/// # Errors
/// When the state is unknown.
pub(crate) fn migration(policy: &Document) -> Result<Migration, DecodeError> {
    const EXPECTED: &str = "preMigration, migrationInProgress, migrationComplete or null";
    let state: Option<String> = policy.get(MIGRATION, EXPECTED)?;
    match state.map(|state| state.to_ascii_lowercase()).as_deref() {
        Some("premigration") => Ok(Migration::PreMigration),
        Some("migrationinprogress") => Ok(Migration::InProgress),
        None | Some("migrationcomplete") => Ok(Migration::Complete),
        Some(_) => {
            Err(DecodeError { key: MIGRATION.to_owned(), found: "another string".to_owned(), expected: EXPECTED })
        }
    }
}

/// A configuration without annotations and with its targets sorted.
fn tidy(configuration: ExactJson) -> ExactJson {
    let ExactJson::Object(mut entries) = configuration else { return configuration };
    entries.retain(|(key, _)| !key.contains("@odata.") || key == "\"@odata.type\"");
    for (key, value) in &mut entries {
        if let (ExactJson::Array(targets), "\"includeTargets\"" | "\"excludeTargets\"") = (value, key.as_str()) {
            targets.sort_by_cached_key(|target| (text(target, "targetType"), text(target, "id")));
        }
    }
    ExactJson::Object(entries)
}

fn text(value: &ExactJson, key: &str) -> String {
    value.get(key).and_then(ExactJson::as_text).unwrap_or_default().to_ascii_lowercase()
}

/// The body of the request that changes an entry: the changed keys, and the type and id that the service requires.
///
/// # Errors
/// When the document has no such entry, or the entry has no type.
pub(crate) fn request(document: &Document, patch: &Patch) -> Result<Document, DecodeError> {
    let error = |found: String| DecodeError { key: patch.key.to_owned(), found, expected: "a method configuration" };
    let entry = entry(document, patch.key).ok_or_else(|| error("no object with keys of their own".to_owned()))?;
    if let Some(key) = NAMES.into_iter().find(|key| entry.raw(key).is_none()) {
        return Err(error(format!("an entry without `{key}`")));
    }
    let changed = patch.value.as_object().into_iter().flatten();
    let wanted = changed.clone().fold(entry, |entry, (key, value)| entry.with(key, value));
    let keys = NAMES.into_iter().chain(changed.map(|(key, _)| key.as_str()));
    Ok(keys.fold(Document::default(), |body, key| body.copy_key(key, &wanted)))
}

/// What all method configurations have in common, whatever their type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodConfiguration {
    /// The id: the name of the method, or a GUID for an external provider.
    pub id: String,
    /// The display name, if the id is a GUID: untrusted text.
    pub name: Option<String>,
    /// Whether it is on; `None` if the state is unknown.
    pub on: Option<bool>,
}

/// Every configuration of the policy, also of types that this program does not know.
#[must_use]
pub(crate) fn configurations(document: &Document) -> Vec<MethodConfiguration> {
    let entries = document.entries().filter_map(|(_, raw)| serde_json::from_str::<Map<String, Value>>(raw).ok());
    let entries = entries.filter(|entry| NAMES.iter().all(|name| entry.contains_key(*name)));
    entries.map(|entry| configuration(&entry)).collect()
}

fn configuration(entry: &Map<String, Value>) -> MethodConfiguration {
    let words = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
    let on = match words("state").as_deref() {
        Some("enabled") => Some(true),
        Some("disabled") => Some(false),
        _ => None,
    };
    MethodConfiguration { id: words("id").unwrap_or_default(), name: words("displayName"), on }
}

/// Whether a text message is a first factor of signing in for anybody; `None` if that is not understood.
#[must_use]
pub(crate) fn sms_sign_in(document: &Document) -> Option<bool> {
    let entry: Value = serde_json::from_str(document.raw("Sms")?).ok()?;
    let targets = entry.get("includeTargets").and_then(Value::as_array)?;
    let usable = targets.iter().any(|target| target.get("isUsableForSignIn") == Some(&Value::Bool(true)));
    Some(usable && entry.get("state").and_then(Value::as_str) == Some("enabled"))
}

/// The groups that a configuration which is on is for, or not for.
#[must_use]
pub(crate) fn target_groups(document: &Document, id: &str) -> Vec<ObjectId> {
    let entry = document.raw(id).and_then(|raw| serde_json::from_str::<Value>(raw).ok()).unwrap_or_default();
    if entry.get("state").and_then(Value::as_str) != Some("enabled") {
        return Vec::new();
    }
    let targets = ["includeTargets", "excludeTargets"].into_iter().filter_map(|key| entry.get(key)?.as_array());
    let groups = targets.flatten().filter(|target| target.get("targetType").and_then(Value::as_str) == Some("group"));
    groups.filter_map(|target| target.get("id")?.as_str()?.parse().ok()).collect()
}

/// An entry as a document of its own.
#[must_use]
pub(crate) fn entry(document: &Document, id: &str) -> Option<Document> {
    Document::parse(document.raw(id)?).ok()
}

/// The document with an entry replaced.
#[must_use]
pub(crate) fn with_entry(document: &Document, id: &str, entry: &Document) -> Document {
    document.with_document(id, entry)
}

/// Whether a key of a request only identifies the entry.
#[must_use]
pub(crate) fn is_name(key: &str) -> bool {
    NAMES.contains(&key)
}

/// Whether a request is for the entry with this id, whose other keys are the same in both documents.
#[must_use]
pub(crate) fn changes_only(request: &Document, before: &Document, now: &Document, id: &str) -> bool {
    let is_its = request.get::<String>("id", "the id of an entry").is_ok_and(|entry| entry == id);
    let others = |document: &Document| Some(document.exact(id)?.without(&request.whole()?).canonical());
    is_its && others(before) == others(now)
}

/// Whether an entry has the value of a request under a key.
#[must_use]
pub(crate) fn key_applied(entry: &Document, request: &Document, key: &str) -> bool {
    let alone = |document: &Document| {
        let value = document.exact(key)?;
        Some(tidy(ExactJson::object([(key, value)])))
    };
    matches!((alone(entry), alone(request)), (Some(found), Some(asked)) if found.contains(&asked))
}

/// Whether an entry of the document has every value of a request for it.
#[must_use]
pub(crate) fn has_applied(document: &Document, request: &Document) -> bool {
    let Ok(id) = request.get::<String>("id", "the id of an entry") else { return false };
    let Some(entry) = document.exact(&id) else { return false };
    let asked = request.whole().map(tidy);
    asked.is_some_and(|asked| tidy(entry).contains(&asked))
}

#[cfg(test)]
mod tests {
    use crate::tenant::authentication_methods::*;

    const POLICY: &str = r##"{"id":"authenticationMethodsPolicy","policyMigrationState":"MigrationComplete",
        "authenticationMethodConfigurations":[
        {"@odata.type":"#t.email","id":"Email","state":"enabled","includeTargets@odata.context":"x",
         "includeTargets":[{"targetType":"group","id":"b"},{"targetType":"group","id":"a"}]}]}"##;

    #[test]
    fn configurations_become_entries_without_noise() -> Result<(), Box<dyn std::error::Error>> {
        let document = into_entries(&Document::parse(POLICY)?)?;
        assert_eq!(migration(&document)?, Migration::Complete);
        assert_eq!(
            document.raw("Email"),
            Some(
                r##"{"@odata.type":"#t.email","id":"Email","state":"enabled","includeTargets":[{"targetType":"group","id":"a"},{"targetType":"group","id":"b"}]}"##
            )
        );
        Ok(())
    }

    #[test]
    fn a_request_names_type_and_id_and_is_shown_when_its_keys_are() -> Result<(), Box<dyn std::error::Error>> {
        let document = into_entries(&Document::parse(POLICY)?)?;
        let patch = Patch { key: "Email", value: serde_json::json!({ "state": "disabled" }) };
        let request = request(&document, &patch)?;
        assert_eq!(serde_json::to_string(&request)?, r##"{"@odata.type":"#t.email","id":"Email","state":"disabled"}"##);
        assert!(!has_applied(&document, &request));
        let after = into_entries(&Document::parse(&POLICY.replace("enabled", "disabled"))?)?;
        assert!(has_applied(&after, &request));
        Ok(())
    }

    #[test]
    fn an_absent_state_is_no_state_and_an_unknown_one_is_an_error() -> Result<(), Box<dyn std::error::Error>> {
        assert_eq!(migration(&Document::parse(r#"{"policyMigrationState":null}"#)?)?, Migration::Complete);
        assert!(migration(&Document::parse(r#"{"policyMigrationState":"sideways"}"#)?).is_err());
        assert!(migration(&Document::parse("{}")?).is_err());
        Ok(())
    }
}
