//! Reconciles tenants for the loop with what `drift` and `apply` use.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::apply::outcome::StepResult;
use crate::base::count::counted;
use crate::base::digest::hash_texts;
use crate::base::finding::{Finding, Severity};
use crate::base::ids::TenantName;
use crate::catalog::desired::Desired;
use crate::client::TenantReader;
use crate::controller::condition::Reason;
use crate::controller::reconcile::{
    DriftEntry, LoadedRevision, Reconcile, ReconcileFailure, ReconcileOutcome, ReconcileResult, TenantPolicy,
};
use crate::controller::round::interrupted;
use crate::controller::schedule::Retry;
use crate::controller::source_files::SourceFiles;
use crate::controller::tenant_view::{TenantView, TenantViews};
use crate::engine::apply::apply_tenant;
use crate::engine::attribution::{ExplainedDrift, attribute_drift};
use crate::engine::context::RunContext;
use crate::engine::context::WriteOptions;
use crate::engine::disposition::{Disposition, DispositionKind};
use crate::engine::impact::ImpactQuestion;
use crate::engine::policies;
use crate::engine::result::{ApplyEnding, ApplyResult, TenantResult};
use crate::engine::review::review_tenant;
use crate::engine::tenants::with_timeout;
use crate::plan::drift_state::DriftKind;
use crate::render::text::{attribution, error, value};
use crate::review::approve::Review;
use crate::review::config::ReviewConfig;
use crate::review::hold::HeldChange;
use crate::tenant::error::TenantError;
use crate::tenant::surface::Service;

/// How many errors of a revision a message lists.
const MAX_LISTED: usize = 5;

/// Reconciles tenants with the policies of a repository.
pub(crate) struct TenantReconciler<'a> {
    /// The clock, connections, folders and limits that the engine uses.
    pub(crate) context: &'a RunContext,
    /// Where the policies are, below the folder of the source.
    pub(crate) paths: &'a [PathBuf],
    /// The options of a write.
    pub(crate) options: WriteOptions,
    /// The date by which rules and waivers are judged; `None` for the current one in UTC.
    pub(crate) fixed_date: Option<Date>,
    /// Whether people are counted.
    pub(crate) count_people: bool,
    /// Gets what is read of each tenant.
    pub(crate) views: Arc<TenantViews>,
}

impl Reconcile for TenantReconciler<'_> {
    type Spec = (Desired, Arc<ReviewConfig>);

    fn load(&self, files: &SourceFiles) -> LoadedRevision<Self::Spec> {
        let folder = files.folder();
        let loaded = policies::load_from(&files.roots(), self.paths, &self.context.selection, self.today());
        let controller = loaded.controller.clone();
        let invalid = leads_outside(folder, self.paths).or_else(|| list_errors(&loaded.findings));
        // The errors are part of the digest, because a file that cannot be read contributes nothing else to it.
        let digest = hash_texts([loaded.digest.as_str(), invalid.as_deref().unwrap_or_default()]);
        let policies = loaded.require_any(&self.context.selection);
        let (tenants, invalid) = match (invalid, policies) {
            (Some(why), _) => (Vec::new(), Some(why)),
            (None, Err(failure)) => (Vec::new(), Some(failure.error.message)),
            (None, Ok((desired, config))) => (tenant_policies(desired, &Arc::new(config)), None),
        };
        LoadedRevision { tenants, controller, digest, invalid }
    }

    async fn reconcile(&self, (desired, config): &Self::Spec, may_write: bool) -> ReconcileResult {
        let compared = self.context.cancel.run_until_cancelled(self.compare(desired, config, may_write)).await;
        let (reader, review, explained) = match compared {
            None => return interrupted(),
            Some(Err(error)) => {
                let view = TenantView::unread(desired, &error_message(&error), self.context.clock.now());
                self.views.set(&desired.tenant.to_string(), view);
                let outcome = outcome_of_dispositions(&[Disposition::of_error(&error)], 0, || error_message(&error));
                return ReconcileResult { outcome, drift: Vec::new(), unread: Vec::new() };
            }
            Some(Ok(compared)) => compared,
        };
        let drift = drift_entries(&review, &explained);
        let view = TenantView::of(desired, &review, &explained);
        self.views.set(&desired.tenant.to_string(), view.clone());
        let unread = review.plan.unread.iter().map(|fact| fact.what.to_owned()).collect();
        if !review.is_applicable() || !may_write {
            let outcome = outcome_of_dispositions(&Disposition::of_review(&review), 0, || review_message(&review));
            return ReconcileResult { outcome, drift, unread };
        }
        let (tenant, path) = (desired.tenant.to_string(), desired.source.path.clone());
        let planned = TenantResult { tenant, path, result: Ok((reader, review)) };
        let journal = self.context.new_journal();
        let applied = apply_tenant(self.context, planned, true, &self.options, &journal).await;
        if let Ok(ApplyResult { review, ending }) = &applied.result {
            self.views.set(&applied.tenant, view.written(&review.plan, ending, self.context.clock.now()));
        }
        ReconcileResult { outcome: outcome_of_apply(&applied), drift, unread }
    }

    fn sign_ins(&self, (desired, _): &Self::Spec) -> Vec<(Service, Timestamp)> {
        // A sign-in that cannot be decrypted is reported when it is used.
        let Ok(reader) = self.context.reader(&desired.tenant, desired.cloud) else { return Vec::new() };
        let end = |service| Some((service, reader.life(service).ok()??.ends));
        Service::ALL.into_iter().filter_map(end).collect()
    }

    fn limit_exceeded(&self, policies: &[&Self::Spec]) -> Option<String> {
        let (_, config) = policies.first()?;
        let changing = policies.iter().map(|(desired, _)| &desired.tenant);
        config.limits_exceeded(changing).map(|finding| finding_line(&finding))
    }
}

