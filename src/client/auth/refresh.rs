//! Tokens of a person who signed in before: by `ssprctl login`, whose refresh token is in the cache, or with a refresh token
//! that the environment brings. Each use brings a new refresh token, which replaces the old one before anything else is
//! done with it; nobody else uses the old one meanwhile.

use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::sync::Mutex;

use crate::client::auth::cache::{CacheError, CachedSignIn, TokenCache};
use crate::client::auth::grant::{self, TokenResponse};
use crate::client::auth::sign_in_errors::SignInMethod;
use crate::client::auth::source::{TokenRequest, TokenSource, TokenUnavailable};
use crate::client::auth::{claims, discovery, encryption};
use crate::client::token::Token;
use crate::tenant::error::TenantError;
use crate::tenant::surface::Service;

/// The variable that brings a refresh token.
pub(crate) const VARIABLE: &str = "SSPRCTL_REFRESH_TOKEN";
/// Azure PowerShell: a public client of Microsoft's that people's tokens for the portal are known to be issued to.
pub(crate) const CLIENT: &str = "1950a258-227b-4e31-a9cf-717495945fc2";

/// The client that people sign in with: the one of `SSPRCTL_CLIENT_ID`, or else a public one of Microsoft's.
pub(crate) fn client(get: &impl Fn(&str) -> Option<String>) -> String {
    let own = get("SSPRCTL_CLIENT_ID").map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
    own.unwrap_or_else(|| CLIENT.to_owned())
}

/// The scopes of people's tokens. Microsoft's own client has what Microsoft consented to, and may ask for nothing by
/// name; an application of the tenant asks for what the command needs.
pub(crate) fn scope(request: &TokenRequest<'_>, client: &str) -> String {
    let named =
        request.scopes.iter().map(|scope| format!("{}/{scope}", request.audience)).collect::<Vec<_>>().join(" ");
    let asked = if client.eq_ignore_ascii_case(CLIENT) || named.is_empty() { request.scope() } else { named };
    format!("{asked} offline_access")
}

/// Uses a refresh token up.
pub(crate) async fn renew(
    request: &TokenRequest<'_>,
    client: &str,
    refresh: &str,
    whose: &str,
) -> Result<TokenResponse, TenantError> {
    discovery::check_cloud(request).await?;
    let fields = vec![
        ("grant_type", "refresh_token".to_owned()),
        ("client_id", client.to_owned()),
        ("scope", scope(request, client)),
    ];
    let url = grant::endpoint(request, &request.tenant.to_string());
    let response = grant::ask(request, url, fields, vec![("refresh_token", refresh.to_owned())]).await;
    let response = response.map_err(|error| grant::refused(request, &error, whose, SignInMethod::RefreshToken))?;
    grant::granted(request, &response)
}

/// Where the sign-in service is: the only place that a refresh token of it goes to.
pub(crate) fn sign_in_origin(request: &TokenRequest<'_>) -> String {
    request.endpoints.login().origin().ascii_serialization()
}

/// What a granted token says of who has it, for the record.
pub(crate) fn cache_entry(request: &TokenRequest<'_>, client: &str, refresh: String, token: &Token) -> CachedSignIn {
    let facts = claims::facts(token);
    CachedSignIn {
        tenant: request.tenant.to_string(),
        tenant_id: facts.as_ref().and_then(|facts| facts.tenant.clone()),
        home: sign_in_origin(request),
        client: client.to_owned(),
        systems: vec![request.service],
        person: facts.and_then(|facts| facts.who),
        seed: None,
        refresh,
        used: request.clock.now(),
    }
}

impl CachedSignIn {
    /// Whether this is the sign-in of `ssprctl login` to a tenant, at this sign-in service.
    pub(crate) fn is_login_to(&self, request: &TokenRequest<'_>) -> bool {
        let tenant = request.tenant.to_string();
        let named = self.tenant == tenant || self.tenant_id.as_deref() == Some(tenant.as_str());
        self.seed.is_none() && named && self.home == sign_in_origin(request)
    }
}

/// The sign-ins of `ssprctl login`.
pub(crate) struct SavedSignIn {
    cache: Arc<TokenCache>,
}

impl SavedSignIn {
    /// Those of a cache.
    pub(crate) fn new(cache: Arc<TokenCache>) -> Self {
        Self { cache }
    }

    async fn token(&self, request: &TokenRequest<'_>) -> Result<Token, TokenUnavailable> {
        if !self.cache.exists() {
            return Err(match request.service {
                Service::Portal => TokenUnavailable::NotFound("nobody is signed in by `ssprctl login`".to_owned()),
                Service::Graph => TokenUnavailable::NotConfigured,
            });
        }
        let held = self.cache.lock().await.map_err(|unusable| broken(request, unusable))?;
        let mut sign_ins = held.read().map_err(|unusable| broken(request, unusable))?;
        let entry = sign_ins.iter_mut().find(|one| one.is_login_to(request) && one.systems.contains(&request.service));
        let Some(entry) = entry else {
            return Err(TokenUnavailable::NotFound(format!(
                "nobody is signed in to {} by `ssprctl login` for it",
                request.tenant
            )));
        };
        let whose = "the sign-in of `ssprctl login`";
        let granted = renew(request, &entry.client, &entry.refresh, whose).await.map_err(TokenUnavailable::Failed)?;
        entry.refresh = granted.refresh.unwrap_or_else(|| entry.refresh.clone());
        entry.used = request.clock.now();
        // The service may not take the old one again.
        if let Err(CacheError { why, hint }) = held.write(sign_ins) {
            tracing::error!("{why}: the new refresh token is lost when this run ends; {hint}");
        }
        Ok(granted.token)
    }
}

