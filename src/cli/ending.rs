//! Where results become exit codes; those of an apply do in `applied`.

use crate::base::exit::Exit;
use crate::base::finding::{Finding, Severity};
use crate::render::report::TenantResult;
use crate::review::approve::{Refusal, Review};
use crate::tenant::error::{TenantError, TenantErrorKind};

/// How a run over several tenants ends: as its worst tenant does.
#[must_use]
pub fn worst(exits: impl IntoIterator<Item = Exit>) -> Exit {
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

/// How a trouble ends a run.
#[must_use]
pub fn of_trouble(trouble: &TenantError) -> Exit {
    match trouble.kind {
        TenantErrorKind::NoAccess(_) => Exit::NoAccess,
        TenantErrorKind::Refused
        | TenantErrorKind::NotFound
        | TenantErrorKind::Unavailable
        | TenantErrorKind::OutcomeUnknown
        | TenantErrorKind::UnexpectedResponse => Exit::Failed,
    }
}

/// How findings about policies end a run that touches no tenant.
#[must_use]
pub fn of_findings(findings: &[Finding]) -> Exit {
    let invalid = findings.iter().any(|finding| finding.severity == Severity::Error);
    if invalid { Exit::Invalid } else { Exit::Done }
}

/// How looking at tenants ends; `changes` is what differences count as.
#[must_use]
pub fn of_reviews<T: AsRef<Review>>(tenants: &[TenantResult<T>], changes: Exit) -> Exit {
    worst(tenants.iter().map(|tenant| match &tenant.result {
        Err(trouble) => of_trouble(trouble),
        Ok(review) => of_review(review.as_ref(), changes),
    }))
}

/// How looking at one tenant ends. A review that may not be approved ends as the gravest of its reasons: what is missing matters more than what a rule says
/// about it.
#[must_use]
pub fn of_review(review: &Review, changes: Exit) -> Exit {
    let unknown = review.plan.unknown.iter().map(|unknown| of_trouble(&unknown.why));
    match review.refusal() {
        Some(Refusal::Errors) => worst(unknown.chain([Exit::Refused])),
        Some(Refusal::Unknown) => worst(unknown),
        None if review.plan.steps.is_empty() => Exit::Done,
        None => changes,
    }
}
