//! What the commands hand to the renderers: the result of one command for each tenant.

use std::collections::BTreeMap;

use crate::apply::outcome::{ApplyOutcome, StepResult};
use crate::apply::precondition::PreconditionFailed;
use crate::plan::attribution::Attribution;
use crate::review::approve::{Refusal, Review};
use crate::tenant::error::TenantError;

/// What came of one tenant, or why nothing did. One failing tenant never hides another.
#[derive(Clone, Debug, PartialEq)]
pub struct TenantResult<T> {
    /// The tenant, as its policy names it.
    pub tenant: String,
    /// The policy's path.
    pub path: String,
    /// What came of it.
    pub result: Result<T, TenantError>,
}

/// Where one tenant is not as its policy says, and who changed it.
#[derive(Clone, Debug, PartialEq)]
pub struct DriftResult {
    /// What was compared, with its findings.
    pub review: Review,
    /// Who changed each drifted setting, by the setting's name.
    pub attributions: BTreeMap<&'static str, Attribution>,
}

impl AsRef<Review> for DriftResult {
    fn as_ref(&self) -> &Review {
        &self.review
    }
}

impl AsRef<Review> for Review {
    fn as_ref(&self) -> &Review {
        self
    }
}

/// How an apply ended for one tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct ApplyResult {
    /// What was planned, with its findings.
    pub review: Review,
    /// How it ended.
    pub ending: ApplyEnding,
}

impl ApplyResult {
    /// Whether the tenant is known to be as its policy wants it.
    #[must_use]
    pub fn went_well(&self) -> bool {
        match &self.ending {
            ApplyEnding::InSync => true,
            ApplyEnding::Executed(outcome) => outcome.steps.iter().all(|step| step.result == StepResult::Verified),
            ApplyEnding::Refused(_)
            | ApplyEnding::Declined
            | ApplyEnding::RingNotStarted { .. }
            | ApplyEnding::PreconditionFailed(_) => false,
        }
    }
}

/// How an apply ended.
#[derive(Clone, Debug, PartialEq)]
pub enum ApplyEnding {
    /// The tenant already matched the policy; nothing was sent.
    InSync,
    /// The review may not be approved; nothing was sent.
    Refused(Refusal),
    /// A person said no; nothing was sent.
    Declined,
    /// An earlier ring did not get through, so that this tenant's was not begun; nothing was sent.
    RingNotStarted {
        /// The tenant's ring.
        ring: String,
        /// The ring that did not get through.
        after: String,
    },
    /// The tenant was not what the plan saw; nothing was sent.
    PreconditionFailed(PreconditionFailed),
    /// The plan was carried out, as far as the outcome says.
    Executed(ApplyOutcome),
}
