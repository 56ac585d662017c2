//! `/reports/authenticationMethods`: who has registered what.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::errors::{self, only_get};
use super::query::{self, ComputedCollection};
use super::reply;
use crate::http::message::{Answer, Caller, Reply, Request};
use crate::methods::REPORTED_METHODS;
use crate::state::registration::{RegistrationReport, UserRegistration};
use crate::state::role::Role;
use crate::state::tenant::Tenant;

const READ: [&str; 1] = ["AuditLog.Read.All"];
const READERS: [Role; 5] = [
    Role::GlobalAdministrator,
    Role::GlobalReader,
    Role::ReportsReader,
    Role::SecurityReader,
    Role::SecurityAdministrator,
];
const PROPERTIES: [&str; 16] = [
    "id",
    "userPrincipalName",
    "userDisplayName",
    "userType",
    "isAdmin",
    "isSsprRegistered",
    "isSsprEnabled",
    "isSsprCapable",
    "isMfaRegistered",
    "isMfaCapable",
    "isPasswordlessCapable",
    "methodsRegistered",
    "isSystemPreferredAuthenticationMethodEnabled",
    "systemPreferredAuthenticationMethods",
    "userPreferredMethodForSecondaryAuthentication",
    "lastUpdatedDateTime",
];
const FILTERS: [(&str, &str); 10] = [
    ("userPrincipalName", "eq startswith"),
    ("userDisplayName", "eq startswith"),
    ("isAdmin", "eq"),
    ("isSsprRegistered", "eq"),
    ("isSsprEnabled", "eq"),
    ("isSsprCapable", "eq"),
    ("isMfaRegistered", "eq"),
    ("isMfaCapable", "eq"),
    ("isPasswordlessCapable", "eq"),
    ("methodsRegistered", "any"),
];
/// A feature's name, and whether a user has it.
type Feature = (&'static str, fn(&UserRegistration) -> bool);
const FEATURES: [Feature; 5] = [
    ("ssprRegistered", |facts| facts.registered),
    ("ssprEnabled", |facts| facts.enabled),
    ("ssprCapable", UserRegistration::capable),
    ("passwordlessCapable", UserRegistration::passwordless),
    ("mfaCapable", UserRegistration::second_factor),
];

pub(super) fn handle(request: &Request, caller: &Caller, tenant: &Tenant) -> Answer {
    only_get(request)?;
    if !caller.granted(&READ) || !(caller.app || caller.holds(&READERS)) {
        return Err(errors::denied(request));
    }
    if !tenant.licence.premium() {
        return Err(errors::not_premium(request));
    }
    let tail: Vec<&str> = request.segments.iter().skip(3).map(String::as_str).collect();
    let is = |name: &str, wanted: &str| name.eq_ignore_ascii_case(wanted);
    match tail.as_slice() {
        [list] if is(list, "userRegistrationDetails") => list_details(request, tenant),
        [list, id] if is(list, "userRegistrationDetails") => one(request, tenant, id),
        [function] => summary(request, caller, tenant, function),
        [_, other, ..] => Err(errors::no_segment(request, other)),
        [] => Err(errors::no_segment(request, "")),
    }
}

fn list_details(request: &Request, tenant: &Tenant) -> Answer {
    query::only(request, &["$filter", "$orderby", "$top", "$select", "$skiptoken"])?;
    query::filters(request, &FILTERS)?;
    let by_name = request.option("$orderby").is_some_and(|order| order.starts_with("userDisplayName"));
    let sheet = RegistrationReport::of(tenant, by_name);
    let all = ComputedCollection {
        context: "reports/authenticationMethods/userRegistrationDetails",
        kind: "microsoft.graph.userRegistrationDetails",
        properties: &PROPERTIES,
        orders: &["userPrincipalName", "userDisplayName"],
        count: sheet.count(),
    };
    query::computed(request, &all, |index, names| details(request, &sheet, index, names))
}

fn one(request: &Request, tenant: &Tenant, id: &str) -> Answer {
    query::only(request, &["$select"])?;
    let sheet = RegistrationReport::of(tenant, false);
    let index = Uuid::parse_str(id).ok().and_then(|id| sheet.find(id)).ok_or_else(|| errors::no_object(request, id))?;
    let what = "reports/authenticationMethods/userRegistrationDetails";
    let shown = details(request, &sheet, index, &PROPERTIES).to_string();
    Ok(reply::entity(request, reply::version(request), what, &shown))
}

/// These properties of a user.
fn details(request: &Request, sheet: &RegistrationReport<'_>, index: u32, names: &[&str]) -> Value {
    let facts = sheet.facts(index);
    let identity = names.iter().any(|name| matches!(*name, "id" | "userPrincipalName" | "userDisplayName"));
    let (id, upn, name) = if identity { sheet.named(index) } else { Default::default() };
    let preferred = facts.preferred();
    let value = |property: &str| match property {
        "id" => json!(id),
        "userPrincipalName" => json!(upn),
        "userDisplayName" => json!(name),
        "userType" => json!(if facts.guest { "guest" } else { "member" }),
        "isAdmin" => json!(facts.admin),
        "isSsprRegistered" => json!(facts.registered),
        "isSsprEnabled" => json!(facts.enabled),
        "isSsprCapable" => json!(facts.capable()),
        "isMfaRegistered" | "isMfaCapable" => json!(facts.second_factor()),
        "isPasswordlessCapable" => json!(facts.passwordless()),
        "methodsRegistered" => json!(facts.methods().collect::<Vec<_>>()),
        "isSystemPreferredAuthenticationMethodEnabled" => json!(true),
        "systemPreferredAuthenticationMethods" if preferred.is_empty() => json!([]),
        "systemPreferredAuthenticationMethods" => json!([preferred]),
        "userPreferredMethodForSecondaryAuthentication" => json!(preferred),
        // The report is made at night.
        _ => json!(request.now.strftime("%Y-%m-%dT00:47:21.4210000Z").to_string()),
    };
    Value::Object(names.iter().map(|name| ((*name).to_owned(), value(name))).collect())
}

/// `usersRegisteredByFeature` and `usersRegisteredByMethod`, bare or with both of their arguments.
fn summary(request: &Request, caller: &Caller, tenant: &Tenant, function: &str) -> Answer {
    let (name, arguments) = function.split_once('(').unwrap_or((function, ")"));
    let unknown = || errors::no_segment(request, function);
    let by_feature = match name.to_ascii_lowercase().as_str() {
        "usersregisteredbyfeature" => true,
        "usersregisteredbymethod" => false,
        _ => return Err(unknown()),
    };
    // No application permission is documented for the two.
    if caller.app {
        return Err(errors::denied(request));
    }
    let arguments = arguments.strip_suffix(')').ok_or_else(unknown)?;
    let argument = |name: &str| {
        let found = arguments.split(',').filter_map(|pair| pair.trim().split_once('='));
        let mut found = found.filter(|(key, _)| *key == name).map(|(_, value)| value.trim_matches('\'').to_owned());
        found.next().unwrap_or_else(|| "all".to_owned())
    };
    let (types, roles) = (argument("includedUserTypes"), argument("includedUserRoles"));
    check(request, &types, &["all", "member", "guest"])?;
    check(request, &roles, &["all", "privilegedAdmin", "admin", "user"])?;
    let counted = |facts: &UserRegistration| {
        let kind = if facts.guest { "guest" } else { "member" };
        let role = if facts.admin { roles == "admin" || roles == "privilegedAdmin" } else { roles == "user" };
        (types == "all" || types == kind) && (roles == "all" || role)
    };
    let sheet = RegistrationReport::of(tenant, false);
    let names: Vec<&str> = match by_feature {
        true => FEATURES.iter().map(|(name, _)| *name).collect(),
        false => REPORTED_METHODS.iter().map(|method| method.name).collect(),
    };
    let (mut total, mut counts) = (0_u32, vec![0_u32; names.len()]);
    for facts in (0..sheet.count()).map(|index| sheet.facts(index)).filter(counted) {
        total += 1;
        if by_feature {
            counts.iter_mut().zip(FEATURES).for_each(|(count, (_, has))| *count += u32::from(has(&facts)));
        } else {
            let own: Vec<&str> = facts.methods().collect();
            counts.iter_mut().zip(&names).for_each(|(count, name)| *count += u32::from(own.contains(name)));
        }
    }
    let (kind, list, key) = if by_feature {
        ("userRegistrationFeatureSummary", "userRegistrationFeatureCounts", "feature")
    } else {
        ("userRegistrationMethodSummary", "userRegistrationMethodCounts", "authenticationMethod")
    };
    let rows = names.iter().zip(counts).map(|(name, count)| json!({key: name, "userCount": count})).collect();
    let mut body = Map::new();
    let context = format!("{}/{}/$metadata#microsoft.graph.{kind}", request.base, reply::version(request));
    body.insert("@odata.context".to_owned(), json!(context));
    body.insert("totalUserCount".to_owned(), json!(total));
    body.insert("userTypes".to_owned(), json!(types));
    body.insert("userRoles".to_owned(), json!(roles));
    body.insert(list.to_owned(), Value::Array(rows));
    Ok(reply::json(Value::Object(body).to_string()))
}

fn check(request: &Request, value: &str, members: &[&str]) -> Result<(), Reply> {
    if members.contains(&value) {
        return Ok(());
    }
    Err(errors::bad_request(request, &format!("Invalid value '{value}'; values are {}.", members.join(", "))))
}
