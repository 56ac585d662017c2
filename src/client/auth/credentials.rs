//! The sources of tokens for each service, and their order.

use std::path::PathBuf;
use std::sync::Arc;

use crate::client::auth::application::Application;
use crate::client::auth::azure_cli::AzureCli;
use crate::client::auth::cache::{CacheError, CachedSignIn, TokenCache};
use crate::client::auth::environment::Environment;
use crate::client::auth::fixed::FixedTokens;
use crate::client::auth::managed_identity::ManagedIdentity;
use crate::client::auth::refresh::{EnvRefreshToken, SavedSignIn};
use crate::client::auth::source::{TokenRequest, TokenSource, TokenUnavailable};
use crate::client::token::Token;
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::surface::Service;

/// Where tokens come from. Cheap to clone. It has secrets, so it does not implement `Debug`.
#[derive(Clone)]
pub struct Credentials {
    portal: Vec<Arc<dyn TokenSource>>,
    graph: Vec<Arc<dyn TokenSource>>,
    /// Whether tokens are sent as they are, whatever their audience.
    skips_checks: bool,
    /// The permissions on Microsoft Graph that are requested by name.
    scopes: Vec<&'static str>,
    cache: Option<Arc<TokenCache>>,
    /// The fingerprint of the environment's refresh token, if there is one.
    seed: Option<String>,
    /// Whether no variable is set by which somebody would sign in.
    sets_nothing: bool,
}

/// The variables by which somebody signs in.
const VARIABLES: [&str; 10] = [
    "SSPRCTL_PORTAL_TOKEN",
    "SSPRCTL_GRAPH_TOKEN",
    "SSPRCTL_REFRESH_TOKEN",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_TOKEN_CREDENTIALS",
    "IDENTITY_ENDPOINT",
    "ACTIONS_ID_TOKEN_REQUEST_URL",
];

/// A token, and where it came from.
pub(crate) struct AcquiredToken {
    pub(crate) token: Token,
    /// How a person gets a new one from the same source.
    pub(crate) hint: Option<String>,
    /// The name of the source, as in "the Azure CLI".
    pub(crate) origin: &'static str,
}

impl Credentials {
    /// The sources of a real run, in the order in which they are asked: `SSPRCTL_PORTAL_TOKEN` or `SSPRCTL_GRAPH_TOKEN`;
    /// for Graph the application of `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and a secret, a certificate or a federated token;
    /// for Graph the managed identity; the refresh token of `SSPRCTL_REFRESH_TOKEN`; who signed in by `ssprctl login`; the
    /// Azure CLI. `get` returns a variable of the environment.
    #[must_use]
    pub(crate) fn from_env(get: impl Fn(&str) -> Option<String>) -> Self {
        Self::from_env_and_cli(get, None)
    }

    /// The same with the Azure CLI at a path of its own.
    #[must_use]
    pub fn from_env_and_cli(get: impl Fn(&str) -> Option<String>, az: Option<PathBuf>) -> Self {
        Self::from_env_and_paths(get, az, None)
    }

