//! What distinguishes the two collections.

use serde_json::{Map, Value};

use crate::state::tenant::Tenant;

/// The object after a POST or a PATCH: of the old one, if there is any, and what was sent.
pub(super) type Build = fn(Option<&Value>, Map<String, Value>, &Tenant) -> Result<Value, String>;

/// One of the two collections.
#[derive(Clone, Copy)]
pub(super) struct ObjectCollection {
    /// After `$metadata#`.
    pub(super) context: &'static str,
    /// The type of its members, in messages.
    pub(super) kind: &'static str,
    /// What can be selected.
    pub(super) properties: &'static [&'static str],
    /// Every scope that creating and changing takes; deleting takes the first two.
    pub(super) scopes: &'static [&'static str],
    /// What the audit log calls a member.
    pub(super) audit_name: &'static str,
    /// What the audit log calls adding, changing and deleting one.
    pub(super) activities: [&'static str; 3],
    /// Where a tenant keeps it.
    pub(super) objects: fn(&mut Tenant) -> &mut Vec<Value>,
    /// How a member is build or changed.
    pub(super) build: Build,
    /// Why a member cannot go.
    pub(super) deletion_error: fn(&Value, &Tenant) -> Option<String>,
}
