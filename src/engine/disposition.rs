//! How a run ended for one tenant, as one value: exit code, retry and metric label all follow from it.

use crate::apply::outcome::{ApplyOutcome, StepResult};
use crate::apply::precondition::PreconditionFailed;
use crate::base::exit::Exit;
use crate::base::finding::{Finding, Severity};
use crate::engine::result::{ApplyEnding, ApplyResult, TenantResult};
use crate::review::approve::{Refusal, Review};
use crate::tenant::error::{TenantError, TenantErrorKind};

/// The ways in which a run can end for a tenant or for one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DispositionKind {
    /// The tenant is as its policy says; nothing had to be sent.
    InSync,
    /// The step was sent and verified.
    Applied,
    /// The tenant is not as its policy says, and nothing was written.
    Differs,
    /// The tenant is as its policy says, but for what waits until enough people are ready for it.
    Held,
    /// A person did not approve the plan.
    Declined,
    /// An earlier ring failed, so this tenant was not started.
    RingNotStarted,
    /// The run was stopped.
    Interrupted,
    /// The findings of the plan are errors.
    Refused,
    /// The tenant or the review changed before anything was sent.
    Stale,
    /// The document of the step changed during the apply.
    Conflict,
    /// Another run holds the tenant's lock.
    Locked,
    /// The service is throttled or down, or the outcome of a request is unknown.
    Unavailable,
    /// A credential, scope, role or licence is missing, or a document has an unknown shape.
    NoAccess,
    /// The service does not know the object, refuses a read, or answers with something unexpected.
    Unexpected,
    /// The service refuses a write.
    Rejected,
    /// The tenant does not show the change, or shows something else.
    Unverified,
    /// The step waits for another step that was not applied.
    Skipped,
    /// The plan failed and everything that was sent was rolled back.
    RolledBack,
    /// The plan failed, and not everything that was sent could be rolled back.
    RollbackIncomplete,
}

/// How a run ended for a tenant, or for one step of its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Disposition {
    /// The way in which it ended.
    pub(crate) kind: DispositionKind,
    /// Whether another request of the same plan was sent.
    pub(crate) partial: bool,
}

impl Disposition {
    fn whole(kind: DispositionKind) -> Self {
        Self { kind, partial: false }
    }

    /// The dispositions of an apply of one tenant: one for each step that was planned, or a single one.
    #[must_use]
    pub(crate) fn of(applied: &TenantResult<ApplyResult>) -> Vec<Self> {
        let ApplyResult { review, ending } = match &applied.result {
            Err(error) => return vec![Self::of_error(error)],
            Ok(applied) => applied,
        };
        match ending {
            ApplyEnding::InSync => vec![Self::whole(DispositionKind::InSync)],
            ApplyEnding::Refused(_) => Self::of_review(review),
            ApplyEnding::Declined => vec![Self::whole(DispositionKind::Declined)],
            ApplyEnding::RingNotStarted { .. } => vec![Self::whole(DispositionKind::RingNotStarted)],
            ApplyEnding::PreconditionFailed(why) => vec![Self::of_precondition(why)],
            ApplyEnding::Executed(outcome) => Self::of_outcome(outcome),
        }
    }

    /// The dispositions of a review of which nothing is written: one for the errors of its rules, and one for each setting that
    /// could not be read.
    #[must_use]
    pub(crate) fn of_review(review: &Review) -> Vec<Self> {
        let unknown = || review.errors_by_weight().into_iter().map(Self::of_error);
        match review.refusal() {
            Some(Refusal::Errors) => [Self::whole(DispositionKind::Refused)].into_iter().chain(unknown()).collect(),
            Some(Refusal::Unknown) => unknown().collect(),
            None if review.plan.steps.is_empty() && !review.held.is_empty() => {
                vec![Self::whole(DispositionKind::Held)]
            }
            None if review.plan.steps.is_empty() => vec![Self::whole(DispositionKind::InSync)],
            None => vec![Self::whole(DispositionKind::Differs)],
        }
    }

    /// The disposition of an error of a run that only reads.
    #[must_use]
    pub(crate) fn of_error(error: &TenantError) -> Self {
        Self::whole(match error.kind {
            TenantErrorKind::NoAccess(_) => DispositionKind::NoAccess,
            TenantErrorKind::Unavailable | TenantErrorKind::OutcomeUnknown => DispositionKind::Unavailable,
            TenantErrorKind::NotFound | TenantErrorKind::Refused | TenantErrorKind::UnexpectedResponse => {
                DispositionKind::Unexpected
            }
        })
    }

    fn of_precondition(why: &PreconditionFailed) -> Self {
        match why {
            PreconditionFailed::TenantChanged(_)
            | PreconditionFailed::ReviewOutdated(_)
            | PreconditionFailed::ReviewStopped => Self::whole(DispositionKind::Stale),
            PreconditionFailed::Locked(_) => Self::whole(DispositionKind::Locked),
            PreconditionFailed::ReadFailed(error) | PreconditionFailed::JournalFailed(error) => Self::of_error(error),
        }
    }

