//! Accepts drift: the values that a policy needs so that the tenant, as it is, is in sync with it.

use serde_json::Value as Json;

use crate::base::source::Place;
use crate::base::value::Value;
use crate::catalog::setting::Setting;
use crate::catalog::{self, scope};
use crate::plan::change::Plan;
use crate::plan::import;
use crate::plan::import::SkippedSetting;
use crate::tenant::snapshot::Snapshot;

/// A drifted setting with the value that the policy needs to accept it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AcceptedSetting {
    pub(crate) setting: &'static Setting,
    /// The new value in the policy; `None` if the policy must leave the setting out.
    pub(crate) value: Option<Json>,
    /// The place of the old value, in the policy or in a baseline; `None` if neither has one.
    pub(crate) place: Option<Place>,
}

/// The values that accept the drift of a plan in these settings, and those of them that a policy cannot express, each with the
/// reason. `scope.group` comes along with `scope.users`, because neither is valid without the other.
#[must_use]
pub(crate) fn accept_drift(
    plan: &Plan,
    snapshot: &Snapshot,
    is_named: impl Fn(&str) -> bool,
) -> (Vec<AcceptedSetting>, Vec<SkippedSetting>) {
    let changes = plan.changes();
    let users = changes.iter().any(|change| change.setting.name == scope::USERS.name) && is_named(scope::USERS.name);
    let is_named = |name: &str| is_named(name) || users && name == scope::GROUP.name;
    let changes = changes.into_iter().filter(|change| is_named(change.setting.name));
    let mut wanted: Vec<_> = changes.map(|change| (change.setting, Some(change.place))).collect();
    wanted.extend(group_of(plan).filter(|_| is_named(scope::USERS.name)));
    let (mut accepted, mut left_out) = (Vec::new(), Vec::new());
    for (setting, place) in wanted {
        match import::found(setting, snapshot) {
            Ok(value) => accepted.push(AcceptedSetting { setting, value: import::written(setting, &value), place }),
            Err(why) => left_out.push(SkippedSetting { setting: setting.name, reason: why.message }),
        }
    }
    (accepted, left_out)
}

/// A policy with `scope.users: selected` must name the group as well, even if it named none before.
fn group_of(plan: &Plan) -> Option<(&'static Setting, Option<Place>)> {
    let users = plan.changes().into_iter().find(|change| change.setting.name == scope::USERS.name)?;
    let unmanaged = plan.unmanaged.contains(&&scope::GROUP);
    let selected = matches!(plan.actual.get(scope::GROUP.name), Some(Value::Group(_)));
    (unmanaged && selected && users.before != users.after).then(|| Some((catalog::find(scope::GROUP.name)?, None)))?
}
