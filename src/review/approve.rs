//! The only way to an [`Approved`] plan, and so to a write.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::base::finding::{Finding, Severity};
use crate::base::value::Value;
use crate::catalog::desired::Desired;
use crate::catalog::methods;
use crate::catalog::setting::Setting;
use crate::catalog::tenant_calendar::TenantCalendar;
use crate::plan::build;
use crate::plan::change::Plan;
use crate::plan::dates;
use crate::policy::document::Method;
use crate::policy::repository::config::RuleLevel;
use crate::review::config::ReviewConfig;
use crate::review::evaluate::{RuleResults, run_rules};
use crate::review::hold::HeldChange;
use crate::review::impact::ImpactResult;
use crate::review::rule_context::RuleContext;
use crate::review::rules;
use crate::review::waivers::WaivedFinding;
use crate::tenant::document::Document;
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::snapshot::Snapshot;

/// A plan with everything that people must know before they approve it.
#[derive(Clone, Debug, PartialEq)]
pub struct Review {
    /// The plan under review.
    pub plan: Plan,
    /// The findings of the rules and of planning, sorted by place.
    pub findings: Vec<Finding>,
    /// The findings that the policy waives. They never prevent an approval.
    pub waived: Vec<WaivedFinding>,
    /// The findings of rules that the repository turns off. They never prevent an approval.
    pub silenced: Vec<Finding>,
    /// What the policy asks for and the plan leaves out, because not enough people are ready for it.
    pub(crate) held: Vec<HeldChange>,
    /// The people whom the plan affects; `None` if they were not counted.
    pub impact: Option<ImpactResult>,
}

/// A plan that somebody approved. Nothing else can be applied, and nothing but [`Review::approve`] makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct Approved(Plan);

/// Why nobody can approve a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The review has findings that are errors.
    Errors,
    /// The actual value of a managed setting is not known, because it could not be read or understood.
    Unknown,
}

/// Plans a policy against a tenant, and reviews the plan by the configuration of the repository.
#[must_use]
pub fn plan_and_review(desired: &Desired, snapshot: &Snapshot, config: &ReviewConfig) -> Review {
    let (mut plan, mut findings) = build::build(desired, snapshot);
    plan.ended = ended(&plan, &config.calendar(&desired.tenant, desired.cloud), config.today());
    let RuleResults { findings: judged, waived, silenced } =
        run_rules(RuleContext::with_tenant(desired, &plan.actual, &snapshot.facts), config);
    findings.extend(soften_unchanged(judged, desired, &plan, config));
    findings.extend(config.destructive_changes(&plan));
    findings.sort();
    Review { plan, findings, waived, silenced, held: Vec::new(), impact: None }
}

/// Plans a policy without what it holds, and reviews the plan. What is held is neither unmanaged nor in sync.
#[must_use]
pub(crate) fn plan_and_review_without(
    held: Vec<HeldChange>,
    desired: &Desired,
    snapshot: &Snapshot,
    config: &ReviewConfig,
) -> Review {
    if held.is_empty() {
        return plan_and_review(desired, snapshot, config);
    }
    let settings: Vec<_> = held.iter().flat_map(|held| held.condition.settings).copied().collect();
    let mut left = desired.without(&settings);
    left.conditions.retain(|condition| held.iter().all(|held| held.condition != *condition));
    let mut review = plan_and_review(&left, snapshot, config);
    let plan = &mut review.plan;
    plan.files = desired.files();
    let (left_out, unmanaged) = std::mem::take(&mut plan.unmanaged)
        .into_iter()
        .partition(|setting| settings.contains(setting) && desired.setting(setting.name).is_some());
    let left_out: Vec<&Setting> = left_out;
    plan.unmanaged = unmanaged;
    // The group of a scope is held together with the scope, also where only one of them changes.
    plan.unchanged
        .extend(left_out.into_iter().filter(|setting| held.iter().all(|held| held.change.setting != *setting)));
    review.findings = soften_until_made(review.findings, desired, &settings, config);
    Review { held, ..review }
}

/// Makes warnings of errors that the policy has only until its held steps are made, such as a method that takes two.
fn soften_until_made(
    findings: Vec<Finding>,
    desired: &Desired,
    held: &[&Setting],
    config: &ReviewConfig,
) -> Vec<Finding> {
    let calendar = config.calendar(&desired.tenant, desired.cloud);
    let whole = rules::check_all(&RuleContext::policy_only(desired).on(config.today()).by_calendar(calendar));
    let soften = |finding: Finding| {
        let rule = rules::find(finding.code).filter(|_| whole.iter().all(|known| known.code != finding.code));
        let of_held = rule.and_then(|rule| held.iter().find(|setting| rule.about.contains(&setting.name)));
        match of_held {
            Some(setting) if finding.severity == Severity::Error => {
                let finding = Finding { severity: Severity::Warning, ..finding };
                finding.hint(format!("this ends when {} is made, which is held", setting.name))
            }
            Some(_) | None => finding,
        }
    };
    findings.into_iter().map(soften).collect()
}

