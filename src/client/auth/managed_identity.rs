//! Tokens of the identity that Azure gives to a machine or a service. They reach Microsoft Graph alone.

use std::path::{Path, PathBuf};

use futures::future::BoxFuture;
use jiff::Timestamp;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use url::Url;

use crate::client::auth::claims::PERSON_ONLY;
use crate::client::auth::source::{TokenRequest, TokenSource, TokenUnavailable};
use crate::client::auth::{arc, grant};
use crate::client::endpoints::{is_link_local, is_loopback};
use crate::client::operations::table::Operation;
use crate::client::token::Token;
use crate::client::transport::{self, HttpRequest, HttpResponse, Payload, RequestError, RequestErrorCause};
use crate::client::{classify, retry};
use crate::tenant::surface::Service;

const ENDPOINT: &str = "IDENTITY_ENDPOINT";
const HEADER: &str = "IDENTITY_HEADER";
/// The header that carries the value of [`HEADER`].
const SERVICE_HEADER: &str = "x-identity-header";
/// The variable that the agent of Azure Arc sets, and no other platform.
const ARC: &str = "IMDS_ENDPOINT";
const ARC_VERSION: &str = "2020-06-01";
/// The variable that Service Fabric sets, and no other platform.
const THUMBPRINT: &str = "IDENTITY_SERVER_THUMBPRINT";
/// Who is asked, in messages.
const WHOM: &str = "the managed identity";
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
    /// The agent of Azure Arc on this machine, with the folder of its key files.
    Arc { url: String, keys: PathBuf },
    /// Service Fabric, whose endpoint has a certificate of its own.
    ServiceFabric,
}

impl ManagedIdentity {
    /// The service or the Azure Arc agent that announces itself in the environment; or the machine, where
    /// `AZURE_TOKEN_CREDENTIALS` chooses it: elsewhere nothing answers at its address, and every run would wait for nothing.
    /// `keys` is the folder of the agent's key files; `None` means its own.
    pub(crate) fn from_env(get: &impl Fn(&str) -> Option<String>, keys: Option<PathBuf>) -> Self {
        let get = |name: &str| get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let service = || match (get(ENDPOINT)?, get(HEADER), get(ARC), get(THUMBPRINT)) {
            (_, Some(_), _, Some(_)) => Some(IdentityEndpoint::ServiceFabric),
            (url, Some(header), _, None) => Some(IdentityEndpoint::Service { url, header }),
            (url, None, Some(_), _) => {
                let keys = keys.clone().unwrap_or_else(|| arc::keys_folder(&get));
                Some(IdentityEndpoint::Arc { url, keys })
            }
            (_, None, None, _) => None,
        };
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
        let response = match place {
            IdentityEndpoint::ServiceFabric => {
                let error = request.error("the managed identity of Azure Service Fabric is not supported");
                return Err(TokenUnavailable::Failed(
                    error.hint(format!("unset {ENDPOINT}, and sign in in another way")),
                ));
            }
            IdentityEndpoint::Arc { url, keys } => self.ask_arc(request, url, keys).await?,
            IdentityEndpoint::Service { url, header } => {
                let header = (SERVICE_HEADER, header.clone());
                let call = self.call(request, ENDPOINT, url, "2019-08-01", Some(header))?;
                let sent = retry::with_retries(request.http, WHOM, || send(request, &call)).await;
                sent.map_err(|error| refused(request, &error))?
            }
            IdentityEndpoint::Machine { base } => {
                let url = format!("{}/metadata/identity/oauth2/token", base.trim_end_matches('/'));
                let call = self.call(request, METADATA_HOST, &url, "2018-02-01", None)?;
                let sent = retry::with_metadata_retries(request.http, WHOM, || send(request, &call)).await;
                sent.map_err(|error| refused(request, &error))?
            }
        };
        let token = grant::granted(request, &response).map_err(TokenUnavailable::Failed)?.token;
        let expires = token.expires().or_else(|| expires_on(&response.text));
        Ok(token.expiring(expires))
    }

