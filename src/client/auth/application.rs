//! Tokens of an application, by the client credentials grant (RFC 6749, section 4.4) with a secret, a certificate or a
//! federated credential. Only Microsoft Graph accepts them.

use futures::future::BoxFuture;

use crate::client::auth::certificate::Certificate;
use crate::client::auth::claims::PERSON_ONLY;
use crate::client::auth::federated::Federated;
use crate::client::auth::sign_in_errors::SignInMethod;
use crate::client::auth::source::{TokenRequest, TokenSource, TokenUnavailable};
use crate::client::auth::{discovery, grant};
use crate::client::token::Token;
use crate::tenant::surface::Service;

const TENANT: &str = "AZURE_TENANT_ID";
const CLIENT: &str = "AZURE_CLIENT_ID";
const SECRET: &str = "AZURE_CLIENT_SECRET";

/// What assertions are, to the token endpoint.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The application, as the environment names it.
pub(crate) struct Application {
    tenant: Option<String>,
    client: Option<String>,
    proof: Option<ClientCredential>,
}

/// How an application proves who it is.
enum ClientCredential {
    Secret(String),
    Certificate(Certificate),
    Federated(Federated),
}

impl Application {
    /// Takes the application from the variables that `get` returns. Of several credentials the first counts: secret,
    /// certificate, workload identity file, GitHub Actions. Without `AZURE_TENANT_ID` the policy's own tenant is signed in
    /// to, so that one application can serve several tenants.
    pub(crate) fn from_env(get: &impl Fn(&str) -> Option<String>) -> Self {
        let get = |name: &str| get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let proof = get(SECRET)
            .map(ClientCredential::Secret)
            .or_else(|| Certificate::from_env(&get).map(ClientCredential::Certificate))
            .or_else(|| Federated::from_env(&get).map(ClientCredential::Federated));
        Self { tenant: get(TENANT), client: get(CLIENT), proof }
    }

    async fn token(&self, request: &TokenRequest<'_>) -> Result<Token, TokenUnavailable> {
        let (client, proof) = match (&self.client, &self.proof) {
            // The portal takes no application, so there is no point in setting one up.
            (None, _) | (_, None) if request.service == Service::Portal => return Err(TokenUnavailable::NotConfigured),
            (Some(client), Some(proof)) => (client, proof),
            (None, None | Some(ClientCredential::Federated(Federated::Actions { .. }))) => {
                return Err(TokenUnavailable::NotFound(format!("{CLIENT} and {SECRET} are not set")));
            }
            (None, Some(proof)) => {
                return Err(TokenUnavailable::NotFound(format!("{} is set, but {CLIENT} is not", proof.variable())));
            }
            (Some(_), None) => return Err(TokenUnavailable::NotFound(format!("{CLIENT} is set, but {SECRET} is not"))),
        };
        if request.service == Service::Portal {
            return Err(TokenUnavailable::NotFound(format!("{} cannot serve: {PERSON_ONLY}", proof.variable())));
        }
        discovery::check_cloud(request).await.map_err(TokenUnavailable::Failed)?;
        let tenant = self.tenant.clone().unwrap_or_else(|| request.tenant.to_string());
        let url = grant::endpoint(request, &tenant);
        // Assertions die within minutes, so each token has its own.
        let (kind, secret) = match proof {
            ClientCredential::Secret(secret) => (None, ("client_secret", secret.clone())),
            ClientCredential::Certificate(certificate) => {
                (Some(JWT_BEARER), ("client_assertion", certificate.assertion(request, client, url.as_str())?))
            }
            ClientCredential::Federated(federated) => {
                (Some(JWT_BEARER), ("client_assertion", federated.assertion(request).await?))
            }
        };
        let mut fields = vec![
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", client.clone()),
            ("scope", request.scope()),
        ];
        fields.extend(kind.map(|kind| ("client_assertion_type", kind.to_owned())));
        let secrets = vec![secret];
        let response = grant::ask(request, url, fields, secrets).await.map_err(|error| {
            let whom = format!("the application in {CLIENT}");
            TokenUnavailable::Failed(grant::refused(
                request,
                &error,
                &whom,
                SignInMethod::Application(proof.variable()),
            ))
        })?;
        Ok(grant::granted(request, &response).map_err(TokenUnavailable::Failed)?.token)
    }
}

impl TokenSource for Application {
    fn acquire<'a>(&'a self, request: &'a TokenRequest<'a>) -> BoxFuture<'a, Result<Token, TokenUnavailable>> {
        Box::pin(self.token(request))
    }

    fn name(&self) -> &'static str {
        match &self.proof {
            Some(ClientCredential::Secret(_)) | None => "the application in AZURE_CLIENT_ID, by its secret",
            Some(ClientCredential::Certificate(_)) => "the application in AZURE_CLIENT_ID, by its certificate",
            Some(ClientCredential::Federated(Federated::File(_))) => {
                "the application in AZURE_CLIENT_ID, by workload identity"
            }
            Some(ClientCredential::Federated(Federated::Actions { .. })) => {
                "the application in AZURE_CLIENT_ID, by GitHub Actions"
            }
        }
    }

    fn renewal_hint(&self, request: &TokenRequest<'_>) -> Option<String> {
        let proof = self.proof.as_ref().map_or(SECRET, ClientCredential::variable);
        (request.service == Service::Graph)
            .then(|| format!("set {CLIENT} and {proof}, and {TENANT} if it is another tenant"))
    }
}

impl ClientCredential {
    fn variable(&self) -> &'static str {
        match self {
            Self::Secret(_) => SECRET,
            Self::Certificate(_) => Certificate::VARIABLE,
            Self::Federated(federated) => federated.variable(),
        }
    }
}
