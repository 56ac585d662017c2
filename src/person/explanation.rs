//! One person's answer with every step that led to it, what the calendar changes, and what to do about it.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::person::action::{NextAction, next_action};
use crate::person::allowed::{Allowed, MethodState};
use crate::person::answer::{Answer, AnswerReason};
use crate::person::assess::{AnswerStep, app_is_one, assess_administrator, method_states, steps};
use crate::person::facts::{PersonFacts, TenantSituation};
use crate::person::registered::ResetMethod;
use crate::person::roles::HeldPolicy;
use crate::person::state::Moment;

/// One person's answer by some policies at a date, and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The date for which it holds.
    pub(crate) at: Date,
    /// The policy that decides about the person.
    pub(crate) held: HeldPolicy,
    /// The answer, which is the model's.
    pub answer: Answer,
    /// The steps in the order of the service: by the policy for administrators where that holds, else by the one for users.
    pub(crate) steps: [(AnswerStep, Answer); 5],
    /// The answer by the policy for administrators, where it is not known whether it holds.
    pub(crate) by_administrators: Option<Answer>,
    /// How many methods are needed, at least and at most; `None` if that was not read.
    pub(crate) needed: Option<(u32, u32)>,
    /// Every kind of method.
    pub(crate) methods: Vec<MethodState>,
    /// Whether notification and code of the app surely are one method.
    pub(crate) app_is_one: bool,
    /// What the calendar changes for the person after the date, by day.
    pub(crate) coming: Vec<ComingAnswer>,
    /// What the person, or somebody for them, does now.
    pub(crate) action: NextAction,
}

/// What a day of the calendar changes for a person who registers nothing until then.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ComingAnswer {
    pub(crate) day: Date,
    /// The answer from that day on.
    pub(crate) answer: Answer,
    /// The registered methods that count before that day and not, or not surely, from it on.
    pub(crate) lost: Vec<ResetMethod>,
}

impl Explanation {
    /// Whether notification and code of the app surely are one method, where both count or would, and more than one method is
    /// or may be needed; `None` where it makes no difference.
    pub(crate) fn app_counts_once(&self) -> Option<bool> {
        let counts = |kind| {
            let state = self.methods.iter().find(|state| state.kind == kind);
            state.is_some_and(|state| !matches!(state.counts(), Allowed::No | Allowed::Ended))
        };
        let both = counts(ResetMethod::Push) && counts(ResetMethod::SoftwareCode);
        (both && self.needed.is_none_or(|(_, most)| most > 1)).then_some(self.app_is_one)
    }

    /// The step that decides: the first that says no, else the first that is unclear where the answer is; `None` where all say
    /// yes, the report contradicts them, or it depends on which policy holds.
    pub(crate) fn deciding(&self) -> Option<AnswerStep> {
        let says = |wanted: fn(&Answer) -> bool| self.steps.iter().find(|(_, answer)| wanted(answer));
        let found = match &self.answer {
            Answer::Yes => None,
            answer if *answer != Answer::all(self.steps.iter().map(|(_, found)| found.clone())) => None,
            Answer::No(_) => says(|answer| matches!(answer, Answer::No(_))),
            Answer::Unclear(_) => says(|answer| answer.known().is_none()),
        };
        found.map(|(step, _)| *step)
    }
}

/// Explains a person's answer at a moment. Where it has the policies as they were read, the report itself is asked, too.
#[must_use]
pub fn explain(moment: Moment<'_>, tenant: &TenantSituation, person: &PersonFacts<'_>) -> Explanation {
    let Moment { policy, at, read: _ } = moment;
    let held = HeldPolicy::of(person);
    let administrators = held == HeldPolicy::Administrators;
    let answer = moment.answer_of_any_role(tenant, person);
    let coming = coming(moment, tenant, person, administrators);
    let ends = coming.iter().find(|coming: &&ComingAnswer| coming.answer != Answer::Yes).map(|coming| coming.day);
    let action = next_action(policy, tenant, person, at, &answer, ends);
    Explanation {
        at,
        held,
        steps: steps(policy, tenant, person, at, administrators),
        by_administrators: (held == HeldPolicy::NotKnown).then(|| assess_administrator(policy, tenant, person, at)),
        needed: if administrators {
            Some(tenant.needed_by_administrators)
        } else {
            policy.required.map(|required| (required, required))
        },
        methods: method_states(policy, tenant, person, at, administrators),
        app_is_one: app_is_one(policy, tenant, person, at, administrators),
        answer,
        coming,
        action,
    }
}

/// What each day of the calendar changes, compared with the day before it.
fn coming(
    moment: Moment<'_>,
    tenant: &TenantSituation,
    person: &PersonFacts<'_>,
    administrators: bool,
) -> Vec<ComingAnswer> {
    let Moment { policy, at, read: _ } = moment;
    let answer_on = |day| Moment { at: day, ..moment }.answer_of_any_role(tenant, person);
    let counting = |day| {
        let states = method_states(policy, tenant, person, day, administrators).into_iter();
        let counted =
            states.filter(|state: &MethodState| state.registered == Some(true) && state.counts() == Allowed::Yes);
        counted.map(|state| state.kind).collect::<BTreeSet<_>>()
    };
    let change = |day: Date| {
        let before = day.yesterday().ok()?.max(at);
        let answer = answer_on(day);
        let lost: Vec<_> = (&counting(before) - &counting(day)).into_iter().collect();
        let changes = !lost.is_empty() || answer != answer_on(before);
        changes.then_some(ComingAnswer { day, answer, lost })
    };
    // The end of a method changes nothing for somebody who cannot reset whatever methods there are.
    let whatever = |answer: &Answer| matches!(answer, Answer::No(why) if *why < AnswerReason::NothingRegistered);
    let ends = tenant.calendar.ends_after(at).into_iter();
    ends.filter_map(change).filter(|coming| !whatever(&coming.answer)).collect()
}
