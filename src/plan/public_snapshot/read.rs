//! Reads public snapshots.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::base::ids::TenantName;
use crate::base::signature::{Digest, VerifyingKey};
use crate::catalog::desired::Desired;
use crate::plan::public_snapshot::format::{
    FORMAT_VERSION, PublicSnapshotFile, PublishedGroup, PublishedGroups, PublishedTenant, SnapshotFile,
};
use crate::tenant::authentication_methods;
use crate::tenant::document::Document;
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::facts::{Hybrid, Licence, TenantFacts};
use crate::tenant::group::{Group, GroupQuery};
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::Surface;

/// Why a file is not a usable public snapshot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// The file is not JSON, or ends too early.
    #[error("it is damaged: it is not JSON at {0}")]
    Damaged(String),
    /// The file is JSON, but not a public snapshot.
    #[error("it is no snapshot: it has another shape at {0}")]
    Foreign(String),
    /// The file has another format version.
    #[error("it has the format {0}, and this program knows {FORMAT_VERSION}")]
    Format(u64),
    /// The contents do not have the digest that the file states.
    #[error("it was changed since it was written: its content does not have the digest that it names")]
    Changed,
    /// A key is given, and the file is not signed.
    #[error("it is not signed, and there is a key to check a signature with")]
    Unsigned,
    /// A key is given, and the signature was not made with its private key.
    #[error("its signature is not of the key that is given")]
    Forged,
}

/// A snapshot that was read from a file.
#[derive(Clone, Debug)]
pub struct PublicSnapshot {
    /// When the first of its tenants was read. Plans state the age from it.
    pub(crate) taken: Timestamp,
    /// The age of the snapshot; never negative.
    pub age: SignedDuration,
    /// Whether its signature was checked.
    pub checked: bool,
    /// Whether its tenants are embedded ones, not real ones.
    pub(crate) sandbox: bool,
    tenants: Vec<PublishedTenant>,
}

/// Reads what [`text`](crate::plan::public_snapshot::publish::text) wrote, and checks its digest; with a
/// key, also its signature.
///
/// # Errors
/// The reason why the file is not usable.
pub fn read(text: &str, key: Option<&VerifyingKey>, now: Timestamp) -> Result<PublicSnapshot, SnapshotError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct SnapshotVersion {
        format_version: u64,
    }
    let version: SnapshotVersion = serde_json::from_str(text).map_err(|error| parse_error(&error))?;
    if version.format_version != u64::from(FORMAT_VERSION) {
        return Err(SnapshotError::Format(version.format_version));
    }
    let SnapshotFile { format_version: _, digest, signature, snapshot } =
        serde_json::from_str(text).map_err(|error| parse_error(&error))?;
    let contents = serde_json::to_vec(&snapshot).map_err(|error| parse_error(&error))?;
    if Digest::of(&contents) != digest {
        return Err(SnapshotError::Changed);
    }
    if let Some(key) = key {
        let signature = signature.ok_or(SnapshotError::Unsigned)?;
        if !key.verifies(&contents, &signature) {
            return Err(SnapshotError::Forged);
        }
    }
    let PublicSnapshotFile { taken_at, tool: _, sandbox, tenants } = snapshot;
    let age = now.duration_since(taken_at).max(SignedDuration::ZERO);
    Ok(PublicSnapshot { taken: taken_at, age, checked: key.is_some(), sandbox, tenants })
}

/// The words of the parser are about this program, and may quote the file, so only the place is reported.
fn parse_error(error: &serde_json::Error) -> SnapshotError {
    let place = format!("line {}, column {}", error.line(), error.column());
    if error.is_data() { SnapshotError::Foreign(place) } else { SnapshotError::Damaged(place) }
}

impl PublicSnapshot {
    /// The snapshot of the tenant that a policy is for.
    ///
    /// # Errors
    /// When the file does not have the tenant.
    pub fn snapshot(&self, desired: &Desired) -> Result<Snapshot, TenantError> {
        let named = |known: &&PublishedTenant| {
            TenantName::parse(&known.tenant) == desired.tenant && known.cloud == desired.cloud
        };
        let found = self.tenants.iter().find(named);
        found.map(|tenant| snapshot(tenant, desired)).ok_or_else(|| {
            TenantError::new(TenantErrorKind::NotFound, "the snapshot has nothing of this tenant")
                .hint("it was taken without it; a maintainer has to plan this against the tenant itself")
        })
    }
}

/// What a plan of the policy would read in the tenant, and no more: a policy without writeback has no hybrid facts either.
fn snapshot(tenant: &PublishedTenant, desired: &Desired) -> Snapshot {
    let reads = desired.read_set();
    let documents = Surface::ALL.iter().filter(|surface| reads.surfaces.contains(surface)).map(|surface| {
        let published = tenant.documents.iter().find(|published| published.surface == *surface);
        (*surface, published.map(|published| published.keys.clone()).ok_or_else(|| unread(surface.name())))
    });
    let documents: BTreeMap<Surface, Result<Document, TenantError>> = documents.collect();
    let methods = documents.get(&Surface::AuthenticationMethods).and_then(|read| read.as_ref().ok());
    let migration = methods.and_then(|document| authentication_methods::migration(document).ok());
    let licence = tenant.licence.filter(|_| reads.asked.licence);
    let licence = licence.map(|known| Licence { reset: known.reset.into(), writeback: known.writeback });
    let hybrid = tenant.hybrid.filter(|_| reads.asked.hybrid);
    let hybrid = hybrid.map(|known| Hybrid { synchronised: known.synchronised, writeback_up: known.writeback_up });
    let groups = reads.groups.into_iter().map(|query| {
        let found =
            tenant.groups.iter().find(|published| is(published, &query)).map(|published| groups(published, &query));
        (query, found.ok_or_else(|| unread("the group")))
    });
    Snapshot {
        taken: tenant.read_at,
        tenant: tenant.tenant_id,
        identities: BTreeMap::new(),
        groups: groups.collect(),
        documents,
        facts: TenantFacts { migration, licence, hybrid, ..TenantFacts::default() },
    }
}

fn is(published: &PublishedGroups, query: &GroupQuery) -> bool {
    match query {
        GroupQuery::Id(id) => published.id == Some(*id),
        GroupQuery::Name(name) => published.name.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(name)),
    }
}

/// The groups under the name that the policy has, which is the only name that the file has.
fn groups(published: &PublishedGroups, query: &GroupQuery) -> Vec<Group> {
    let name = match query {
        GroupQuery::Id(id) => id.to_string(),
        GroupQuery::Name(name) => name.clone(),
    };
    let found = published.found.iter().map(|PublishedGroup { id, security_enabled }| Group {
        uses_member_of: None,
        id: *id,
        name: name.clone(),
        security_enabled: *security_enabled,
    });
    found.collect()
}

fn unread(what: &str) -> TenantError {
    TenantError::new(TenantErrorKind::NotFound, format!("{what} is not in the snapshot"))
        .hint("it could not be read when the snapshot was taken, or no policy named it; a maintainer has to plan this against the tenant itself")
}
