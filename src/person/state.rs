//! The states in which people are counted, by some policies at a date.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::person::answer::{Answer, AnswerReason};
use crate::person::assess::{
    assess, assess_administrator, assess_user, checked_by_report, counted_methods, has_role, report_disagrees,
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
    /// The policies of the tenant as it was read, by which the registration report itself says who can reset today; `None`
    /// where the report is not asked, as for registrations that it does not have.
    pub read: Option<&'a PolicyState>,
}

impl Moment<'_> {
    /// The answer by which a person is counted: administrators by Microsoft's policy for them, everybody else by that for
    /// users. Whoever is not in the report counts as a user without a role, as new accounts are.
    #[must_use]
    pub fn answer(self, tenant: &TenantSituation, person: &PersonFacts<'_>) -> Answer {
        self.checked(tenant, person, counted_answer)
    }

    /// The answer that is certain whatever role a person has: where it is not known whether the policy for users holds for them
    /// or Microsoft's for administrators, both have to agree. It is unclear where they do not.
    #[must_use]
    pub fn answer_of_any_role(self, tenant: &TenantSituation, person: &PersonFacts<'_>) -> Answer {
        self.checked(tenant, person, assess)
    }

    /// Whether the report contradicts what is computed for its own day, so that no answer about the person's methods is certain.
    pub(crate) fn report_disagrees(self, tenant: &TenantSituation, person: &PersonFacts<'_>) -> bool {
        self.read.is_some_and(|read| report_disagrees(&counted_answer(read, tenant, person, tenant.today), person))
    }

    /// An answer for the moment, checked by the report where that is asked.
    fn checked(
        self,
        tenant: &TenantSituation,
        person: &PersonFacts<'_>,
        by: fn(&PolicyState, &TenantSituation, &PersonFacts<'_>, Date) -> Answer,
    ) -> Answer {
        let Self { policy, at, read } = self;
        let answer = by(policy, tenant, person, at);
        let Some(read) = read.filter(|_| person.report.is_some()) else { return answer };
        let today = by(read, tenant, person, tenant.today);
        checked_by_report(answer, &today, person, |person| {
            [by(policy, tenant, person, at), by(read, tenant, person, tenant.today)]
        })
    }

    /// The methods that a person has registered and that count by the policy for users, or may count.
    #[must_use]
    pub(crate) fn methods(self, tenant: &TenantSituation, person: &PersonFacts<'_>) -> BTreeSet<Method> {
        counted_methods(self.policy, tenant, person, self.at)
    }
}

/// The answer of the policy by which a person is counted.
fn counted_answer(policy: &PolicyState, tenant: &TenantSituation, person: &PersonFacts<'_>, at: Date) -> Answer {
    let assess = if has_role(person) { assess_administrator } else { assess_user };
    assess(policy, tenant, person, at)
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
