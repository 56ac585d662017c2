//! The endpoints of the sign-in service: tokens in both versions, device codes, and the metadata that clients read
//! first.

use axum::http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::http::message::{Answer, Reply, Request};
use crate::oauth::form::{Form, OAuthError};
use crate::oauth::token::{self, Audience, Claims, LIFETIME};
use crate::oauth::{client_assertion, device_code, person};
use crate::state::folder::StateError;
use crate::state::tenant::{Account, App, Tenant};
use crate::state::world::World;

/// The first-party clients that share refresh tokens: Azure CLI, Azure PowerShell, Microsoft Office.
const PUBLIC_CLIENTS: [&str; 3] = [
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    "1950a258-227b-4e31-a9cf-717495945fc2",
    "d3590ed6-52b3-4102-aeff-aad2292ab01c",
];
/// The portal, a single-page application, which must send its `Origin`.
const PORTAL_CLIENT: &str = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c";
const REFRESH_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 90);

/// The content of a refresh token.
#[derive(Serialize, Deserialize)]
struct RefreshToken {
    tenant: Uuid,
    person: Uuid,
    expires: i64,
    serial: Uuid,
}

/// Answers a request to the sign-in service; `None` if the path is not one of its own.
pub(crate) fn handle(request: &Request, world: &World) -> Option<Answer> {
    let path: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    let answer = match *path.as_slice() {
        ["common", "discovery", "instance"] => Ok(Reply::value(StatusCode::OK, &instances(request))),
        [name, "oauth2", "v2.0", "token"] => issue(request, world, name, true),
        [name, "oauth2", "token"] => issue(request, world, name, false),
        [name, "oauth2", "v2.0", "devicecode"] => device_code(request, world, name),
        ["devicelogin"] => Ok(device_code::page(request, world)),
        [name, "v2.0", ".well-known", "openid-configuration"] => configuration(request, world, name, true),
        [name, ".well-known", "openid-configuration"] => configuration(request, world, name, false),
        _ => return None,
    };
    record_secrets(request, world, &answer);
    Some(answer.map_err(|refused| refused.reply(request)))
}

/// Records the secrets of a request and of its reply, for tests that search for leaks.
fn record_secrets(request: &Request, world: &World, answer: &Result<Reply, OAuthError>) {
    let form = Form::read(request);
    let shown = ["client_secret", "client_assertion", "refresh_token", "device_code", "password"];
    let shown = shown.iter().filter_map(|name| form.get(name).map(str::to_owned));
    let issued: Value =
        answer.as_ref().ok().and_then(|reply| serde_json::from_str(&reply.body).ok()).unwrap_or_default();
    let issued = ["access_token", "refresh_token", "device_code"]
        .iter()
        .filter_map(|name| issued.get(name).and_then(Value::as_str).map(str::to_owned));
    world.sign_in_state().secrets.extend(shown.chain(issued));
}

fn issue(request: &Request, world: &World, name: &str, v2: bool) -> Result<Reply, OAuthError> {
    if request.method != Method::POST {
        return Err(OAuthError::new("invalid_request", 900_561, "The endpoint only accepts POST requests."));
    }
    let form = Form::read(request);
    match form.required("grant_type")? {
        "client_credentials" => {
            let tenant = find_tenant(world, name)?;
            let resource = form.resource(v2, true)?;
            let app = authenticate_app(&tenant, &form, request)?;
            let claims = person::app_claims(&tenant, app, &resource, request.now);
            Ok(token_reply(&claims, &resource, v2, None))
        }
        "password" => {
            let tenant = tenant_of_user(world, name, form.required("username")?)?;
            authenticate_client(&tenant, &form, request)?;
            let resource = form.resource(v2, false)?;
            let account = device_code::password_account(&tenant, &form)?;
            person_reply(&tenant, account, &form, &resource, request.now, v2)
        }
        "refresh_token" => refresh(request, world, name, &form, v2),
        device_code::GRANT if v2 => {
            let approved = device_code::exchange(world, &form, request.now)?;
            let tenant = find_tenant(world, &approved.tenant.to_string())?;
            let account = tenant.accounts.iter().find(|account| account.id == approved.person);
            let account =
                account.ok_or_else(|| OAuthError::new("invalid_grant", 50_034, "The user account is gone."))?;
            let resource = form.resource(v2, false).or_else(|_| approved.form().resource(v2, false))?;
            person_reply(&tenant, account, &approved.form().with_client_of(&form), &resource, request.now, v2)
        }
        other => {
            let text = format!("The app requested an unsupported grant type '{other}'.");
            Err(OAuthError::new("unsupported_grant_type", 70_003, text))
        }
    }
}