    /// Answers the challenge of the Azure Arc agent; see [`arc`].
    async fn ask_arc(
        &self,
        request: &TokenRequest<'_>,
        url: &str,
        keys: &Path,
    ) -> Result<HttpResponse, TokenUnavailable> {
        let failed = |why: String| {
            let error = request.error(format!("the challenge of the Azure Arc agent {why}"));
            TokenUnavailable::Failed(error.hint(
                "run as an account that may read the agent's key files (group himds), and leave IDENTITY_ENDPOINT as the agent \
                 sets it",
            ))
        };
        if self.client.is_some() {
            let error = request.error("a machine of Azure Arc has one identity, which AZURE_CLIENT_ID cannot choose");
            return Err(TokenUnavailable::Failed(error.hint("unset AZURE_CLIENT_ID")));
        }
        let call = self.call(request, ENDPOINT, url, ARC_VERSION, None)?;
        let challenge = match retry::with_metadata_retries(request.http, WHOM, || send(request, &call)).await {
            Ok(_) => return Err(failed("is missing: it answers without one".to_owned())),
            Err(error) => match &error.cause {
                RequestErrorCause::Status(response) if response.status == StatusCode::UNAUTHORIZED => {
                    response.challenge.clone()
                }
                _ => return Err(refused(request, &error)),
            },
        };
        let key = arc::key(challenge.as_deref(), keys).map_err(failed)?;
        let shown = ("authorization", format!("Basic {key}"));
        let call = self.call(request, ENDPOINT, url, ARC_VERSION, Some(shown))?;
        let sent = retry::with_metadata_retries(request.http, WHOM, || send(request, &call)).await;
        sent.map_err(|error| refused(request, &error))
    }

    fn call(
        &self,
        request: &TokenRequest<'_>,
        variable: &str,
        url: &str,
        version: &str,
        secret: Option<(&'static str, String)>,
    ) -> Result<HttpRequest, TokenUnavailable> {
        let url = Url::parse(url.trim_end_matches('/')).ok();
        let url = url.filter(|url| url.scheme() == "http" && (is_loopback(url) || is_link_local(url)));
        let mut url = url.ok_or_else(|| {
            let error = request.error(format!("{variable} is no http address on this machine or its own link"));
            TokenUnavailable::Failed(error.hint("leave it as the platform sets it"))
        })?;
        url.query_pairs_mut().append_pair("api-version", version).append_pair("resource", request.audience);
        if let Some(client) = &self.client {
            url.query_pairs_mut().append_pair("client_id", client);
        }
        // Without this header the metadata services answer nothing, so that no browser can be made to ask them.
        let plain = if secret.as_ref().is_some_and(|(name, _)| *name == SERVICE_HEADER) {
            Vec::new()
        } else {
            vec![("metadata", "true")]
        };
        let payload = Payload::Headers { plain, secrets: secret.into_iter().collect() };
        Ok(HttpRequest { method: Method::GET, url, ids: &[], payload })
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

async fn send(request: &TokenRequest<'_>, call: &HttpRequest) -> Result<HttpResponse, RequestError> {
    transport::send(request.http, request.clock, call, None).await
}

fn refused(request: &TokenRequest<'_>, error: &RequestError) -> TokenUnavailable {
    let hint = "assign an identity to this machine or service; of several, name one in AZURE_CLIENT_ID";
    TokenUnavailable::Failed(match &error.cause {
        RequestErrorCause::Status(response) if response.status.is_client_error() && !is_passing(response) => {
            grant::refusal(request, error, response, WHOM).hint(hint)
        }
        _ => classify::tenant_error(Operation::SignIn, error),
    })
}

/// Whether the service answers like this while it is busy or updated.
fn is_passing(response: &HttpResponse) -> bool {
    matches!(response.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT | StatusCode::GONE)
}

/// App Service says only when the token ends.
fn expires_on(text: &str) -> Option<Timestamp> {
    let body: Value = serde_json::from_str(text).ok()?;
    let seconds = body.get("expires_on")?;
    Timestamp::from_second(seconds.as_i64().or_else(|| seconds.as_str()?.parse().ok())?).ok()
}
