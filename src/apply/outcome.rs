//! What happened to each step.

use std::collections::BTreeSet;

use crate::plan::change::Step;
use crate::tenant::surface::Surface;
use crate::tenant::trouble::Trouble;

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
        /// Why the last read brought nothing.
        trouble: Option<Trouble>,
    },
    /// Written and shown, but keys that no change meant have moved as well.
    Collateral {
        /// The keys on the wire.
        keys: Vec<String>,
    },
    /// Not written: the document is no longer what the plan saw.
    Moved {
        /// The keys on the wire that moved.
        keys: Vec<String>,
    },
    /// The service refused, or could not be reached; nothing was changed.
    Failed(Trouble),
    /// Not tried, because somebody interrupted the run before it.
    Interrupted,
    /// Not tried, because an earlier step did not get through.
    Skipped {
        /// The index of that step.
        waited_for: usize,
    },
}

impl StepResult {
    /// Whether the step's changes are in force, as far as is known.
    #[must_use]
    pub fn got_through(&self) -> bool {
        matches!(self, Self::Verified | Self::Collateral { .. })
    }

    /// Whether a request that writes was sent and may have taken effect.
    #[must_use]
    pub fn was_sent(&self) -> bool {
        matches!(self, Self::Verified | Self::Unverified { .. } | Self::Collateral { .. })
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
}

/// What happened to a whole plan, step by step in the plan's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The steps.
    pub steps: Vec<StepOutcome>,
}

impl Outcome {
    /// How many settings were written.
    #[must_use]
    pub fn changed(&self) -> usize {
        let sent = self.steps.iter().filter(|done| done.result.was_sent());
        sent.flat_map(StepOutcome::settings).collect::<BTreeSet<_>>().len()
    }

    /// How many settings the tenant was seen to show whole.
    #[must_use]
    pub fn verified(&self) -> usize {
        let all: BTreeSet<_> = self.steps.iter().flat_map(StepOutcome::settings).collect();
        let open = self.steps.iter().filter(|done| !done.result.got_through());
        all.len() - open.flat_map(StepOutcome::settings).collect::<BTreeSet<_>>().len()
    }

    /// How many requests that write were sent.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.steps.iter().filter(|step| step.result.was_sent()).count()
    }
}

/// The tenant is not what the plan saw. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// Each document that moved, with the keys that did.
    pub moved: Vec<(Surface, Vec<String>)>,
}