/// The methods in effect after a plan that have ended on a day.
fn ended(plan: &Plan, calendar: &TenantCalendar, today: Date) -> Vec<(Method, String)> {
    let effect = plan.effects.iter().find(|effect| effect.setting.name == methods::ALLOWED.name);
    let words = match effect.map(|effect| &effect.value) {
        Some(Value::Set(words)) => words.iter().filter_map(|word| Method::from_word(word).ok()).collect(),
        _ => BTreeSet::new(),
    };
    let ended = dates::ended(calendar, today, &words);
    ended.into_iter().map(|(method, entry)| (method, calendar.date_words(entry))).collect()
}

/// Makes warnings of errors about a state that the tenant has already: the plan changes none of the settings that the rule is
/// about, so the finding must not hold up the rest of it. What is wrong in the policy by itself stays an error, and so does
/// what the repository has made one.
fn soften_unchanged(findings: Vec<Finding>, desired: &Desired, plan: &Plan, config: &ReviewConfig) -> Vec<Finding> {
    let calendar = config.calendar(&desired.tenant, desired.cloud);
    let by_itself = rules::check_all(&RuleContext::policy_only(desired).on(config.today()).by_calendar(calendar));
    let stays = |code: &str| {
        let is_wrong = by_itself.iter().any(|known| known.code == code && known.severity == Severity::Error);
        is_wrong || config.level(code).is_some_and(|(level, _)| level == RuleLevel::Error)
    };
    let changes = plan.changes();
    let changed = changes.iter().map(|change| change.setting.name);
    let open: BTreeSet<&str> = changed.chain(plan.unknown.iter().map(|unknown| unknown.setting.name)).collect();
    let soften = |finding: Finding| {
        let rule = rules::find(finding.code).filter(|rule| !rule.about.iter().any(|name| open.contains(name)));
        if rule.is_some() && !stays(finding.code) {
            Finding { severity: Severity::Warning, ..finding }
        } else {
            finding
        }
    };
    findings.into_iter().map(soften).collect()
}

impl Review {
    /// A plan with the findings about it, of which nothing is waived, silenced or held.
    #[must_use]
    pub fn new(plan: Plan, findings: Vec<Finding>) -> Self {
        Self { plan, findings, waived: Vec::new(), silenced: Vec::new(), held: Vec::new(), impact: None }
    }

    /// The review with the people whom the plan affects, and the findings about them.
    #[must_use]
    pub fn with_people(mut self, people: ImpactResult, config: &ReviewConfig) -> Self {
        self.findings.extend(config.losing(&self.plan, &people));
        self.findings.sort();
        Self { impact: Some(people), ..self }
    }

    /// Why the review cannot be approved; `None` if it can.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        if self.findings.iter().any(|finding| finding.severity == Severity::Error) {
            return Some(Refusal::Errors);
        }
        (!self.plan.unknown.is_empty()).then_some(Refusal::Unknown)
    }

    /// Whether the tenant is in sync with its policy.
    #[must_use]
    pub(crate) fn is_in_sync(&self) -> bool {
        self.has_no_request() && self.held.is_empty()
    }

    /// Whether nothing has to be sent, and nothing forbids to say so: the tenant is in sync with its policy, but for what is held.
    #[must_use]
    pub(crate) fn has_no_request(&self) -> bool {
        self.refusal().is_none() && self.plan.steps.is_empty()
    }

    /// Why settings are unknown: those that a person has to act on come before services that are merely unavailable.
    #[must_use]
    pub(crate) fn errors_by_weight(&self) -> Vec<&TenantError> {
        let mut errors: Vec<_> = self.plan.unknown.iter().map(|unknown| &unknown.why).collect();
        errors.sort_by_key(|error| error.kind == TenantErrorKind::Unavailable);
        errors
    }

    /// Whether there is something to apply, and nothing forbids it.
    #[must_use]
    pub(crate) fn is_applicable(&self) -> bool {
        self.refusal().is_none() && !self.plan.steps.is_empty()
    }

    /// Drops documents and request bodies, which only `apply` needs: the reviews of a fleet are held until the end.
    #[must_use]
    pub(crate) fn without_bodies(mut self) -> Self {
        self.plan.seen.clear();
        self.plan.steps.iter_mut().for_each(|step| step.body = Document::default());
        self
    }

    /// Approves the plan. Call it only after a person has approved it, or an option that a person has given.
    ///
    /// # Errors
    /// When [`Review::refusal`] has a reason.
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
    pub(crate) fn plan(&self) -> &Plan {
        &self.0
    }
}
