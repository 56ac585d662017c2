//! One token for each system, fetched when it is first needed, shared by all requests, and fetched anew when it is due.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use crate::base::clock::Clock;
use crate::base::cloud::Cloud;
use crate::base::ids::TenantName;
use crate::client::auth::credentials::{Acquired, Credentials};
use crate::client::auth::source::Want;
use crate::client::cloud::{self, CloudRow};
use crate::client::endpoints::Endpoints;
use crate::client::http::Http;
use crate::client::pace::Pace;
use crate::client::token::Bearer;
use crate::tenant::surface::System;
use crate::tenant::trouble::{Access, Trouble, TroubleKind};

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
    pub(crate) http: Http,
    /// The clock.
    pub(crate) clock: Clock,
    /// Where tokens come from.
    pub(crate) credentials: Credentials,
    /// The token for the portal.
    pub(crate) portal: Mutex<Slot>,
    /// The token for Graph.
    pub(crate) graph: Mutex<Slot>,
    /// Keeps requests about Conditional Access apart.
    pub(crate) access: Arc<Pace>,
}

/// What is known of one system's token.
#[derive(Default)]
pub(crate) struct Slot {
    current: Option<Bearer>,
    /// How a person gets a new one from where the last one came from.
    way: Option<String>,
    /// What brought the last one.
    origin: Option<&'static str>,
    /// The last token that the service no longer accepts, with what it said.
    rejected: Option<(Bearer, Trouble)>,
    /// Why there will be no token in this run: asking again would only bring the same answer more slowly.
    refusal: Option<Trouble>,
}

impl Session {
    /// The token for a system. Whoever comes while it is being fetched waits for that one.
    pub(crate) async fn bearer(&self, system: System) -> Result<Bearer, Trouble> {
        let mut slot = self.slot(system).lock().await;
        if let Some(trouble) = &slot.refusal {
            return Err(trouble.clone());
        }
        let now = self.clock.now();
        match &slot.current {
            Some(bearer) if lasts(bearer, now + MARGIN) => Ok(bearer.clone()),
            Some(bearer) => {
                let old = bearer.clone();
                // One that is about to expire still serves when there is no newer one yet.
                let fresh = self.fetch(system, &mut slot).await;
                fresh.or_else(|trouble| if lasts(&old, now) { Ok(old) } else { Err(trouble) })
            }
            None => {
                let fresh = self.fetch(system, &mut slot).await;
                slot.refusal = fresh.as_ref().err().cloned();
                fresh
            }
        }
    }

    /// Gives up a token that the service no longer accepts, and returns what it said with the way to a new one. The next
    /// request fetches another; the same one again is not tried twice.
    pub(crate) async fn discard(&self, system: System, bearer: &Bearer, trouble: Trouble) -> Trouble {
        let mut slot = self.slot(system).lock().await;
        let trouble = match &slot.way {
            Some(way) => trouble.hint(way.clone()),
            None => trouble,
        };
        if slot.current.as_ref().is_some_and(|current| current.is(bearer)) {
            slot.current = None;
            slot.rejected = Some((bearer.clone(), trouble.clone()));
        }
        trouble
    }

    async fn fetch(&self, system: System, slot: &mut Slot) -> Result<Bearer, Trouble> {
        let want = self.want(system)?;
        let Acquired { token, way, origin } = self.credentials.acquire(&want).await?;
        (slot.way, slot.origin) = (way, Some(origin));
        if let Some((_, trouble)) = slot.rejected.as_ref().filter(|(rejected, _)| rejected.repeats(&token)) {
            return Err(trouble.clone());
        }
        let bearer = Bearer::new(token, self.endpoints.of_system(system));
        slot.current = Some(bearer.clone());
        Ok(bearer)
    }

    /// What brought the token for a system; empty when nothing did yet.
    pub(crate) async fn origin(&self, system: System) -> &'static str {
        self.slot(system).lock().await.origin.unwrap_or_default()
    }

    /// What a token for a system is asked for.
    pub(crate) fn want(&self, system: System) -> Result<Want<'_>, Trouble> {
        let cloud = cloud::row(self.cloud);
        let audience = match cloud.audience(system) {
            Some(audience) => audience,
            None if self.credentials.vouched() => "",
            None => return Err(no_audience(cloud, system)),
        };
        let Self { tenant, endpoints, http, clock, .. } = self;
        let scopes = self.credentials.scopes(system);
        Ok(Want { system, audience, scopes, tenant, cloud, endpoints, http, clock })
    }

    fn slot(&self, system: System) -> &Mutex<Slot> {
        match system {
            System::Portal => &self.portal,
            System::Graph => &self.graph,
        }
    }
}

fn lasts(bearer: &Bearer, until: Timestamp) -> bool {
    bearer.expires().is_none_or(|expires| expires > until)
}

fn no_audience(cloud: &CloudRow, system: System) -> Trouble {
    Trouble::new(
        TroubleKind::NoAccess(Access::Credential(system)),
        format!(
            "{} cannot be reached in the {} cloud: it is not publicly known what its tokens are minted for there",
            system.title(),
            cloud.cloud.name()
        ),
    )
    .hint("leave the settings of the portal out of the policy; those of Microsoft Graph work")
}
