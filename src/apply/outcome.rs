//! The result of each step.

use std::collections::BTreeSet;

use crate::plan::change::Step;
use crate::plan::reversal::DivergedKeys;
use crate::tenant::error::TenantError;
use crate::tenant::surface::Surface;

/// The result of one step.
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
    /// Written, and the tenant shows something else: a part of the change, or what somebody changed right after.
    Mismatch {
        /// Settings that the service left as they were, though it shows others of the same request.
        ignored: Vec<&'static str>,
        /// Settings that are neither as they were nor as they were sent.
        changed: Vec<&'static str>,
    },
    /// Written and shown, but keys that no change covers have changed as well.
    SideEffects {
        /// The keys on the wire.
        keys: Vec<String>,
    },
    /// Not written: the document is no longer what the plan saw.
    Conflict {
        /// The keys on the wire that changed.
        keys: Vec<String>,
    },
    /// The service refused, or could not be reached; nothing was changed.
    Failed(TenantError),
    /// Not tried, because somebody interrupted the run before it.
    Interrupted,
    /// Not tried, because an earlier step was not applied.
    Skipped {
        /// The index of that step.
        waited_for: usize,
    },
    /// Not tried, because an earlier step failed and the run is rolled back.
    Abandoned {
        /// The index of that step.
        failed: usize,
    },
}

impl StepResult {
    /// Whether the step's changes are known to be applied.
    #[must_use]
    pub fn is_applied(&self) -> bool {
        matches!(self, Self::Verified | Self::SideEffects { .. })
    }

    /// Whether the step was tried and is known not to be applied.
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

/// A step with its result.
#[derive(Clone, Debug, PartialEq)]
pub struct StepOutcome {
    /// The step as it was planned.
    pub step: Step,
    /// The result of the step.
    pub result: StepResult,
    /// The error with which the service refused the request, although the tenant shows the change.
    pub refused: Option<TenantError>,
}

impl StepOutcome {
    /// The names of the settings that the step changes completely or in part.
    pub fn settings(&self) -> impl Iterator<Item = &'static str> {
        self.step.changes.iter().map(|change| change.setting.name)
    }

    /// How many minutes the change can take to take effect; `None` if it is immediate or unknown.
    #[must_use]
    pub(crate) fn acts_within_minutes(&self) -> Option<u32> {
        let minutes = self.step.changes.iter().filter_map(|change| change.setting.delay_minutes);
        if self.result.was_sent() { minutes.max() } else { None }
    }
}

/// The result of a whole plan, step by step in the plan's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApplyOutcome {
    /// The steps with their results, in the plan's order.
    pub steps: Vec<StepOutcome>,
    /// The rollback after a step failed; `None` if there was nothing to roll back.
    pub rollback: Option<RollbackOutcome>,
}

/// The result of a rollback.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RollbackOutcome {
    /// The requests of the rollback.
    pub steps: Vec<StepOutcome>,
    /// The keys that were not rolled back, because somebody else changed them since or they could not be read.
    pub diverged: Vec<DivergedKeys>,
}

impl RollbackOutcome {
    /// Whether every request was rolled back and verified. Keys that somebody else changed meanwhile do not count.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.diverged.is_empty() && self.steps.iter().all(|done| done.result.is_applied())
    }
}

impl ApplyOutcome {
    /// How many settings were written, and not rolled back.
    #[must_use]
    pub fn changed(&self) -> usize {
        if self.rollback.as_ref().is_some_and(RollbackOutcome::is_complete) {
            return 0;
        }
        let sent = self.steps.iter().filter(|done| done.result.was_sent());
        sent.flat_map(StepOutcome::settings).collect::<BTreeSet<_>>().len()
    }

    /// How many settings were verified completely.
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
        let rollback = self.rollback.iter().flat_map(|rollback| &rollback.steps);
        self.steps.iter().chain(rollback).filter(|step| step.result.was_sent()).count()
    }
}

/// The tenant is not what the plan saw. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedDocuments {
    /// Each document that changed, with the changed keys.
    pub moved: Vec<(Surface, Vec<String>)>,
}
