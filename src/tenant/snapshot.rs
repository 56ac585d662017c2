//! What one run has read of a tenant.

use std::collections::BTreeMap;

use futures::future::{self, OptionFuture};
use jiff::Timestamp;

use crate::base::clock::Clock;
use crate::base::ids::{ObjectId, TenantId, TenantName};
use crate::tenant::api::ReadTenant;
use crate::tenant::document::Document;
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::facts::{FactsToRead, Hybrid, TenantFacts, UnreadFact};
use crate::tenant::group::{FrozenGroup, Group, GroupQuery};
use crate::tenant::identity::{self, Identity};
use crate::tenant::surface::{Service, Surface};
use crate::tenant::wire_schema::UnknownKey;
use crate::tenant::{authentication_methods, wire_schema};

/// The key of the authorization policy that says whether administrators may reset.
const ADMINISTRATORS_KEY: &str = "allowedToUseSSPR";
/// Most groups of methods that are looked up.
const MAX_METHOD_GROUPS: usize = 20;

/// What a plan needs to read of a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadSet {
    /// The documents to read.
    pub surfaces: Vec<Surface>,
    /// The groups to find.
    pub groups: Vec<GroupQuery>,
    /// The facts to read.
    pub asked: FactsToRead,
    /// The configurations of the authentication methods policy whose groups are looked up as well.
    pub method_groups: Vec<&'static str>,
    /// The one of `groups` whose administrators are to be counted.
    pub administrators_among: Option<GroupQuery>,
    /// Whether they are counted only where the tenant, as it is read, lets no administrator reset.
    pub only_if_off: bool,
}

/// What was read. A failed read is present as its error: unreadable is not the same as empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// When the first read of the snapshot started.
    pub taken: Timestamp,
    /// The tenant's id, which every service that was read has confirmed.
    pub tenant: TenantId,
    /// The tenant that each service says the credential belongs to.
    pub identities: BTreeMap<Service, Result<Identity, TenantError>>,
    /// Each document, or why it could not be read.
    pub documents: BTreeMap<Surface, Result<Document, TenantError>>,
    /// The groups that match each query, at most two for each.
    pub groups: BTreeMap<GroupQuery, Result<Vec<Group>, TenantError>>,
    /// What else decides which settings take effect.
    pub facts: TenantFacts,
}

/// Reads everything in parallel, then checks that all of it came from the intended tenant.
///
/// # Errors
/// When a credential belongs to another tenant, or no service says which tenant it belongs to. Any other failure goes into
/// the snapshot as the error of the part that could not be read. Everything from a service that does not say which tenant the
/// credential belongs to counts as unread.
pub async fn read(
    tenant: &impl ReadTenant,
    intended: &TenantName,
    wanted: &ReadSet,
    clock: &Clock,
) -> Result<Snapshot, TenantError> {
    let taken = clock.now();
    let services = services(wanted);
    let (identities, documents, groups, asked, facts) = future::join5(
        future::join_all(services.iter().map(|service| tenant.identify(*service))),
        future::join_all(wanted.surfaces.iter().map(|surface| tenant.read(*surface))),
        future::join_all(wanted.groups.iter().map(|query| tenant.groups(query))),
        ask_early(tenant, intended, &services),
        read_facts(tenant, wanted.asked),
    )
    .await;
    let identities: BTreeMap<_, _> = services.into_iter().zip(identities).collect();
    let id = prove(tenant, intended, &identities, asked).await?;
    let documents = wanted.surfaces.iter().map(|surface| (*surface, surface.service())).zip(documents);
    let documents: BTreeMap<_, _> =
        documents.map(|((surface, from), read)| (surface, proved(&identities, from, read))).collect();
    let administrators = administrators(tenant, wanted, &groups, &documents).await;
    let groups: BTreeMap<_, _> = wanted.groups.iter().cloned().zip(groups).collect();
    let methods = documents.get(&Surface::AuthenticationMethods).and_then(|read| read.as_ref().ok());
    let migration = methods.and_then(|document| authentication_methods::migration(document).ok());
    let sms_sign_in = methods.and_then(authentication_methods::sms_sign_in);
    let frozen_groups = frozen_groups(tenant, wanted, methods, &groups).await;
    let domains = identities.get(&Service::Graph).and_then(|identity| Some(identity.as_ref().ok()?.domains.as_slice()));
    let custom_domain = domains.and_then(identity::has_custom_domain);
    let facts = TenantFacts { custom_domain, ..with_administrators(facts, administrators) };
    let facts = match proved(&identities, Service::Graph, Ok(facts)) {
        Ok(facts) => TenantFacts { migration, sms_sign_in, frozen_groups, ..facts },
        Err(_) if wanted.asked == FactsToRead::default() && wanted.administrators_among.is_none() => {
            TenantFacts { migration, sms_sign_in, ..TenantFacts::default() }
        }
        Err(why) => {
            let unread = vec![UnreadFact { what: "licences and synchronisation", why }];
            TenantFacts { migration, sms_sign_in, unread, ..TenantFacts::default() }
        }
    };
    Ok(Snapshot {
        taken,
        tenant: id,
        documents,
        groups: groups.into_iter().map(|(query, found)| (query, proved(&identities, Service::Graph, found))).collect(),
        identities,
        facts,
    })
}

