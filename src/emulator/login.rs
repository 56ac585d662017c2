//! The sign-in service: token endpoints of both versions, and what clients look up before they use them.

use axum::http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::emulator::person;
use crate::emulator::state::{Account, App, Tenant};
use crate::emulator::store::Unavailable;
use crate::emulator::token::{self, Audience, Claims, LIFETIME};
use crate::emulator::wire::{Answer, Reply, Request};
use crate::emulator::world::World;

/// Public clients whose refresh tokens are good for one another: Azure CLI, Azure PowerShell, Microsoft Office.
const PUBLIC_CLIENTS: [&str; 3] = [
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    "1950a258-227b-4e31-a9cf-717495945fc2",
    "d3590ed6-52b3-4102-aeff-aad2292ab01c",
];
/// The portal itself: a single-page application, which must name its origin.
const PORTAL_CLIENT: &str = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c";
/// Refresh tokens live about 90 days.
const REFRESH_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 90);

/// What a refresh token says.
#[derive(Serialize, Deserialize)]
struct Refresh {
    tenant: Uuid,
    person: Uuid,
    expires: i64,
    serial: Uuid,
}

/// An error of the sign-in service.
struct Refused {
    status: StatusCode,
    error: &'static str,
    code: u32,
    text: String,
}

/// Answers a request to the sign-in service; `None` when the path is none of its own.
pub(super) fn handle(request: &Request, world: &World) -> Option<Answer> {
    let path: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    let answer = match *path.as_slice() {
        ["common", "discovery", "instance"] => Ok(Reply::value(StatusCode::OK, &instances(request))),
        [name, "oauth2", "v2.0", "token"] => issue(request, world, name, true),
        [name, "oauth2", "token"] => issue(request, world, name, false),
        [name, "v2.0", ".well-known", "openid-configuration"] => configuration(request, world, name, true),
        [name, ".well-known", "openid-configuration"] => configuration(request, world, name, false),
        _ => return None,
    };
    Some(answer.map_err(|refused| refused.reply(request)))
}

fn issue(request: &Request, world: &World, name: &str, v2: bool) -> Result<Reply, Refused> {
    if request.method != Method::POST {
        return Err(Refused::new("invalid_request", 900_561, "The endpoint only accepts POST requests."));
    }
    let form = Form::read(request);
    match form.need("grant_type")? {
        "client_credentials" => {
            let tenant = tenant(world, name)?;
            let resource = form.resource(v2, true)?;
            let app = confidential(&tenant, &form)?;
            let claims = person::application(&tenant, app, &resource, request.now);
            Ok(answer(&claims, &resource, v2, None))
        }
        "password" => {
            let tenant = home(world, name, form.need("username")?)?;
            public(&tenant, &form, request)?;
            let resource = form.resource(v2, false)?;
            let account = signed_in(&tenant, &form)?;
            Ok(delegated(&tenant, account, &form, &resource, request.now, v2))
        }
        "refresh_token" => {
            let sealed: Option<Refresh> = token::unseal(form.need("refresh_token")?);
            let refresh = sealed.ok_or_else(|| {
                Refused::new("invalid_grant", 9_002_313, "Invalid request. Request is malformed or invalid.")
            })?;
            let id = refresh.tenant.to_string();
            let tenant = tenant(world, if is_shared(name) { &id } else { name })?;
            public(&tenant, &form, request)?;
            let resource = form.resource(v2, false)?;
            let account = tenant.accounts.iter().find(|account| account.id == refresh.person);
            let account = account.filter(|_| tenant.id == refresh.tenant && request.now.as_second() < refresh.expires);
            let account = account.ok_or_else(|| {
                Refused::new("invalid_grant", 700_082, "The refresh token has expired due to inactivity.")
            })?;
            Ok(delegated(&tenant, account, &form, &resource, request.now, v2))
        }
        other => {
            let text = format!("The app requested an unsupported grant type '{other}'.");
            Err(Refused::new("unsupported_grant_type", 70_003, text))
        }
    }
}

fn is_shared(name: &str) -> bool {
    ["common", "organizations"].iter().any(|shared| name.eq_ignore_ascii_case(shared))
}

