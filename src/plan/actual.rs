//! The actual values of a tenant: what its documents hold.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::IgnoredAny;
use serde_json::{Map, Value as Json};

use crate::base::ids::ObjectId;
use crate::base::value::Value;
use crate::catalog::setting::Setting;
use crate::catalog::{self, authentication_methods, methods, scope};
use crate::policy::document::Method;
use crate::tenant::authentication_methods as policy;
use crate::tenant::document::{DecodeError, Document};
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::facts::Migration;
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::Surface;

/// The actual value of every setting that is known.
pub(crate) fn actual_values(snapshot: &Snapshot) -> BTreeMap<&'static str, Value> {
    let known = catalog::ALL.iter().filter_map(|setting| Some((setting.name, actual_value(setting, snapshot).ok()?)));
    known.collect()
}

/// The actual value of one setting. For the methods these are all that people may use, from both documents that allow
/// them; any other setting is in one document.
///
/// # Errors
/// When a document could not be read, or has an unknown shape.
pub(crate) fn actual_value(setting: &Setting, snapshot: &Snapshot) -> Result<Value, TenantError> {
    if *setting == methods::ALLOWED {
        return allowed_methods(snapshot).map(Value::Set);
    }
    document_value(setting, snapshot)
}

/// The value of one setting in its own document.
///
/// # Errors
/// When the document could not be read, or has an unknown shape.
pub fn document_value(setting: &Setting, snapshot: &Snapshot) -> Result<Value, TenantError> {
    let document = snapshot.document(setting.surface)?;
    (setting.decode)(document).map_err(|error| not_understood(setting.surface, &error))
}

/// Whether a policy that asks for `desired` asks for what the tenant has; groups by id count, and no name is looked up.
pub(crate) fn is_asked(desired: &Value, actual: &Value) -> bool {
    match (desired, actual) {
        (Value::GroupNames(names), Value::Groups(ids)) => {
            let named: Result<BTreeSet<ObjectId>, _> = names.iter().map(|name| name.parse()).collect();
            named.is_ok_and(|named| named == *ids)
        }
        (desired, actual) => desired == actual,
    }
}

/// The methods that people may use, by Microsoft's migration states: the legacy policy alone before the migration,
/// what either allows while it goes on, the authentication methods policy alone afterwards; security questions are
/// always in the legacy policy.
///
/// # Errors
/// When a document could not be read, or has an unknown shape.
pub fn allowed_methods(snapshot: &Snapshot) -> Result<BTreeSet<String>, TenantError> {
    allowed_in(snapshot.document(Surface::PasswordReset)?, converged(snapshot)?)
}

/// The methods that people may use, by the legacy policy and the authentication methods policy.
///
/// # Errors
/// When a document has an unknown shape.
pub(crate) fn allowed_in(legacy_document: &Document, document: &Document) -> Result<BTreeSet<String>, TenantError> {
    let legacy = words(&methods::ALLOWED, legacy_document)?;
    let modern = modern(&reaching(document))?;
    Ok(match migration(document)? {
        Migration::PreMigration => legacy,
        Migration::InProgress => &legacy | &modern,
        Migration::Complete => &words(&methods::ALLOWED_AFTER_MIGRATION, legacy_document)? | &modern,
    })
}

/// The authentication methods policy as far as it reaches anybody: a configuration that includes nobody counts as off.
pub(crate) fn reaching(document: &Document) -> Document {
    let ids: BTreeSet<&str> =
        Method::ALL.iter().flat_map(|method| method.spec().configurations.ids()).copied().collect();
    ids.into_iter().fold(document.clone(), |document, id| {
        let Some(entry) = policy::entry(&document, id) else { return document };
        match entry.get_or_empty::<Vec<IgnoredAny>>("includeTargets", "a list of targets") {
            Ok(targets) if targets.is_empty() => {
                policy::with_entry(&document, id, &entry.with("state", &"disabled".into()))
            }
            Ok(_) | Err(_) => document,
        }
    })
}