    fn of_outcome(outcome: &ApplyOutcome) -> Vec<Self> {
        let partial = outcome.requests() > 0;
        let steps = outcome.steps.iter().map(|done| Self { kind: step_kind(&done.result), partial });
        let rollback = outcome.rollback.as_ref().map(|rollback| {
            Self::whole(if rollback.is_complete() {
                DispositionKind::RolledBack
            } else {
                DispositionKind::RollbackIncomplete
            })
        });
        steps.chain(rollback).collect()
    }
}

fn step_kind(result: &StepResult) -> DispositionKind {
    match result {
        StepResult::Verified => DispositionKind::Applied,
        StepResult::Unverified { .. } | StepResult::Mismatch { .. } | StepResult::SideEffects { .. } => {
            DispositionKind::Unverified
        }
        StepResult::Conflict { .. } => DispositionKind::Conflict,
        // A write that the service refuses is refused again until the policy changes.
        StepResult::Failed(error) if error.kind == TenantErrorKind::Refused => DispositionKind::Rejected,
        StepResult::Failed(error) => Disposition::of_error(error).kind,
        StepResult::Interrupted => DispositionKind::Interrupted,
        StepResult::Skipped { .. } | StepResult::Abandoned { .. } => DispositionKind::Skipped,
    }
}

/// The exit code of one tenant; `differs` is the code for a tenant that is not as its policy says. A rollback alone decides
/// the code; otherwise the worst step does.
#[must_use]
pub(crate) fn exit_code(dispositions: &[Disposition], differs: Exit) -> Exit {
    let is_rollback =
        |one: &&Disposition| matches!(one.kind, DispositionKind::RolledBack | DispositionKind::RollbackIncomplete);
    match dispositions.iter().find(is_rollback) {
        Some(rollback) => exit(*rollback, differs),
        None => worst(dispositions.iter().map(|one| exit(*one, differs))),
    }
}

fn exit(disposition: Disposition, differs: Exit) -> Exit {
    let Disposition { kind, partial } = disposition;
    match kind {
        DispositionKind::InSync | DispositionKind::Applied | DispositionKind::RingNotStarted => Exit::Done,
        DispositionKind::Differs | DispositionKind::Held => differs,
        DispositionKind::Declined | DispositionKind::Refused => Exit::Refused,
        DispositionKind::Interrupted => Exit::Interrupted,
        DispositionKind::Stale => Exit::Stale,
        DispositionKind::Unverified => Exit::Unverified,
        DispositionKind::Skipped if !partial => Exit::Done,
        DispositionKind::NoAccess if !partial => Exit::NoAccess,
        DispositionKind::RolledBack => Exit::RolledBack,
        DispositionKind::Skipped
        | DispositionKind::NoAccess
        | DispositionKind::Conflict
        | DispositionKind::Locked
        | DispositionKind::Unavailable
        | DispositionKind::Unexpected
        | DispositionKind::Rejected
        | DispositionKind::RollbackIncomplete => Exit::Failed,
    }
}

/// The exit code of a run over several tenants: that of the worst one.
#[must_use]
pub(crate) fn worst(exits: impl IntoIterator<Item = Exit>) -> Exit {
    const FROM_WORST: [Exit; 10] = [
        Exit::Interrupted,
        Exit::Failed,
        Exit::RolledBack,
        Exit::Unverified,
        Exit::NoAccess,
        Exit::Stale,
        Exit::Refused,
        Exit::Invalid,
        Exit::Changes,
        Exit::Done,
    ];
    let rank = |exit: &Exit| FROM_WORST.iter().position(|known| known == exit);
    exits.into_iter().min_by_key(rank).unwrap_or(Exit::Done)
}

/// The exit code of an error of a run that only reads.
#[must_use]
pub(crate) fn exit_of_error(error: &TenantError) -> Exit {
    exit(Disposition::of_error(error), Exit::Done)
}

/// The exit code of a run that only checks policies.
#[must_use]
pub(crate) fn exit_of_findings(findings: &[Finding]) -> Exit {
    let invalid = findings.iter().any(|finding| finding.severity == Severity::Error);
    if invalid { Exit::Invalid } else { Exit::Done }
}

/// The exit code of a run that only reads tenants; `differs` is the code for a tenant that is not as its policy says.
#[must_use]
pub fn exit_of_reviews<T: AsRef<Review>>(tenants: &[TenantResult<T>], differs: Exit) -> Exit {
    worst(tenants.iter().map(|tenant| match &tenant.result {
        Err(error) => exit_of_error(error),
        Ok(review) => exit_code(&Disposition::of_review(review.as_ref()), differs),
    }))
}

/// The exit code of an apply.
#[must_use]
pub fn exit_of_apply(tenants: &[TenantResult<ApplyResult>]) -> Exit {
    worst(tenants.iter().map(|tenant| exit_code(&Disposition::of(tenant), Exit::Refused)))
}
