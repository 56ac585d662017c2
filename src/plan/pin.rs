//! Group names become group ids, and every group is seen to exist and to be fit for a scope, before anything is compared.

use std::collections::BTreeMap;

use crate::base::finding::{Finding, Severity};
use crate::base::ids::ObjectId;
use crate::base::value::Value;
use crate::catalog::desired::Wish;
use crate::catalog::scope;
use crate::policy::codes::Code;
use crate::tenant::group::{Group, GroupQuery};
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::Surface;
use crate::tenant::trouble::Trouble;

const GROUP_NOT_FOUND: &str = "group-not-found";
const GROUP_AMBIGUOUS: &str = "group-ambiguous";
const GROUP_NOT_SECURITY: &str = "group-not-security";

/// What only the tenant's directory can tell about a policy.
pub const CODES: &[Code] = &[
    Code {
        code: GROUP_NOT_FOUND,
        severity: Severity::Error,
        means: "The tenant has no group with the name or id in `scope.group`.",
        fix: "Create the group first, or correct its name. A group made seconds ago may not be found yet.",
        example: None,
    },
    Code {
        code: GROUP_AMBIGUOUS,
        severity: Severity::Error,
        means: "The tenant has several groups with the name in `scope.group`. Names need not be unique.",
        fix: "Write the object id of the one that is meant.",
        example: Some("scope:\n  users: selected\n  group: b6cdb9c3-d660-4558-bcfd-82c14a986b56"),
    },
    Code {
        code: GROUP_NOT_SECURITY,
        severity: Severity::Error,
        means: "The group in `scope.group` is not security-enabled, so it cannot decide who may do something.",
        fix: "Name a security group.",
        example: None,
    },
];

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

/// The display name of every group that was seen: those looked up, and the tenant's own scope, which the portal names.
#[must_use]
pub fn names(snapshot: &Snapshot) -> BTreeMap<ObjectId, String> {
    let found = snapshot.groups.values().filter_map(|found| found.as_ref().ok()).flatten();
    let mut names: BTreeMap<_, _> = found.map(|group| (group.id, group.name.clone())).collect();
    if let Some(Ok(document)) = snapshot.documents.get(&Surface::PasswordReset)
        && let Some((id, name)) = scope::group_name(document)
    {
        names.entry(id).or_insert(name);
    }
    names
}
