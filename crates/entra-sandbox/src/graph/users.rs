//! `/users`: the accounts of the directory, as many as the registration report has.

use serde_json::{Map, Value, json};

use super::errors::{self, require_get};
use super::query::{self, ComputedCollection};
use crate::http::message::{Answer, Caller, Request};
use crate::state::registration::RegistrationReport;
use crate::state::tenant::Tenant;

const READ: [&str; 4] = ["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
const PROPERTIES: [&str; 8] = [
    "id",
    "userPrincipalName",
    "displayName",
    "userType",
    "department",
    "accountEnabled",
    "onPremisesSyncEnabled",
    "externalUserState",
];
const FILTERS: [(&str, &str); 3] =
    [("userPrincipalName", "eq startswith"), ("accountEnabled", "eq"), ("onPremisesSyncEnabled", "eq")];

pub(super) fn handle(request: &Request, caller: &Caller, tenant: &Tenant) -> Answer {
    require_get(request)?;
    if !caller.has_any_scope(&READ) {
        return Err(errors::insufficient_privileges(request));
    }
    if let Some(segment) = request.segments.get(2) {
        return Err(errors::unknown_segment(request, segment));
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

/// The given properties of a user.
fn user_json(report: &RegistrationReport<'_>, index: u32, names: &[&str]) -> Value {
    let user = report.user(index);
    let (id, upn, name) = report.identity(index);
    let value = |property: &str| match property {
        "id" => json!(id),
        // A guest's account is in another tenant, which its sign-in name shows.
        "userPrincipalName" if user.guest => {
            json!(format!("{}#EXT#@{}", name.to_lowercase().replace(' ', "."), report.domain()))
        }
        "userPrincipalName" => json!(upn),
        "displayName" => json!(name),
        "userType" => json!(if user.guest { "Guest" } else { "Member" }),
        "department" => json!(report.department(index)),
        "accountEnabled" => json!(true),
        "onPremisesSyncEnabled" => json!(user.synchronised.then_some(true)),
        _ => json!(user.guest.then_some("Accepted")),
    };
    Value::Object(names.iter().map(|name| ((*name).to_owned(), value(name))).collect::<Map<_, _>>())
}