fn refresh(request: &Request, world: &World, name: &str, form: &Form, v2: bool) -> Result<Reply, OAuthError> {
    let content: Option<RefreshToken> = token::decode(form.required("refresh_token")?);
    let refresh = content.ok_or_else(|| {
        OAuthError::new("invalid_grant", 9_002_313, "Invalid request. Request is malformed or invalid.")
    })?;
    let id = refresh.tenant.to_string();
    let tenant = find_tenant(world, if is_any_tenant(name) { &id } else { name })?;
    authenticate_client(&tenant, form, request)?;
    let resource = form.resource(v2, false)?;
    let account = tenant.accounts.iter().find(|account| account.id == refresh.person);
    let account = account.filter(|_| tenant.id == refresh.tenant && request.now.as_second() < refresh.expires);
    let account = account
        .ok_or_else(|| OAuthError::new("invalid_grant", 700_082, "The refresh token has expired due to inactivity."))?;
    if !world.sign_in_state().use_refresh_token(refresh.serial) {
        let text = "The provided grant has expired due to it being revoked, a fresh auth token is needed.";
        return Err(OAuthError::new("invalid_grant", 50_173, text));
    }
    person_reply(&tenant, account, form, &resource, request.now, v2)
}

fn device_code(request: &Request, world: &World, name: &str) -> Result<Reply, OAuthError> {
    let form = Form::read(request);
    let shared = is_any_tenant(name);
    let tenant = if shared { None } else { Some(find_tenant(world, name)?) };
    form.resource(true, false)?;
    match &tenant {
        Some(tenant) => authenticate_client(tenant, &form, request)?,
        None => form.required("client_id").map(|_| ())?,
    }
    device_code::start(request, world, tenant.map(|tenant| tenant.id), &form)
}

fn is_any_tenant(name: &str) -> bool {
    ["common", "organizations"].iter().any(|shared| name.eq_ignore_ascii_case(shared))
}

fn find_tenant(world: &World, name: &str) -> Result<Tenant, OAuthError> {
    world.tenant(name).map_err(|error| match error {
        StateError::NoTenant(_) => OAuthError::new(
            "invalid_tenant",
            90_002,
            format!(
                "Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing into the \
                 correct cloud. Check with your subscription administrator, this may happen if there are no active \
                 subscriptions for the tenant."
            ),
        ),
        broken => OAuthError {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            ..OAuthError::new("server_error", 90_033, broken.to_string())
        },
    })
}

/// The tenant of a user: the one in the path, or the one with the domain of the sign-in name.
fn tenant_of_user(world: &World, name: &str, username: &str) -> Result<Tenant, OAuthError> {
    let domain = username.rsplit_once('@').map_or(username, |(_, domain)| domain);
    find_tenant(world, if is_any_tenant(name) { domain } else { name })
}

fn authenticate_app<'a>(tenant: &'a Tenant, form: &Form, request: &Request) -> Result<&'a App, OAuthError> {
    let app = find_app(tenant, form.required("client_id")?)?;
    if let Some(assertion) = form.get("client_assertion") {
        return client_assertion::check(app, assertion, request).map(|()| app);
    }
    let secret = form.get("client_secret").ok_or_else(|| {
        let text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
        OAuthError { status: StatusCode::UNAUTHORIZED, ..OAuthError::new("invalid_client", 7_000_218, text) }
    })?;
    if secret == app.secret {
        return Ok(app);
    }
    let text = format!(
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the \
         client secret ID, for a secret added to app '{}'.",
        app.client_id
    );
    Err(OAuthError { status: StatusCode::UNAUTHORIZED, ..OAuthError::new("invalid_client", 7_000_215, text) })
}

