//! Drift becomes policy: what a file has to say so that the tenant, as it is, is in line with it.

use serde_json::Value as Json;

use crate::base::source::Place;
use crate::base::value::Value;
use crate::catalog::setting::Setting;
use crate::catalog::{self, scope};
use crate::plan::change::Plan;
use crate::plan::import;
use crate::plan::import::SkippedSetting;
use crate::tenant::snapshot::Snapshot;

/// A drifted setting with what a policy has to say of it.
#[derive(Clone, Debug, PartialEq)]
pub struct AcceptedSetting {
    /// The setting.
    pub setting: &'static Setting,
    /// What the policy says from now on; `None` where it has to be silent.
    pub value: Option<Json>,
    /// Where the policy, or a baseline of it, says otherwise; `None` where it says nothing yet.
    pub place: Option<Place>,
}

/// What the policy has to say of everything that drifted, and what it cannot say, with the reason.
#[must_use]
pub fn accept_drift(plan: &Plan, snapshot: &Snapshot) -> (Vec<AcceptedSetting>, Vec<SkippedSetting>) {
    let mut wanted: Vec<_> = plan.changes().into_iter().map(|change| (change.setting, Some(change.place))).collect();
    wanted.extend(group_of(plan));
    let (mut accepted, mut left_out) = (Vec::new(), Vec::new());
    for (setting, place) in wanted {
        match import::found(setting, snapshot) {
            Ok(value) => accepted.push(AcceptedSetting { setting, value: import::written(setting, &value), place }),
            Err(why) => left_out.push(SkippedSetting { setting: setting.name, reason: why.message }),
        }
    }
    (accepted, left_out)
}

/// A policy that says `selected` has to name the group as well, also where it named none before.
fn group_of(plan: &Plan) -> Option<(&'static Setting, Option<Place>)> {
    let users = plan.changes().into_iter().find(|change| change.setting.name == scope::USERS.name)?;
    let unmanaged = plan.unmanaged.contains(&&scope::GROUP);
    let selected = matches!(plan.live.get(scope::GROUP.name), Some(Value::Group(_)));
    (unmanaged && selected && users.before != users.after).then(|| Some((catalog::find(scope::GROUP.name)?, None)))?
}
