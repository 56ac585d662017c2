//! The review of a rollback: a plan like any other, with what cannot be taken back told as findings. The rules are not
//! asked: they judge what people want, and this is what the tenant had.

use std::sync::Arc;

use crate::base::cloud::Cloud;
use crate::base::finding::{Finding, Severity};
use crate::base::ids::TenantName;
use crate::base::source::{Place, Source, Span};
use crate::plan::change::Plan;
use crate::plan::reversal::{DivergedKeys, Reversal, SentRequest};
use crate::plan::{actual, references, reversal};
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
/// When a document cannot be read: then it is not known what stands.
pub fn review(
    sent: &[SentRequest],
    snapshot: &Snapshot,
    cloud: Cloud,
    source: &Arc<Source>,
) -> Result<Review, TenantError> {
    let mut seen = std::collections::BTreeMap::new();
    for one in sent {
        seen.insert(one.surface, snapshot.document(one.surface)?.clone());
    }
    let place = Place { source: Arc::clone(source), span: Span { start: 0, end: 0 } };
    let Reversal { steps, diverged: kept } = reversal::reverse(sent, &seen, |_| place.clone());
    let mut findings: Vec<_> = kept.iter().map(changed_since).collect();
    let lost = steps.iter().flat_map(|step| &step.changes).any(reversal::loses_answers);
    findings.extend(lost.then(answers_lost));
    let plan = Plan {
        tenant: TenantName::Id(snapshot.tenant),
        tenant_id: snapshot.tenant,
        cloud,
        source: Arc::clone(source),
        files: Vec::new(),
        taken: snapshot.taken,
        steps,
        seen,
        unchanged: Vec::new(),
        unmanaged: Vec::new(),
        unknown: Vec::new(),
        live: actual::actual_values(snapshot),
        effects: Vec::new(),
        unread: Vec::new(),
        new_keys: snapshot.unknown_keys(),
        group_names: references::names(snapshot),
    };
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
