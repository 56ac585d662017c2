//! What a run returns: the result of one command for each tenant.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::apply::outcome::{ApplyOutcome, StepResult};
use crate::apply::precondition::PreconditionFailed;
use crate::base::finding::Finding;
use crate::base::ids::TenantName;
use crate::base::source::Source;
use crate::client::TenantReader;
use crate::engine::changed_since::ChangedSince;
use crate::plan::accept::AcceptedSetting;
use crate::plan::attribution::Attribution;
use crate::plan::change::Change;
use crate::plan::drift_state::DriftKind;
use crate::plan::import::SkippedSetting;
use crate::plan::public_snapshot::read::PublicSnapshot;
use crate::plan::reverts::Revert;
use crate::plan::score::Forecast;
use crate::review::approve::{Refusal, Review};
use crate::review::exceptions::Exception;
use crate::review::impact::ImpactResult;
use crate::review::rings::Rings;
use crate::review::waivers::WaivedFinding;
use crate::tenant::error::TenantError;
use crate::tenant::registration::RegistrationReport;
use crate::tenant::score::SecureScore;

/// The result for one tenant, or why there is none. One failing tenant never hides another.
#[derive(Clone, Debug, PartialEq)]
pub struct TenantResult<T> {
    /// The tenant, as its policy names it.
    pub tenant: String,
    /// The path of the tenant's policy.
    pub path: String,
    /// The value, or the error that prevented it.
    pub result: Result<T, TenantError>,
}

/// Where one tenant is not as its policy says, and who changed it.
#[derive(Clone, Debug, PartialEq)]
pub struct DriftResult {
    /// What was compared, with its findings. Its plan has no settings that are pending.
    pub review: Review,
    /// The settings in which the tenant still has the value with which it was last in sync, and only the policy changed: they are
    /// to be applied, and are no drift.
    pub pending: Vec<Change>,
    /// The settings of the plan of which it is not known whether the tenant or the policy changed.
    pub undecided: BTreeSet<&'static str>,
    /// Those of them in which the tenant has the value with which it was last in sync again, after another one.
    pub returned: BTreeSet<&'static str>,
    /// Who changed each drifted setting, by the setting's name.
    pub attributions: BTreeMap<&'static str, Attribution>,
    /// What somebody changed and took back since the run before, or why the log could not be read for it.
    pub reverts: Result<Vec<Revert>, TenantError>,
}

impl DriftResult {
    /// Separates what is pending from what drifted, by why each setting is not as its policy says.
    #[must_use]
    pub(crate) fn new(
        review: Review,
        kinds: &BTreeMap<&'static str, DriftKind>,
        attributions: BTreeMap<&'static str, Attribution>,
        reverts: Result<Vec<Revert>, TenantError>,
    ) -> Self {
        let mut review = review.without_bodies();
        let is = |change: &Change, kind| kinds.get(change.setting.name) == Some(&kind);
        let changes = review.plan.changes();
        let named = |kind| changes.iter().filter(move |one| is(one, kind)).map(|one| one.setting.name);
        let returned: BTreeSet<_> = named(DriftKind::Returned).collect();
        let undecided = named(DriftKind::Unknown).chain(returned.iter().copied()).collect();
        let pending = changes.into_iter().filter(|change| is(change, DriftKind::Pending)).collect();
        for step in &mut review.plan.steps {
            step.changes.retain(|change| !is(change, DriftKind::Pending));
        }
        review.plan.steps.retain(|step| !step.changes.is_empty());
        Self { review, pending, undecided, returned, attributions, reverts }
    }
}

impl AsRef<Review> for DriftResult {
    fn as_ref(&self) -> &Review {
        &self.review
    }
}

impl AsRef<Review> for Review {
    fn as_ref(&self) -> &Review {
        self
    }
}

/// How an apply ended for one tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct ApplyResult {
    /// What was planned, with its findings.
    pub review: Review,
    /// How the apply of the tenant ended.
    pub ending: ApplyEnding,
}

impl ApplyResult {
    /// Whether the tenant was as its policy wants it before anything was sent.
    #[must_use]
    pub(crate) fn is_in_sync(&self) -> bool {
        self.ending == ApplyEnding::InSync && self.review.held.is_empty()
    }

    /// Whether that is so of a tenant of which nothing was left unread or out.
    #[must_use]
    pub(crate) fn is_in_sync_in_full(&self) -> bool {
        self.is_in_sync() && self.review.plan.unread.is_empty() && self.review.plan.skipped.is_empty()
    }

    /// The people whom the plan affects; `None` where they were not counted, or nothing that was written is left.
    #[must_use]
    pub(crate) fn affected(&self) -> Option<&ImpactResult> {
        let is_written = matches!(&self.ending, ApplyEnding::Executed(outcome) if outcome.changed() > 0);
        self.review.impact.as_ref().filter(|_| is_written)
    }

