//! Compares documents with the keys that were known when this program was built. Neither service promises us anything: the
//! portal's API is undocumented, and Microsoft Graph may add keys at any time. A new key passes through unchanged; a
//! document that lacks a required key, or has one of another type, is read but not written.

use serde_json::Value;

use crate::tenant::document::Document;
use crate::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use crate::tenant::known_keys::{JsonType, KnownKey};
use crate::tenant::managed_object;
use crate::tenant::surface::{Surface, WriteMode};

/// A key that was not known when this program was built.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnknownKey {
    /// The document that has the key.
    pub(crate) surface: Surface,
    /// The key on the wire: untrusted text.
    pub key: String,
    /// The type of its value.
    pub found: JsonType,
}

/// A key that is not as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaMismatch {
    /// What is known of the key.
    pub(crate) known: KnownKey,
    /// The type it has; `None` when it is missing.
    pub(crate) found: Option<JsonType>,
}

/// The keys of a document that are new, sorted. Annotations of the protocol and keys of our own are none.
#[must_use]
pub fn unknown_keys(surface: Surface, document: &Document) -> Vec<UnknownKey> {
    let ours = |key: &str| key.contains('@') || key.starts_with(managed_object::OWN);
    let new = document
        .entries()
        .filter(|(key, _)| !ours(key) && !surface.spec().known_keys.iter().any(|known| known.key == *key));
    let mut new: Vec<_> =
        new.map(|(key, raw)| UnknownKey { surface, key: key.to_owned(), found: JsonType::of_text(raw) }).collect();
    new.sort();
    new
}

/// The keys of a document that are not as they were.
#[must_use]
pub fn mismatches(surface: Surface, document: &Document) -> Vec<SchemaMismatch> {
    // What a tenant does not have yet has no shape.
    let absent = surface.write_mode() == WriteMode::ManagedObject && !managed_object::exists(document);
    let broken =
        surface.spec().known_keys.iter().filter(|_| !absent).filter(|known| known.needed).filter_map(|known| {
            let (entry, key) = known.key.split_once('.').unwrap_or((known.key, ""));
            let found = value(document, entry);
            let found = if key.is_empty() {
                found
            } else {
                // An entry that is no object is reported by its own row.
                let Value::Object(mut entry) = found? else { return None };
                entry.remove(key)
            };
            let found = found.as_ref().map(JsonType::of);
            let fits = found.is_some_and(|found| known.types.contains(&found));
            (!fits).then_some(SchemaMismatch { known: *known, found })
        });
    broken.collect()
}

/// Passes a document on that may be written.
///
/// # Errors
/// What is not as it was, in words that can be pasted into a report: names of keys and types, never a value.
pub fn writable(surface: Surface, document: &Document) -> Result<&Document, TenantError> {
    let broken = mismatches(surface, document);
    if broken.is_empty() {
        return Ok(document);
    }
    let described: Vec<_> = broken.iter().map(describe).collect();
    let message = format!(
        "{} has another shape than this version knows, and is not written: {}",
        surface.name(),
        described.join(", ")
    );
    Err(TenantError::new(TenantErrorKind::NoAccess(MissingAccess::UnknownShape(surface.service())), message)
        .hint("install a newer version; if there is none, report this line to the project: it names keys and types, and no value"))
}

fn describe(broken: &SchemaMismatch) -> String {
    let SchemaMismatch { known: KnownKey { key, types, .. }, found } = broken;
    let types = types.iter().map(|known| known.name()).collect::<Vec<_>>().join(" or ");
    match found {
        None => format!("`{key}` ({types}) is missing"),
        Some(found) => format!("`{key}` is {} instead of {types}", found.name()),
    }
}

/// The value of a key in any casing, as the services bind them.
fn value(document: &Document, key: &str) -> Option<Value> {
    let key = document.keys().find(|known| known.eq_ignore_ascii_case(key))?;
    serde_json::from_str(document.raw(key)?).ok()
}
