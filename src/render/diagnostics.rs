//! Findings, drift and read failures in one form, for the formats that machines read: SARIF and GitHub annotations.

use crate::base::finding::{Finding, Label, Severity};
use crate::base::source::Place;
use crate::engine::result::{DriftResult, TenantResult, ValidationReport};
use crate::plan::change::Change;
use crate::plan::change::UnknownSetting;
use crate::render::codes::DRIFT;
use crate::render::text::error::error_line;
use crate::render::text::exceptions::{mark, says};
use crate::render::text::hold;
use crate::render::text::value::{GroupNames, words};
use crate::review::approve::Review;
use crate::review::exceptions::Exception;
use crate::review::hold::HeldChange;
use crate::review::rules;
use crate::review::waivers::WaivedFinding;
use crate::tenant::error::TenantError;
use crate::tenant::facts::UnreadFact;

/// One thing about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Diagnostic {
    pub(crate) code: &'static str,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    pub(crate) at: Option<Label>,
    pub(crate) also: Vec<Label>,
    /// Distinguishes it from others with the same code in the same file, independent of its line. Of drift it is the tenant, and
    /// on the next line the setting.
    pub(crate) about: String,
    /// Why it counts for nothing; `None` for one that counts.
    pub(crate) suppression: Option<Suppression>,
}

/// Why a finding counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Suppression {
    /// Whether the file that the finding is about says so itself.
    pub(crate) in_source: bool,
    pub(crate) justification: String,
}

/// An exception that is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExceptionNote {
    pub(crate) message: String,
    /// Whether the base does not have it, or not as wide.
    pub(crate) is_new: bool,
    pub(crate) at: Option<Place>,
}

/// A setting that waits for an apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PendingNote {
    /// The tenant, as the message names it.
    pub(crate) tenant: String,
    pub(crate) message: String,
    /// Where the policy says it.
    pub(crate) at: Place,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReadFailure {
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    pub(crate) at: Option<Place>,
}

/// Everything that a run reports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Diagnostics {
    pub(crate) items: Vec<Diagnostic>,
    pub(crate) failures: Vec<ReadFailure>,
    pub(crate) exceptions: Vec<ExceptionNote>,
    pub(crate) pending: Vec<PendingNote>,
}

/// What is wrong with policies.
pub(crate) fn of_validation(report: &ValidationReport<'_>) -> Diagnostics {
    let ValidationReport { findings, waived, silenced, exceptions, .. } = *report;
    let items = findings.iter().map(of_finding).chain(suppressed(waived, silenced));
    Diagnostics { items: items.collect(), exceptions: notes(exceptions), ..Diagnostics::default() }
}

/// The findings about plans. A finding that several tenants share is in it once.
pub(crate) fn of_plans(tenants: &[TenantResult<Review>], exceptions: &[Exception]) -> Diagnostics {
    let all = collected(tenants, |_, review| of_review(review).collect());
    let read = tenants.iter().filter_map(|tenant| Some((tenant.tenant.as_str(), tenant.result.as_ref().ok()?)));
    let held = read.flat_map(|(tenant, review)| review.held.iter().map(move |held| of_held(held, tenant, review)));
    Diagnostics { exceptions: notes(exceptions), pending: held.collect(), ..all }
}

fn of_held(held: &HeldChange, tenant: &str, review: &Review) -> PendingNote {
    let PendingNote { tenant, message, at } = of_pending(&held.change, tenant, &review.plan.group_names);
    PendingNote { tenant, message: format!("{message}: {}", hold::lines(held).join("; ")), at }
}

/// The findings of a review, then those that count for nothing.
fn of_review(review: &Review) -> impl Iterator<Item = Diagnostic> {
    review.findings.iter().map(of_finding).chain(suppressed(&review.waived, &review.silenced))
}

fn suppressed(waived: &[WaivedFinding], silenced: &[Finding]) -> impl Iterator<Item = Diagnostic> {
    let waived = waived.iter().map(|WaivedFinding { finding, waiver, place }| {
        let in_source = finding.at.as_ref().is_some_and(|label| label.place.source.path == place.source.path);
        let justification = format!("waived until {} by {}: {}", waiver.expires, waiver.owner, waiver.reason);
        Diagnostic { suppression: Some(Suppression { in_source, justification }), ..of_finding(finding) }
    });
    let silenced = silenced.iter().map(|finding| {
        let justification = "`rules` of ssprctl.yaml turns the rule off".to_owned();
        Diagnostic { suppression: Some(Suppression { in_source: false, justification }), ..of_finding(finding) }
    });
    waived.chain(silenced).collect::<Vec<_>>().into_iter()
}

fn notes(exceptions: &[Exception]) -> Vec<ExceptionNote> {
    let note = |exception: &Exception| {
        let mark = mark(exception).map(|mark| format!("{mark}: ")).unwrap_or_default();
        let message = format!("{mark}{}", says(exception));
        ExceptionNote { message, is_new: exception.is_new(), at: exception.place.clone() }
    };
    exceptions.iter().map(note).collect()
}

