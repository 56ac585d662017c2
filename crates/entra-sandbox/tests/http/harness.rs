//! A server for each test, and the requests that tests send to it.

use std::error::Error;

use entra_sandbox::{Audience, Clock, Faults, Person, RunningServer, ServerOptions, World, serve};
use jiff::Timestamp;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;

/// The result of a test.
pub(crate) type Outcome = Result<(), Box<dyn Error>>;

pub(crate) const CONTOSO: &str = "contoso.onmicrosoft.com";
pub(crate) const FABRIKAM: &str = "fabrikam.onmicrosoft.com";
pub(crate) const NORTHWIND: &str = "northwind.onmicrosoft.com";
pub(crate) const ADATUM: &str = "adatum.onmicrosoft.com";
pub(crate) const TAILSPIN: &str = "tailspin.onmicrosoft.com";

pub(crate) const POLICY: &str = "/api/PasswordReset/PasswordResetPolicies";
pub(crate) const ON_PREMISES: &str = "/api/PasswordReset/OnPremisesPasswordResetPolicies";
pub(crate) const AUTHORIZATION: &str = "/v1.0/policies/authorizationPolicy";
pub(crate) const REQUEST_ID: &str = "5915b5cb-9c19-4056-b383-52f2de190383";

/// A server whose clock is fixed.
pub(crate) struct Emulator {
    pub(crate) world: World,
    pub(crate) server: RunningServer,
    pub(crate) clock: Clock,
    client: Client,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) kind: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Result<Value, Box<dyn Error>> {
        serde_json::from_str(&self.body).map_err(|error| format!("{error}: {}", self.body).into())
    }
}

impl Emulator {
    pub(crate) fn start() -> Result<Self, Box<dyn Error>> {
        Self::over(World::seeded(), Faults::none())
    }

    pub(crate) fn over(world: World, faults: Faults) -> Result<Self, Box<dyn Error>> {
        let clock = Clock::Fixed("2026-05-13T07:17:35.5553969Z".parse::<Timestamp>()?);
        let server = serve(ServerOptions { port: 0, world: world.clone(), faults, clock: clock.clone() })?;
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(Self { world, server, clock, client: Client::builder().no_proxy().build()? })
    }

    pub(crate) fn token(&self, tenant: &str, audience: Audience, person: &Person) -> Result<String, Box<dyn Error>> {
        Ok(self.world.person_token(tenant, audience, person, &self.clock)?)
    }

    /// A request without headers.
    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.server.url()))
    }

    /// A request to the portal, with the headers that a client must send.
    pub(crate) fn portal(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        self.bare(method, path).bearer_auth(token).header("x-ms-client-request-id", REQUEST_ID)
    }

    /// A GET to the portal by a Global Administrator.
    pub(crate) async fn get(&self, tenant: &str, path: &str) -> Result<Answer, Box<dyn Error>> {
        let token = self.token(tenant, Audience::Portal, &Person::Administrator)?;
        answer(self.portal(Method::GET, path, &token)).await
    }

    /// A PUT to the portal by a Global Administrator.
    pub(crate) async fn put(&self, tenant: &str, path: &str, body: &str) -> Result<Answer, Box<dyn Error>> {
        let token = self.token(tenant, Audience::Portal, &Person::Administrator)?;
        answer(json(self.portal(Method::PUT, path, &token), body)).await
    }

    /// A GET to Graph by a Global Administrator.
    pub(crate) async fn graph(&self, tenant: &str, path: &str) -> Result<Answer, Box<dyn Error>> {
        let token = self.token(tenant, Audience::Graph, &Person::Administrator)?;
        answer(self.bare(Method::GET, path).bearer_auth(token)).await
    }

    /// The password reset policy as the portal returns it.
    pub(crate) async fn policy(&self, tenant: &str) -> Result<Value, Box<dyn Error>> {
        self.get(tenant, POLICY).await?.json()
    }

    /// Reads the policy, changes some keys and writes it back.
    pub(crate) async fn change(&self, tenant: &str, keys: &[(&str, Value)]) -> Result<Answer, Box<dyn Error>> {
        let mut policy = self.policy(tenant).await?;
        for (key, value) in keys {
            policy[*key] = value.clone();
        }
        self.put(tenant, POLICY, &policy.to_string()).await
    }
}

/// Adds a JSON body.
pub(crate) fn json(request: RequestBuilder, body: &str) -> RequestBuilder {
    request.header("content-type", "application/json").body(body.to_owned())
}

pub(crate) async fn answer(request: RequestBuilder) -> Result<Answer, Box<dyn Error>> {
    let response: Response = request.send().await?;
    let kind =
        response.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
    Ok(Answer { status: response.status(), kind, body: response.text().await? })
}
