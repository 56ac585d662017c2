//! What a policy would do to the Secure Score control, where that can be said at all.

use crate::base::value::Value;
use crate::catalog::scope;
use crate::catalog::setting::Setting;
use crate::plan::change::Plan;
use crate::tenant::score::Score;

/// The most points that the control gives.
pub const MOST: f64 = 1.0;

/// What the control comes to once a policy is in force.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Forecast {
    /// These points.
    Points(f64),
    /// It cannot be said, for this reason.
    Unknown(&'static str),
}

/// The control counts the users who may reset: with nobody enabled it is nothing, with everybody it is full, and it stays
/// where the scope stays. What a group comes to depends on how many users it has, and that is not guessed.
#[must_use]
pub fn forecast(now: Option<&Score>, plan: &Plan) -> Forecast {
    let users = after(plan, &scope::USERS);
    let group = after(plan, &scope::GROUP);
    let moves = plan.changes().iter().any(|change| *change.setting == scope::USERS || *change.setting == scope::GROUP);
    match (users, group, now) {
        (Some(Value::Text(users)), _, _) if users == "none" => Forecast::Points(0.0),
        (Some(Value::Text(users)), _, _) if users == "all" => Forecast::Points(MOST),
        (None, _, _) | (_, None, _) => Forecast::Unknown("it is not known who may reset"),
        (Some(_), Some(_), _) if moves => Forecast::Unknown("it depends on how many users the group has"),
        (Some(_), Some(_), Some(score)) => Forecast::Points(score.points),
        (Some(_), Some(_), None) => Forecast::Unknown("the policy leaves the scope as it is, and the score is unknown"),
    }
}

/// What a setting is with the plan carried out; `None` when that is not known.
fn after(plan: &Plan, setting: &Setting) -> Option<Value> {
    if plan.unknown.iter().any(|unknown| unknown.setting == setting) {
        return None;
    }
    let change = plan.changes().into_iter().find(|change| change.setting == setting);
    change.map(|change| change.after).or_else(|| plan.live.get(setting.name).cloned())
}
