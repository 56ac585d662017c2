//! What happened to each step.

use std::collections::BTreeSet;

use crate::plan::change::Step;
use crate::plan::reversal::DivergedKeys;
use crate::tenant::error::TenantError;
use crate::tenant::surface::Surface;

/// What happened to one step.
#[derive(Clone, Debug, PartialEq)]
pub enum StepResult {
    /// Written, and the tenant shows it.
    Verified,
    /// Written, but the tenant does not show it within the time allowed: the settings it does not show, and why the last
    /// read failed if it did.
    Unverified {
        /// Settings that still have another value.
        pending: Vec<&'static str>,
        /// Why the last read failed, if it did.
        error: Option<TenantError>,
    },
    /// Written, and the tenant shows something else than all of it: part of it, or what somebody made of it right after.
    Mismatch {
        /// Settings that the service left as they were, though it shows others of the same request.
        ignored: Vec<&'static str>,
        /// Settings that are neither as they were nor as they were sent.
        changed: Vec<&'static str>,
    },
    /// Written and shown, but keys that no change meant have moved as well.
    SideEffects {
        /// The keys on the wire.
        keys: Vec<String>,
    },
    /// Not written: the document is no longer what the plan saw.
    Conflict {
        /// The keys on the wire that moved.
        keys: Vec<String>,
    },
    /// The service refused, or could not be reached; nothing was changed.
    Failed(TenantError),
    /// Not tried, because somebody interrupted the run before it.
    Interrupted,
    /// Not tried, because an earlier step did not get through.
    Skipped {
        /// The index of that step.
        waited_for: usize,
    },
    /// Not tried, because an earlier step failed and what had got through is taken back.
    Abandoned {
        /// The index of that step.
        failed: usize,
    },
}

impl StepResult {
    /// Whether the step's changes are in force, as far as is known.
    #[must_use]
    pub fn is_applied(&self) -> bool {
        matches!(self, Self::Verified | Self::SideEffects { .. })
    }

    /// Whether the step is known not to be in force, though it was tried.
    #[must_use]
    pub(crate) fn failed(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Conflict { .. })
    }

    /// Whether a request that writes was sent and may have taken effect.
    #[must_use]
    pub(crate) fn was_sent(&self) -> bool {
        matches!(self, Self::Verified | Self::Unverified { .. } | Self::Mismatch { .. } | Self::SideEffects { .. })
    }
}

/// A step with what happened to it.
#[derive(Clone, Debug, PartialEq)]
pub struct StepOutcome {
    /// The step.
    pub step: Step,
    /// What happened.
    pub result: StepResult,
}

impl StepOutcome {
    /// The names of the settings that the step changes, or takes part in changing.
    pub fn settings(&self) -> impl Iterator<Item = &'static str> {
        self.step.changes.iter().map(|change| change.setting.name)
    }

    /// How many minutes it can take until what was sent acts, where that is known to take any.
    #[must_use]
    pub(crate) fn acts_within_minutes(&self) -> Option<u32> {
        let minutes = self.step.changes.iter().filter_map(|change| change.setting.delay_minutes);
        if self.result.was_sent() { minutes.max() } else { None }
    }
}

/// What happened to a whole plan, step by step in the plan's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApplyOutcome {
    /// The steps.
    pub steps: Vec<StepOutcome>,
    /// What was taken back after one of them failed; `None` when nothing was to be.
    pub rollback: Option<RollbackOutcome>,
}

/// What was taken back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RollbackOutcome {
    /// The requests that take something back.
    pub steps: Vec<StepOutcome>,
    /// What somebody else has changed since, or what could not be read any more, and was left.
    pub diverged: Vec<DivergedKeys>,
}

impl RollbackOutcome {
    /// Whether everything that was sent was seen to be taken back. What somebody else moved meanwhile stays as it is.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.diverged.is_empty() && self.steps.iter().all(|done| done.result.is_applied())
    }
}

impl ApplyOutcome {
    /// How many settings were written, and not taken back.
    #[must_use]
    pub fn changed(&self) -> usize {
        if self.rollback.as_ref().is_some_and(RollbackOutcome::is_complete) {
            return 0;
        }
        let sent = self.steps.iter().filter(|done| done.result.was_sent());
        sent.flat_map(StepOutcome::settings).collect::<BTreeSet<_>>().len()
    }

    /// How many settings the tenant was seen to show whole.
    #[must_use]
    pub fn verified(&self) -> usize {
        if self.rollback.as_ref().is_some_and(RollbackOutcome::is_complete) {
            return 0;
        }
        let all: BTreeSet<_> = self.steps.iter().flat_map(StepOutcome::settings).collect();
        let open = self.steps.iter().filter(|done| !done.result.is_applied());
        all.len() - open.flat_map(StepOutcome::settings).collect::<BTreeSet<_>>().len()
    }

    /// How many requests that write were sent.
    #[must_use]
    pub fn requests(&self) -> usize {
        let undone = self.rollback.iter().flat_map(|undone| &undone.steps);
        self.steps.iter().chain(undone).filter(|step| step.result.was_sent()).count()
    }
}

/// The tenant is not what the plan saw. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedDocuments {
    /// Each document that moved, with the keys that did.
    pub moved: Vec<(Surface, Vec<String>)>,
}