impl TenantReconciler<'_> {
    /// The date by which rules and waivers are judged and people are counted.
    pub(crate) fn today(&self) -> Date {
        self.fixed_date.unwrap_or_else(|| self.context.clock.now().to_zoned_datetime(TimeZone::UTC).date())
    }

    async fn compare(
        &self,
        desired: &Desired,
        config: &ReviewConfig,
        may_write: bool,
    ) -> Result<(TenantReader, Review, ExplainedDrift), TenantError> {
        // Rules and waivers are evaluated for the current date, however long ago the policy was loaded. A run that only
        // reports shows all drift, also what a limit would not let it apply.
        let config = config.on_date(self.today());
        let config = if may_write { config } else { config.report_only() };
        let reader = self.context.reader(&desired.tenant, desired.cloud)?;
        let work = async {
            let review = review_tenant(self.context, &reader, desired, &config, ImpactQuestion::default()).await?;
            let explained = attribute_drift(self.context, &reader, desired, &review.plan).await;
            Ok((review, explained))
        };
        let (review, explained) = with_timeout(self.context, work).await?;
        Ok((reader, review, explained))
    }
}

/// The outcome of the dispositions of one tenant: any interruption decides, otherwise the first failure.
fn outcome_of_dispositions(
    dispositions: &[Disposition],
    changed: usize,
    message: impl FnOnce() -> String,
) -> ReconcileOutcome {
    let kinds = || dispositions.iter().map(|one| one.kind);
    let stops = [DispositionKind::Interrupted, DispositionKind::RingNotStarted];
    if kinds().any(|kind| stops.contains(&kind)) {
        return ReconcileOutcome::Interrupted;
    }
    if let Some((class, reason)) = kinds().find_map(condition) {
        return ReconcileOutcome::Failed(ReconcileFailure { class, reason, message: message() });
    }
    if kinds().any(|kind| matches!(kind, DispositionKind::Differs | DispositionKind::Declined)) {
        return ReconcileOutcome::Differs;
    }
    let in_sync = kinds().any(|kind| matches!(kind, DispositionKind::InSync | DispositionKind::Held));
    if in_sync { ReconcileOutcome::InSync } else { ReconcileOutcome::Applied(changed) }
}

/// When a failed disposition is tried again, and the reason of the condition; `None` for a disposition
/// that is no failure.
fn condition(kind: DispositionKind) -> Option<(Retry, Reason)> {
    match kind {
        DispositionKind::InSync
        | DispositionKind::Held
        | DispositionKind::Applied
        | DispositionKind::Differs
        | DispositionKind::Declined
        | DispositionKind::RingNotStarted
        | DispositionKind::Interrupted
        | DispositionKind::Skipped
        | DispositionKind::RolledBack
        | DispositionKind::RollbackIncomplete => None,
        DispositionKind::Refused | DispositionKind::Rejected => Some((Retry::Never, Reason::Refused)),
        DispositionKind::Stale | DispositionKind::Conflict => Some((Retry::Transient, Reason::Stale)),
        DispositionKind::Locked | DispositionKind::Unavailable => Some((Retry::Transient, Reason::Unavailable)),
        DispositionKind::NoAccess => Some((Retry::Persistent, Reason::NoAccess)),
        DispositionKind::Unexpected => Some((Retry::Persistent, Reason::Unavailable)),
        DispositionKind::Unverified => Some((Retry::Transient, Reason::Unverified)),
    }
}

/// The outcome of an apply of one tenant.
#[doc(hidden)]
#[must_use]
pub fn outcome_of_apply(applied: &TenantResult<ApplyResult>) -> ReconcileOutcome {
    let changed = match &applied.result {
        Ok(ApplyResult { ending: ApplyEnding::Executed(outcome), .. }) => outcome.changed(),
        Ok(_) | Err(_) => 0,
    };
    match &applied.result {
        // Nothing was sent, so the review has the state of the tenant.
        Ok(ApplyResult { review, ending: ApplyEnding::Refused(_) | ApplyEnding::Declined }) => {
            outcome_of_review(review)
        }
        Ok(_) | Err(_) => outcome_of_dispositions(&Disposition::of(applied), changed, || apply_message(applied)),
    }
}