    /// Whether the tenant is known to be as its policy wants it.
    #[must_use]
    pub(crate) fn went_well(&self) -> bool {
        match &self.ending {
            ApplyEnding::InSync => true,
            ApplyEnding::Executed(outcome) => outcome.steps.iter().all(|step| step.result == StepResult::Verified),
            ApplyEnding::Refused(_)
            | ApplyEnding::Declined
            | ApplyEnding::RingNotStarted { .. }
            | ApplyEnding::PreconditionFailed(_) => false,
        }
    }
}

/// How an apply ended.
#[derive(Clone, Debug, PartialEq)]
pub enum ApplyEnding {
    /// The tenant already matched the policy; nothing was sent.
    InSync,
    /// The review may not be approved; nothing was sent.
    Refused(Refusal),
    /// A person said no; nothing was sent.
    Declined,
    /// An earlier ring failed, so that the ring of this tenant was not started; nothing was sent.
    RingNotStarted {
        /// The name of the tenant's ring.
        ring: String,
        /// The ring that failed.
        after: String,
    },
    /// The tenant was not what the plan saw; nothing was sent.
    PreconditionFailed(PreconditionFailed),
    /// The plan was carried out, as far as the outcome says.
    Executed(ApplyOutcome),
}

/// A tenant with the plan for it and the reader that read it.
pub(crate) type PlannedTenant = TenantResult<(TenantReader, Review)>;

/// A tenant with the review of its plan.
pub(crate) type ReviewedPlan = TenantResult<Review>;

/// What plans were made against, and how their tenants were chosen.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlanScope<'a> {
    /// The snapshot that the plans are against; `None` where the tenants themselves were read.
    pub(crate) against: Option<&'a PublicSnapshot>,
    /// The change that touches the tenants; `None` where that was not asked.
    pub(crate) since: Option<&'a ChangedSince>,
    /// The files that the plans were made from.
    pub(crate) policies: &'a [Arc<Source>],
    /// How several tenants are shown.
    pub(crate) fleet: FleetView<'a>,
}

/// How the results of several tenants are shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct FleetView<'a> {
    /// The rings of the repository, by which an apply goes through the tenants.
    pub(crate) rings: Option<&'a Rings>,
    /// Whether every tenant is named, however many there are.
    pub(crate) full: bool,
}

/// What checking policies found, without any tenant.
#[derive(Clone, Copy, Debug)]
pub struct ValidationReport<'a> {
    /// The problems, sorted by place.
    pub findings: &'a [Finding],
    /// The findings that policies waive.
    pub waived: &'a [WaivedFinding],
    /// The findings of rules that the repository turns off, sorted by place.
    pub silenced: &'a [Finding],
    /// What the repository and the policies except from the rules.
    pub exceptions: &'a [Exception],
    /// The files that were read whole, sorted by path.
    pub policies: &'a [Arc<Source>],
    /// The findings about baselines, without their other places, each with the tenants whose policies share it; sorted, none of
    /// one policy alone.
    pub shared: &'a [(Finding, Vec<TenantName>)],
    /// Whether every tenant is named, however many there are.
    pub full: bool,
    /// How many files were read, baselines included.
    pub files: usize,
    /// How many tenants have a valid policy.
    pub tenants: usize,
}

/// What `accept` did with the drift of one tenant.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct AcceptResult {
    /// The settings that the policy now says as the tenant has them.
    pub(crate) accepted: Vec<AcceptedSetting>,
    /// The settings that the policy could not be made to say.
    pub(crate) skipped: Vec<SkippedSetting>,
    /// How many settings drifted as well and were not named.
    pub(crate) not_named: usize,
    /// The file that is edited; `None` when its text stays the same.
    pub(crate) file: Option<EditedFile>,
}

/// What `accept` did with the drift of all tenants.
pub(crate) struct AcceptedDrift {
    /// Each tenant, in the order of the run.
    pub(crate) tenants: Vec<TenantResult<AcceptResult>>,
    /// The warnings about the policies that the accepted values bring with them.
    pub(crate) new: Vec<Finding>,
}

/// A policy file with its text before and after an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EditedFile {
    /// The path that leads to the policy.
    pub(crate) path: String,
    /// The file that has the text, where that path is or goes through a symbolic link.
    pub(crate) link_to: Option<String>,
    pub(crate) before: String,
    pub(crate) after: String,
}

/// What a tenant's reports say. Neither report decides the exit code: both lag behind the settings.
#[derive(Clone, Debug, PartialEq)]
pub struct TenantReports {
    /// Who registered; `None` when that was not asked.
    pub registration: Option<Result<RegistrationReport, TenantError>>,
    /// The control of the Secure Score; `Ok(None)` when the tenant has none.
    pub score: Result<Option<SecureScore>, TenantError>,
    /// A policy's path and what the control would be with that policy applied; `None` when that was not asked.
    pub forecast: Option<(String, Forecast)>,
}
