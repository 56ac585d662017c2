//! What loading and `drift` find, in the words of the controller.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::base::finding::{Finding, Severity};
use crate::catalog::desired::Desired;
use crate::controller::condition::Reason;
use crate::controller::reconcile::{DriftEntry, ReconcileFailure, TenantPolicy};
use crate::controller::schedule::Retry;
use crate::plan::attribution::Attribution;
use crate::plan::drift;
use crate::render::text::{attribution, error, value};
use crate::review::approve::Review;
use crate::review::config::ReviewConfig;
use crate::tenant::error::{TenantError, TenantErrorKind};

/// How many errors of a revision are told one by one.
const TOLD: usize = 5;

/// The errors among some findings, the first few one by one; `None` when there is none.
pub(crate) fn errors(findings: &[Finding]) -> Option<String> {
    let errors: Vec<&Finding> = findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    let mut told: Vec<String> = errors.iter().take(TOLD).map(|finding| one(finding)).collect();
    let more = errors.len().saturating_sub(TOLD);
    told.extend((more > 0).then(|| format!("and {more} more errors")));
    (!told.is_empty()).then(|| told.join("; "))
}

/// One finding on a line, with its place.
pub(crate) fn one(finding: &Finding) -> String {
    let Finding { at, code, severity: _, message, also: _, hint } = finding;
    let at = at.as_ref().map(|label| format!("{}: ", place(&label.place))).unwrap_or_default();
    let hint = hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("{at}{message} [{code}]{hint}")
}

fn place(place: &crate::base::source::Place) -> String {
    let (line, column) = place.line_column();
    format!("{}:{line}:{column}", place.source.path)
}

/// What is not as the policy says, and who changed it.
pub(crate) fn drift(review: &Review, attributions: &BTreeMap<&'static str, Attribution>) -> Vec<DriftEntry> {
    let names = &review.plan.group_names;
    let drifted = drift::drift(&review.plan).into_iter().map(|one| DriftEntry {
        setting: one.setting.name.to_owned(),
        expected: value::words(one.setting, &one.expected, names),
        found: value::words(one.setting, &one.found, names),
        place: place(&one.place),
        who: attributions.get(one.setting.name).map(attribution::plain),
    });
    drifted.collect()
}

/// What is wanted of each tenant.
pub(crate) fn wanted(
    desired: Vec<Desired>,
    standards: &Arc<ReviewConfig>,
) -> Vec<TenantPolicy<(Desired, Arc<ReviewConfig>)>> {
    let wanted = desired.into_iter().map(|desired| TenantPolicy {
        tenant: desired.tenant.to_string(),
        path: desired.source.path.clone(),
        policy: (desired, Arc::clone(standards)),
    });
    wanted.collect()
}

/// A link in the repository must not lead to policies that are not in it.
pub(crate) fn outside(folder: &Path, paths: &[PathBuf]) -> Option<String> {
    let inside = |path: &Path| folder.join(path).canonicalize().is_ok_and(|real| real.starts_with(folder));
    let there = |path: &Path| folder.join(path).exists();
    let out = paths.iter().find(|path| path.is_relative() && there(path) && !inside(path))?;
    Some(format!("{}: leads out of the repository", out.display()))
}

/// What a trouble comes to. What was refused while only reading is a matter of the surroundings, which somebody may mend
/// without another commit.
pub(crate) fn of_trouble(trouble: &TenantError) -> ReconcileFailure {
    let (class, reason) = match trouble.kind {
        TenantErrorKind::NoAccess(_) => (Retry::Persistent, Reason::NoAccess),
        TenantErrorKind::Unavailable | TenantErrorKind::OutcomeUnknown => (Retry::Transient, Reason::Unavailable),
        TenantErrorKind::NotFound | TenantErrorKind::Refused | TenantErrorKind::UnexpectedResponse => {
            (Retry::Persistent, Reason::Unavailable)
        }
    };
    let hint = trouble.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    ReconcileFailure { class, reason, message: format!("{}{hint}", error::error_line(trouble)) }
}

/// Does something for as long as one tenant may take.
///
/// # Errors
/// When it fails, or is not done by then.
pub(crate) async fn within<T>(
    longest: Duration,
    work: impl Future<Output = Result<T, TenantError>>,
) -> Result<T, TenantError> {
    tokio::time::timeout(longest, work).await.unwrap_or_else(|_| {
        Err(TenantError::new(TenantErrorKind::Unavailable, format!("not done after {longest:?}"))
            .hint("raise --tenant-timeout"))
    })
}