/// The outcome of a review of one tenant when nothing is written.
#[doc(hidden)]
#[must_use]
pub fn outcome_of_review(review: &Review) -> ReconcileOutcome {
    outcome_of_dispositions(&Disposition::of_review(review), 0, || review_message(review))
}

fn apply_message(applied: &TenantResult<ApplyResult>) -> String {
    let ApplyResult { review, ending } = match &applied.result {
        Err(error) => return error_message(error),
        Ok(applied) => applied,
    };
    match ending {
        ApplyEnding::PreconditionFailed(why) => {
            let (message, hint) = error::precondition_failed(why);
            format!("{message} ({hint})")
        }
        ApplyEnding::Executed(outcome) => {
            let failed = |result: &StepResult| {
                !matches!(result, StepResult::Verified | StepResult::Skipped { .. } | StepResult::Abandoned { .. })
            };
            let first = outcome.steps.iter().find(|done| failed(&done.result));
            let words = first.and_then(|done| error::step_result(done.step.surface, &done.result));
            words.map(|(message, hint)| format!("{message} ({hint})")).unwrap_or_default()
        }
        ApplyEnding::InSync | ApplyEnding::Refused(_) | ApplyEnding::Declined | ApplyEnding::RingNotStarted { .. } => {
            review_message(review)
        }
    }
}

fn review_message(review: &Review) -> String {
    if let Some(errors) = list_errors(&review.findings) {
        return errors;
    }
    let why = review.errors_by_weight().into_iter().next();
    why.map_or_else(|| "the plan has errors".to_owned(), error_message)
}

pub(crate) fn error_message(error: &TenantError) -> String {
    let hint = error.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("{}{hint}", error::error_line(error))
}

/// The errors among some findings, the first few of them in full; `None` when there is none.
fn list_errors(findings: &[Finding]) -> Option<String> {
    let errors: Vec<&Finding> = findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    let mut listed: Vec<String> = errors.iter().take(MAX_LISTED).map(|finding| finding_line(finding)).collect();
    let more = errors.len().saturating_sub(MAX_LISTED);
    listed.extend((more > 0).then(|| format!("and {}", counted(more, "more error", "more errors"))));
    (!listed.is_empty()).then(|| listed.join("; "))
}

/// One finding on a line, with its place.
fn finding_line(finding: &Finding) -> String {
    let Finding { at, code, severity: _, message, also: _, hint } = finding;
    let at = at.as_ref().map(|label| format!("{}: ", label.place)).unwrap_or_default();
    let hint = hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("{at}{message} [{code}]{hint}")
}

/// The settings that differ from the policy, and who changed them.
fn drift_entries(review: &Review, explained: &ExplainedDrift) -> Vec<DriftEntry> {
    let ExplainedDrift { attributions, kinds } = explained;
    let is = |name: &str, kind| kinds.get(name) == Some(&kind);
    let names = &review.plan.group_names;
    let entries = review.plan.changes().into_iter().map(|one| DriftEntry {
        setting: one.setting.name.to_owned(),
        expected: value::words(&one.after, names),
        found: value::words(&one.before, names),
        place: one.place.to_string(),
        who: attributions.get(one.setting.name).map(attribution::plain),
        pending: is(one.setting.name, DriftKind::Pending),
        drifted: is(one.setting.name, DriftKind::Drifted),
    });
    let held = review.held.iter().map(|HeldChange { change: one, condition: _, why: _ }| DriftEntry {
        setting: one.setting.name.to_owned(),
        expected: value::words(&one.after, names),
        found: value::words(&one.before, names),
        place: one.place.to_string(),
        who: None,
        pending: true,
        drifted: false,
    });
    entries.chain(held).collect()
}

fn tenant_policies(
    desired: Vec<Desired>,
    config: &Arc<ReviewConfig>,
) -> Vec<TenantPolicy<(Desired, Arc<ReviewConfig>)>> {
    let ring = |tenant: &TenantName| {
        let index = config.rings().of(tenant);
        config.rings().names().get(index).map(|name| (index, (*name).to_owned()))
    };
    let policies = desired.into_iter().map(|desired| TenantPolicy {
        ring: ring(&desired.tenant),
        tenant: desired.tenant.to_string(),
        path: desired.source.path.clone(),
        policy: (desired, Arc::clone(config)),
    });
    policies.collect()
}

/// The error for a path that leaves the repository: a symbolic link must not lead to policies outside of it.
fn leads_outside(folder: &Path, paths: &[PathBuf]) -> Option<String> {
    let inside = |path: &Path| folder.join(path).canonicalize().is_ok_and(|real| real.starts_with(folder));
    let exists = |path: &Path| folder.join(path).exists();
    let out = paths.iter().find(|path| path.is_relative() && exists(path) && !inside(path))?;
    Some(format!("{}: leads out of the repository", out.display()))
}
