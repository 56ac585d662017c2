//! The review of a rollback: a plan like any other, with what cannot be taken back told as findings. The rules are not
//! asked: they judge what people want, and this is what the tenant had.

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

/// What a rollback has to tell.
pub const CODES: &[FindingCode] = &[
    FindingCode {
        code: ANSWERS_LOST,
        severity: Severity::Warning,
        means: "Security questions come back that were deleted. The questions can be put back; the answers that people had \
                given to them cannot.",
        fix: "Tell the people concerned to register their answers again.",
        example: None,
    },
    FindingCode {
        code: CHANGED_SINCE,
        severity: Severity::Warning,
        means: "Something that a run wrote was changed again since, by another run or by somebody in the portal. A rollback \
                never overwrites that: it is left as it is.",
        fix: "Look at what it is now, and change it through a policy if it should be otherwise.",
        example: None,
    },
];

/// Reviews the way back from what was sent to a tenant.
///
/// # Errors
/// When a document that was written cannot be read.
pub fn review(
    sent: &[SentRequest],
    snapshot: &Snapshot,
    cloud: Cloud,
    source: &Arc<Source>,
) -> Result<Review, TenantError> {
    let (plan, diverged) = Plan::for_rollback(sent, snapshot, cloud, source)?;
    let mut findings: Vec<_> = diverged.iter().map(changed_since).collect();
    let lost = plan.steps.iter().flat_map(|step| &step.changes).any(reversal::loses_answers);
    findings.extend(lost.then(answers_lost));
    Ok(Review { plan, findings, waived: Vec::new(), impact: None })
}

fn changed_since(kept: &DivergedKeys) -> Finding {
    let keys = kept.keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    Finding::warning(CHANGED_SINCE, format!("{keys} of {} was changed again since, and is left", kept.surface.name()))
        .hint("look at what it is now, and change it through a policy if it should be otherwise")
}

fn answers_lost() -> Finding {
    Finding::warning(ANSWERS_LOST, "security questions come back, but the answers that people had given are gone")
        .hint("tell the people concerned to register their answers again")
}
