//! The API of the Entra portal, which is everything below `/api`.
//!
//! A new endpoint is one variant of `Endpoint`, one row of `ROUTES` and one arm of `handle`.

mod directory;
mod errors;
pub(crate) mod on_premises;
pub(crate) mod password_reset;
pub(crate) mod questions;

use axum::http::{Method, StatusCode};
use uuid::Uuid;

use crate::http::message::{Answer, Caller, Reply, Request};
use crate::oauth::token::{self, Audience, Claims};
use crate::state::role::Role;
use crate::state::tenant::Tenant;

/// The roles that may read the password reset policy.
const READERS: [Role; 7] = [
    Role::GlobalAdministrator,
    Role::AuthenticationPolicyAdministrator,
    Role::HybridIdentityAdministrator,
    Role::GlobalReader,
    Role::SecurityReader,
    Role::SecurityAdministrator,
    Role::UserAdministrator,
];
/// The roles that may change it.
const WRITERS: [Role; 2] = [Role::GlobalAdministrator, Role::AuthenticationPolicyAdministrator];
/// The roles that may read on-premises settings.
const ON_PREMISES_READERS: [Role; 4] = [
    Role::GlobalAdministrator,
    Role::HybridIdentityAdministrator,
    Role::AuthenticationPolicyAdministrator,
    Role::GlobalReader,
];
/// The roles that may change them.
const ON_PREMISES_WRITERS: [Role; 2] = [Role::GlobalAdministrator, Role::HybridIdentityAdministrator];

/// The documents of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    PasswordReset,
    OnPremises,
    OnPremisesAvailable,
    WritebackStatus,
    ConditionalAccessInfo,
    AdConnectStatus,
    PasswordSyncStatus,
    Properties,
    Skus,
    RoleIds,
}

const ROUTES: [(&str, Endpoint); 10] = [
    ("passwordreset/passwordresetpolicies", Endpoint::PasswordReset),
    ("passwordreset/onpremisespasswordresetpolicies", Endpoint::OnPremises),
    ("passwordreset/isonpremisespasswordresetavailable", Endpoint::OnPremisesAvailable),
    ("passwordreset/checkwritebackconnectivitystatus", Endpoint::WritebackStatus),
    ("passwordreset/listconditionalaccesspolicyinfo", Endpoint::ConditionalAccessInfo),
    ("directories/adconnectstatus", Endpoint::AdConnectStatus),
    ("directories/getpasswordsyncstatus", Endpoint::PasswordSyncStatus),
    ("directories/properties", Endpoint::Properties),
    ("tenantskuinfo", Endpoint::Skus),
    ("permissions/getusersystemroletemplateids", Endpoint::RoleIds),
];

/// Finds the endpoint of a request. Paths match in any casing, as in ASP.NET.
pub(super) fn route(request: &Request) -> Result<Endpoint, Reply> {
    let path = request.segments.iter().skip(1).map(|part| part.to_ascii_lowercase()).collect::<Vec<_>>().join("/");
    let found = ROUTES.into_iter().find(|(known, _)| *known == path).map(|(_, endpoint)| endpoint);
    let endpoint = found.ok_or_else(|| errors::unknown_route(request))?;
    let writable = matches!(endpoint, Endpoint::PasswordReset | Endpoint::OnPremises);
    match request.method {
        Method::GET => Ok(endpoint),
        Method::PUT if writable => Ok(endpoint),
        _ => Err(errors::method_not_allowed(request, if writable { "GET,PUT" } else { "GET" })),
    }
}

/// The caller of a request. `expired` treats a valid token as an expired one.
pub(super) fn authenticate(request: &Request, expired: bool) -> Result<Caller, Reply> {
    let claims: Claims = request.bearer_token().and_then(token::decode).ok_or_else(errors::not_authenticated)?;
    if !Audience::Portal.accepts(&claims.aud) || claims.idtyp.as_deref() == Some("app") {
        return Err(errors::not_authenticated());
    }
    let caller = Caller {
        tenant: claims.tid,
        object: claims.oid,
        client: claims.appid,
        name: claims.name,
        upn: claims.upn,
        wids: claims.wids,
        scopes: claims.scp.iter().flat_map(|scp| scp.split(' ')).map(str::to_owned).collect(),
        app: false,
    };
    let id = request.header("x-ms-client-request-id").and_then(|id| Uuid::parse_str(id).ok());
    if id.is_none() {
        return Err(errors::missing_request_id(request, &caller));
    }
    if expired || claims.exp <= request.now.as_second() {
        return Err(errors::expired_token(request, &caller));
    }
    Ok(caller)
}

/// The reply if the token's tenant does not exist.
pub(super) fn unknown_tenant() -> Reply {
    errors::not_authenticated()
}

