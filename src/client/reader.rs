//! Reads a real tenant.

use std::future::Future;
use std::ops::ControlFlow;

use serde::Deserialize;
use url::Url;
use uuid::Uuid;

use crate::base::ids::{ObjectId, TenantId};
use crate::client::auth::session::Session;
use crate::client::json_body::decode;
use crate::client::operations::table::Operation;
use crate::client::{classify, documents, exchange, facts, graph, members, paging, portal};
use crate::tenant::api::ReadTenant;
use crate::tenant::document::Document;
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::facts::Licence;
use crate::tenant::group::{Group, GroupQuery};
use crate::tenant::identity::Identity;
use crate::tenant::surface::{Service, Surface};

/// Reads one tenant over HTTP. Has no way to change it.
pub struct TenantReader {
    session: Session,
    adopts: bool,
}

impl TenantReader {
    /// A reader with the tokens of a session.
    pub(crate) fn new(session: Session) -> Self {
        Self { session, adopts: false }
    }

    /// With `adopts`, the reader takes somebody else's object for the managed one, where the tenant has no managed one and
    /// exactly one other that fits; see [`managed_object::select`](crate::tenant::managed_object::select).
    #[must_use]
    pub fn adopting(self, adopts: bool) -> Self {
        Self { adopts, ..self }
    }

    /// The session, for the writer and the readers in files of their own.
    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// The tenant, as the caller named it and its cloud.
    pub(crate) fn whose(&self) -> String {
        format!("{} in {}", self.session.tenant, self.session.cloud.name())
    }

    pub(crate) fn base(&self, service: Service) -> &Url {
        self.session.endpoints.of_system(service)
    }

    async fn request_identity(&self, service: Service) -> Result<Identity, TenantError> {
        let operation = Operation::Identify(service);
        let base = self.base(service);
        match service {
            Service::Portal => {
                let response = exchange::read_with_retries(&self.session, operation, &portal::identify(base)).await?;
                let Directory { object_id: Id(id), display_name } = decode(operation, &response)?;
                Ok(Identity { id: TenantId(id), name: display_name.unwrap_or_default(), domains: Vec::new() })
            }
            Service::Graph => {
                let only = |found: Vec<Organization>| {
                    let mut found = found.into_iter();
                    let one = found.next().filter(|_| found.next().is_none());
                    one.ok_or_else(|| {
                        classify::unexpected_response(operation, "does not name exactly one organisation")
                    })
                };
                let request = graph::identify(base);
                let organization = paging::read_and_check(&self.session, operation, request, |_| false, only).await?;
                let Organization { id: Id(id), display_name, verified_domains } = organization;
                let domains = verified_domains.into_iter().map(|domain| domain.name.to_ascii_lowercase()).collect();
                Ok(Identity { id: TenantId(id), name: display_name.unwrap_or_default(), domains })
            }
        }
    }

    async fn resolve_domain(&self, domain: &str) -> Result<TenantId, TenantError> {
        let operation = Operation::Domain;
        let request = graph::tenant_of(self.session.endpoints.login(), domain);
        let response = exchange::read_with_retries(&self.session, operation, &request).await.map_err(|error| {
            match error.kind {
                TenantErrorKind::NotFound => unverified(domain, error),
                _ => error,
            }
        })?;
        let OpenIdConfiguration { issuer } = decode(operation, &response)?;
        let id = issuer.path_segments().into_iter().flatten().find_map(|segment| Uuid::parse_str(segment).ok());
        id.map(TenantId)
            .ok_or_else(|| classify::unexpected_response(operation, "names no tenant").request(response.request))
    }

    /// Calls `each` with the id of every member of a group, at any depth, page by page, until it returns `Break`.
    ///
    /// # Errors
    /// When a page cannot be read, or the group has more than about 250,000 members.
    pub(crate) async fn members(
        &self,
        group: ObjectId,
        each: &mut (dyn FnMut(ObjectId) -> ControlFlow<()> + Send),
    ) -> Result<(), TenantError> {
        members::members(&self.session, group, each).await
    }