/// The methods that the authentication methods policy allows.
pub(crate) fn modern(document: &Document) -> Result<BTreeSet<String>, TenantError> {
    authentication_methods::METHODS.iter().try_fold(BTreeSet::new(), |mut modern, setting| {
        modern.extend(words(setting, document)?);
        Ok(modern)
    })
}

/// The authentication methods policy, as it was read.
pub(crate) fn converged(snapshot: &Snapshot) -> Result<&Document, TenantError> {
    snapshot.document(Surface::AuthenticationMethods)
}

/// How far the tenant has migrated.
pub(crate) fn migration(document: &Document) -> Result<Migration, TenantError> {
    policy::migration(document).map_err(|error| not_understood(Surface::AuthenticationMethods, &error))
}

/// The words of a setting in a document; none if its value is not a set.
pub(crate) fn words(setting: &Setting, document: &Document) -> Result<BTreeSet<String>, TenantError> {
    match (setting.decode)(document) {
        Ok(Value::Set(words)) => Ok(words),
        Ok(_) => Ok(BTreeSet::new()),
        Err(error) => Err(not_understood(setting.surface, &error)),
    }
}

/// The document after a value is written into its entries.
pub(crate) fn merged(document: &Document, setting: &Setting, value: &Value) -> Document {
    (setting.encode)(value, document).iter().fold(document.clone(), |document, patch| {
        let mut entry: Map<String, Json> = document.get(patch.key, "an entry").unwrap_or_default();
        entry.extend(patch.value.as_object().cloned().unwrap_or_default());
        document.with(patch.key, &entry.into())
    })
}

/// The target that means everybody in the scope: all users, or the id of the group. `None` if the scope is nobody
/// or is not known.
pub(crate) fn scope_target(value: impl Fn(&'static Setting) -> Option<Value>) -> Option<String> {
    match (value(&scope::USERS)?, value(&scope::GROUP)) {
        (Value::Text(users), _) if users == "all" => Some(authentication_methods::ALL_USERS.to_owned()),
        (Value::Text(users), Some(Value::Group(id))) if users == "selected" => Some(id.to_string()),
        _ => None,
    }
}

/// The methods with these words.
///
/// # Errors
/// When one of the words is not a method.
pub(crate) fn known_methods(words: &BTreeSet<String>) -> Result<BTreeSet<Method>, TenantError> {
    let methods: Result<_, _> = words.iter().map(|word| Method::from_word(word)).collect();
    methods.map_err(|unknown| {
        TenantError::new(TenantErrorKind::Refused, format!("{}: {unknown}", methods::ALLOWED.name))
            .hint("`ssprctl explain methods.allowed` lists the methods; a newer version may know more")
    })
}

/// The targets that are missing so that all of `people` have these methods, as the words of
/// [`authentication_methods::TARGETS`]. A configuration that is off needs no target.
pub(crate) fn missing_targets(
    methods: &BTreeSet<String>,
    document: &Document,
    people: &str,
) -> Result<BTreeSet<String>, TenantError> {
    let targets = words(&authentication_methods::TARGETS, document)?;
    let methods = known_methods(methods)?;
    let configurations = methods.iter().flat_map(|method| method.spec().configurations.ids());
    let on = configurations.copied().filter(|id| authentication_methods::is_on(document, id).unwrap_or_default());
    let needed =
        on.filter(|id| !targets.contains(&authentication_methods::target_word(id, authentication_methods::ALL_USERS)));
    Ok(needed
        .map(|id| authentication_methods::target_word(id, people))
        .filter(|word| !targets.contains(word))
        .collect())
}

/// The error about a document with an unknown shape.
#[must_use]
pub(crate) fn not_understood(surface: Surface, error: &DecodeError) -> TenantError {
    TenantError::new(TenantErrorKind::UnexpectedResponse, format!("{} has an unknown shape: {error}", surface.name()))
        .hint(
            "nothing is planned for it; report this line, which has no value, so that the tool can learn the new shape",
        )
}
