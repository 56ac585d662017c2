//! The traits through which the rest of the program sees and changes a tenant. Reading and writing are separate types: a
//! dry run is the absence of a writer.

use std::future::Future;

use crate::base::ids::{ObjectId, TenantId};
use crate::tenant::document::Document;
use crate::tenant::error::TenantError;
use crate::tenant::facts::Licence;
use crate::tenant::group::{Group, GroupQuery};
use crate::tenant::identity::Identity;
use crate::tenant::surface::{Service, Surface};

/// Sees a tenant.
pub trait ReadTenant: Sync {
    /// Which tenant the credential for `system` belongs to.
    fn identify(&self, system: Service) -> impl Future<Output = Result<Identity, TenantError>> + Send;

    /// The id of the tenant that has verified `domain`, asked of the public sign-in service: needs no credential.
    fn tenant_of(&self, domain: &str) -> impl Future<Output = Result<TenantId, TenantError>> + Send;

    /// The document as it is now.
    fn read(&self, surface: Surface) -> impl Future<Output = Result<Document, TenantError>> + Send;

    /// What the tenant's subscriptions permit.
    fn licence(&self) -> impl Future<Output = Result<Licence, TenantError>> + Send;

    /// Whether the directory is synchronised from on premises.
    fn directory_synced(&self) -> impl Future<Output = Result<bool, TenantError>> + Send;

    /// Whether a writeback client is connected; `None` where the portal answers with a state whose meaning is not publicly
    /// known.
    fn writeback_connected(&self) -> impl Future<Output = Result<Option<bool>, TenantError>> + Send;

    /// The groups that match, at most two: a second one proves that a name is ambiguous. None is not an error.
    fn groups(&self, query: &GroupQuery) -> impl Future<Output = Result<Vec<Group>, TenantError>> + Send;

    /// How many administrators are in a group, at any depth. Reads who is an administrator from the registration report, and
    /// the members of the group page by page; of a group that is too large it is not told.
    fn administrators_among(&self, group: ObjectId) -> impl Future<Output = Result<u64, TenantError>> + Send;
}

/// Changes a tenant.
pub trait WriteTenant: ReadTenant {
    /// Sends one request that writes `body` to `surface`, in the surface's manner. Never repeats it: a write whose answer
    /// was lost is [`AnswerLost`](crate::tenant::error::TroubleKind::AnswerLost), to be settled by reading.
    fn write(&self, surface: Surface, body: &Document) -> impl Future<Output = Result<(), TenantError>> + Send;
}
