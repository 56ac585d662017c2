//! Reviews rollbacks. Changes that cannot be reversed are findings. The rules do not run: they check what a policy asks
//! for, and a rollback restores what the tenant had.

use std::sync::Arc;

use crate::base::cloud::Cloud;
use crate::base::finding::{Finding, Severity};
use crate::base::source::Source;
use crate::plan::change::Plan;
use crate::plan::reversal::{self, DivergedKeys, SentRequest};
use crate::policy::codes::FindingCode;
use crate::review::approve::Review;
use crate::tenant::error::TenantError;
use crate::tenant::snapshot::Snapshot;

const ANSWERS_LOST: &str = "answers-lost";
const CHANGED_SINCE: &str = "changed-since";

/// The findings of rollbacks.
pub(crate) const CODES: &[FindingCode] = &[
    FindingCode {
        code: ANSWERS_LOST,
        severity: Severity::Warning,
        means: "Deleted security questions are restored. The answers that people had given to them are lost.",
        fix: "Ask the people concerned to register their answers again.",
        example: None,
    },
    FindingCode {
        code: CHANGED_SINCE,
        severity: Severity::Warning,
        means: "A value that a run wrote was changed again since, by another run or by somebody in the portal. A rollback never \
                overwrites such a value.",
        fix: "Check the value that it has now, and change it through a policy if needed.",
        example: None,
    },
];

/// Plans the rollback of requests that were sent to a tenant, and reviews the plan.
///
/// # Errors
/// When a document that was written cannot be read.
pub fn plan_and_review(
    sent: &[SentRequest],
    snapshot: &Snapshot,
    cloud: Cloud,
    source: &Arc<Source>,
) -> Result<Review, TenantError> {
    let (plan, diverged) = Plan::for_rollback(sent, snapshot, cloud, source)?;
    let mut findings: Vec<_> = diverged.iter().map(changed_since).collect();
    let lost = plan.steps.iter().flat_map(|step| &step.changes).any(reversal::loses_answers);
    findings.extend(lost.then(answers_lost));
    Ok(Review::new(plan, findings))
}

fn changed_since(diverged: &DivergedKeys) -> Finding {
    let keys = diverged.keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    Finding::warning(
        CHANGED_SINCE,
        format!("{keys} of {} was changed again since, and is not rolled back", diverged.surface.name()),
    )
    .hint("check the value that it has now, and change it through a policy if needed")
}

fn answers_lost() -> Finding {
    Finding::warning(ANSWERS_LOST, "security questions are restored, but the answers that people had given are lost")
        .hint("ask the people concerned to register their answers again")
}