/// What has drifted, what is pending, and the findings.
pub(crate) fn of_drift(tenants: &[TenantResult<DriftResult>]) -> Diagnostics {
    let read = tenants.iter().filter_map(|tenant| Some((tenant.tenant.as_str(), tenant.result.as_ref().ok()?)));
    let pending = read.flat_map(|(tenant, one)| {
        let names = &one.review.plan.group_names;
        one.pending.iter().map(move |change| of_pending(change, tenant, names))
    });
    let pending = pending.collect();
    let all = collected(tenants, |tenant, review| {
        let names = &review.plan.group_names;
        let changes = review.plan.changes();
        let drifted = changes.iter().map(|change| of_drifted(change, tenant, names));
        drifted.chain(of_review(review)).collect()
    });
    Diagnostics { pending, ..all }
}

fn of_pending(change: &Change, tenant: &str, names: &GroupNames) -> PendingNote {
    let Change { setting, before: found, after: expected, place } = change;
    let (found, expected) = (words(found, names), words(expected, names));
    let message = format!("{} of {tenant} is pending: {found}, and {expected} once it is applied", setting.name);
    PendingNote { tenant: tenant.to_owned(), message, at: place.clone() }
}

fn collected<T: AsRef<Review>>(
    tenants: &[TenantResult<T>],
    items_of: impl Fn(&str, &Review) -> Vec<Diagnostic>,
) -> Diagnostics {
    let mut all = Diagnostics::default();
    for TenantResult { tenant, path: _, result } in tenants {
        match result {
            Err(why) => all.failures.push(failure(tenant, "could not be read", why, None)),
            Ok(result) => {
                let review = result.as_ref();
                for item in items_of(tenant, review) {
                    if !all.items.contains(&item) {
                        all.items.push(item);
                    }
                }
                let unknown = review.plan.unknown.iter();
                all.failures.extend(unknown.map(|UnknownSetting { setting, place, why }| {
                    failure(tenant, &format!("{} is unknown", setting.name), why, Some(place.clone()))
                }));
                let unread = review.plan.unread.iter();
                all.failures.extend(
                    unread.map(|UnreadFact { what, why }| failure(tenant, &format!("{what}: unknown"), why, None)),
                );
            }
        }
    }
    all
}

fn of_finding(finding: &Finding) -> Diagnostic {
    let Finding { at, code, severity, message, also, hint } = finding;
    Diagnostic {
        code,
        severity: *severity,
        message: message.clone(),
        hint: hint.clone(),
        at: at.clone(),
        also: also.clone(),
        about: about(finding),
        suppression: None,
    }
}

/// A rule reports at most one finding per policy. Anything else is known by its words, without the numbers in them, and by the
/// text it points at.
fn about(finding: &Finding) -> String {
    if rules::find(finding.code).is_some() {
        return String::new();
    }
    let words: String = finding.message.chars().filter(|c| !c.is_ascii_digit()).collect();
    let marked = finding.at.as_ref().and_then(|label| label.place.source.text.get(span(&label.place)));
    format!("{words}\n{}", marked.and_then(|text| text.lines().next()).unwrap_or_default())
}

fn span(place: &Place) -> std::ops::Range<usize> {
    place.span.start..place.span.end
}

fn of_drifted(change: &Change, tenant: &str, names: &GroupNames) -> Diagnostic {
    let Change { setting, before: found, after: expected, place } = change;
    let (found, expected) = (words(found, names), words(expected, names));
    Diagnostic {
        code: DRIFT.code,
        severity: DRIFT.severity,
        message: format!("{} of {tenant} is {found}, but the policy says {expected}", setting.name),
        hint: Some(DRIFT.fix.to_owned()),
        at: Some(Label { place: place.clone(), says: "what the policy says".to_owned() }),
        also: Vec::new(),
        about: format!("{tenant}\n{}", setting.name),
        suppression: None,
    }
}

fn failure(tenant: &str, what: &str, why: &TenantError, at: Option<Place>) -> ReadFailure {
    ReadFailure { message: format!("{tenant}: {what}: {}", error_line(why)), hint: why.hint.clone(), at }
}

/// A path as it is seen from the repository's own folder; `start_folder` is where the run started, seen from there. Returns
/// `None` for what is not in the repository.
pub(crate) fn from_repository(start_folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    if path.starts_with('/') || path.get(1..2) == Some(":") {
        return None;
    }
    for part in start_folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use crate::render::diagnostics::from_repository;

    #[test]
    fn paths_are_seen_from_the_repository() {
        let seen = |start_folder, path| from_repository(start_folder, path);
        assert_eq!(seen("", "policies/a.yaml").as_deref(), Some("policies/a.yaml"));
        assert_eq!(seen("infra/sspr", "../shared/./a.yaml").as_deref(), Some("infra/shared/a.yaml"));
        assert_eq!(seen("infra", "../../a.yaml"), None);
        assert_eq!(seen("", "/srv/a.yaml"), None);
    }
}
