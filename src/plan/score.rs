//! Predicts the Secure Score of a policy, if it can be predicted.

use crate::base::value::Value;
use crate::catalog::scope;
use crate::catalog::setting::Setting;
use crate::plan::change::Plan;
use crate::tenant::score::SecureScore;

/// The most points that the control for password reset gives.
pub(crate) const MOST: f64 = 1.0;

/// The score of the control after a policy is applied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Forecast {
    /// The control gives this many points.
    Points(f64),
    /// The points cannot be predicted, for this reason.
    Unknown(&'static str),
}

/// Predicts the score of the control, which counts the users who may reset: it is full if everybody may, zero if nobody may,
/// and unchanged if the scope is. The score of a group depends on how many users it has; and while administrators may reset,
/// they count for any scope (the registration report has them enabled). Neither number is guessed.
#[must_use]
pub fn forecast(now: Option<&SecureScore>, plan: &Plan) -> Forecast {
    const SCOPE: [&Setting; 3] = [&scope::USERS, &scope::GROUP, &scope::ADMINISTRATORS];
    let [users, group, administrators] = SCOPE.map(|setting| after(plan, setting));
    let Some(Value::Text(users)) = users else { return Forecast::Unknown("it is not known who may reset") };
    let moves = plan.changes().iter().any(|change| SCOPE.contains(&change.setting));
    match (users.as_str(), administrators, now) {
        ("all", _, _) => Forecast::Points(MOST),
        ("none", Some(Value::Bool(false)), _) => Forecast::Points(0.0),
        (_, None, _) => Forecast::Unknown("it is not known whether administrators may reset"),
        _ if group.is_none() => Forecast::Unknown("it is not known which group may reset"),
        (_, _, Some(score)) if !moves => Forecast::Points(score.points),
        (_, _, None) if !moves => Forecast::Unknown("it stays as it is, which is unknown"),
        ("none", _, _) => Forecast::Unknown("administrators may still reset, and it is not known how many they are"),
        _ => Forecast::Unknown("it depends on how many users the group has"),
    }
}

/// The value of a setting after the plan; `None` if it is not known.
fn after(plan: &Plan, setting: &Setting) -> Option<Value> {
    if plan.unknown.iter().any(|unknown| unknown.setting == setting) {
        return None;
    }
    let change = plan.changes().into_iter().find(|change| change.setting == setting);
    change.map(|change| change.after).or_else(|| plan.actual.get(setting.name).cloned())
}
