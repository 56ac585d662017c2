//! What a policy would do to the Secure Score control, where that can be said at all.

use crate::base::value::Value;
use crate::catalog::scope;
use crate::tenant::score::Score;

/// The most points that the control gives.
const MOST: f64 = 1.0;

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
///
/// `before` and `after` are users and group, each as far as known.
#[must_use]
pub fn forecast(now: Option<&Score>, before: &Scope, after: &Scope) -> Forecast {
    match (after.users.as_ref(), now) {
        (Some(Value::Text(users)), _) if users == NOBODY => Forecast::Points(0.0),
        (Some(Value::Text(users)), _) if users == EVERYBODY => Forecast::Points(MOST),
        (Some(_), Some(score)) if before == after && after.group.is_some() => Forecast::Points(score.points),
        (Some(_), Some(_)) if before == after => Forecast::Unknown("the group that may reset is not known"),
        (Some(_), _) => Forecast::Unknown("it depends on how many users the group has"),
        (None, _) => Forecast::Unknown("it is not known who may reset"),
    }
}

const NOBODY: &str = "none";
const EVERYBODY: &str = "all";

/// Who may reset: what the settings `scope.users` and `scope.group` say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scope {
    /// The value of `scope.users`.
    pub users: Option<Value>,
    /// The value of `scope.group`.
    pub group: Option<Value>,
}

impl Scope {
    /// Takes the two settings from whatever knows them by name.
    #[must_use]
    pub fn of(value: impl Fn(&str) -> Option<Value>) -> Self {
        Self { users: value(scope::USERS.name), group: value(scope::GROUP.name) }
    }
}
