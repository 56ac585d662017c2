//! Whether an assumption holds, by the answers of a tenant.

use crate::client::TenantReader;
use crate::conformance::answers::{Answers, JsonAnswer, reason_of_kind};
use crate::conformance::assumption::{Assumption, AssumptionCheck, AssumptionEvidence};
use crate::conformance::probe::Probe;
use crate::conformance::shape::{self, FoundShape};
use crate::conformance::table;
use crate::tenant::error::TenantErrorKind;
use crate::tenant::snapshot::Snapshot;

/// What a tenant shows of an assumption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JudgedAssumption {
    /// The name of the assumption.
    pub(crate) id: &'static str,
    /// How sure it is.
    pub(crate) evidence: AssumptionEvidence,
    /// Whether it holds.
    pub(crate) state: AssumptionState,
    /// The HTTP status of the answer, if there was one.
    pub(crate) status: Option<u16>,
    /// What was found at each path.
    pub(crate) found: Vec<FoundShape>,
}

/// Whether an assumption holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AssumptionState {
    /// Everything that it says was seen, and is so.
    Holds,
    /// Something is not so.
    Broken,
    /// It was not seen, for this reason.
    NotSeen(&'static str),
}

/// Reads a tenant and judges every assumption.
pub(crate) async fn judge_all(reader: &TenantReader, snapshot: &Snapshot) -> Vec<JudgedAssumption> {
    let answers = Answers::read(reader, snapshot).await;
    table::all().map(|assumption| judge(assumption, &answers)).collect()
}

fn judge(assumption: &Assumption, answers: &Answers) -> JudgedAssumption {
    let Assumption { id, evidence, check } = assumption;
    let not_seen = |reason| (AssumptionState::NotSeen(reason), None, Vec::new());
    let (state, status, found) = match *check {
        AssumptionCheck::Never(reason) => not_seen(reason),
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
    let found = shape::compare(body, shape);
    let state = if found.iter().any(|one| !one.wrong.is_empty()) {
        hidden.map_or(AssumptionState::Broken, |kind| AssumptionState::NotSeen(reason_of_kind(kind)))
    } else if found.iter().any(|one| one.seen.is_empty()) {
        AssumptionState::NotSeen("the tenant has none")
    } else {
        AssumptionState::Holds
    };
    (state, status, found)
}
