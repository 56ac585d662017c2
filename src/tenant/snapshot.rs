//! A tenant as it was read at one moment.

use std::collections::BTreeMap;

use futures::future::{self, OptionFuture};
use jiff::Timestamp;

use crate::base::clock::Clock;
use crate::base::ids::{TenantId, TenantName};
use crate::tenant::api::ReadTenant;
use crate::tenant::document::Document;
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::facts::{FactsToRead, Hybrid, TenantFacts, UnreadFact};
use crate::tenant::group::{Group, GroupQuery};
use crate::tenant::identity::{self, Identity};
use crate::tenant::surface::{Service, Surface};
use crate::tenant::wire_schema::UnknownKey;
use crate::tenant::{authentication_methods, wire_schema};

/// What a plan needs to know of a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadSet {
    /// The documents to read.
    pub surfaces: Vec<Surface>,
    /// The groups to look up.
    pub groups: Vec<GroupQuery>,
    /// The circumstances to ask for.
    pub asked: FactsToRead,
    /// The one of `groups` whose administrators are to be counted.
    pub administrators_among: Option<GroupQuery>,
}

/// What was read. A read that failed is kept as its reason: unreadable is not empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// When reading began.
    pub taken: Timestamp,
    /// The tenant, as its id; proved by every system that was read.
    pub tenant: TenantId,
    /// What each system said it is.
    pub identities: BTreeMap<Service, Result<Identity, TenantError>>,
    /// The documents.
    pub documents: BTreeMap<Surface, Result<Document, TenantError>>,
    /// The groups that were looked up, at most two for each query.
    pub groups: BTreeMap<GroupQuery, Result<Vec<Group>, TenantError>>,
    /// What decides about the tenant besides its settings.
    pub facts: TenantFacts,
}

/// Reads everything in parallel, then checks that all of it came from the tenant that is meant.
///
/// # Errors
/// When a credential belongs to another tenant, or no system says which tenant it is. Everything else is kept in the
/// snapshot as the reason why a part of it is unknown; so is everything of a system that does not say which tenant it is.
pub async fn read(
    tenant: &impl ReadTenant,
    meant: &TenantName,
    wanted: &ReadSet,
    clock: &Clock,
) -> Result<Snapshot, TenantError> {
    let taken = clock.now();
    let systems = systems(wanted);
    let (identities, documents, (groups, administrators), asked, circumstances) = future::join5(
        future::join_all(systems.iter().map(|system| tenant.identify(*system))),
        future::join_all(wanted.surfaces.iter().map(|surface| tenant.read(*surface))),
        groups(tenant, wanted),
        ask_early(tenant, meant, &systems),
        read_facts(tenant, wanted.asked),
    )
    .await;
    let identities: BTreeMap<_, _> = systems.into_iter().zip(identities).collect();
    let id = prove(tenant, meant, &identities, asked).await?;
    let documents = wanted.surfaces.iter().map(|surface| (*surface, surface.service())).zip(documents);
    let documents: BTreeMap<_, _> =
        documents.map(|((surface, from), read)| (surface, proved(&identities, from, read))).collect();
    let groups = wanted.groups.iter().zip(groups);
    let migration = documents.get(&Surface::AuthenticationMethods).and_then(|read| read.as_ref().ok());
    let migration = migration.and_then(|document| authentication_methods::migration(document).ok());
    let circumstances = with_administrators(circumstances, administrators);
    let circumstances = match proved(&identities, Service::Graph, Ok(circumstances)) {
        Ok(circumstances) => TenantFacts { migration, ..circumstances },
        Err(_) if wanted.asked == FactsToRead::default() && wanted.administrators_among.is_none() => {
            TenantFacts { migration, ..TenantFacts::default() }
        }
        Err(why) => {
            let unread = vec![UnreadFact { what: "licences and synchronisation", why }];
            TenantFacts { migration, unread, ..TenantFacts::default() }
        }
    };
    Ok(Snapshot {
        taken,
        tenant: id,
        documents,
        groups: groups.map(|(query, found)| (query.clone(), proved(&identities, Service::Graph, found))).collect(),
        identities,
        facts: circumstances,
    })
}

impl Snapshot {
    /// The snapshot without the documents that are not wanted, and without what only they tell.
    #[must_use]
    pub fn restricted_to(&self, wanted: &ReadSet) -> Self {
        let mut only = self.clone();
        only.documents.retain(|surface, _| wanted.surfaces.contains(surface));
        if !wanted.surfaces.contains(&Surface::AuthenticationMethods) {
            only.facts.migration = None;
        }
        only
    }