fn tenant(world: &World, name: &str) -> Result<Tenant, Refused> {
    world.tenant(name).map_err(|error| match error {
        Unavailable::NoTenant(_) => Refused::new(
            "invalid_tenant",
            90_002,
            format!(
                "Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing into the \
                 correct cloud. Check with your subscription administrator, this may happen if there are no active \
                 subscriptions for the tenant."
            ),
        ),
        broken => Refused {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            ..Refused::new("server_error", 90_033, broken.to_string())
        },
    })
}

/// The tenant of a person: named, or found by the domain of the sign-in name.
fn home(world: &World, name: &str, username: &str) -> Result<Tenant, Refused> {
    let domain = username.rsplit_once('@').map_or(username, |(_, domain)| domain);
    tenant(world, if is_shared(name) { domain } else { name })
}

fn confidential<'a>(tenant: &'a Tenant, form: &Form) -> Result<&'a App, Refused> {
    let app = own_app(tenant, form.need("client_id")?)?;
    let secret = form.get("client_secret").ok_or_else(|| {
        let text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
        Refused { status: StatusCode::UNAUTHORIZED, ..Refused::new("invalid_client", 7_000_218, text) }
    })?;
    if secret == app.secret {
        return Ok(app);
    }
    let text = format!(
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the \
         client secret ID, for a secret added to app '{}'.",
        app.client_id
    );
    Err(Refused { status: StatusCode::UNAUTHORIZED, ..Refused::new("invalid_client", 7_000_215, text) })
}

fn own_app<'a>(tenant: &'a Tenant, id: &str) -> Result<&'a App, Refused> {
    let found = Uuid::parse_str(id).ok().and_then(|id| tenant.apps.iter().find(|app| app.client_id == id));
    found.ok_or_else(|| {
        let text =
            format!("Application with identifier '{id}' was not found in the directory '{}'.", tenant.display_name);
        Refused::new("unauthorized_client", 700_016, text)
    })
}

/// A client that acts for a person: a known public one, or an application of the tenant with its secret.
fn public(tenant: &Tenant, form: &Form, request: &Request) -> Result<(), Refused> {
    let id = form.need("client_id")?.to_ascii_lowercase();
    if PUBLIC_CLIENTS.contains(&id.as_str()) {
        return Ok(());
    }
    if id == PORTAL_CLIENT {
        let text = "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin \
                    requests.";
        let origin = request.header("origin").map(|_| ());
        return origin.ok_or_else(|| Refused::new("invalid_request", 9_002_327, text));
    }
    confidential(tenant, form).map(|_| ())
}

fn signed_in<'a>(tenant: &'a Tenant, form: &Form) -> Result<&'a Account, Refused> {
    let name = form.need("username")?;
    let password = form.need("password")?;
    let account = tenant.accounts.iter().find(|account| account.user_principal_name.eq_ignore_ascii_case(name));
    match account {
        None => {
            let text = format!("The user account {name} does not exist in the {} directory.", tenant.id);
            Err(Refused::new("invalid_grant", 50_034, text))
        }
        Some(account) if account.password.as_deref() == Some(password) => Ok(account),
        Some(_) => {
            let text = "Error validating credentials due to invalid username or password.";
            Err(Refused::new("invalid_grant", 50_126, text))
        }
    }
}

fn delegated(tenant: &Tenant, account: &Account, form: &Form, resource: &str, now: Timestamp, v2: bool) -> Reply {
    let claims = Claims {
        appid: form.get("client_id").and_then(|id| Uuid::parse_str(id).ok()).unwrap_or_default(),
        ..person::delegated(tenant, account, resource, now)
    };
    let offline = !v2 || form.get("scope").is_some_and(|scope| scope.split(' ').any(|one| one == "offline_access"));
    let refresh = offline.then(|| {
        let expires = now.saturating_add(REFRESH_LIFETIME).unwrap_or(now).as_second();
        token::seal(&Refresh { tenant: tenant.id, person: account.id, expires, serial: Uuid::new_v4() })
    });
    answer(&claims, resource, v2, refresh)
}

