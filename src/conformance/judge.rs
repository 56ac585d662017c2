//! Whether an assumption holds, by the answers of a tenant.

use serde_json::Value;

use crate::conformance::answers::{Answers, JsonAnswer};
use crate::conformance::assumption::{Assumption, AssumptionCheck, AssumptionEvidence};
use crate::conformance::probe::Probe;
use crate::conformance::shape::{self, FoundShape};
use crate::conformance::state::{AssumptionState, WRITE, reason_of_kind};
use crate::conformance::table;
use crate::conformance::trial::{TrialResult, sum_up};
use crate::tenant::error::TenantErrorKind;

/// What a tenant shows of an assumption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JudgedAssumption {
    /// The name of the assumption.
    pub(crate) id: &'static str,
    /// How sure it is.
    pub(crate) evidence: AssumptionEvidence,
    pub(crate) state: AssumptionState,
    /// The HTTP status of the answer, if there was one.
    pub(crate) status: Option<u16>,
    /// What was found at each path.
    pub(crate) found: Vec<FoundShape>,
}

/// Judges every assumption by the answers of a tenant.
pub(crate) fn judge_all(answers: &Answers) -> Vec<JudgedAssumption> {
    table::all().map(|assumption| judge(assumption, answers)).collect()
}

fn judge(assumption: &Assumption, answers: &Answers) -> JudgedAssumption {
    let Assumption { id, evidence, check } = assumption;
    let not_seen = |reason| (AssumptionState::NotSeen(reason), None, Vec::new());
    let (state, status, found) = match *check {
        AssumptionCheck::Never(reason) => not_seen(reason),
        AssumptionCheck::Written => match answers.written().map(|written| sum_up(id, &written.results)) {
            Ok(Some(TrialResult { ids: _, state, status, found })) => (state, status, found),
            Ok(None) | Err(_) => not_seen(WRITE),
        },
        AssumptionCheck::Events(shape) => match answers.events() {
            Err(reason) => not_seen(reason),
            Ok(events) => {
                let (state, found) = compare_shape(&serde_json::json!({ "value": events }), shape);
                (state, None, found)
            }
        },
        AssumptionCheck::CloudOnly(..) if answers.synchronised != Some(false) => {
            not_seen("the directory is synchronised, or that is not known")
        }
        AssumptionCheck::Unlicensed(..) if answers.licensed != Some(false) => {
            not_seen("the tenant has Entra ID P1, or that is not known")
        }
        AssumptionCheck::Shape(probe, shape) | AssumptionCheck::CloudOnly(probe, shape) => {
            compare(answers, probe, 200, shape)
        }
        AssumptionCheck::Refused(probe, status, shape) | AssumptionCheck::Unlicensed(probe, status, shape) => {
            compare(answers, probe, status, shape)
        }
        AssumptionCheck::NoOthers(probe, shape) => match answers.document(probe) {
            Err(reason) => not_seen(reason),
            Ok(document) => {
                let found = shape::others(document, shape);
                let holds = document.is_object() && found.wrong.is_empty();
                (if holds { AssumptionState::Holds } else { AssumptionState::Broken }, None, vec![found])
            }
        },
        AssumptionCheck::Rule(complies) => match complies(answers) {
            Ok(true) => (AssumptionState::Holds, None, Vec::new()),
            Ok(false) => (AssumptionState::Broken, None, Vec::new()),
            Err(reason) => not_seen(reason),
        },
    };
    JudgedAssumption { id, evidence: *evidence, state, status, found }
}

/// Compares an answer with a status and a shape.
fn compare(
    answers: &Answers,
    probe: Probe,
    expected: u16,
    shape: &'static str,
) -> (AssumptionState, Option<u16>, Vec<FoundShape>) {
    let JsonAnswer { answer, body } = match answers.get(probe) {
        Ok(answer) => answer,
        Err(reason) => return (AssumptionState::NotSeen(reason), None, Vec::new()),
    };
    let status = Some(answer.status);
    // A refusal for want of access says nothing about anything else.
    let hidden =
        answer.refusal.filter(|kind| matches!(kind, TenantErrorKind::NoAccess(_) | TenantErrorKind::Unavailable));
    if answer.status != expected {
        let state = hidden.map_or(AssumptionState::Broken, |kind| AssumptionState::NotSeen(reason_of_kind(kind)));
        return (state, status, Vec::new());
    }
    if shape.is_empty() {
        return (AssumptionState::Holds, status, Vec::new());
    }
    let Some(body) = body else { return (AssumptionState::Broken, status, Vec::new()) };
    let (state, found) = compare_shape(body, shape);
    let hidden = hidden.filter(|_| state == AssumptionState::Broken);
    (hidden.map_or(state, |kind| AssumptionState::NotSeen(reason_of_kind(kind))), status, found)
}

/// Compares a document with a shape.
fn compare_shape(document: &Value, shape: &'static str) -> (AssumptionState, Vec<FoundShape>) {
    let found = shape::compare(document, shape);
    let state = if found.iter().any(|one| !one.wrong.is_empty()) {
        AssumptionState::Broken
    } else if found.iter().any(|one| one.seen.is_empty()) {
        AssumptionState::NotSeen("the tenant has none")
    } else {
        AssumptionState::Holds
    };
    (state, found)
}
