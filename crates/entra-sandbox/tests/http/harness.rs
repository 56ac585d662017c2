//! One emulator for one test, and the requests that tests send to it.

use std::error::Error;

use entra_sandbox::{Audience, Clock, Faults, Person, RunningServer, ServerOptions, World, serve};
use jiff::Timestamp;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;

/// How every test ends.
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

/// An emulator at a fixed moment.
pub(crate) struct Emulator {
    pub(crate) world: World,
    pub(crate) server: RunningServer,
    pub(crate) clock: Clock,
    client: Client,
}

/// Status, content type and body of an answer.
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
        Ok(Self { world, server, clock, client: Client::builder().no_proxy().build()? })
    }

    pub(crate) fn token(&self, tenant: &str, audience: Audience, person: &Person) -> Result<String, Box<dyn Error>> {
        Ok(self.world.person_token(tenant, audience, person, &self.clock)?)
    }

    /// A request without any header.
    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.server.url()))
    }

    /// A request to the portal as a client sends it.
    pub(crate) fn portal(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        self.bare(method, path).bearer_auth(token).header("x-ms-client-request-id", REQUEST_ID)
    }

    /// GET at the portal by a Global Administrator.
    pub(crate) async fn get(&self, tenant: &str, path: &str) -> Result<Answer, Box<dyn Error>> {
        let token = self.token(tenant, Audience::Portal, &Person::Administrator)?;
        answer(self.portal(Method::GET, path, &token)).await
    }

    /// PUT at the portal by a Global Administrator.
    pub(crate) async fn put(&self, tenant: &str, path: &str, body: &str) -> Result<Answer, Box<dyn Error>> {
        let token = self.token(tenant, Audience::Portal, &Person::Administrator)?;
        answer(json(self.portal(Method::PUT, path, &token), body)).await
    }

    /// GET at Graph by a Global Administrator.
    pub(crate) async fn graph(&self, tenant: &str, path: &str) -> Result<Answer, Box<dyn Error>> {
        let token = self.token(tenant, Audience::Graph, &Person::Administrator)?;
        answer(self.bare(Method::GET, path).bearer_auth(token)).await
    }

    /// The password reset policy as it is served now.
    pub(crate) async fn policy(&self, tenant: &str) -> Result<Value, Box<dyn Error>> {
        self.get(tenant, POLICY).await?.json()
    }

    /// Writes the policy back with some keys changed.
    pub(crate) async fn change(&self, tenant: &str, keys: &[(&str, Value)]) -> Result<Answer, Box<dyn Error>> {
        let mut policy = self.policy(tenant).await?;
        for (key, value) in keys {
            policy[*key] = value.clone();
        }
        self.put(tenant, POLICY, &policy.to_string()).await
    }
}

/// The same request with a JSON body.
pub(crate) fn json(request: RequestBuilder, body: &str) -> RequestBuilder {
    request.header("content-type", "application/json").body(body.to_owned())
}

/// Sends a request.
pub(crate) async fn answer(request: RequestBuilder) -> Result<Answer, Box<dyn Error>> {
    let response: Response = request.send().await?;
    let kind =
        response.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
    Ok(Answer { status: response.status(), kind, body: response.text().await? })
}
