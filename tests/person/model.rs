//! A second model of "can this one person reset their password", written from Microsoft's documents as the project's
//! reference collects them, and not from the code of the program. It shares the types of the facts with the program and
//! nothing else: it works out by itself who is in a group, which methods count, and what a date ends.
//!
//! Where the reference leaves something open, these decisions hold: a tenant has a telephony provider of its own only if it says
//! so; the public cloud is taken for public although GCC is in it; what is only on file counts in no cloud; a person of the
//! report is not disabled; the settings of this tenant can be a certain no for people of another one, too.

use std::collections::BTreeSet;

use jiff::civil::Date;
use ssprctl::testing::person::answer::Answer;
use ssprctl::testing::person::facts::{PersonFacts, TenantSituation};
use ssprctl::testing::person::policy_state::{PolicyState, ResetScope};
use ssprctl::testing::tenant::account::AccountHome;
use ssprctl::testing::tenant::facts::ResetLicence;

use crate::directory::Directory;
use crate::methods::{as_administrator, as_user};

/// Reason codes of which any may come first.
pub(crate) type Codes = BTreeSet<&'static str>;

/// What the reference says of a person, or of one step on the way to the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// They can; the step is passed.
    Yes,
    /// They cannot, and one of these reasons comes first.
    No(Codes),
    /// It is not known.
    Unclear,
    /// It is not known by the letter of the reference, although a no with one of these reasons follows from all that can
    /// be. Either answer is right.
    UnclearOrNo(Codes),
}

/// Everything on which one answer depends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case<'a> {
    pub(crate) policy: &'a PolicyState,
    pub(crate) tenant: &'a TenantSituation,
    pub(crate) directory: &'a Directory,
    pub(crate) person: &'a PersonFacts<'a>,
    pub(crate) at: Date,
}

pub(crate) fn no(code: &'static str) -> Expected {
    Expected::No(Codes::from([code]))
}

/// Two conditions of one step, either of which may be the first reason of a no.
fn one_step(one: Expected, other: Expected) -> Expected {
    match (one, other) {
        (Expected::No(one), Expected::No(other)) => Expected::No(&one | &other),
        (one, other) => Expected::all([one, other]),
    }
}

impl Expected {
    /// The answer of steps that all have to be passed. The first certain no decides; else anything unclear does.
    fn all(steps: impl IntoIterator<Item = Self>) -> Self {
        let (mut codes, mut unclear) = (Codes::new(), false);
        for step in steps {
            match step {
                Self::Yes => {}
                Self::No(first) => {
                    codes.extend(first);
                    return Self::No(codes);
                }
                Self::Unclear => unclear = true,
                Self::UnclearOrNo(first) => codes.extend(first),
            }
        }
        match () {
            () if !codes.is_empty() => Self::UnclearOrNo(codes),
            () if unclear => Self::Unclear,
            () => Self::Yes,
        }
    }

    /// The answer where one of several holds and nobody says which: the common one if they agree.
    pub(crate) fn common(answers: impl IntoIterator<Item = Self>) -> Self {
        let either = |one: Self, other: Self| match (one, other) {
            (Self::Yes, Self::Yes) => Self::Yes,
            (Self::No(one), Self::No(other)) => Self::No(&one | &other),
            (Self::No(one) | Self::UnclearOrNo(one), Self::No(other) | Self::UnclearOrNo(other)) => {
                Self::UnclearOrNo(&one | &other)
            }
            _ => Self::Unclear,
        };
        answers.into_iter().reduce(either).unwrap_or(Self::Unclear)
    }

    /// Whether an answer of the program is what the reference says, the first reason of a no included.
    pub(crate) fn agrees(&self, answer: &Answer) -> bool {
        match (self, answer) {
            (Self::Yes, Answer::Yes) | (Self::Unclear | Self::UnclearOrNo(_), Answer::Unclear(_)) => true,
            (Self::No(codes) | Self::UnclearOrNo(codes), Answer::No(reason)) => codes.contains(reason.code()),
            _ => false,
        }
    }
}

