//! Resolves the names of groups and locations in a policy to those of the tenant, before anything is compared. Each must
//! exist and fit its use.

use std::collections::BTreeMap;

use crate::base::finding::{Finding, Severity};
use crate::base::ids::ObjectId;
use crate::base::source::Place;
use crate::base::value::Value;
use crate::catalog::desired::{DesiredSetting, group_queries, group_query};
use crate::catalog::scope;
use crate::catalog::setting::ValueKind;
use crate::plan::named_locations;
use crate::plan::named_locations::ReferenceError;
use crate::policy::codes::FindingCode;
use crate::tenant::error::TenantError;
use crate::tenant::group::{Group, GroupQuery};
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::Surface;

const GROUP_NOT_FOUND: &str = "group-not-found";
const GROUP_AMBIGUOUS: &str = "group-ambiguous";
const GROUP_NOT_SECURITY: &str = "group-not-security";

/// The findings about the groups of a policy, which need the tenant's directory.
pub(crate) const CODES: &[FindingCode] = &[
    FindingCode {
        code: GROUP_NOT_FOUND,
        severity: Severity::Error,
        means: "The tenant has no group with the name or id that the policy names.",
        fix: "Create the group first, or correct its name. A group made seconds ago may not be found yet.",
        example: None,
    },
    FindingCode {
        code: GROUP_AMBIGUOUS,
        severity: Severity::Error,
        means: "The tenant has several groups with a name that the policy uses. Names need not be unique.",
        fix: "Write the object id of the one that is meant.",
        example: Some("scope:\n  users: selected\n  group: b6cdb9c3-d660-4558-bcfd-82c14a986b56"),
    },
    FindingCode {
        code: GROUP_NOT_SECURITY,
        severity: Severity::Error,
        means: "The group in `scope.group` is not security-enabled, so it cannot decide who may do something.",
        fix: "Name a security group.",
        example: None,
    },
];

/// The desired value with the ids of its groups and the tenant's own names of its locations. Other values are
/// returned as they are.
pub(crate) fn resolve_references(
    desired_setting: &DesiredSetting,
    snapshot: &Snapshot,
) -> Result<Value, ReferenceError> {
    match &desired_setting.value {
        Value::Group(_) | Value::GroupName(_) => {
            let query = group_queries(&desired_setting.value).pop();
            let query = query.ok_or_else(|| ReferenceError::Unavailable(not_queried()))?;
            let guards = desired_setting.setting.name == scope::GROUP.name;
            find_group(&query, snapshot, guards, &desired_setting.place).map(Value::Group)
        }
        Value::GroupNames(names) => {
            let one =
                |name: &String| find_group(&group_query(name), snapshot, false, desired_setting.place_of_item(name));
            names.iter().map(one).collect::<Result<_, _>>().map(Value::Groups)
        }
        Value::Set(words) if desired_setting.setting.kind == ValueKind::Locations => {
            named_locations::resolve_locations(desired_setting, words, snapshot).map(Value::Set)
        }
        other => Ok(other.clone()),
    }
}

/// The one group that a query finds. `guards` says that the group decides who may do something, which only
/// a security group can.
fn find_group(
    query: &GroupQuery,
    snapshot: &Snapshot,
    guards: bool,
    place: &Place,
) -> Result<ObjectId, ReferenceError> {
    match snapshot.groups.get(query) {
        Some(Ok(groups)) => one_fit_group(query, groups, guards, place).map_err(ReferenceError::Invalid),
        Some(Err(error)) => Err(ReferenceError::Unavailable(error.clone())),
        None => Err(ReferenceError::Unavailable(not_queried())),
    }
}

fn one_fit_group(query: &GroupQuery, groups: &[Group], guards: bool, place: &Place) -> Result<ObjectId, Box<Finding>> {
    let called = match query {
        GroupQuery::Id(id) => format!("with the id {id}"),
        GroupQuery::Name(name) => format!("called `{name}`"),
    };
    let (code, message, says, hint) = match groups {
        [group] if group.security_enabled || !guards => return Ok(group.id),
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
    Err(Box::new(Finding::error(code, message).at(place.clone(), says).hint(hint)))
}

fn ids(groups: &[Group]) -> String {
    groups.iter().map(|group| group.id.to_string()).collect::<Vec<_>>().join(" or ")
}

fn not_queried() -> TenantError {
    TenantError::new(crate::tenant::error::TenantErrorKind::NotFound, "the group was not queried")
}

/// The display names of all groups that the snapshot has: those that were queried, and the group of the tenant's scope,
/// which the portal names.
#[must_use]
pub(crate) fn names(snapshot: &Snapshot) -> BTreeMap<ObjectId, String> {
    let found = snapshot.groups.values().filter_map(|found| found.as_ref().ok()).flatten();
    let mut names: BTreeMap<_, _> = found.map(|group| (group.id, group.name.clone())).collect();
    if let Some(Ok(document)) = snapshot.documents.get(&Surface::PasswordReset)
        && let Some((id, name)) = scope::group_name(document)
    {
        names.entry(id).or_insert(name);
    }
    names
}