fn answer(claims: &Claims, resource: &str, v2: bool, refresh: Option<String>) -> Reply {
    let mut body = Map::new();
    let seconds = LIFETIME.as_secs();
    let scopes = claims.scp.clone().unwrap_or_default();
    body.insert("token_type".to_owned(), json!("Bearer"));
    if claims.scp.is_some() {
        let named = scopes.split(' ').map(|scope| format!("{resource}/{scope}")).collect::<Vec<_>>().join(" ");
        body.insert("scope".to_owned(), json!(if v2 { named } else { scopes }));
    }
    // The old version writes numbers as text.
    let number = |value: i64| if v2 { json!(value) } else { json!(value.to_string()) };
    body.insert("expires_in".to_owned(), number(seconds));
    body.insert("ext_expires_in".to_owned(), number(seconds));
    if !v2 {
        body.insert("expires_on".to_owned(), number(claims.exp));
        body.insert("not_before".to_owned(), number(claims.nbf));
        body.insert("resource".to_owned(), json!(resource));
    }
    body.insert("access_token".to_owned(), json!(token::seal(claims)));
    if let Some(refresh) = refresh {
        body.insert("refresh_token".to_owned(), json!(refresh));
    }
    Reply::value(StatusCode::OK, &Value::Object(body))
        .with("cache-control", "no-store, no-cache")
        .with("pragma", "no-cache")
}

fn configuration(request: &Request, world: &World, name: &str, v2: bool) -> Result<Reply, Refused> {
    let id = if is_shared(name) { "{tenantid}".to_owned() } else { tenant(world, name)?.id.to_string() };
    let base = &request.base;
    let (issuer, token, authorize) = if v2 {
        (format!("https://login.microsoftonline.com/{id}/v2.0"), "oauth2/v2.0/token", "oauth2/v2.0/authorize")
    } else {
        (format!("https://sts.windows.net/{id}/"), "oauth2/token", "oauth2/authorize")
    };
    let body = json!({
        "token_endpoint": format!("{base}/{id}/{token}"),
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "issuer": issuer,
        "authorization_endpoint": format!("{base}/{id}/{authorize}"),
        "response_types_supported": ["code", "token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com",
        "msgraph_host": "graph.microsoft.com",
    });
    Ok(Reply::value(StatusCode::OK, &body))
}

fn instances(request: &Request) -> Value {
    let host = request.base.split_once("://").map_or("", |(_, host)| host);
    json!({
        "tenant_discovery_endpoint": format!("{}/common/v2.0/.well-known/openid-configuration", request.base),
        "api-version": "1.1",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
    })
}

/// A form body.
struct Form(Vec<(String, String)>);

impl Form {
    fn read(request: &Request) -> Self {
        Self(url::form_urlencoded::parse(request.body.as_bytes()).into_owned().collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    fn need(&self, name: &str) -> Result<&str, Refused> {
        self.get(name).ok_or_else(|| {
            let text = format!("The request body must contain the following parameter: '{name}'.");
            Refused::new("invalid_request", 900_144, text)
        })
    }

    /// The audience that is asked for, without `/.default` or the name of a scope.
    fn resource(&self, v2: bool, own: bool) -> Result<String, Refused> {
        let asked = if v2 { self.need("scope")? } else { self.need("resource")? };
        let kept = |scope: &&str| !["openid", "profile", "email", "offline_access"].contains(scope);
        let scope = asked.split(' ').find(kept).unwrap_or_default();
        if v2 && own && !scope.ends_with("/.default") {
            let text = format!(
                "The provided value for scope {scope} is not valid. Client credential flows must have a \
                                scope value with /.default suffixed to the resource identifier (application ID URI)."
            );
            return Err(Refused::new("invalid_scope", 1_002_012, text));
        }
        let resource = if v2 { scope.rsplit_once('/').map_or("", |(resource, _)| resource) } else { scope };
        // A bare scope such as `User.Read` is one of Graph.
        let resource = if v2 && resource.is_empty() && !scope.is_empty() { token::GRAPH } else { resource };
        let known = [Audience::Portal, Audience::Graph].iter().any(|audience| audience.accepts(resource));
        if known {
            return Ok(resource.to_owned());
        }
        let text = format!("The resource principal named {resource} was not found in the tenant.");
        Err(Refused::new("invalid_resource", 500_011, text))
    }
}

impl Refused {
    fn new(error: &'static str, code: u32, text: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, code, text: text.into() }
    }

    fn reply(self, request: &Request) -> Reply {
        let (trace, correlation) = (Uuid::new_v4(), Uuid::new_v4());
        let moment = request.now.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let text = format!(
            "AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {moment}",
            self.code, self.text
        );
        let body = json!({
            "error": self.error,
            "error_description": text,
            "error_codes": [self.code],
            "timestamp": moment,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.code),
        });
        Reply::value(self.status, &body)
    }
}
