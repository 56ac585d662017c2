//! The states in which people are counted, by some policies at a date.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::person::answer::{Answer, AnswerReason};
use crate::person::assess::{
    assess, assess_administrator, assess_administrator_now, assess_now, assess_user, counted_methods, has_role,
};
use crate::person::facts::{PersonFacts, TenantSituation};
use crate::person::policy_state::PolicyState;
use crate::policy::document::Method;

/// How far a person is from a reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PersonState {
    Able,
    /// They may reset, and have registered a method that counts, but too few.
    Short,
    /// They may reset, and have registered no method that counts.
    Unregistered,
    /// They may not reset, whatever they register: scope, account, licence, or where the password is.
    NotPermitted,
    /// It is not known.
    Unclear,
}

impl PersonState {
    pub(crate) const ALL: [Self; 5] = [Self::Able, Self::Short, Self::Unregistered, Self::NotPermitted, Self::Unclear];

    /// The word in JSON.
    #[must_use]
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Able => "able",
            Self::Short => "short",
            Self::Unregistered => "unregistered",
            Self::NotPermitted => "notPermitted",
            Self::Unclear => "unclear",
        }
    }

    /// Whether somebody in this state can reset; `None` if that is not known.
    #[must_use]
    pub(crate) fn known(self) -> Option<bool> {
        match self {
            Self::Able => Some(true),
            Self::Short | Self::Unregistered | Self::NotPermitted => Some(false),
            Self::Unclear => None,
        }
    }
}

impl From<&Answer> for PersonState {
    fn from(answer: &Answer) -> Self {
        match answer {
            Answer::Yes => Self::Able,
            Answer::Unclear(_) => Self::Unclear,
            Answer::No(AnswerReason::MethodsMissing) => Self::Short,
            Answer::No(why) if why.is_about_methods() => Self::Unregistered,
            Answer::No(_) => Self::NotPermitted,
        }
    }
}

/// The policies and the date by which people are counted.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// The policies that hold then.
    pub policy: &'a PolicyState,
    /// The date by which methods count or have ended.
    pub at: Date,
    /// Whether this is the tenant as it was read, so that the registration report itself says who can reset.
    pub live: bool,
}

impl Moment<'_> {
    /// The answer by which a person is counted: administrators by Microsoft's policy for them, everybody else by that for
    /// users. Whoever is not in the report counts as a user without a role, as new accounts are.
    #[must_use]
    pub fn answer(self, tenant: &TenantSituation, person: &PersonFacts<'_>) -> Answer {
        let Self { policy, at, live } = self;
        match (person.report.is_some() && live, has_role(person)) {
            (true, true) => assess_administrator_now(policy, tenant, person),
            (true, false) => assess_now(policy, tenant, person),
            (false, true) => assess_administrator(policy, tenant, person, at),
            (false, false) => assess_user(policy, tenant, person, at),
        }
    }

    /// The answer that is certain whatever role a person has: where it is not known whether the policy for users holds for them
    /// or Microsoft's for administrators, both have to agree. It is unclear where they do not.
    #[must_use]
    pub fn answer_of_any_role(self, tenant: &TenantSituation, person: &PersonFacts<'_>) -> Answer {
        let Self { policy, at, live } = self;
        if live { assess_now(policy, tenant, person) } else { assess(policy, tenant, person, at) }
    }

    /// The methods that a person has registered and that count by the policy for users, or may count.
    #[must_use]
    pub(crate) fn methods(self, tenant: &TenantSituation, person: &PersonFacts<'_>) -> BTreeSet<Method> {
        counted_methods(self.policy, tenant, person, self.at)
    }
}

/// Why people lose their reset.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LossReason {
    /// The first reason why they can no longer reset.
    pub why: AnswerReason,
    /// The methods that they have registered and that no longer count for them.
    pub methods: BTreeSet<Method>,
}

impl LossReason {
    /// The reason with the methods that no longer count, where it is about methods.
    #[must_use]
    pub(crate) fn new(why: AnswerReason, methods: impl FnOnce() -> BTreeSet<Method>) -> Self {
        let names_methods = why.is_about_methods() && why != AnswerReason::NothingRegistered;
        Self { why, methods: if names_methods { methods() } else { BTreeSet::new() } }
    }
}