impl Snapshot {
    /// The snapshot without the documents that are not in `wanted`, and without the facts that come from them.
    #[must_use]
    pub(crate) fn restricted_to(&self, wanted: &ReadSet) -> Self {
        let mut only = self.clone();
        only.documents.retain(|surface, _| wanted.surfaces.contains(surface));
        if !wanted.surfaces.contains(&Surface::AuthenticationMethods) {
            only.facts.migration = None;
            only.facts.sms_sign_in = None;
        }
        only
    }

    /// Keys of the documents that this version does not know.
    #[must_use]
    pub(crate) fn unknown_keys(&self) -> Vec<UnknownKey> {
        let read = self.documents.iter().filter_map(|(surface, read)| Some((*surface, read.as_ref().ok()?)));
        read.flat_map(|(surface, document)| wire_schema::unknown_keys(surface, document)).collect()
    }

    /// For each document whose shape is not known, why it must not be written.
    #[must_use]
    pub(crate) fn read_only(&self) -> Vec<TenantError> {
        let read = self.documents.iter().filter_map(|(surface, read)| Some((*surface, read.as_ref().ok()?)));
        read.filter_map(|(surface, document)| wire_schema::writable(surface, document).err()).collect()
    }

    /// A document as it was read.
    ///
    /// # Errors
    /// The error of its read, or `NotFound` when it was not in the read set.
    pub fn document(&self, surface: Surface) -> Result<&Document, TenantError> {
        match self.documents.get(&surface) {
            Some(Ok(document)) => Ok(document),
            Some(Err(error)) => Err(error.clone()),
            None => Err(TenantError::new(TenantErrorKind::NotFound, format!("{} was not read", surface.name()))),
        }
    }
}

/// What was read from a service, unless the service did not say which tenant it answers for. The value may then belong to
/// another tenant, so the error of that question replaces it. A read that failed by itself has the better error, which stays.
fn proved<T>(
    identities: &BTreeMap<Service, Result<Identity, TenantError>>,
    from: Service,
    read: Result<T, TenantError>,
) -> Result<T, TenantError> {
    match identities.get(&from) {
        Some(Err(error)) => read.and_then(|_| Err(error.clone())),
        Some(Ok(_)) | None => read,
    }
}

fn services(wanted: &ReadSet) -> Vec<Service> {
    let mut services: Vec<_> = wanted.surfaces.iter().map(|surface| surface.service()).collect();
    if !wanted.groups.is_empty() || wanted.asked != FactsToRead::default() {
        services.push(Service::Graph);
    }
    services.sort_unstable();
    services.dedup();
    services
}

/// The number of administrators in the group to count, if exactly one group matches its query.
async fn administrators(
    tenant: &impl ReadTenant,
    wanted: &ReadSet,
    found: &[Result<Vec<Group>, TenantError>],
    documents: &BTreeMap<Surface, Result<Document, TenantError>>,
) -> Option<Result<u64, TenantError>> {
    let policy = documents.get(&Surface::AuthorizationPolicy).and_then(|read| read.as_ref().ok());
    if wanted.only_if_off && policy.and_then(|policy| policy.raw(ADMINISTRATORS_KEY)) != Some("false") {
        return None;
    }
    let at = wanted.groups.iter().position(|query| Some(query) == wanted.administrators_among.as_ref());
    let sole = match at.and_then(|at| found.get(at)) {
        Some(Ok(groups)) if groups.len() == 1 => groups.first().map(|group| group.id),
        _ => None,
    };
    OptionFuture::from(sole.map(|group| tenant.administrators_among(group))).await
}

