//! The Entra portal's own API, everything under `/api`.
//!
//! A new endpoint is one variant of `Endpoint`, one row of its table and one arm of `handle`.

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

/// Who may read the password reset policy.
const READERS: [Role; 7] = [
    Role::GlobalAdministrator,
    Role::AuthenticationPolicyAdministrator,
    Role::HybridIdentityAdministrator,
    Role::GlobalReader,
    Role::SecurityReader,
    Role::SecurityAdministrator,
    Role::UserAdministrator,
];
/// Who may write it.
const WRITERS: [Role; 2] = [Role::GlobalAdministrator, Role::AuthenticationPolicyAdministrator];
/// Who may read on-premises settings.
const ON_PREMISES_READERS: [Role; 4] = [
    Role::GlobalAdministrator,
    Role::HybridIdentityAdministrator,
    Role::AuthenticationPolicyAdministrator,
    Role::GlobalReader,
];
/// Who may write them.
const ON_PREMISES_WRITERS: [Role; 2] = [Role::GlobalAdministrator, Role::HybridIdentityAdministrator];

/// What a path under `/api` leads to.
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

/// Finds the endpoint; paths match in any casing, as ASP.NET does it.
pub(super) fn route(request: &Request) -> Result<Endpoint, Reply> {
    let path = request.segments.iter().skip(1).map(|part| part.to_ascii_lowercase()).collect::<Vec<_>>().join("/");
    let found = ROUTES.into_iter().find(|(known, _)| *known == path).map(|(_, endpoint)| endpoint);
    let endpoint = found.ok_or_else(|| errors::no_route(request))?;
    let writable = matches!(endpoint, Endpoint::PasswordReset | Endpoint::OnPremises);
    match request.method {
        Method::GET => Ok(endpoint),
        Method::PUT if writable => Ok(endpoint),
        _ => Err(errors::wrong_verb(request, if writable { "GET,PUT" } else { "GET" })),
    }
}

/// Who asks. `expired` treats a good token as an expired one.
pub(super) fn authenticate(request: &Request, expired: bool) -> Result<Caller, Reply> {
    let claims: Claims = request.bearer().and_then(token::unseal).ok_or_else(errors::not_signed_in)?;
    if !Audience::Portal.accepts(&claims.aud) || claims.idtyp.as_deref() == Some("app") {
        return Err(errors::not_signed_in());
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
        return Err(errors::no_request_id(request, &caller));
    }
    if expired || claims.exp <= request.now.as_second() {
        return Err(errors::expired(request, &caller));
    }
    Ok(caller)
}

/// The token's tenant does not exist here.
pub(super) fn no_tenant() -> Reply {
    errors::not_signed_in()
}

/// What a signed-in caller gets.
pub(super) fn handle(endpoint: Endpoint, request: &Request, caller: &Caller, tenant: &mut Tenant) -> Answer {
    if request.writes() && !request.sends_json() {
        return Err(errors::wrong_media(request));
    }
    match endpoint {
        Endpoint::PasswordReset if request.writes() => write_policy(request, caller, tenant),
        Endpoint::PasswordReset => read_policy(request, caller, tenant),
        Endpoint::OnPremises if request.writes() => write_on_premises(request, caller, tenant),
        Endpoint::OnPremises => {
            on_premises_allowed(request, caller, tenant, &ON_PREMISES_READERS, "Get")?;
            Ok(Reply::json(StatusCode::OK, tenant.on_premises.text()))
        }
        Endpoint::WritebackStatus => {
            if !tenant.licence.premium() || !caller.holds(&ON_PREMISES_READERS) {
                return Err(Reply::empty(StatusCode::FORBIDDEN));
            }
            Ok(Reply::value(StatusCode::OK, &on_premises::writeback_status(tenant)))
        }
        Endpoint::OnPremisesAvailable => Ok(yes_or_no(on_premises::available(tenant))),
        Endpoint::PasswordSyncStatus => Ok(yes_or_no(tenant.sync.password_hashes)),
        Endpoint::ConditionalAccessInfo => Ok(Reply::json(StatusCode::OK, "[]")),
        Endpoint::AdConnectStatus => Ok(Reply::value(StatusCode::OK, &directory::ad_connect_status(tenant))),
        Endpoint::Properties => Ok(Reply::value(StatusCode::OK, &directory::properties(tenant))),
        Endpoint::Skus => Ok(Reply::value(StatusCode::OK, &directory::skus(tenant))),
        Endpoint::RoleIds => Ok(Reply::value(StatusCode::OK, &serde_json::json!(caller.wids))),
    }
}

