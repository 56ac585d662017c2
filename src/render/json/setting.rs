//! What several documents say about settings.

use schemars::JsonSchema;
use serde::Serialize;

use crate::catalog::setting::Setting;
use crate::plan::change::{Change, Step, UnknownSetting, merge_by_setting};
use crate::render::json::error::{ErrorJson, error};
use crate::render::json::value::{ValueJson, value};
use crate::render::text::value::GroupNames;

/// One setting that is not as the policy wants it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Change")]
pub(crate) struct ChangeJson {
    /// The setting, as in `methods.required`.
    setting: String,
    /// What the tenant has.
    before: ValueJson,
    /// What the policy wants.
    after: ValueJson,
    /// The file that wants it, relative to where the run started, with `/`; a baseline where the baseline says so.
    path: String,
    /// The line, from 1.
    #[schemars(range(min = 1))]
    line: usize,
    /// The column, from 1, in characters.
    #[schemars(range(min = 1))]
    column: usize,
    /// The requests that make the change: indexes of the tenant's requests or steps, from 0.
    requests: Vec<usize>,
}

/// What changes, in the order of the steps.
pub(crate) fn changes(steps: &[Step], names: &GroupNames) -> Vec<ChangeJson> {
    let makes = |step: &Step, name: &str| step.changes.iter().any(|change| change.setting.name == name);
    let changes = merge_by_setting(steps.iter().flat_map(|step| &step.changes)).into_iter().map(|change| {
        let requests = steps.iter().enumerate().filter(|(_, step)| makes(step, change.setting.name));
        one(&change, requests.map(|(index, _)| index).collect(), names)
    });
    changes.collect()
}

/// The names of the settings that a step changes.
pub(crate) fn names_of(changes: &[Change]) -> Vec<String> {
    merge_by_setting(changes).iter().map(|change| change.setting.name.to_owned()).collect()
}

pub(super) fn one(change: &Change, requests: Vec<usize>, names: &GroupNames) -> ChangeJson {
    let Change { setting, before, after, place } = change;
    let (line, column) = place.line_column();
    ChangeJson {
        setting: setting.name.to_owned(),
        before: value(before, names),
        after: value(after, names),
        path: place.source.path.clone(),
        line,
        column,
        requests,
    }
}

/// A managed setting that could not be compared; nothing is planned for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Unknown")]
pub(crate) struct UnknownJson {
    /// The setting, as in `methods.required`.
    setting: String,
    /// The file that manages it.
    path: String,
    /// The line, from 1.
    #[schemars(range(min = 1))]
    line: usize,
    /// The column, from 1, in characters.
    #[schemars(range(min = 1))]
    column: usize,
    /// Why it is not known.
    error: ErrorJson,
}

pub(crate) fn unknown(unknown: &UnknownSetting) -> UnknownJson {
    let UnknownSetting { setting, place, why } = unknown;
    let (line, column) = place.line_column();
    UnknownJson { setting: setting.name.to_owned(), path: place.source.path.clone(), line, column, error: error(why) }
}

pub(crate) fn names(settings: &[&'static Setting]) -> Vec<String> {
    settings.iter().map(|setting| setting.name.to_owned()).collect()
}
