//! The parts in which the two collections of Conditional Access differ.

use serde_json::{Map, Value};

use crate::state::tenant::Tenant;

/// Builds the object after a POST or a PATCH, from the old object, if there is one, and the body.
pub(super) type Build = fn(Option<&Value>, Map<String, Value>, &Tenant) -> Result<Value, String>;

#[derive(Clone, Copy)]
pub(super) struct ObjectCollection {
    /// The part of the context after `$metadata#`.
    pub(super) context: &'static str,
    /// The type of the members, which messages name.
    pub(super) kind: &'static str,
    /// The properties that can be selected.
    pub(super) properties: &'static [&'static str],
    /// The scopes that creating and changing require; deleting requires the first two.
    pub(super) scopes: &'static [&'static str],
    /// The name of a member in the audit log.
    pub(super) audit_name: &'static str,
    /// The activities in the audit log for adding, changing and deleting a member.
    pub(super) activities: [&'static str; 3],
    /// The objects of a tenant.
    pub(super) objects: fn(&mut Tenant) -> &mut Vec<Value>,
    pub(super) build: Build,
    /// Why a member cannot be deleted.
    pub(super) deletion_error: fn(&Value, &Tenant) -> Option<String>,
}