fn find_app<'a>(tenant: &'a Tenant, id: &str) -> Result<&'a App, OAuthError> {
    let found = Uuid::parse_str(id).ok().and_then(|id| tenant.apps.iter().find(|app| app.client_id == id));
    found.ok_or_else(|| {
        let text =
            format!("Application with identifier '{id}' was not found in the directory '{}'.", tenant.display_name);
        OAuthError::new("unauthorized_client", 700_016, text)
    })
}

/// Checks a client that acts for a person: a first-party client, or an application of the tenant with its credential.
fn authenticate_client(tenant: &Tenant, form: &Form, request: &Request) -> Result<(), OAuthError> {
    let id = form.required("client_id")?.to_ascii_lowercase();
    if PUBLIC_CLIENTS.contains(&id.as_str()) {
        return Ok(());
    }
    if id == PORTAL_CLIENT {
        let text = "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin \
                    requests.";
        let origin = request.header("origin").map(|_| ());
        return origin.ok_or_else(|| OAuthError::new("invalid_request", 9_002_327, text));
    }
    if find_app(tenant, &id)?.public {
        return Ok(());
    }
    authenticate_app(tenant, form, request).map(|_| ())
}

fn person_reply(
    tenant: &Tenant,
    account: &Account,
    form: &Form,
    resource: &str,
    now: Timestamp,
    v2: bool,
) -> Result<Reply, OAuthError> {
    let client = form.get("client_id").unwrap_or_default();
    let mut claims = Claims {
        appid: Uuid::parse_str(client).unwrap_or_default(),
        ..person::person_claims(tenant, account, resource, now)
    };
    if let Some(named) = form.named_scopes().filter(|_| v2 && Audience::Graph.accepts(resource)) {
        if PUBLIC_CLIENTS.iter().any(|known| client.eq_ignore_ascii_case(known)) {
            let text = format!(
                "Consent between first party application '{client}' and first party resource '{}' must be configured via \
                 preauthorization - applications owned and operated by Microsoft must get approval from the API owner \
                 before requesting tokens for that API.",
                token::GRAPH_ID
            );
            return Err(OAuthError::new("invalid_grant", 65_002, text));
        }
        let granted = |scope: &&str| person::DELEGATED_SCOPES.split(' ').any(|known| known == *scope);
        claims.scp = Some(named.into_iter().filter(granted).collect::<Vec<_>>().join(" "));
    }
    let offline = !v2 || form.get("scope").is_some_and(|scope| scope.split(' ').any(|one| one == "offline_access"));
    let refresh = offline.then(|| {
        let expires = now.saturating_add(REFRESH_LIFETIME).unwrap_or(now).as_second();
        token::encode(&RefreshToken { tenant: tenant.id, person: account.id, expires, serial: Uuid::new_v4() })
    });
    Ok(token_reply(&claims, resource, v2, refresh))
}

fn token_reply(claims: &Claims, resource: &str, v2: bool, refresh: Option<String>) -> Reply {
    let mut body = Map::new();
    let seconds = LIFETIME.as_secs();
    let scopes = claims.scp.clone().unwrap_or_default();
    body.insert("token_type".to_owned(), json!("Bearer"));
    if claims.scp.is_some() {
        let named = scopes.split(' ').map(|scope| format!("{resource}/{scope}")).collect::<Vec<_>>().join(" ");
        body.insert("scope".to_owned(), json!(if v2 { named } else { scopes }));
    }
    // Version 1 writes numbers as text.
    let number = |value: i64| if v2 { json!(value) } else { json!(value.to_string()) };
    body.insert("expires_in".to_owned(), number(seconds));
    body.insert("ext_expires_in".to_owned(), number(seconds));
    if !v2 {
        body.insert("expires_on".to_owned(), number(claims.exp));
        body.insert("not_before".to_owned(), number(claims.nbf));
        body.insert("resource".to_owned(), json!(resource));
    }
    body.insert("access_token".to_owned(), json!(token::encode(claims)));
    if let Some(refresh) = refresh {
        body.insert("refresh_token".to_owned(), json!(refresh));
    }
    Reply::value(StatusCode::OK, &Value::Object(body))
        .with_header("cache-control", "no-store, no-cache")
        .with_header("pragma", "no-cache")
}

fn configuration(request: &Request, world: &World, name: &str, v2: bool) -> Result<Reply, OAuthError> {
    let id = if is_any_tenant(name) { "{tenantid}".to_owned() } else { find_tenant(world, name)?.id.to_string() };
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
