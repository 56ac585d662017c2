//! `/reports/authenticationMethods`: which methods users have registered.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::errors::{self, require_get};
use super::query::{self, ComputedCollection};
use super::reply;
use crate::http::message::{Answer, Caller, Reply, Request};
use crate::methods::REPORTED_METHODS;
use crate::state::registration::{NO_METHOD, RegistrationReport, UserRegistration};
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
/// The name of a feature, and whether a user has it.
type Feature = (&'static str, fn(&UserRegistration) -> bool);
const FEATURES: [Feature; 5] = [
    ("ssprRegistered", |user| user.registered),
    ("ssprEnabled", |user| user.enabled),
    ("ssprCapable", UserRegistration::is_capable),
    ("passwordlessCapable", UserRegistration::is_passwordless),
    ("mfaCapable", UserRegistration::has_second_factor),
];

pub(super) fn handle(request: &Request, caller: &Caller, tenant: &Tenant) -> Answer {
    require_get(request)?;
    if !caller.has_any_scope(&READ) || !(caller.app || caller.has_any_role(&READERS)) {
        return Err(errors::insufficient_privileges(request));
    }
    if !tenant.licence.has_premium() {
        return Err(errors::missing_licence(request));
    }
    let tail: Vec<&str> = request.segments.iter().skip(3).map(String::as_str).collect();
    let is = |name: &str, wanted: &str| name.eq_ignore_ascii_case(wanted);
    match tail.as_slice() {
        [list] if is(list, "userRegistrationDetails") => details_page(request, tenant),
        [list, id] if is(list, "userRegistrationDetails") => single_details(request, tenant, id),
        [function] => summary(request, caller, tenant, function),
        [_, other, ..] => Err(errors::unknown_segment(request, other)),
        [] => Err(errors::unknown_segment(request, "")),
    }
}

fn details_page(request: &Request, tenant: &Tenant) -> Answer {
    query::allow_options(request, &["$filter", "$orderby", "$top", "$select", "$skiptoken"])?;
    query::allow_filters(request, &FILTERS)?;
    let by_name = request.query_option("$orderby").is_some_and(|order| order.starts_with("userDisplayName"));
    let report = RegistrationReport::new(tenant, by_name);
    let all = ComputedCollection {
        context: "reports/authenticationMethods/userRegistrationDetails",
        kind: "microsoft.graph.userRegistrationDetails",
        properties: &PROPERTIES,
        orders: &["userPrincipalName", "userDisplayName"],
        count: report.user_count(),
    };
    query::computed_page(request, &all, |index, names| details_json(request, &report, index, names))
}

fn single_details(request: &Request, tenant: &Tenant, id: &str) -> Answer {
    query::allow_options(request, &["$select"])?;
    let report = RegistrationReport::new(tenant, false);
    let index = Uuid::parse_str(id)
        .ok()
        .and_then(|id| report.index_of(id))
        .ok_or_else(|| errors::unknown_object(request, id))?;
    let what = "reports/authenticationMethods/userRegistrationDetails";
    Ok(reply::entity(request, what, details_json(request, &report, index, &PROPERTIES)))
}

/// The given properties of a user.
fn details_json(request: &Request, report: &RegistrationReport<'_>, index: u32, names: &[&str]) -> Value {
    let user = report.user(index);
    let identity = names.iter().any(|name| matches!(*name, "id" | "userPrincipalName" | "userDisplayName"));
    let (id, upn, name) = if identity { report.identity(index) } else { Default::default() };
    let preferred = user.preferred_method();
    let value = |property: &str| match property {
        "id" => json!(id),
        "userPrincipalName" => json!(upn),
        "userDisplayName" => json!(name),
        "userType" => json!(if user.guest { "guest" } else { "member" }),
        "isAdmin" => json!(user.admin),
        "isSsprRegistered" => json!(user.registered),
        "isSsprEnabled" => json!(user.enabled),
        "isSsprCapable" => json!(user.is_capable()),
        "isMfaRegistered" | "isMfaCapable" => json!(user.has_second_factor()),
        "isPasswordlessCapable" => json!(user.is_passwordless()),
        "methodsRegistered" => json!(user.methods().collect::<Vec<_>>()),
        "isSystemPreferredAuthenticationMethodEnabled" => json!(true),
        "systemPreferredAuthenticationMethods" if preferred == NO_METHOD => json!([]),
        "systemPreferredAuthenticationMethods" => json!([preferred]),
        "userPreferredMethodForSecondaryAuthentication" => json!(preferred),
        // The report is generated at night.
        _ => json!(request.now.strftime("%Y-%m-%dT00:47:21.4210000Z").to_string()),
    };
    Value::Object(names.iter().map(|name| ((*name).to_owned(), value(name))).collect())
}

/// `usersRegisteredByFeature` and `usersRegisteredByMethod`, with both of their arguments or without.
fn summary(request: &Request, caller: &Caller, tenant: &Tenant, function: &str) -> Answer {
    let (name, arguments) = function.split_once('(').unwrap_or((function, ")"));
    let unknown = || errors::unknown_segment(request, function);
    let by_feature = match name.to_ascii_lowercase().as_str() {
        "usersregisteredbyfeature" => true,
        "usersregisteredbymethod" => false,
        _ => return Err(unknown()),
    };
    // No application permission is documented for these two.
    if caller.app {
        return Err(errors::insufficient_privileges(request));
    }
    let arguments = arguments.strip_suffix(')').ok_or_else(unknown)?;
    let argument = |name: &str| {
        let found = arguments.split(',').filter_map(|pair| pair.trim().split_once('='));
        let mut found = found.filter(|(key, _)| *key == name).map(|(_, value)| value.trim_matches('\'').to_owned());
        found.next().unwrap_or_else(|| "all".to_owned())
    };
    let (types, roles) = (argument("includedUserTypes"), argument("includedUserRoles"));
    require_word(request, &types, &["all", "member", "guest"])?;
    require_word(request, &roles, &["all", "privilegedAdmin", "admin", "user"])?;
    let counted = |user: &UserRegistration| {
        let kind = if user.guest { "guest" } else { "member" };
        let role = if user.admin { roles == "admin" || roles == "privilegedAdmin" } else { roles == "user" };
        (types == "all" || types == kind) && (roles == "all" || role)
    };
    let report = RegistrationReport::new(tenant, false);
    let names: Vec<&str> = match by_feature {
        true => FEATURES.iter().map(|(name, _)| *name).collect(),
        false => REPORTED_METHODS.iter().map(|method| method.name).collect(),
    };
    let (mut total, mut counts) = (0_u32, vec![0_u32; names.len()]);
    for user in (0..report.user_count()).map(|index| report.user(index)).filter(counted) {
        total += 1;
        if by_feature {
            counts.iter_mut().zip(FEATURES).for_each(|(count, (_, has))| *count += u32::from(has(&user)));
        } else {
            let own: Vec<&str> = user.methods().collect();
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

fn require_word(request: &Request, value: &str, members: &[&str]) -> Result<(), Reply> {
    if members.contains(&value) {
        return Ok(());
    }
    Err(errors::bad_request(request, &format!("Invalid value '{value}'; values are {}.", members.join(", "))))
}