    /// Keys of the documents that this version does not know.
    #[must_use]
    pub fn unknown_keys(&self) -> Vec<UnknownKey> {
        let read = self.documents.iter().filter_map(|(surface, read)| Some((*surface, read.as_ref().ok()?)));
        read.flat_map(|(surface, document)| wire_schema::unknown_keys(surface, document)).collect()
    }

    /// Why documents that were read may not be written: their shape is not known.
    #[must_use]
    pub fn read_only(&self) -> Vec<TenantError> {
        let read = self.documents.iter().filter_map(|(surface, read)| Some((*surface, read.as_ref().ok()?)));
        read.filter_map(|(surface, document)| wire_schema::writable(surface, document).err()).collect()
    }

    /// A document as it was read.
    ///
    /// # Errors
    /// The reason why it is not there.
    pub fn document(&self, surface: Surface) -> Result<&Document, TenantError> {
        match self.documents.get(&surface) {
            Some(Ok(document)) => Ok(document),
            Some(Err(error)) => Err(error.clone()),
            None => Err(TenantError::new(TenantErrorKind::NotFound, format!("{} was not read", surface.name()))),
        }
    }
}

/// What a system answered, unless it did not say which tenant it answers for: then it may be another tenant's, and why it
/// did not say is all that is known. A read's own trouble says more, and stays.
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

fn systems(wanted: &ReadSet) -> Vec<Service> {
    let mut systems: Vec<_> = wanted.surfaces.iter().map(|surface| surface.service()).collect();
    if !wanted.groups.is_empty() || wanted.asked != FactsToRead::default() {
        systems.push(Service::Graph);
    }
    systems.sort_unstable();
    systems.dedup();
    systems
}

/// The groups, and how many administrators are in the one that is asked about, where there is exactly one such group.
async fn groups(
    tenant: &impl ReadTenant,
    wanted: &ReadSet,
) -> (Vec<Result<Vec<Group>, TenantError>>, Option<Result<u64, TenantError>>) {
    let found = future::join_all(wanted.groups.iter().map(|query| tenant.groups(query))).await;
    let at = wanted.groups.iter().position(|query| Some(query) == wanted.administrators_among.as_ref());
    let sole = match at.and_then(|at| found.get(at)) {
        Some(Ok(groups)) if groups.len() == 1 => groups.first().map(|group| group.id),
        _ => None,
    };
    let counted = OptionFuture::from(sole.map(|group| tenant.administrators_among(group))).await;
    (found, counted)
}

fn with_administrators(mut circumstances: TenantFacts, counted: Option<Result<u64, TenantError>>) -> TenantFacts {
    circumstances.administrators_among =
        known(counted, "administrators in the scope's group", &mut circumstances.unread);
    circumstances
}

/// What is asked for of the circumstances; what cannot be read stays unknown, with the reason.
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

/// What was read; what was asked for and could not be read goes to `unread`.
fn known<T>(read: Option<Result<T, TenantError>>, what: &'static str, unread: &mut Vec<UnreadFact>) -> Option<T> {
    match read? {
        Ok(found) => Some(found),
        Err(why) => {
            unread.push(UnreadFact { what, why });
            None
        }
    }
}

/// Only Graph says which domains a tenant has. Where it is not asked anyway, the sign-in service is, at the same time as
/// everything else.
async fn ask_early(
    tenant: &impl ReadTenant,
    meant: &TenantName,
    systems: &[Service],
) -> Option<Result<TenantId, TenantError>> {
    match meant {
        TenantName::Domain(domain) if !systems.contains(&Service::Graph) => Some(tenant.tenant_of(domain).await),
        TenantName::Domain(_) | TenantName::Id(_) => None,
    }
}

/// The tenant id that is meant, proved by every system that answered.
async fn prove(
    tenant: &impl ReadTenant,
    meant: &TenantName,
    identities: &BTreeMap<Service, Result<Identity, TenantError>>,
    asked: Option<Result<TenantId, TenantError>>,
) -> Result<TenantId, TenantError> {
    let answered: Vec<_> =
        identities.iter().filter_map(|(system, found)| Some((*system, found.as_ref().ok()?))).collect();
    if answered.is_empty() {
        return Err(identities
            .values()
            .find_map(|found| found.as_ref().err().cloned())
            .unwrap_or_else(nothing_to_read));
    }
    let id = match meant {
        TenantName::Id(id) => *id,
        TenantName::Domain(domain) => {
            match (answered.iter().find(|(_, found)| found.domains.contains(domain)), asked) {
                (Some((_, found)), _) => found.id,
                (None, Some(asked)) => asked?,
                (None, None) => tenant.tenant_of(domain).await?,
            }
        }
    };
    for (system, found) in answered {
        identity::check(system, found, meant, id)?;
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