impl Case<'_> {
    /// Whether the person can reset: by the users' policy, by the administrators', or, as the report does not say which
    /// role somebody has, by both.
    pub(crate) fn answer(&self) -> Expected {
        match self.person.report {
            Some(report) if !report.administrator => self.by_users_policy(),
            _ => Expected::common([self.by_administrators_policy(), self.by_users_policy()]),
        }
    }

    /// The same for the report's own day, whose `isSsprCapable` has to agree.
    pub(crate) fn checked(&self, answer: Expected) -> Expected {
        let Some(report) = self.person.report else { return answer };
        match answer {
            Expected::Yes if !report.capable => Expected::Unclear,
            Expected::No(_) | Expected::UnclearOrNo(_) if report.capable => Expected::Unclear,
            answer => answer,
        }
    }

    fn by_users_policy(&self) -> Expected {
        let licence = match self.tenant.licence.map(|licence| licence.reset) {
            Some(ResetLicence::Permits) => Expected::Yes,
            Some(ResetLicence::ChangeOnly) => no("licence-change-only"),
            Some(ResetLicence::NotKnown) | None => Expected::Unclear,
        };
        let licence = one_step(licence, self.writeback_licence());
        Expected::all([self.scope(), self.account(), licence, self.password(), as_user(self)])
    }

    /// The answer by Microsoft's policy for administrators alone.
    pub(crate) fn by_administrators_policy(&self) -> Expected {
        let switch = match self.policy.administrators {
            Some(true) => Expected::Yes,
            Some(false) => no("administrators-off"),
            None => Expected::Unclear,
        };
        // Whether administrators of a tenant without a paid plan can reset is open.
        let licence = match self.tenant.licence.map(|licence| licence.reset) {
            Some(ResetLicence::Permits) => Expected::Yes,
            Some(ResetLicence::ChangeOnly | ResetLicence::NotKnown) | None => Expected::Unclear,
        };
        let licence = one_step(licence, self.writeback_licence());
        Expected::all([switch, self.account(), licence, self.password(), as_administrator(self)])
    }

    fn scope(&self) -> Expected {
        match self.policy.scope {
            Some(ResetScope::Everybody) => Expected::Yes,
            Some(ResetScope::Nobody) => no("scope-none"),
            Some(ResetScope::Members(group)) => match self.directory.is_member(group, self.person.id) {
                Some(true) => Expected::Yes,
                Some(false) => no("not-in-scope"),
                None => Expected::Unclear,
            },
            None => Expected::Unclear,
        }
    }

    fn account(&self) -> Expected {
        let Some(account) = self.person.account else { return Expected::Unclear };
        let enabled = match account.enabled {
            Some(false) => no("account-disabled"),
            Some(true) => Expected::Yes,
            // The report leaves out disabled people.
            None if self.person.report.is_some() => Expected::Yes,
            None => Expected::Unclear,
        };
        let home = match account.home {
            AccountHome::Here => Expected::Yes,
            AccountHome::Elsewhere => Expected::Unclear,
        };
        Expected::all([enabled, home])
    }

    /// Whether the password is on premises; `None` if that is not known.
    fn on_premises(&self) -> Option<bool> {
        match self.person.account {
            Some(account) => Some(account.synchronised),
            None => self.tenant.synchronised.filter(|synchronised| !synchronised),
        }
    }

    fn writeback_licence(&self) -> Expected {
        match (self.on_premises(), self.tenant.licence) {
            (Some(false), _) => Expected::Yes,
            (Some(true), Some(licence)) if licence.writeback => Expected::Yes,
            (Some(true), Some(_)) => no("writeback-not-licensed"),
            (Some(true), None) | (None, _) => Expected::Unclear,
        }
    }

    fn password(&self) -> Expected {
        let later = self.at > self.tenant.today;
        match (self.on_premises(), self.policy.writeback, self.tenant.writeback_running) {
            (Some(false), _, _) | (Some(true), Some(true), Some(true)) => Expected::Yes,
            (Some(true), Some(false), _) => no("writeback-off"),
            (Some(true), Some(true), Some(false)) if !later => no("writeback-not-running"),
            (Some(true), None, Some(false)) if !later => Expected::UnclearOrNo(Codes::from(["writeback-not-running"])),
            (Some(true) | None, _, _) => Expected::Unclear,
        }
    }
}
