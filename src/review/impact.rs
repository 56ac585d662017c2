//! Predicts whom a plan affects: how many people can reset before and after it, by the registration report.
//!
//! A person counts as unclear if the report contradicts what follows from their methods and the tenant's settings, or if it
//! depends on a registered method that this program does not know.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::base::ids::ObjectId;
use crate::base::value::Value;
use crate::catalog::{methods, scope};
use crate::plan::change::Plan;
use crate::policy::document::Method;
use crate::review::countable_methods::count_methods;
use crate::tenant::registration::UserRegistrationDetails;

/// Who may reset, and with which methods.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ResetPolicy {
    scope: ResetScope,
    required: u32,
    allowed: BTreeSet<Method>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ResetScope {
    Nobody,
    Members(ObjectId),
    Everybody,
}

/// How a plan changes who may reset and with which methods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyChange {
    before: ResetPolicy,
    after: ResetPolicy,
    administrators: (Option<bool>, Option<bool>),
}

/// How many people a plan affects. They are members of the tenant without an administrator's role, unless stated otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    /// All who are in the report. Disabled accounts are not in it.
    pub people: u64,
    /// Those who can reset now.
    pub now: u64,
    /// Those who can reset after the plan.
    pub then: u64,
    /// Those who can reset after the plan, and cannot now.
    pub gain: u64,
    /// Those who can reset now, and cannot after the plan.
    pub lose: u64,
    /// Those who may reset after the plan, and have registered a method that counts, but too few.
    pub short: u64,
    /// Those who may reset after the plan, and have registered no method that counts.
    pub unregistered: u64,
    /// Those of whom it is not known. Of the numbers above only `people` includes them.
    pub unclear: u64,
    /// Administrators who can reset now, and cannot after the plan.
    pub administrators_lose: u64,
    /// Administrators who may reset after the plan, and may not now. How many of them have registered enough is not known.
    pub administrators_enabled: u64,
    /// The times at which the oldest and the newest line of the report were refreshed.
    pub refreshed: Option<(Timestamp, Timestamp)>,
}

/// The members of the group that the plan puts in scope, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupMembers(Vec<ObjectId>);

impl FromIterator<ObjectId> for GroupMembers {
    fn from_iter<I: IntoIterator<Item = ObjectId>>(ids: I) -> Self {
        let mut ids: Vec<_> = ids.into_iter().collect();
        ids.sort_unstable();
        Self(ids)
    }
}

/// The settings that decide who may reset, and with which methods.
pub(crate) const DECIDING_SETTINGS: [&str; 5] =
    [scope::USERS.name, scope::GROUP.name, scope::ADMINISTRATORS.name, methods::REQUIRED.name, methods::ALLOWED.name];

/// How a plan changes who may reset and with which methods; `None` if it changes neither.
///
/// # Errors
/// The name of a deciding setting whose value is not known.
pub fn shift(plan: &Plan) -> Result<Option<PolicyChange>, &'static str> {
    if !plan.changes().iter().any(|change| DECIDING_SETTINGS.contains(&change.setting.name)) {
        return Ok(None);
    }
    let after = |name: &str| plan.effects.iter().find(|effect| effect.setting.name == name).map(|effect| &effect.value);
    let before = |name: &str| plan.actual.get(name);
    let switch = |value: Option<&Value>| match value {
        Some(Value::Bool(on)) => Some(*on),
        _ => None,
    };
    let administrators = (switch(before(scope::ADMINISTRATORS.name)), switch(after(scope::ADMINISTRATORS.name)));
    Ok(Some(PolicyChange { before: terms(before)?, after: terms(after)?, administrators }))
}

fn terms<'a>(value: impl Fn(&str) -> Option<&'a Value>) -> Result<ResetPolicy, &'static str> {
    let scope = match (value(scope::USERS.name), value(scope::GROUP.name)) {
        (Some(Value::Text(users)), _) if users == "none" => ResetScope::Nobody,
        (Some(Value::Text(users)), _) if users == "all" => ResetScope::Everybody,
        (Some(Value::Text(_)), Some(Value::Group(group))) => ResetScope::Members(*group),
        // The scope is selected users, and no group is selected.
        (Some(Value::Text(_)), Some(Value::Unset)) => ResetScope::Nobody,
        (Some(_), _) => return Err(scope::GROUP.name),
        (None, _) => return Err(scope::USERS.name),
    };
    let Some(Value::Number(required)) = value(methods::REQUIRED.name) else { return Err(methods::REQUIRED.name) };
    let Some(Value::Set(allowed)) = value(methods::ALLOWED.name) else { return Err(methods::ALLOWED.name) };
    let offered = |method: &Method| method.spec().offered_from <= *required;
    let allowed: Result<Vec<_>, _> = allowed.iter().map(|word| Method::from_word(word)).collect();
    let allowed = allowed.map_err(|_| methods::ALLOWED.name)?.into_iter().filter(offered).collect();
    Ok(ResetPolicy { scope, required: *required, allowed })
}

impl PolicyChange {
    /// The group whose members [`PolicyChange::count`] needs: that of the new scope, unless it is in scope already.
    #[must_use]
    pub(crate) fn group(&self) -> Option<ObjectId> {
        match self.after.scope {
            ResetScope::Members(group) if self.before.scope != self.after.scope => Some(group),
            ResetScope::Members(_) | ResetScope::Nobody | ResetScope::Everybody => None,
        }
    }

    /// Adds one person of the report to `impact`.
    pub fn count(&self, impact: &mut Impact, person: &UserRegistrationDetails, members: &GroupMembers) {
        if let Some(at) = person.refreshed {
            let (oldest, newest) = impact.refreshed.unwrap_or((at, at));
            impact.refreshed = Some((oldest.min(at), newest.max(at)));
        }
        match (person.administrator, person.member) {
            (true, _) => self.administrator(impact, person),
            (false, true) => self.member(impact, person, members),
            (false, false) => {}
        }
    }

    fn administrator(&self, impact: &mut Impact, person: &UserRegistrationDetails) {
        match self.administrators {
            (Some(true), Some(false)) => impact.administrators_lose += u64::from(person.capable),
            (Some(false), Some(true)) => impact.administrators_enabled += 1,
            _ => {}
        }
    }

    fn member(&self, impact: &mut Impact, person: &UserRegistrationDetails, members: &GroupMembers) {
        impact.people += 1;
        let inside = match self.after.scope {
            ResetScope::Nobody => false,
            ResetScope::Everybody => true,
            scope if scope == self.before.scope => person.enabled,
            ResetScope::Members(_) => members.0.binary_search(&person.id).is_ok(),
        };
        let (now, then) = (self.before.can_reset(person, person.enabled), self.after.can_reset(person, inside));
        let (Some(now), Some(then)) = (now.filter(|now| *now == person.capable), then) else {
            impact.unclear += 1;
            return;
        };
        impact.now += u64::from(now);
        impact.then += u64::from(then);
        impact.gain += u64::from(then && !now);
        impact.lose += u64::from(now && !then);
        let some = count_methods(&person.methods, &self.after.allowed).certain > 0;
        impact.short += u64::from(inside && !then && some);
        impact.unregistered += u64::from(inside && !then && !some);
    }
}

impl ResetPolicy {
    /// Whether a person can reset; `None` if that depends on a method that this program does not know.
    fn can_reset(&self, person: &UserRegistrationDetails, inside: bool) -> Option<bool> {
        let found = count_methods(&person.methods, &self.allowed);
        match () {
            () if !inside || found.certain + found.uncertain < self.required => Some(false),
            () if found.certain >= self.required => Some(true),
            () => None,
        }
    }
}
