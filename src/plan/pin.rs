//! Group names become group ids, and every group is seen to exist and to be fit for a scope, before anything is compared.

use std::collections::BTreeMap;

use crate::base::finding::Finding;
use crate::base::ids::ObjectId;
use crate::base::value::Value;
use crate::catalog::desired::Wish;
use crate::tenant::group::{Group, GroupQuery};
use crate::tenant::snapshot::Snapshot;
use crate::tenant::trouble::Trouble;

/// No group has that name or id.
pub const GROUP_NOT_FOUND: &str = "group-not-found";
/// Several groups have that name.
pub const GROUP_AMBIGUOUS: &str = "group-ambiguous";
/// The group cannot guard access.
pub const GROUP_NOT_SECURITY: &str = "group-not-security";

/// Why a group could not be pinned.
pub(crate) enum Unpinned {
    /// The policy names a group that will not do.
    Wrong(Box<Finding>),
    /// The directory could not be asked.
    Unknown(Trouble),
}

/// The wish's value with its group pinned to an id. Values without a group are passed on.
pub(crate) fn pin(wish: &Wish, snapshot: &Snapshot) -> Result<Value, Unpinned> {
    let query = match &wish.value {
        Value::Group(id) => GroupQuery::Id(*id),
        Value::GroupName(name) => GroupQuery::Name(name.clone()),
        other => return Ok(other.clone()),
    };
    match snapshot.groups.get(&query) {
        Some(Ok(groups)) => one_fit_group(wish, &query, groups).map_err(Unpinned::Wrong),
        Some(Err(trouble)) => Err(Unpinned::Unknown(trouble.clone())),
        None => Err(Unpinned::Unknown(not_looked_up())),
    }
}

fn one_fit_group(wish: &Wish, query: &GroupQuery, groups: &[Group]) -> Result<Value, Box<Finding>> {
    let called = match query {
        GroupQuery::Id(id) => format!("with the id {id}"),
        GroupQuery::Name(name) => format!("called `{name}`"),
    };
    let (code, message, says, hint) = match groups {
        [group] if group.security_enabled => return Ok(Value::Group(group.id)),
        [group] => (
            GROUP_NOT_SECURITY,
            format!("the group {called} is not a security group, so it cannot be a scope ({})", group.id),
            "not a security group",
            "name a security group, or make this one security-enabled".to_owned(),
        ),
        [] => (
            GROUP_NOT_FOUND,
            format!("the tenant has no group {called}"),
            "no such group",
            "create the group first, or correct its name; a group made seconds ago may not be found yet".to_owned(),
        ),
        several => (
            GROUP_AMBIGUOUS,
            format!("the tenant has several groups {called}"),
            "which one?",
            format!("write the object id instead, for example {}", ids(several)),
        ),
    };
    Err(Box::new(Finding::error(code, message).at(wish.place.clone(), says).hint(hint)))
}

fn ids(groups: &[Group]) -> String {
    groups.iter().map(|group| group.id.to_string()).collect::<Vec<_>>().join(" or ")
}

fn not_looked_up() -> Trouble {
    Trouble::new(crate::tenant::trouble::TroubleKind::NotFound, "the group was not looked up")
}

/// The display name of every group that was seen.
pub(crate) fn names(snapshot: &Snapshot) -> BTreeMap<ObjectId, String> {
    let found = snapshot.groups.values().filter_map(|found| found.as_ref().ok()).flatten();
    found.map(|group| (group.id, group.name.clone())).collect()
}
