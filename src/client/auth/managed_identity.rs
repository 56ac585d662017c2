//! Tokens of the identity that Azure gives to a machine or a service. They reach Microsoft Graph alone.

use futures::future::BoxFuture;
use jiff::Timestamp;
use reqwest::Method;
use serde_json::Value;
use url::Url;

use crate::client::auth::claims::PERSON_ONLY;
use crate::client::auth::grant;
use crate::client::auth::source::{TokenRequest, TokenSource, TokenUnavailable};
use crate::client::endpoints::{is_link_local, is_loopback};
use crate::client::retry;
use crate::client::token::Token;
use crate::client::transport::{self, HttpRequest, Payload};
use crate::tenant::surface::Service;

const ENDPOINT: &str = "IDENTITY_ENDPOINT";
const HEADER: &str = "IDENTITY_HEADER";
/// The variable with which the Azure SDKs choose among sources.
const CHOICE: &str = "AZURE_TOKEN_CREDENTIALS";
/// The variable with which the Azure SDKs replace the metadata service's address.
const METADATA_HOST: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
/// The metadata service of a virtual machine: a fixed address on the machine's own link.
const METADATA: &str = "http://169.254.169.254";

/// The identity of where this runs.
pub(crate) struct ManagedIdentity {
    place: Option<IdentityEndpoint>,
    /// Which identity, where there are several.
    client: Option<String>,
}

/// Who hands the tokens out.
enum IdentityEndpoint {
    /// The service that runs this (App Service, Functions, Container Apps), with what it wants to be shown.
    Service { url: String, header: String },
    /// The machine's metadata service.
    Machine { base: String },
}

impl ManagedIdentity {
    /// The service that announces itself in the environment; or the machine, where `AZURE_TOKEN_CREDENTIALS` chooses it:
    /// elsewhere nothing answers at its address, and every run would wait for nothing.
    pub(crate) fn from_env(get: &impl Fn(&str) -> Option<String>) -> Self {
        let get = |name: &str| get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let service = || Some(IdentityEndpoint::Service { url: get(ENDPOINT)?, header: get(HEADER)? });
        let chosen = get(CHOICE)
            .is_some_and(|choice| ["ManagedIdentityCredential", "prod"].iter().any(|c| choice.eq_ignore_ascii_case(c)));
        let base = || get(METADATA_HOST).unwrap_or_else(|| METADATA.to_owned());
        Self {
            place: service().or_else(|| chosen.then(|| IdentityEndpoint::Machine { base: base() })),
            client: get("AZURE_CLIENT_ID"),
        }
    }

    async fn token(&self, request: &TokenRequest<'_>) -> Result<Token, TokenUnavailable> {
        let Some(place) = &self.place else { return Err(TokenUnavailable::NotConfigured) };
        if request.service == Service::Portal {
            return Err(TokenUnavailable::NotFound(format!("the managed identity cannot serve: {PERSON_ONLY}")));
        }
        let call = self.call(request, place)?;
        let sent = || transport::send(request.http, request.clock, &call, None);
        let response = retry::with_retries(request.http, "the managed identity", sent).await.map_err(|error| {
            let error = grant::refused(request, &error, "the managed identity", |_| String::new());
            TokenUnavailable::Failed(
                error.hint("assign an identity to this machine or service; of several, name one in AZURE_CLIENT_ID"),
            )
        })?;
        let token = grant::granted(request, &response).map_err(TokenUnavailable::Failed)?.token;
        let expires = token.expires().or_else(|| expires_on(&response.text));
        Ok(token.expiring(expires))
    }

    fn call(&self, request: &TokenRequest<'_>, place: &IdentityEndpoint) -> Result<HttpRequest, TokenUnavailable> {
        let (text, variable, path, version, header) = match place {
            IdentityEndpoint::Service { url, header } => {
                (url, ENDPOINT, "", "2019-08-01", ("x-identity-header", header.clone()))
            }
            IdentityEndpoint::Machine { base } => {
                (base, METADATA_HOST, "/metadata/identity/oauth2/token", "2018-02-01", ("metadata", "true".to_owned()))
            }
        };
        let url = Url::parse(&format!("{}{path}", text.trim_end_matches('/'))).ok();
        let url = url.filter(|url| url.scheme() == "http" && (is_loopback(url) || is_link_local(url)));
        let mut url = url.ok_or_else(|| {
            let error = request.error(format!("{variable} is no http address on this machine or its own link"));
            TokenUnavailable::Failed(error.hint("leave it as the platform sets it"))
        })?;
        url.query_pairs_mut().append_pair("api-version", version).append_pair("resource", request.audience);
        if let Some(client) = &self.client {
            url.query_pairs_mut().append_pair("client_id", client);
        }
        Ok(HttpRequest { method: Method::GET, url, ids: &[], payload: Payload::SecretHeaders(vec![header]) })
    }
}

impl TokenSource for ManagedIdentity {
    fn acquire<'a>(&'a self, request: &'a TokenRequest<'a>) -> BoxFuture<'a, Result<Token, TokenUnavailable>> {
        Box::pin(self.token(request))
    }

    fn name(&self) -> &'static str {
        "the managed identity"
    }

    fn renewal_hint(&self, request: &TokenRequest<'_>) -> Option<String> {
        (request.service == Service::Graph && self.place.is_some())
            .then(|| "assign an identity with the permissions to this machine or service".to_owned())
    }
}

/// App Service says only when the token ends.
fn expires_on(text: &str) -> Option<Timestamp> {
    let body: Value = serde_json::from_str(text).ok()?;
    let seconds = body.get("expires_on")?;
    Timestamp::from_second(seconds.as_i64().or_else(|| seconds.as_str()?.parse().ok())?).ok()
}
