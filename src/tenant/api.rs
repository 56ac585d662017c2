//! The traits through which the rest of the program reads and writes a tenant. A reader cannot write, so code that has only
//! a reader changes nothing.

use std::future::Future;

use crate::base::ids::{ObjectId, TenantId};
use crate::tenant::document::Document;
use crate::tenant::error::{TenantError, WriteFailure};
use crate::tenant::facts::Licence;
use crate::tenant::group::{Group, GroupQuery};
use crate::tenant::identity::Identity;
use crate::tenant::surface::{Service, Surface};

/// Reads a tenant. Every error is a [`TenantError`] that says what a person can do.
pub trait ReadTenant: Sync {
    /// The tenant that the credential for a service belongs to.
    fn identify(&self, service: Service) -> impl Future<Output = Result<Identity, TenantError>> + Send;

    /// The id of the tenant that has verified `domain`. The public sign-in service says so without a credential.
    fn tenant_of(&self, domain: &str) -> impl Future<Output = Result<TenantId, TenantError>> + Send;

    /// Reads the document of a surface.
    fn read(&self, surface: Surface) -> impl Future<Output = Result<Document, TenantError>> + Send;

    /// What the tenant's subscriptions permit.
    fn licence(&self) -> impl Future<Output = Result<Licence, TenantError>> + Send;

    /// Whether the directory is synchronised from on premises.
    fn directory_synced(&self) -> impl Future<Output = Result<bool, TenantError>> + Send;

    /// Whether a writeback client is connected; `None` if the portal's response has a state whose meaning is not publicly known.
    fn writeback_connected(&self) -> impl Future<Output = Result<Option<bool>, TenantError>> + Send;

    /// The groups that match, at most two, because a second one already shows that a name is ambiguous. No match
    /// is not an error.
    fn groups(&self, query: &GroupQuery) -> impl Future<Output = Result<Vec<Group>, TenantError>> + Send;

    /// The number of administrators in a group, at any depth. The registration report says who is an administrator, and the
    /// members of the group are read page by page. A group with more than about 250,000 members is an error.
    fn administrators_among(&self, group: ObjectId) -> impl Future<Output = Result<u64, TenantError>> + Send;
}

/// Reads and writes a tenant.
pub trait WriteTenant: ReadTenant {
    /// Sends one request that writes `body` to `surface`, in the surface's write mode, and never repeats it. A later read
    /// shows whether a request that was sent without success took effect.
    fn write(&self, surface: Surface, body: &Document) -> impl Future<Output = Result<(), WriteFailure>> + Send;
}
