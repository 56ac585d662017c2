//! Whether a method is allowed for one person, and what decides it.

use crate::base::ids::ObjectId;
use crate::person::answer::AnswerReason;
use crate::person::facts::GroupMemberships;
use crate::person::policy_state::{MethodTarget, MethodTargets, TargetPeople};
use crate::person::registered::ResetMethod;

/// Whether a method is allowed for one person at a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allowed {
    Yes,
    /// It is not allowed.
    No,
    /// It was allowed, or may have been, and has ended.
    Ended,
    /// It is not known whether it is allowed.
    Unclear(AnswerReason),
}

/// How one person and a configuration of the authentication methods policy belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TargetMatch {
    /// The configuration is off.
    Off,
    /// The person is in a group that is excluded, which counts more than any that is included.
    Excluded(ObjectId),
    /// No target has the person.
    NotIncluded,
    /// This target has the person.
    Included(TargetPeople),
    /// Something that decides about it was not read or not understood.
    NotKnown,
}

impl TargetMatch {
    /// Whether a configuration is on and for a person; exclusion counts more than inclusion.
    pub(crate) fn of(
        targets: &MethodTargets,
        groups: &GroupMemberships,
        person: ObjectId,
        counts: impl Fn(&MethodTarget) -> bool,
    ) -> Self {
        if targets.on == Some(false) {
            return Self::Off;
        }
        let contains = |group: ObjectId| groups.contains(group, person);
        let has = |target: &MethodTarget| match target.people {
            TargetPeople::Everybody => Some(true),
            TargetPeople::Group(group) => contains(group),
            TargetPeople::User(user) => Some(user == person),
        };
        let mut excluded = targets.exclude.iter().flatten();
        if let Some(group) = excluded.clone().find(|group| contains(**group) == Some(true)) {
            return Self::Excluded(*group);
        }
        let nobody_excluded = targets.exclude.is_some() && excluded.all(|group| contains(*group) == Some(false));
        let Some(include) = &targets.include else { return Self::NotKnown };
        let mut included = include.iter().filter(|target| counts(target));
        if included.clone().all(|target| has(target) == Some(false)) {
            return Self::NotIncluded;
        }
        match included.find(|target| has(target) == Some(true)) {
            Some(target) if targets.on == Some(true) && nobody_excluded => Self::Included(target.people),
            Some(_) | None => Self::NotKnown,
        }
    }

    /// Whether the configuration is for the person; `None` if that is not known.
    pub(crate) fn known(self) -> Option<bool> {
        match self {
            Self::Off | Self::Excluded(_) | Self::NotIncluded => Some(false),
            Self::Included(_) => Some(true),
            Self::NotKnown => None,
        }
    }
}

/// What allows a method, or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MethodSource {
    /// The switch of the legacy policy; `None` if it was not read.
    LegacySwitch(Option<bool>),
    /// A configuration of the authentication methods policy, by its id.
    Configuration(&'static str, TargetMatch),
}

/// One kind of method, and what it does for the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MethodState {
    pub(crate) kind: ResetMethod,
    /// Whether the person has registered it; `None` if the report does not have them, or was not read.
    pub(crate) registered: Option<bool>,
    /// Whether the policy that holds allows it for the person.
    pub(crate) allowed: Allowed,
    /// Whether Microsoft still serves it for the person at the date.
    pub(crate) dated: Allowed,
    /// What decides whether it is allowed; empty where Microsoft's policy for administrators does.
    pub(crate) sources: Vec<MethodSource>,
}

impl MethodState {
    /// Whether it counts for the person at the date, if it is registered.
    pub(crate) fn counts(&self) -> Allowed {
        self.allowed.and(self.dated)
    }
}

impl Allowed {
    /// What holds if either of two policies may allow it.
    pub(crate) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::Unclear(reason), _) | (_, Self::Unclear(reason)) => Self::Unclear(reason),
            (Self::Ended, _) | (_, Self::Ended) => Self::Ended,
            (Self::No, Self::No) => Self::No,
        }
    }

    /// What holds if both must allow it.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Ended, _) | (_, Self::Ended) => Self::Ended,
            (Self::Unclear(reason), _) | (_, Self::Unclear(reason)) => Self::Unclear(reason),
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }
}

impl From<Option<bool>> for Allowed {
    /// What is not known depends on a target that was not read.
    fn from(known: Option<bool>) -> Self {
        match known {
            Some(true) => Self::Yes,
            Some(false) => Self::No,
            None => Self::Unclear(AnswerReason::TargetNotRead),
        }
    }
}
