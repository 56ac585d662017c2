//! The interface between the loop and the engine: loading policies, and reconciling one tenant.

use std::future::Future;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::controller::condition::Reason;
use crate::controller::schedule::Retry;
use crate::controller::source_files::SourceFiles;
use crate::policy::repository::controller::ControllerConfig;
use crate::tenant::surface::Service;

/// Loads policies and reconciles tenants for the loop.
pub trait Reconcile {
    /// The desired state of one tenant, with what its review needs.
    type Spec;

    /// Loads the policies among the files of a revision.
    fn load(&self, files: &SourceFiles) -> LoadedRevision<Self::Spec>;

    /// Compares a tenant with its policy, and applies the policy if `may_write`. A write that has been sent is always
    /// verified, also when the loop is asked to stop.
    fn reconcile(&self, policy: &Self::Spec, may_write: bool) -> impl Future<Output = ReconcileResult>;

    /// When the saved sign-ins of a tenant expire unless they are used before, for each service; empty for a tenant
    /// without a saved sign-in.
    fn sign_ins(&self, policy: &Self::Spec) -> Vec<(Service, Timestamp)>;

    /// Why a round must not write the tenants of these policies; `None` if it may.
    fn limit_exceeded(&self, policies: &[&Self::Spec]) -> Option<String>;
}

/// The policies of one revision.
#[derive(Debug)]
pub struct LoadedRevision<P> {
    /// One for each tenant that this controller is for.
    pub tenants: Vec<TenantPolicy<P>>,
    /// The `controller` section of `ssprctl.yaml`.
    pub controller: ControllerConfig,
    /// A digest of everything that was read: the revision of a folder without commits.
    pub digest: String,
    /// Why the revision is invalid, with the places; `None` when it is valid. An invalid revision has no tenants.
    pub invalid: Option<String>,
}

/// The policy of one tenant.
#[derive(Debug)]
pub struct TenantPolicy<P> {
    /// The tenant, as its policy names it.
    pub tenant: String,
    /// The path of the policy in the repository.
    pub path: String,
    /// The position and the name of its ring; `None` without rings.
    pub ring: Option<(usize, String)>,
    /// The policy in the form that [`Reconcile`] works with.
    pub policy: P,
}

/// The result of reconciling a tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct ReconcileResult {
    /// The outcome of the last attempt.
    pub outcome: ReconcileOutcome,
    /// The settings that differed from the policy before anything was written.
    pub drift: Vec<DriftEntry>,
    /// The facts about the tenant that could not be read, as in "the tenant's licences"; no managed setting depends on them.
    pub unread: Vec<String>,
}

/// The outcome of reconciling a tenant.
#[derive(Clone, Debug, PartialEq)]
pub enum ReconcileOutcome {
    /// The tenant is as its policy says.
    InSync,
    /// It differs, and nothing was written.
    Differs,
    /// It differed; this many settings were written and verified.
    Applied(usize),
    /// The tenant could not be read or written.
    Failed(ReconcileFailure),
    /// The controller was asked to stop before the result was known.
    Interrupted,
}

/// What went wrong with a tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct ReconcileFailure {
    /// When trying again makes sense.
    pub class: Retry,
    /// The reason of the condition.
    pub reason: Reason,
    /// The message for people, with a hint in parentheses.
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
    /// Who changed it, as far as the audit log proves it, for people; absent if the log was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// Whether only the policy changed, and the tenant still has the value with which it was last in sync.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pending: bool,
    /// Whether the tenant is known to have changed since it was last in sync. Where neither holds, it is not known which did.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drifted: bool,
}
