//! The only way to an [`Approved`] plan, and so to a write.

use crate::base::finding::{Finding, Severity};
use crate::catalog::desired::Desired;
use crate::plan::build;
use crate::plan::change::Plan;
use crate::review::config::ReviewConfig;
use crate::review::evaluate::{RuleResults, run_rules};
use crate::review::impact::Impact;
use crate::review::rule_context::RuleContext;
use crate::review::waivers::WaivedFinding;
use crate::tenant::document::Document;
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::snapshot::Snapshot;

/// A plan with everything that people must be told about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Review {
    /// The plan.
    pub plan: Plan,
    /// What rules and the tenant's directory say about it, sorted by place.
    pub findings: Vec<Finding>,
    /// What the policy accepts for a while; it counts for nothing.
    pub waived: Vec<WaivedFinding>,
    /// The people it touches; `None` where nobody asked.
    pub impact: Option<ImpactResult>,
}

/// The people that a plan touches.
#[derive(Clone, Debug, PartialEq)]
pub enum ImpactResult {
    /// Nobody: the plan changes neither who may reset nor with what.
    Unaffected,
    /// So many.
    Counted(Impact),
    /// Nobody knows, for this reason. It stops nobody.
    Unknown(TenantError),
}

/// A plan that somebody approved. Nothing else can be applied, and nothing but [`Review::approve`] makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct Approved(Plan);

/// Why a review cannot be approved, whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It has findings that are errors.
    Errors,
    /// A managed setting is unknown: what the tenant has there could not be read or understood.
    Unknown,
}

/// Plans and reviews a policy against a tenant, by the standards of its repository.
#[must_use]
pub fn review(desired: &Desired, snapshot: &Snapshot, standards: &ReviewConfig) -> Review {
    let (plan, mut findings) = build::build(desired, snapshot);
    let RuleResults { findings: judged, waived } =
        run_rules(RuleContext::with_tenant(desired, &plan.live, &snapshot.facts), standards);
    findings.extend(judged);
    findings.extend(standards.destructive_changes(&plan));
    findings.sort();
    Review { plan, findings, waived, impact: None }
}

impl Review {
    /// Why this cannot be approved; `None` when it can.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        if self.findings.iter().any(|finding| finding.severity == Severity::Error) {
            return Some(Refusal::Errors);
        }
        (!self.plan.unknown.is_empty()).then_some(Refusal::Unknown)
    }

    /// Whether the tenant is as its policy says, as far as the policy goes.
    #[must_use]
    pub fn is_in_sync(&self) -> bool {
        self.refusal().is_none() && self.plan.steps.is_empty()
    }

    /// Why settings are unknown: those that a person has to act on come before services that are merely unavailable.
    #[must_use]
    pub fn errors_by_weight(&self) -> Vec<&TenantError> {
        let mut errors: Vec<_> = self.plan.unknown.iter().map(|unknown| &unknown.why).collect();
        errors.sort_by_key(|error| error.kind == TenantErrorKind::Unavailable);
        errors
    }

    /// Whether there is something to apply, and nothing forbids it.
    #[must_use]
    pub fn is_applicable(&self) -> bool {
        self.refusal().is_none() && !self.plan.steps.is_empty()
    }

    /// What it takes to tell of this, and no more: without the documents and the bodies, which are most of it. A fleet is told
    /// at the end, so that all its reviews are held until then.
    #[must_use]
    pub fn without_bodies(mut self) -> Self {
        self.plan.seen.clear();
        self.plan.steps.iter_mut().for_each(|step| step.body = Document::default());
        self
    }

    /// Approves the plan. Call it when a person, or a person's standing order, said yes.
    ///
    /// # Errors
    /// When the review may not be approved by anybody.
    pub fn approve(self) -> Result<Approved, Refusal> {
        match self.refusal() {
            Some(refusal) => Err(refusal),
            None => Ok(Approved(self.plan)),
        }
    }
}

impl Approved {
    /// The plan as it was approved.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.0
    }
}
