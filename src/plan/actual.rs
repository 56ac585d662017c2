//! What acts in a tenant, wherever it comes from.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

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

/// What acts in the tenant, for every setting that is known.
pub(crate) fn actual_values(snapshot: &Snapshot) -> BTreeMap<&'static str, Value> {
    let known = catalog::ALL.iter().filter_map(|setting| Some((setting.name, actual_value(setting, snapshot).ok()?)));
    known.collect()
}

/// What acts in the tenant for one setting: for the methods those that people may really use, wherever they are allowed;
/// for everything else what its one place holds.
///
/// # Errors
/// The reason why it is not known.
pub fn actual_value(setting: &Setting, snapshot: &Snapshot) -> Result<Value, TenantError> {
    if *setting == methods::ALLOWED {
        return allowed_methods(snapshot).map(Value::Set);
    }
    document_value(setting, snapshot)
}

/// What the tenant has for one setting at one place.
///
/// # Errors
/// The reason why it is not known: unread, unreadable, or of a shape that is not understood.
pub fn document_value(setting: &Setting, snapshot: &Snapshot) -> Result<Value, TenantError> {
    let document = snapshot.document(setting.surface)?;
    (setting.decode)(document).map_err(|misshapen| not_understood(setting.surface, &misshapen))
}

/// The methods people may really use, by Microsoft's migration states: the legacy policy alone before the migration, what
/// either allows while it goes on, the authentication methods policy alone afterwards; security questions always stay with
/// the legacy policy.
///
/// # Errors
/// The reason why it is not known.
pub fn allowed_methods(snapshot: &Snapshot) -> Result<BTreeSet<String>, TenantError> {
    let legacy_document = snapshot.document(Surface::PasswordReset)?;
    let legacy = words(&methods::ALLOWED, legacy_document)?;
    let document = converged(snapshot)?;
    let modern = modern(document)?;
    Ok(match migration(document)? {
        Migration::PreMigration => legacy,
        Migration::InProgress => &legacy | &modern,
        Migration::Complete => &words(&methods::ALLOWED_AFTER_MIGRATION, legacy_document)? | &modern,
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

/// Where the tenant's methods are decided.
pub(crate) fn migration(document: &Document) -> Result<Migration, TenantError> {
    policy::migration(document).map_err(|misshapen| not_understood(Surface::AuthenticationMethods, &misshapen))
}

/// What a setting of words is in a document.
pub(crate) fn words(setting: &Setting, document: &Document) -> Result<BTreeSet<String>, TenantError> {
    match (setting.decode)(document) {
        Ok(Value::Set(words)) => Ok(words),
        Ok(_) => Ok(BTreeSet::new()),
        Err(misshapen) => Err(not_understood(setting.surface, &misshapen)),
    }
}

/// The document with a value written into its entries.
pub(crate) fn merged(document: &Document, setting: &Setting, value: &Value) -> Document {
    (setting.encode)(value, document).iter().fold(document.clone(), |document, patch| {
        let mut entry: Map<String, Json> = document.get(patch.key, "an entry").unwrap_or_default();
        entry.extend(patch.value.as_object().cloned().unwrap_or_default());
        document.with(patch.key, &entry.into())
    })
}

/// The target that stands for everybody in a scope: all users, or the group's id. None where nobody is in it, or where it is
/// not known.
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

/// The targets that are missing so that these methods, where they are on, are there for all of `people`; as the words of
/// [`authentication_methods::TARGETS`].
pub(crate) fn missing_targets(
    methods: &BTreeSet<String>,
    document: &Document,
    people: &str,
) -> Result<BTreeSet<String>, TenantError> {
    let targets = words(&authentication_methods::TARGETS, document)?;
    let methods = known_methods(methods)?;
    let configurations = methods.iter().flat_map(|method| method.spec().configurations);
    let on = configurations.copied().filter(|id| authentication_methods::is_on(document, id).unwrap_or_default());
    let needed =
        on.filter(|id| !targets.contains(&authentication_methods::target_word(id, authentication_methods::ALL_USERS)));
    Ok(needed
        .map(|id| authentication_methods::target_word(id, people))
        .filter(|word| !targets.contains(word))
        .collect())
}

/// Trouble with a document whose shape is new.
#[must_use]
pub fn not_understood(surface: Surface, misshapen: &DecodeError) -> TenantError {
    TenantError::new(
        TenantErrorKind::UnexpectedResponse,
        format!("{} has an unknown shape: {misshapen}", surface.name()),
    )
    .hint("nothing is planned for it; report the key and its value, so that the tool can learn the new shape")
}
