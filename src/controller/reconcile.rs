//! What the loop leaves to others: loading policies, and looking after one tenant.

use std::future::Future;
use std::path::Path;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::controller::condition::Reason;
use crate::controller::schedule::Retry;
use crate::policy::repository::controller::ControllerConfig;
use crate::tenant::surface::Service;

/// What knows tenants.
pub trait Reconcile {
    /// What is wanted of one tenant.
    type Policy;

    /// Loads the policies below a folder.
    fn load(&self, folder: &Path) -> LoadedRevision<Self::Policy>;

    /// Compares a tenant with its policy, and applies it where that is allowed. A write that has begun is settled whatever
    /// happens.
    fn reconcile(&self, policy: &Self::Policy, may_write: bool) -> impl Future<Output = ReconcileResult>;

    /// When the kept sign-ins of a tenant end unless they are used before, by the service that they are for; a tenant
    /// without a kept sign-in has none.
    fn sign_ins(&self, policy: &Self::Policy) -> Vec<(Service, Timestamp)>;

    /// Why none of so many tenants, of which this policy is for one, may be written in one round; `None` when they may.
    fn limit_exceeded(&self, policy: &Self::Policy, tenants: usize) -> Option<String>;
}

/// The policies of one revision.
#[derive(Debug)]
pub struct LoadedRevision<P> {
    /// One for each tenant that this controller is for.
    pub tenants: Vec<TenantPolicy<P>>,
    /// What the repository tells the controller.
    pub controller: ControllerConfig,
    /// A digest of everything that was read: the revision of a folder without commits.
    pub digest: String,
    /// Why nothing of it counts, with the places; `None` when it does.
    pub invalid: Option<String>,
}

/// What is wanted of one tenant.
#[derive(Debug)]
pub struct TenantPolicy<P> {
    /// The tenant, as its policy names it.
    pub tenant: String,
    /// The policy's path.
    pub path: String,
    /// The policy.
    pub policy: P,
}

/// What came of looking after a tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct ReconcileResult {
    /// What came of it.
    pub outcome: ReconcileOutcome,
    /// Where the tenant was not as its policy says, before anything was written.
    pub drift: Vec<DriftEntry>,
}

/// What came of looking after a tenant, in one word.
#[derive(Clone, Debug, PartialEq)]
pub enum ReconcileOutcome {
    /// The tenant is as its policy says.
    InSync,
    /// It is not, and nothing was written.
    Differs,
    /// It was not; so many settings were written, and the tenant shows them.
    Applied(usize),
    /// Something went wrong.
    Failed(ReconcileFailure),
    /// The controller is to stop; nothing is known.
    Interrupted,
}

/// What went wrong with a tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct ReconcileFailure {
    /// When trying again makes sense.
    pub class: Retry,
    /// Why, as a word.
    pub reason: Reason,
    /// Why, for people, with the way out.
    pub message: String,
}

/// One setting that is not as the policy says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DriftEntry {
    /// The setting, as in `methods.required`.
    pub setting: String,
    /// What the policy says, for people.
    pub expected: String,
    /// What the tenant has, for people.
    pub found: String,
    /// Where the policy says it: `path:line:column`.
    pub place: String,
    /// Who changed it, as far as the audit log proves it, for people; absent where that was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
}
