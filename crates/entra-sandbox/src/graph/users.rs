//! `/users`: the accounts of the directory, as many as the registration report has, and what one of them is a member of.

use serde_json::{Map, Value, json};

use super::errors::{self, require_get};
use super::groups::group_reference;
use super::query::{self, Collection, ComputedCollection};
use crate::http::message::{Answer, Caller, Request};
use crate::state::registration::RegistrationReport;
use crate::state::role::Role;
use crate::state::tenant::Tenant;

const READ: [&str; 4] = ["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
const READ_MEMBERSHIPS: [&str; 7] = [
    "User.Read.All",
    "User.ReadWrite.All",
    "GroupMember.Read.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
/// Without one of these, of a directory role only type and id are shown.
const READ_ROLES: [&str; 4] =
    ["RoleManagement.Read.Directory", "RoleManagement.Read.All", "Directory.Read.All", "Directory.ReadWrite.All"];
const MEMBERSHIP_PROPERTIES: [&str; 3] = ["id", "displayName", "roleTemplateId"];
const PROPERTIES: [&str; 9] = [
    "id",
    "userPrincipalName",
    "displayName",
    "userType",
    "department",
    "country",
    "accountEnabled",
    "onPremisesSyncEnabled",
    "externalUserState",
];
const FILTERS: [(&str, &str); 3] =
    [("userPrincipalName", "eq startswith"), ("accountEnabled", "eq"), ("onPremisesSyncEnabled", "eq")];

pub(super) fn handle(request: &Request, caller: &Caller, tenant: &Tenant) -> Answer {
    require_get(request)?;
    let tail: Vec<&str> = request.segments.iter().skip(2).map(String::as_str).collect();
    match *tail.as_slice() {
        [] => list(request, caller, tenant),
        [key] => single(request, caller, tenant, key),
        [key, list] if list.eq_ignore_ascii_case("transitiveMemberOf") => memberships(request, caller, tenant, key),
        [_, other, ..] => Err(errors::unknown_segment(request, other)),
    }
}

fn list(request: &Request, caller: &Caller, tenant: &Tenant) -> Answer {
    if !caller.has_any_scope(&READ) {
        return Err(errors::insufficient_privileges(request));
    }
    query::allow_options(request, &["$filter", "$top", "$select", "$count", "$skiptoken"])?;
    query::allow_filters(request, &FILTERS)?;
    let report = RegistrationReport::with_joiners(tenant);
    let all = ComputedCollection {
        context: "users",
        kind: "microsoft.graph.user",
        properties: &PROPERTIES,
        orders: &[],
        count: report.user_count(),
    };
    query::computed_page(request, &all, |index, names| user_json(&report, index, names))
}

/// One user, by object id or by sign-in name.
fn single(request: &Request, caller: &Caller, tenant: &Tenant, key: &str) -> Answer {
    if !caller.has_any_scope(&READ) {
        return Err(errors::insufficient_privileges(request));
    }
    let report = RegistrationReport::with_joiners(tenant);
    let index = find(&report, key).ok_or_else(|| errors::unknown_object(request, key))?;
    let all =
        Collection { context: "users", kind: "microsoft.graph.user", properties: &PROPERTIES, objects: Vec::new() };
    query::single(request, &all, user_json(&report, index, &PROPERTIES))
}

/// The groups and directory roles of one user, at any depth.
fn memberships(request: &Request, caller: &Caller, tenant: &Tenant, key: &str) -> Answer {
    if !caller.has_any_scope(&READ_MEMBERSHIPS) {
        return Err(errors::insufficient_privileges(request));
    }
    let report = RegistrationReport::with_joiners(tenant);
    let index = find(&report, key).ok_or_else(|| errors::unknown_object(request, key))?;
    let (id, ..) = report.identity(index);
    let groups = tenant.groups.iter().filter(|group| tenant.transitive_members(group.id).contains(&id));
    let roles = tenant.accounts.iter().filter(|account| account.id == id).flat_map(|account| &account.roles);
    let shows_roles = caller.has_any_scope(&READ_ROLES);
    let roles = roles.map(|role| role_json(tenant, *role, shows_roles));
    let objects = groups.map(group_reference).chain(roles).collect();
    let context = "directoryObjects";
    let kind = "microsoft.graph.directoryObject";
    query::page(request, Collection { context, kind, properties: &MEMBERSHIP_PROPERTIES, objects })
}

/// A directory role. Its object id differs between tenants, that of its template does not.
fn role_json(tenant: &Tenant, role: Role, shown: bool) -> Value {
    let template = role.template_id();
    json!({
        "@odata.type": "#microsoft.graph.directoryRole",
        "id": uuid::Uuid::from_u128(template.as_u128() ^ tenant.id.as_u128()),
        "displayName": shown.then(|| format!("{role:?}")),
        "roleTemplateId": shown.then_some(template),
    })
}

/// The index of the user with this object id or sign-in name.
fn find(report: &RegistrationReport<'_>, key: &str) -> Option<u32> {
    let known = key.parse().ok().and_then(|id| report.index_of(id));
    let named = |index: &u32| sign_in_name(report, *index).eq_ignore_ascii_case(key);
    known.or_else(|| report.candidates(key).find(named))
}

/// A guest's account is in another tenant, which its sign-in name shows.
fn sign_in_name(report: &RegistrationReport<'_>, index: u32) -> String {
    let (_, upn, name) = report.identity(index);
    if report.user(index).guest {
        return format!("{}#EXT#@{}", name.to_lowercase().replace(' ', "."), report.domain());
    }
    upn
}

/// The given properties of a user.
fn user_json(report: &RegistrationReport<'_>, index: u32, names: &[&str]) -> Value {
    let user = report.user(index);
    let (id, _, name) = report.identity(index);
    let value = |property: &str| match property {
        "id" => json!(id),
        "userPrincipalName" => json!(sign_in_name(report, index)),
        "displayName" => json!(name),
        "userType" => json!(if user.guest { "Guest" } else { "Member" }),
        "department" => json!(report.department(index)),
        "country" => json!(report.country(index)),
        "accountEnabled" => json!(true),
        "onPremisesSyncEnabled" => json!(user.synchronised.then_some(true)),
        _ => json!(user.guest.then_some("Accepted")),
    };
    Value::Object(names.iter().map(|name| ((*name).to_owned(), value(name))).collect::<Map<_, _>>())
}
