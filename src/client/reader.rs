//! Sees a real tenant.

use std::future::Future;
use std::ops::ControlFlow;

use serde::Deserialize;
use url::Url;
use uuid::Uuid;

use crate::base::ids::{ObjectId, TenantId};
use crate::client::auth::session::Session;
use crate::client::errand::Errand;
use crate::client::page::{Page, decode};
use crate::client::{circumstances, classify, exchange, graph, kept, members, portal};
use crate::tenant::circumstances::Licence;
use crate::tenant::converged;
use crate::tenant::document::Document;
use crate::tenant::group::{Group, GroupQuery, ReadMembers};
use crate::tenant::identity::Identity;
use crate::tenant::port::ReadTenant;
use crate::tenant::surface::{Surface, System};
use crate::tenant::trouble::{Trouble, TroubleKind};

/// Reads one tenant over HTTP. Has no way to change it.
pub struct Reader {
    session: Session,
    adopts: bool,
}

impl Reader {
    /// Reads with a session's tokens.
    pub(crate) fn new(session: Session) -> Self {
        Self { session, adopts: false }
    }

    /// Takes objects that somebody else keeps for those of the policy, where there is one alone that fits and none of the
    /// policy's own; see [`kept::among`](crate::tenant::kept::among).
    #[must_use]
    pub fn adopting(self, adopts: bool) -> Self {
        Self { adopts, ..self }
    }

    /// The session, for the writer and the readers in files of their own.
    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    pub(crate) fn base(&self, system: System) -> &Url {
        self.session.endpoints.of_system(system)
    }

    async fn identify_here(&self, system: System) -> Result<Identity, Trouble> {
        let errand = Errand::Identify(system);
        let base = self.base(system);
        match system {
            System::Portal => {
                let answer = exchange::read(&self.session, errand, &portal::identify(base)).await?;
                let Directory { object_id: Id(id), display_name } = decode(errand, &answer)?;
                Ok(Identity { id: TenantId(id), name: display_name.unwrap_or_default(), domains: Vec::new() })
            }
            System::Graph => {
                let answer = exchange::read(&self.session, errand, &graph::identify(base)).await?;
                let Page { mut value } = decode::<Page<Organization>>(errand, &answer)?;
                let Some(Organization { id: Id(id), display_name, verified_domains }) = value.pop() else {
                    return Err(classify::unintelligible(errand, "names no organisation").request(answer.request));
                };
                let domains = verified_domains.into_iter().map(|domain| domain.name.to_ascii_lowercase()).collect();
                Ok(Identity { id: TenantId(id), name: display_name.unwrap_or_default(), domains })
            }
        }
    }

    async fn tenant_of_here(&self, domain: &str) -> Result<TenantId, Trouble> {
        let errand = Errand::Domain;
        let call = graph::tenant_of(self.session.endpoints.login(), domain);
        let answer = exchange::read(&self.session, errand, &call).await.map_err(|trouble| match trouble.kind {
            // The sign-in service answers 400 to a domain it does not know.
            TroubleKind::Refused | TroubleKind::NotFound => unverified(domain, trouble),
            _ => trouble,
        })?;
        let Configuration { issuer } = decode(errand, &answer)?;
        let id = issuer.path_segments().into_iter().flatten().find_map(|segment| Uuid::parse_str(segment).ok());
        id.map(TenantId).ok_or_else(|| classify::unintelligible(errand, "names no tenant").request(answer.request))
    }

    async fn read_here(&self, surface: Surface) -> Result<Document, Trouble> {
        let errand = Errand::Read(surface);
        let base = self.base(surface.system());
        let call = match surface {
            Surface::PasswordReset => portal::read_password_reset(base),
            Surface::OnPremisesPasswordReset => portal::read_on_premises(base),
            Surface::AuthorizationPolicy => graph::read_authorization(base),
            Surface::AuthenticationMethods => graph::read_methods(base),
            Surface::DeviceConfiguration => return kept::link(&self.session, self.adopts).await,
            Surface::ConditionalAccess => return kept::access(&self.session, self.adopts).await,
        };
        let answer = exchange::read(&self.session, errand, &call).await?;
        let document = decode(errand, &answer)?;
        if surface != Surface::AuthenticationMethods {
            return Ok(document);
        }
        converged::by_entry(&document)
            .map_err(|misshapen| classify::unintelligible(errand, misshapen.to_string()).request(answer.request))
    }

