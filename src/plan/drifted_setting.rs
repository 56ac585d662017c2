//! The settings that drifted, each with what earlier runs saw of it.

use crate::base::signature::Digest;
use crate::base::value::Value;
use crate::catalog::setting::Setting;
use crate::plan::change::Plan;
use crate::plan::drift_state::{ChangeWindow, DriftState};
use crate::tenant::surface::Surface;

/// A drifted setting, with the time in which it changed.
#[derive(Clone, Debug, PartialEq)]
pub struct DriftedSetting {
    /// The setting whose value drifted.
    pub setting: &'static Setting,
    /// The document that holds the drifted value.
    pub surface: Surface,
    /// The value that the tenant has now.
    pub found: Value,
    /// The digest of the value that the setting had before; `None` if no run has seen or recorded one.
    pub previous: Option<Digest>,
    /// The time in which the setting changed to the value found; `None` if no run has seen that value before.
    pub window: Option<ChangeWindow>,
}

/// The drifted settings of a plan, each with the time of its change from the drift state `seen`.
#[must_use]
pub(crate) fn drifted_settings(plan: &Plan, seen: &DriftState) -> Vec<DriftedSetting> {
    let changes = plan.steps.iter().flat_map(|step| step.changes.iter().map(|change| (step.surface, change)));
    let case = changes.map(|(surface, change)| DriftedSetting {
        setting: change.setting,
        surface,
        found: change.before.clone(),
        previous: seen.previous(change.setting.name).cloned(),
        window: seen.change_window(change.setting.name, &change.before),
    });
    case.collect()
}