    /// The same with a folder of its own for the key files of the Azure Arc agent.
    #[must_use]
    pub fn from_env_and_paths(
        get: impl Fn(&str) -> Option<String>,
        az: Option<PathBuf>,
        arc_keys: Option<PathBuf>,
    ) -> Self {
        let cache = Arc::new(TokenCache::from_env(&get));
        let given = Arc::new(EnvRefreshToken::from_env(&get, Arc::clone(&cache)));
        let seed = given.fingerprint();
        let refresh: Arc<dyn TokenSource> = given;
        let signed_in: Arc<dyn TokenSource> = Arc::new(SavedSignIn::new(Arc::clone(&cache)));
        let application: Arc<dyn TokenSource> = Arc::new(Application::from_env(&get));
        let managed: Arc<dyn TokenSource> = Arc::new(ManagedIdentity::from_env(&get, arc_keys));
        let cli: Arc<dyn TokenSource> = Arc::new(AzureCli::new(az));
        let chain = |variable: &'static str| -> Vec<Arc<dyn TokenSource>> {
            let given = Arc::new(Environment::new(variable, get(variable)));
            let others = [&application, &managed, &refresh, &signed_in, &cli];
            [given as Arc<dyn TokenSource>].into_iter().chain(others.map(Arc::clone)).collect()
        };
        let (portal, graph) = (chain("SSPRCTL_PORTAL_TOKEN"), chain("SSPRCTL_GRAPH_TOKEN"));
        let sets_nothing = !VARIABLES.iter().any(|name| get(name).is_some_and(|value| !value.trim().is_empty()));
        Self { portal, graph, skips_checks: false, scopes: Vec::new(), cache: Some(cache), seed, sets_nothing }
    }

    /// Tokens that the caller already has. They are sent without a check.
    #[must_use]
    pub fn fixed(portal: Option<Token>, graph: Option<Token>) -> Self {
        let (portal, graph): (Arc<dyn TokenSource>, Arc<dyn TokenSource>) =
            (Arc::new(FixedTokens(portal)), Arc::new(FixedTokens(graph)));
        let (portal, graph) = (vec![portal], vec![graph]);
        Self { portal, graph, skips_checks: true, scopes: Vec::new(), cache: None, seed: None, sets_nothing: false }
    }

    /// The same, asking for no more permissions on Microsoft Graph than these, wherever the way of signing in
    /// lets the caller choose.
    #[must_use]
    pub fn asking_for(mut self, scopes: Vec<&'static str>) -> Self {
        self.scopes = scopes;
        self
    }

    /// Removes all saved sign-ins, without decrypting them. Returns whether there were any.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn remove_sign_ins(&self) -> Result<bool, TenantError> {
        let forgotten = self.cache.as_ref().map_or(Ok(false), |cache| cache.remove());
        forgotten.map_err(|CacheError { why, hint }| TenantError::new(TenantErrorKind::Refused, why).hint(hint))
    }

    /// The token cache; `None` for fixed tokens.
    pub(crate) fn cache(&self) -> Option<&TokenCache> {
        self.cache.as_deref()
    }

    /// The saved sign-in that a token would come from.
    pub(crate) fn cached(&self, request: &TokenRequest<'_>) -> Result<Option<CachedSignIn>, CacheError> {
        let Some(cache) = &self.cache else { return Ok(None) };
        let serves = |one: &CachedSignIn| match &self.seed {
            Some(seed) => one.seed.as_ref() == Some(seed),
            None => one.is_login_to(request) && one.systems.contains(&request.service),
        };
        Ok(cache.read()?.into_iter().find(serves))
    }

    /// The permissions to ask for.
    pub(crate) fn scopes(&self, service: Service) -> &[&'static str] {
        match service {
            Service::Portal => &[],
            Service::Graph => &self.scopes,
        }
    }

    /// Whether tokens are sent as they are, whatever their audience.
    pub(crate) fn skips_checks(&self) -> bool {
        self.skips_checks
    }

    /// Acquires a token from the first source that is set up.
    ///
    /// # Errors
    /// When that source fails, or no source is set up.
    pub(crate) async fn acquire(&self, request: &TokenRequest<'_>) -> Result<AcquiredToken, TenantError> {
        let mut absent = Vec::new();
        let sources = self.of(request.service);
        for source in sources {
            match source.acquire(request).await {
                Ok(token) => {
                    return Ok(AcquiredToken { token, hint: source.renewal_hint(request), origin: source.name() });
                }
                Err(TokenUnavailable::Failed(error)) => return Err(error),
                Err(TokenUnavailable::NotFound(why)) => absent.push(why),
                Err(TokenUnavailable::NotConfigured) => {}
            }
        }
        let error = request.error(format!(
            "there is no credential for {}: {}",
            request.service.display_name(),
            absent.join("; ")
        ));
        let mut hints: Vec<_> = sources.iter().rev().filter_map(|source| source.renewal_hint(request)).collect();
        if self.is_without_credential() {
            hints.push("add `--sandbox` to use the embedded tenants".to_owned());
        }
        Err(if hints.is_empty() { error } else { error.hint(hints.join("; or ")) })
    }

    /// Whether nothing at all is set up to sign in with, so that somebody may only want to try the program.
    fn is_without_credential(&self) -> bool {
        let is_signed_in = || self.cache.as_ref().is_some_and(|cache| cache.read().map_or(true, |all| !all.is_empty()));
        self.sets_nothing && !is_signed_in()
    }

    fn of(&self, service: Service) -> &[Arc<dyn TokenSource>] {
        match service {
            Service::Portal => &self.portal,
            Service::Graph => &self.graph,
        }
    }
}
