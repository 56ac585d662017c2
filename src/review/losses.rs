//! Counts what a plan takes from people: how many lose their reset for which reason, and whether anybody can still reset.
//! Who can is answered by the model of one person; only answers that are known count as a loss.

use std::collections::{BTreeMap, BTreeSet};

use crate::person::answer::{Answer, AnswerReason};
use crate::person::state::LossReason;
use crate::policy::document::Method;

/// How many people lose their reset by a plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Losses {
    /// The people in scope now of whom it is known whether they lose it. Administrators count where their role does not matter.
    pub sure: u64,
    /// Those of them who can reset now.
    pub able: u64,
    /// Those of them who lose it.
    pub losing: u64,
    /// How many of those lose it for which reason.
    pub reasons: BTreeMap<LossReason, u64>,
    /// The people without an administrator's role of whom it is not known whether they lose it.
    pub unclear: u64,
    /// The people in scope by the policies as they are.
    pub now: PeopleInScope,
    /// The people in scope by the policies after the plan.
    pub then: PeopleInScope,
}

/// The people in scope by some policies, without administrators.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PeopleInScope {
    /// How many are in scope, or may be.
    pub(crate) people: u64,
    /// How many of them can reset.
    pub(crate) able: u64,
    /// Of how many of them that is not known.
    pub(crate) unclear: u64,
    /// Whether one of them can reset, or could after registering, or that is not known.
    pub(crate) could: bool,
    /// Why the others could not, whatever they register; counted as long as nobody could.
    pub(crate) closed: BTreeMap<AnswerReason, u64>,
}

/// What is known of people who are alike, now and after a plan.
pub(crate) struct BeforeAndAfter<'a> {
    /// How many they are.
    pub(crate) many: u64,
    pub now: &'a Answer,
    pub then: &'a Answer,
    /// Whether they could reset at the date by the policies as they are: else the time takes it, and not the plan.
    pub(crate) without_plan: bool,
    /// Whether they have an administrator's role; [`PeopleInScope`] is about the others.
    pub(crate) administrator: bool,
}

impl Losses {
    /// Adds people who are alike. `methods` returns the registered methods that no longer count.
    pub(crate) fn count(&mut self, person: &BeforeAndAfter<'_>, methods: impl FnOnce() -> BTreeSet<Method>) {
        let BeforeAndAfter { many, now, then, without_plan, administrator } = person;
        match (now.known(), then) {
            (Some(true), Answer::No(why)) => {
                self.sure += many;
                self.able += many;
                if *without_plan {
                    self.losing += many;
                    *self.reasons.entry(LossReason::new(*why, methods)).or_default() += many;
                }
            }
            (Some(able), Answer::Yes | Answer::No(_)) => {
                self.sure += u64::from(is_in_scope(now)) * many;
                self.able += u64::from(able) * many;
            }
            // Whoever cannot reset now loses nothing, and whoever can then loses nothing either.
            (Some(false), Answer::Unclear(_)) | (None, Answer::Yes) => {}
            (Some(true), Answer::Unclear(_)) | (None, Answer::No(_) | Answer::Unclear(_)) => {
                self.unclear += u64::from(!administrator) * many;
            }
        }
    }
}

impl PeopleInScope {
    /// Adds so many people, who are alike. `registered` returns the answer as if they had registered every method.
    pub(crate) fn count(&mut self, many: u64, answer: &Answer, registered: impl FnOnce() -> Answer) {
        if !is_in_scope(answer) {
            return;
        }
        self.people += many;
        match answer {
            Answer::Yes => self.able += many,
            Answer::Unclear(_) => self.unclear += many,
            Answer::No(_) if self.could => return,
            Answer::No(_) => {
                if let Answer::No(why) = registered() {
                    *self.closed.entry(why).or_default() += many;
                    return;
                }
            }
        }
        self.could = true;
    }

    /// Whether people are in scope and it is certain of all of them that they cannot reset.
    pub(crate) fn nobody_can(&self) -> bool {
        self.people > 0 && self.able == 0 && self.unclear == 0
    }
}

/// Whether somebody is in scope, or may be, and has an account of this tenant that may sign in.
fn is_in_scope(answer: &Answer) -> bool {
    match answer {
        Answer::Yes | Answer::Unclear(_) => true,
        Answer::No(why) => !matches!(
            why,
            AnswerReason::ScopeNone
                | AnswerReason::NotInScope
                | AnswerReason::AdministratorsOff
                | AnswerReason::AccountDisabled
                | AnswerReason::HomeTenantDecides
        ),
    }
}