/// The headers that every answer of the portal carries.
pub(super) fn dress(request: &Request, reply: Reply) -> Reply {
    let sent = request.header("x-ms-correlation-id").and_then(|id| Uuid::parse_str(id).ok());
    let correlation = sent.unwrap_or_else(Uuid::new_v4).to_string();
    reply
        .with("cache-control", "no-cache, no-store, must-revalidate")
        .with("vary", "Accept-Encoding")
        .with("x-content-type-options", "nosniff")
        .with("x-xss-protection", "1; mode=block")
        .with("x-ua-compatible", "IE=Edge")
        .with("strict-transport-security", "max-age=31536000; includeSubDomains")
        .with("access-control-expose-headers", "x-ms-correlation-id,x-ms-operation-maturity,x-ms-expected-duration")
        .with("x-ms-version", "1.0")
        .with("x-ms-operation-maturity", "Stable")
        .with("x-ms-expected-duration", "0")
        .with("x-ms-correlation-id", correlation)
}

fn yes_or_no(answer: bool) -> Reply {
    Reply::json(StatusCode::OK, answer.to_string())
}

fn read_policy(request: &Request, caller: &Caller, tenant: &Tenant) -> Answer {
    if !caller.holds(&READERS) {
        return Err(errors::no_role(request, caller));
    }
    let named = request.option("getPasswordResetEnabledGroup").is_some_and(|flag| flag.eq_ignore_ascii_case("true"));
    Ok(Reply::json(StatusCode::OK, password_reset::read(tenant, named)))
}

fn write_policy(request: &Request, caller: &Caller, tenant: &mut Tenant) -> Answer {
    if !caller.holds(&WRITERS) {
        return Err(errors::no_role(request, caller));
    }
    let lenient = request.option("byPassMethodCountCheck").is_some_and(|flag| flag.eq_ignore_ascii_case("true"));
    let bound = password_reset::bind(&request.body, tenant);
    let policy = bound.map_err(|message| errors::invalid(request, caller, &message))?;
    if !tenant.licence.resets() && policy.read::<i64>("enablementType") != Some(0) {
        return Err(errors::no_feature(request, caller, "Update password reset policy forbidden"));
    }
    password_reset::check(&policy, tenant, lenient).map_err(|message| errors::invalid(request, caller, &message))?;
    tenant.password_reset = policy;
    Ok(yes_or_no(true))
}

fn write_on_premises(request: &Request, caller: &Caller, tenant: &mut Tenant) -> Answer {
    on_premises_allowed(request, caller, tenant, &ON_PREMISES_WRITERS, "Update")?;
    on_premises::write(&request.body, tenant).map_err(|message| errors::invalid(request, caller, &message))?;
    Ok(yes_or_no(true))
}

/// The service does not say whether the role or the licence is missing.
fn on_premises_allowed(
    request: &Request,
    caller: &Caller,
    tenant: &Tenant,
    roles: &[Role],
    verb: &str,
) -> Result<(), Reply> {
    if tenant.licence.premium() && caller.holds(roles) {
        return Ok(());
    }
    Err(errors::no_feature(request, caller, &format!("{verb} on premises password reset policy forbidden")))
}