    async fn query_groups(&self, query: &GroupQuery) -> Result<Vec<Group>, TenantError> {
        let operation = Operation::Groups;
        let request = graph::groups(self.base(Service::Graph), query);
        match query {
            GroupQuery::Id(_) => match exchange::read_with_retries(&self.session, operation, &request).await {
                Ok(response) => Ok(vec![Group::from(&decode::<DirectoryGroup>(operation, &response)?)]),
                Err(error) if error.kind == TenantErrorKind::NotFound => Ok(Vec::new()),
                Err(error) => Err(error),
            },
            GroupQuery::Name(_) => {
                // Two groups prove that the name is ambiguous; that it is not, only the end of the list proves. A service that
                // answers in pages may name one object on two of them.
                let two = |groups: &[DirectoryGroup]| two_of(groups).is_some();
                let distinct = |groups: Vec<DirectoryGroup>| {
                    let (first, second) = (groups.first(), two_of(&groups));
                    Ok(first.into_iter().chain(second).map(Group::from).collect())
                };
                paging::read_and_check(&self.session, operation, request, two, distinct).await
            }
        }
    }
}

impl ReadTenant for TenantReader {
    fn identify(&self, service: Service) -> impl Future<Output = Result<Identity, TenantError>> + Send {
        self.request_identity(service)
    }

    fn tenant_of(&self, domain: &str) -> impl Future<Output = Result<TenantId, TenantError>> + Send {
        self.resolve_domain(domain)
    }

    fn read(&self, surface: Surface) -> impl Future<Output = Result<Document, TenantError>> + Send {
        documents::read(&self.session, surface, self.adopts)
    }

    fn licence(&self) -> impl Future<Output = Result<Licence, TenantError>> + Send {
        facts::licence(&self.session)
    }

    fn directory_synced(&self) -> impl Future<Output = Result<bool, TenantError>> + Send {
        facts::directory_synced(&self.session)
    }

    fn writeback_connected(&self) -> impl Future<Output = Result<Option<bool>, TenantError>> + Send {
        facts::writeback_connected(&self.session)
    }

    fn groups(&self, query: &GroupQuery) -> impl Future<Output = Result<Vec<Group>, TenantError>> + Send {
        self.query_groups(query)
    }

    fn administrators_among(&self, group: ObjectId) -> impl Future<Output = Result<u64, TenantError>> + Send {
        members::administrators_among(&self.session, group)
    }
}

fn unverified(domain: &str, error: TenantError) -> TenantError {
    let TenantError { request_id: request, .. } = error;
    let message = format!("no tenant has verified the domain {domain}");
    let error = TenantError::new(TenantErrorKind::NotFound, message).hint("correct `tenant` or `cloud` in the policy");
    match request {
        Some(request) => error.request(request),
        None => error,
    }
}

/// A GUID in any spelling.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
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
struct OpenIdConfiguration {
    issuer: Url,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DirectoryGroup {
    id: Id,
    display_name: Option<String>,
    security_enabled: Option<bool>,
    #[serde(default)]
    group_types: Vec<String>,
    membership_rule: Option<String>,
}

impl From<&DirectoryGroup> for Group {
    fn from(group: &DirectoryGroup) -> Self {
        let DirectoryGroup { id: Id(id), display_name, security_enabled, group_types, membership_rule } = group;
        // Without the rule of a dynamic group the token may not read it.
        let is_dynamic = group_types.iter().any(|kind| kind == "DynamicMembership");
        let by_rule = membership_rule.as_ref().map(|rule| rule.to_ascii_lowercase().contains(".memberof"));
        Self {
            id: ObjectId(*id),
            name: display_name.clone().unwrap_or_default(),
            security_enabled: security_enabled.unwrap_or_default(),
            uses_member_of: by_rule.or((!is_dynamic).then_some(false)),
        }
    }
}

/// The first group that is not the first of the list.
fn two_of(groups: &[DirectoryGroup]) -> Option<&DirectoryGroup> {
    let first = groups.first()?;
    groups.iter().find(|group| group.id != first.id)
}
