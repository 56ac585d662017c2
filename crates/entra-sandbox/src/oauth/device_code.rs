//! The device authorization grant (RFC 8628): a code that a person types on another device, and the polling of the
//! client.

use axum::http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

use crate::http::message::{Reply, Request};
use crate::oauth::form::{Form, OAuthError};
use crate::oauth::sign_in_state::{CodeStatus, DeviceCode};
use crate::state::tenant::{Account, Tenant};
use crate::state::world::World;

pub(crate) const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
const LIFETIME_SECONDS: i64 = 900;

/// A code that a person has approved.
pub(crate) struct ApprovedCode {
    pub(crate) tenant: Uuid,
    pub(crate) person: Uuid,
    scope: String,
}

impl ApprovedCode {
    /// The fields of the request that created the code.
    pub(crate) fn form(&self) -> Form {
        Form::from_fields(&[("scope", &self.scope)])
    }
}

/// Creates a device code and the user code that belongs to it.
pub(crate) fn start(request: &Request, world: &World, tenant: Option<Uuid>, form: &Form) -> Result<Reply, OAuthError> {
    let (device_code, serial) = (Uuid::new_v4().to_string(), Uuid::new_v4().simple().to_string());
    let user_code = serial.get(..9).unwrap_or_default().to_ascii_uppercase();
    let expires = request.now.saturating_add(SignedDuration::from_secs(LIFETIME_SECONDS)).unwrap_or(request.now);
    let mut state = world.sign_in_state();
    let interval = state.interval;
    state.codes.push(DeviceCode {
        device_code: device_code.clone(),
        user_code: user_code.clone(),
        client: form.required("client_id")?.to_owned(),
        scope: form.required("scope")?.to_owned(),
        tenant,
        expires,
        polled: None,
        status: CodeStatus::Pending,
    });
    let page = format!("{}/devicelogin", request.base);
    let body = json!({
        "user_code": user_code,
        "device_code": device_code,
        "verification_uri": page,
        "expires_in": LIFETIME_SECONDS,
        "interval": interval,
        "message": format!("To sign in, use a web browser to open the page {page} and enter the code {user_code} to authenticate."),
    });
    Ok(Reply::value(StatusCode::OK, &body))
}

/// Exchanges a device code for the person who approved it. A code can be used once.
pub(crate) fn exchange(world: &World, form: &Form, now: Timestamp) -> Result<ApprovedCode, OAuthError> {
    let (asked, client) = (form.required("device_code")?, form.required("client_id")?);
    let mut state = world.sign_in_state();
    let interval = SignedDuration::from_secs(state.interval);
    let found = state.codes.iter().position(|code| code.device_code == asked && code.client == client);
    let at = found.ok_or_else(|| {
        OAuthError::new("bad_verification_code", 70_018, "The verification code is not valid for this request.")
    })?;
    let Some(code) = state.codes.get_mut(at) else { return Err(authorization_pending()) };
    if code.expires <= now {
        let text = "The device code has expired. The user has to sign in again.";
        return Err(OAuthError::new("expired_token", 70_019, text));
    }
    let soon = code.polled.is_some_and(|polled| now.duration_since(polled) < interval);
    code.polled = Some(now);
    match code.status {
        CodeStatus::Denied => {
            let text = "The user declined to consent to access the app.";
            Err(OAuthError::new("authorization_declined", 65_004, text))
        }
        CodeStatus::Approved { tenant, person } => {
            let approved = ApprovedCode { tenant, person, scope: code.scope.clone() };
            state.codes.remove(at);
            Ok(approved)
        }
        CodeStatus::Pending if soon => {
            Err(OAuthError::new("slow_down", 70_016, "The code is asked for too often. Wait five seconds longer."))
        }
        CodeStatus::Pending => Err(authorization_pending()),
    }
}

fn authorization_pending() -> OAuthError {
    let text = "OAuth 2.0 device flow error. Authorization is pending. Continue polling.";
    OAuthError::new("authorization_pending", 70_016, text)
}

/// The page on which a person types the user code, and what it says after that.
pub(crate) fn page(request: &Request, world: &World) -> Reply {
    let message = if request.method == Method::POST {
        match submit_code(world, &Form::read(request)) {
            Ok(()) => "Done. You may close this page.".to_owned(),
            Err(refused) => refused.text,
        }
    } else {
        "Enter the code that the program shows. Seeded people have the password Sandbox-1.".to_owned()
    };
    let message = message.replace('&', "&amp;").replace('<', "&lt;");
    let body = format!(
        "<!doctype html><html lang=\"en\"><title>Sign in to the sandbox</title><p>{message}</p><form method=\"post\">\
         <p><label>Code <input name=\"user_code\"></label><p><label>Account <input name=\"username\"></label>\
         <p><label>Password <input name=\"password\" type=\"password\"></label>\
         <p><button>Sign in</button> <button name=\"decline\" value=\"1\">Decline</button></form></html>"
    );
    Reply::empty(StatusCode::OK).with_header("content-type", "text/html; charset=utf-8").with_body(body)
}

fn submit_code(world: &World, form: &Form) -> Result<(), OAuthError> {
    let typed = form.required("user_code")?.to_ascii_uppercase();
    let status = if form.get("decline").is_some() {
        CodeStatus::Denied
    } else {
        let name = form.required("username")?;
        let domain = name.rsplit_once('@').map_or(name, |(_, domain)| domain);
        let tenant =
            world.tenant(domain).map_err(|error| OAuthError::new("invalid_tenant", 90_002, error.to_string()))?;
        CodeStatus::Approved { tenant: tenant.id, person: password_account(&tenant, form)?.id }
    };
    let mut state = world.sign_in_state();
    let code = state.codes.iter_mut().find(|code| code.user_code == typed);
    let code = code.ok_or_else(|| OAuthError::new("invalid_grant", 70_018, "There is no such code."))?;
    if let (CodeStatus::Approved { tenant, .. }, Some(meant)) = (status, code.tenant)
        && tenant != meant
    {
        return Err(OAuthError::new("invalid_grant", 50_020, "The user account does not exist in the tenant."));
    }
    code.status = status;
    Ok(())
}

/// The account with this sign-in name and password.
pub(crate) fn password_account<'a>(tenant: &'a Tenant, form: &Form) -> Result<&'a Account, OAuthError> {
    let name = form.required("username")?;
    let password = form.required("password")?;
    let account = tenant.accounts.iter().find(|account| account.user_principal_name.eq_ignore_ascii_case(name));
    match account {
        None => {
            let text = format!("The user account {name} does not exist in the {} directory.", tenant.id);
            Err(OAuthError::new("invalid_grant", 50_034, text))
        }
        Some(account) if account.password.as_deref() == Some(password) => Ok(account),
        Some(_) => {
            let text = "Error validating credentials due to invalid username or password.";
            Err(OAuthError::new("invalid_grant", 50_126, text))
        }
    }
}