/// The groups among these, and among those of methods, whose members no longer change; `None` if nothing is known of any.
async fn frozen_groups(
    tenant: &impl ReadTenant,
    wanted: &ReadSet,
    methods: Option<&Document>,
    named: &BTreeMap<GroupQuery, Result<Vec<Group>, TenantError>>,
) -> Option<Vec<FrozenGroup>> {
    let of_methods = wanted.method_groups.iter().flat_map(|id| {
        let groups = methods.map(|document| authentication_methods::target_groups(document, id)).unwrap_or_default();
        groups.into_iter().map(|group| (group, *id))
    });
    let mut targets: BTreeMap<ObjectId, &'static str> = BTreeMap::new();
    for (group, id) in of_methods.take(MAX_METHOD_GROUPS) {
        targets.entry(group).or_insert(id);
    }
    let queries: Vec<_> = targets.into_iter().map(|(group, id)| (GroupQuery::Id(group), id)).collect();
    let queries: Vec<_> = queries.into_iter().filter(|(query, _)| !named.contains_key(query)).collect();
    let read = future::join_all(queries.iter().map(|(query, _)| tenant.groups(query))).await;
    let of_policy = named.values().map(|found| (None, found));
    let of_targets = queries.iter().zip(&read).map(|((_, id), found)| (Some(*id), found));
    let groups =
        of_policy.chain(of_targets).flat_map(|(of, found)| found.iter().flatten().map(move |group| (of, group)));
    let known: Vec<_> = groups.filter_map(|(of, group)| Some((of, group, group.uses_member_of?))).collect();
    let frozen = known.iter().filter(|(_, _, frozen)| *frozen);
    let frozen = frozen.map(|(of, group, _)| FrozenGroup { name: group.name.clone(), of: *of }).collect();
    (!known.is_empty()).then_some(frozen)
}

fn with_administrators(mut facts: TenantFacts, counted: Option<Result<u64, TenantError>>) -> TenantFacts {
    facts.administrators_among = known(counted, "administrators in the scope's group", &mut facts.unread);
    facts
}

/// The facts that are requested. A fact that cannot be read stays unknown, with the error in `unread`.
async fn read_facts(tenant: &impl ReadTenant, asked: FactsToRead) -> TenantFacts {
    let (licence, synchronised, writeback) = future::join3(
        OptionFuture::from(asked.licence.then(|| tenant.licence())),
        OptionFuture::from(asked.hybrid.then(|| tenant.directory_synced())),
        OptionFuture::from(asked.hybrid.then(|| tenant.writeback_connected())),
    )
    .await;
    let mut unread = Vec::new();
    let licence = known(licence, "the tenant's licences", &mut unread);
    let synchronised = known(synchronised, "synchronisation from on premises", &mut unread);
    let writeback_up = known(writeback, "the writeback client", &mut unread).flatten();
    let hybrid = synchronised.map(|synchronised| Hybrid { synchronised, writeback_up });
    TenantFacts { licence, hybrid, unread, ..TenantFacts::default() }
}

/// What was read; the error of a failed read goes to `unread`.
fn known<T>(read: Option<Result<T, TenantError>>, what: &'static str, unread: &mut Vec<UnreadFact>) -> Option<T> {
    match read? {
        Ok(found) => Some(found),
        Err(why) => {
            unread.push(UnreadFact { what, why });
            None
        }
    }
}

/// Only Graph says which domains a tenant has. If no read needs Graph, the sign-in service is asked instead, in
/// parallel with everything else.
async fn ask_early(
    tenant: &impl ReadTenant,
    intended: &TenantName,
    services: &[Service],
) -> Option<Result<TenantId, TenantError>> {
    match intended {
        TenantName::Domain(domain) if !services.contains(&Service::Graph) => Some(tenant.tenant_of(domain).await),
        TenantName::Domain(_) | TenantName::Id(_) => None,
    }
}

/// The id of the intended tenant, confirmed by every service that answered.
async fn prove(
    tenant: &impl ReadTenant,
    intended: &TenantName,
    identities: &BTreeMap<Service, Result<Identity, TenantError>>,
    asked: Option<Result<TenantId, TenantError>>,
) -> Result<TenantId, TenantError> {
    let answered: Vec<_> =
        identities.iter().filter_map(|(service, found)| Some((*service, found.as_ref().ok()?))).collect();
    if answered.is_empty() {
        return Err(identities
            .values()
            .find_map(|found| found.as_ref().err().cloned())
            .unwrap_or_else(nothing_to_read));
    }
    let id = match intended {
        TenantName::Id(id) => *id,
        TenantName::Domain(domain) => {
            match (answered.iter().find(|(_, found)| found.domains.contains(domain)), asked) {
                (Some((_, found)), _) => found.id,
                (None, Some(asked)) => asked?,
                (None, None) => tenant.tenant_of(domain).await?,
            }
        }
    };
    for (service, found) in answered {
        identity::check(service, found, intended, id)?;
    }
    Ok(id)
}

fn nothing_to_read() -> TenantError {
    TenantError::new(
        crate::tenant::error::TenantErrorKind::Refused,
        "the policy manages nothing, so there is nothing to read",
    )
    .hint("add at least one setting, for example `scope.users`")
}