impl TokenSource for SavedSignIn {
    fn acquire<'a>(&'a self, request: &'a TokenRequest<'a>) -> BoxFuture<'a, Result<Token, TokenUnavailable>> {
        Box::pin(self.token(request))
    }

    fn renewal_hint(&self, request: &TokenRequest<'_>) -> Option<String> {
        Some(format!("run `ssprctl login --tenant {}`", request.tenant))
    }

    fn name(&self) -> &'static str {
        "ssprctl login"
    }
}

/// The refresh token of the environment.
pub(crate) struct EnvRefreshToken {
    token: Option<String>,
    client: String,
    cache: Arc<TokenCache>,
    /// The newest refresh token, in case the cache cannot be written.
    last: Mutex<Option<String>>,
}

impl EnvRefreshToken {
    /// The one that `SSPRCTL_REFRESH_TOKEN` holds, if any.
    pub(crate) fn from_env(get: &impl Fn(&str) -> Option<String>, cache: Arc<TokenCache>) -> Self {
        let token = get(VARIABLE).map(|token| token.trim().to_owned()).filter(|token| !token.is_empty());
        Self { token, client: client(get), cache, last: Mutex::new(None) }
    }

    /// By what the environment's refresh token is recognised; see [`encryption::fingerprint`].
    pub(crate) fn fingerprint(&self) -> Option<String> {
        self.token.as_deref().map(encryption::fingerprint)
    }

    async fn token(&self, request: &TokenRequest<'_>) -> Result<Token, TokenUnavailable> {
        let (Some(token), Some(seed)) = (&self.token, self.fingerprint()) else {
            return Err(match request.service {
                Service::Portal => TokenUnavailable::NotFound(format!("{VARIABLE} is not set")),
                Service::Graph => TokenUnavailable::NotConfigured,
            });
        };
        let mut last = self.last.lock().await;
        let held = self.cache.lock().await.map_err(|unusable| broken(request, unusable))?;
        let mut sign_ins = held.read().map_err(|unusable| broken(request, unusable))?;
        let at =
            sign_ins.iter().position(|one| one.seed.as_ref() == Some(&seed) && one.home == sign_in_origin(request));
        let before = at.map(|at| sign_ins.swap_remove(at));
        let remembered = before.as_ref().map(|one| one.refresh.clone());
        let current = last.clone().or(remembered).unwrap_or_else(|| token.clone());
        let whose = format!("the refresh token of {VARIABLE}");
        let granted = renew(request, &self.client, &current, &whose).await.map_err(TokenUnavailable::Failed)?;
        let fresh = granted.refresh.unwrap_or(current);
        *last = Some(fresh.clone());
        let mut systems = before.map(|one| one.systems).unwrap_or_default();
        systems.retain(|service| *service != request.service);
        systems.push(request.service);
        sign_ins.retain(|one| one.ends() > request.clock.now());
        sign_ins.push(CachedSignIn {
            seed: Some(seed),
            systems,
            ..cache_entry(request, &self.client, fresh, &granted.token)
        });
        if let Err(CacheError { why, hint }) = held.write(sign_ins) {
            let next = format!("{why}: the next run uses the refresh token of {VARIABLE} again; {hint}");
            // Most pipelines save nothing, and have no key.
            if self.cache.has_key_of_environment() {
                tracing::error!("{next}");
            } else {
                tracing::info!("{next}");
            }
        }
        Ok(granted.token)
    }
}

impl TokenSource for EnvRefreshToken {
    fn acquire<'a>(&'a self, request: &'a TokenRequest<'a>) -> BoxFuture<'a, Result<Token, TokenUnavailable>> {
        Box::pin(self.token(request))
    }

    fn renewal_hint(&self, request: &TokenRequest<'_>) -> Option<String> {
        match (self.token.is_some(), request.service) {
            (true, _) => Some(format!("put a fresh refresh token into {VARIABLE}")),
            (false, Service::Portal) => Some(format!("in a pipeline put a refresh token of a person into {VARIABLE}")),
            (false, Service::Graph) => None,
        }
    }

    fn name(&self) -> &'static str {
        VARIABLE
    }
}

fn broken(request: &TokenRequest<'_>, unusable: CacheError) -> TokenUnavailable {
    TokenUnavailable::Failed(request.error(unusable.why).hint(unusable.hint))
}