/// Answers a request of an authenticated caller.
pub(super) fn handle(endpoint: Endpoint, request: &Request, caller: &Caller, tenant: &mut Tenant) -> Answer {
    if request.is_write() && !request.has_json_body() {
        return Err(errors::unsupported_media_type(request));
    }
    match endpoint {
        Endpoint::PasswordReset if request.is_write() => write_policy(request, caller, tenant),
        Endpoint::PasswordReset => read_policy(request, caller, tenant),
        Endpoint::OnPremises if request.is_write() => write_on_premises(request, caller, tenant),
        Endpoint::OnPremises => {
            authorize_on_premises(request, caller, tenant, &ON_PREMISES_READERS, "Get")?;
            Ok(Reply::json(StatusCode::OK, tenant.on_premises.text()))
        }
        Endpoint::WritebackStatus => {
            if !tenant.licence.has_premium() || !caller.has_any_role(&ON_PREMISES_READERS) {
                return Err(Reply::empty(StatusCode::FORBIDDEN));
            }
            Ok(Reply::value(StatusCode::OK, &on_premises::writeback_status(tenant)))
        }
        Endpoint::OnPremisesAvailable => Ok(boolean(on_premises::available(tenant))),
        Endpoint::PasswordSyncStatus => Ok(boolean(tenant.sync.password_hashes)),
        Endpoint::ConditionalAccessInfo => Ok(Reply::json(StatusCode::OK, "[]")),
        Endpoint::AdConnectStatus => Ok(Reply::value(StatusCode::OK, &directory::ad_connect_status(tenant))),
        Endpoint::Properties => Ok(Reply::value(StatusCode::OK, &directory::properties(tenant))),
        Endpoint::Skus => Ok(Reply::value(StatusCode::OK, &directory::skus(tenant))),
        Endpoint::RoleIds => Ok(Reply::value(StatusCode::OK, &serde_json::json!(caller.wids))),
    }
}

/// Adds the headers that every reply of the portal has.
pub(super) fn add_headers(request: &Request, reply: Reply) -> Reply {
    let sent = request.header("x-ms-correlation-id").and_then(|id| Uuid::parse_str(id).ok());
    let correlation = sent.unwrap_or_else(Uuid::new_v4).to_string();
    reply
        .with_header("cache-control", "no-cache, no-store, must-revalidate")
        .with_header("vary", "Accept-Encoding")
        .with_header("x-content-type-options", "nosniff")
        .with_header("x-xss-protection", "1; mode=block")
        .with_header("x-ua-compatible", "IE=Edge")
        .with_header("strict-transport-security", "max-age=31536000; includeSubDomains")
        .with_header(
            "access-control-expose-headers",
            "x-ms-correlation-id,x-ms-operation-maturity,x-ms-expected-duration",
        )
        .with_header("x-ms-version", "1.0")
        .with_header("x-ms-operation-maturity", "Stable")
        .with_header("x-ms-expected-duration", "0")
        .with_header("x-ms-correlation-id", correlation)
}

fn boolean(answer: bool) -> Reply {
    Reply::json(StatusCode::OK, answer.to_string())
}

fn read_policy(request: &Request, caller: &Caller, tenant: &Tenant) -> Answer {
    if !caller.has_any_role(&READERS) {
        return Err(errors::missing_role(request, caller));
    }
    let with_group_name =
        request.query_option("getPasswordResetEnabledGroup").is_some_and(|flag| flag.eq_ignore_ascii_case("true"));
    Ok(Reply::json(StatusCode::OK, password_reset::read(tenant, with_group_name)))
}

fn write_policy(request: &Request, caller: &Caller, tenant: &mut Tenant) -> Answer {
    if !caller.has_any_role(&WRITERS) {
        return Err(errors::missing_role(request, caller));
    }
    let without_count_check =
        request.query_option("byPassMethodCountCheck").is_some_and(|flag| flag.eq_ignore_ascii_case("true"));
    let bound = password_reset::bind(&request.body, tenant);
    let policy = bound.map_err(|message| errors::invalid_value(request, caller, &message))?;
    if !tenant.licence.allows_reset() && policy.read::<i64>("enablementType") != Some(0) {
        return Err(errors::feature_not_available(request, caller, "Update password reset policy forbidden"));
    }
    password_reset::check(&policy, tenant, without_count_check)
        .map_err(|message| errors::invalid_value(request, caller, &message))?;
    tenant.password_reset = policy;
    Ok(boolean(true))
}

fn write_on_premises(request: &Request, caller: &Caller, tenant: &mut Tenant) -> Answer {
    authorize_on_premises(request, caller, tenant, &ON_PREMISES_WRITERS, "Update")?;
    on_premises::write(&request.body, tenant).map_err(|message| errors::invalid_value(request, caller, &message))?;
    Ok(boolean(true))
}

/// The service does not say whether the role or the licence is missing.
fn authorize_on_premises(
    request: &Request,
    caller: &Caller,
    tenant: &Tenant,
    roles: &[Role],
    verb: &str,
) -> Result<(), Reply> {
    if tenant.licence.has_premium() && caller.has_any_role(roles) {
        return Ok(());
    }
    Err(errors::feature_not_available(request, caller, &format!("{verb} on premises password reset policy forbidden")))
}
