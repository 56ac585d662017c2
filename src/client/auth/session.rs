//! The tokens of one tenant, one for each service: acquired for the first request, shared by all requests, and renewed before
//! it expires.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Mutex, OnceCell};

use crate::base::clock::Clock;
use crate::base::cloud::Cloud;
use crate::base::ids::TenantName;
use crate::client::auth::credentials::{AcquiredToken, Credentials};
use crate::client::auth::source::TokenRequest;
use crate::client::cloud::{self, CloudRow};
use crate::client::endpoints::Endpoints;
use crate::client::http::HttpClient;
use crate::client::rate_limit::TenantRates;
use crate::client::token::Bearer;
use crate::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use crate::tenant::surface::Service;

/// A token is replaced this long before it expires, so that it does not expire on its way.
const MARGIN: SignedDuration = SignedDuration::from_secs(120);

/// The tokens of one tenant.
pub(crate) struct Session {
    /// The tenant they must belong to.
    pub(crate) tenant: TenantName,
    /// The cloud of the tenant.
    pub(crate) cloud: Cloud,
    /// Where its services are.
    pub(crate) endpoints: Endpoints,
    /// The connections to use.
    pub(crate) http: HttpClient,
    /// Judges the expiry of tokens and the dates in responses.
    pub(crate) clock: Clock,
    /// Where tokens come from.
    pub(crate) credentials: Credentials,
    /// The token for the portal.
    pub(crate) portal: Mutex<TokenSlot>,
    /// The token for Graph.
    pub(crate) graph: Mutex<TokenSlot>,
    /// Delays requests that the services limit.
    pub(crate) rates: Arc<TenantRates>,
    /// The clouds that the tenant may be in, once the sign-in service was asked.
    pub(crate) clouds: OnceCell<&'static [Cloud]>,
}

/// What is known of one system's token.
#[derive(Default)]
pub(crate) struct TokenSlot {
    current: Option<Bearer>,
    /// How a person gets a new token from the source of the last one.
    hint: Option<String>,
    /// The name of the source of the last one.
    origin: Option<&'static str>,
    /// The last token that the service no longer accepts, with what it said.
    rejected: Option<(Bearer, TenantError)>,
    /// Why there will be no token in this run: asking again would only bring the same answer more slowly.
    refusal: Option<TenantError>,
}

impl Session {
    /// The token for a service. Requests that need it while it is being acquired wait for the same one.
    pub(crate) async fn bearer(&self, service: Service) -> Result<Bearer, TenantError> {
        let mut slot = self.slot(service).lock().await;
        if let Some(error) = &slot.refusal {
            return Err(error.clone());
        }
        let now = self.clock.now();
        match &slot.current {
            Some(bearer) if lasts(bearer, now + MARGIN) => Ok(bearer.clone()),
            Some(bearer) => {
                let old = bearer.clone();
                // One that is about to expire still serves when there is no newer one yet.
                let fresh = self.fetch(service, &mut slot).await;
                fresh.or_else(|error| if lasts(&old, now) { Ok(old) } else { Err(error) })
            }
            None => {
                let fresh = self.fetch(service, &mut slot).await;
                slot.refusal = fresh.as_ref().err().cloned();
                fresh
            }
        }
    }

    /// Discards a token that the service rejected, and returns the error with a hint how to get a new one. The next request
    /// acquires another token; if the source returns the same one again, it is not sent again.
    pub(crate) async fn reject(&self, service: Service, bearer: &Bearer, error: TenantError) -> TenantError {
        let mut slot = self.slot(service).lock().await;
        let error = match &slot.hint {
            Some(hint) if error.hint.is_none() => error.hint(hint.clone()),
            Some(_) | None => error,
        };
        if slot.current.as_ref().is_some_and(|current| current.is(bearer)) {
            slot.current = None;
            slot.rejected = Some((bearer.clone(), error.clone()));
        }
        error
    }

    async fn fetch(&self, service: Service, slot: &mut TokenSlot) -> Result<Bearer, TenantError> {
        let request = self.token_request(service)?;
        let AcquiredToken { token, hint, origin } = self.credentials.acquire(&request).await?;
        (slot.hint, slot.origin) = (hint, Some(origin));
        if let Some((_, error)) = slot.rejected.as_ref().filter(|(rejected, _)| rejected.repeats(&token)) {
            return Err(error.clone());
        }
        let bearer = Bearer::new(token, self.endpoints.of_system(service));
        slot.current = Some(bearer.clone());
        Ok(bearer)
    }

    /// The name of the source of a service's token; empty if none was acquired yet.
    pub(crate) async fn origin(&self, service: Service) -> &'static str {
        self.slot(service).lock().await.origin.unwrap_or_default()
    }

    /// The scopes of a token for a service.
    pub(crate) fn token_request(&self, service: Service) -> Result<TokenRequest<'_>, TenantError> {
        let cloud = cloud::row(self.cloud);
        let audience = match cloud.audience(service) {
            Some(audience) => audience,
            None if self.credentials.skips_checks() => "",
            None => return Err(no_audience(cloud, service)),
        };
        let Self { tenant, endpoints, http, clock, clouds, .. } = self;
        let scopes = self.credentials.scopes(service);
        Ok(TokenRequest { service, audience, scopes, tenant, cloud, endpoints, http, clock, clouds })
    }

    fn slot(&self, service: Service) -> &Mutex<TokenSlot> {
        match service {
            Service::Portal => &self.portal,
            Service::Graph => &self.graph,
        }
    }
}

fn lasts(bearer: &Bearer, until: Timestamp) -> bool {
    bearer.expires().is_none_or(|expires| expires > until)
}

fn no_audience(cloud: &CloudRow, service: Service) -> TenantError {
    TenantError::new(
        TenantErrorKind::NoAccess(MissingAccess::Credential(service)),
        format!(
            "{} cannot be reached in the {} cloud: it is not publicly known what its tokens are minted for there",
            service.display_name(),
            cloud.cloud.name()
        ),
    )
    .hint("leave the settings of the portal out of the policy; those of Microsoft Graph work")
}