    async fn groups_here(&self, query: &GroupQuery) -> Result<Vec<Group>, Trouble> {
        let errand = Errand::Groups;
        let call = graph::groups(self.base(System::Graph), query);
        let outcome = exchange::read(&self.session, errand, &call).await;
        match query {
            GroupQuery::Id(_) => match outcome {
                Ok(answer) => Ok(vec![decode::<DirectoryGroup>(errand, &answer)?.into()]),
                Err(trouble) if trouble.kind == TroubleKind::NotFound => Ok(Vec::new()),
                Err(trouble) => Err(trouble),
            },
            GroupQuery::Name(_) => {
                let Page { value } = decode::<Page<DirectoryGroup>>(errand, &outcome?)?;
                Ok(value.into_iter().take(2).map(Group::from).collect())
            }
        }
    }
}

impl ReadTenant for Reader {
    fn identify(&self, system: System) -> impl Future<Output = Result<Identity, Trouble>> + Send {
        self.identify_here(system)
    }

    fn tenant_of(&self, domain: &str) -> impl Future<Output = Result<TenantId, Trouble>> + Send {
        self.tenant_of_here(domain)
    }

    fn read(&self, surface: Surface) -> impl Future<Output = Result<Document, Trouble>> + Send {
        self.read_here(surface)
    }

    fn licence(&self) -> impl Future<Output = Result<Licence, Trouble>> + Send {
        circumstances::licence(&self.session)
    }

    fn synchronised(&self) -> impl Future<Output = Result<bool, Trouble>> + Send {
        circumstances::synchronised(&self.session)
    }

    fn writeback_up(&self) -> impl Future<Output = Result<Option<bool>, Trouble>> + Send {
        circumstances::writeback_up(&self.session)
    }

    fn groups(&self, query: &GroupQuery) -> impl Future<Output = Result<Vec<Group>, Trouble>> + Send {
        self.groups_here(query)
    }

    fn administrators_among(&self, group: ObjectId) -> impl Future<Output = Result<u64, Trouble>> + Send {
        members::administrators_among(&self.session, group)
    }
}

impl ReadMembers for Reader {
    fn members(
        &self,
        group: ObjectId,
        each: &mut (dyn FnMut(ObjectId) -> ControlFlow<()> + Send),
    ) -> impl Future<Output = Result<(), Trouble>> + Send {
        members::members(&self.session, group, each)
    }
}

fn unverified(domain: &str, trouble: Trouble) -> Trouble {
    let Trouble { request, .. } = trouble;
    let message = format!("no tenant has verified the domain {domain}");
    let trouble = Trouble::new(TroubleKind::NotFound, message).hint("correct `tenant` or `cloud` in the policy");
    match request {
        Some(request) => trouble.request(request),
        None => trouble,
    }
}

/// A GUID in any spelling.
#[derive(Deserialize)]
struct Id(Uuid);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Directory {
    object_id: Id,
    display_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Organization {
    id: Id,
    display_name: Option<String>,
    #[serde(default)]
    verified_domains: Vec<VerifiedDomain>,
}

#[derive(Deserialize)]
struct VerifiedDomain {
    name: String,
}

#[derive(Deserialize)]
struct Configuration {
    issuer: Url,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DirectoryGroup {
    id: Id,
    display_name: Option<String>,
    security_enabled: Option<bool>,
}

impl From<DirectoryGroup> for Group {
    fn from(group: DirectoryGroup) -> Self {
        let DirectoryGroup { id: Id(id), display_name, security_enabled } = group;
        Self {
            id: ObjectId(id),
            name: display_name.unwrap_or_default(),
            security_enabled: security_enabled.unwrap_or_default(),
        }
    }
}
