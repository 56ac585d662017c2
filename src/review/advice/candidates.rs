//! The policies for methods that a tenant could have, and whether the rules allow them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::base::finding::{Finding, Severity};
use crate::base::value::Value;
use crate::catalog::desired::Desired;
use crate::catalog::methods;
use crate::person::policy_state::PolicyState;
use crate::plan::{actual, build};
use crate::policy::document::{ConvergedPolicy, Method};
use crate::review::config::ReviewConfig;
use crate::review::evaluate::run_rules;
use crate::review::rule_context::RuleContext;
use crate::review::rules;
use crate::tenant::document::Document;
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::facts::Migration;
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::Surface;

/// With which methods people reset, and how many of them a reset takes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MethodChoice {
    pub(crate) allowed: BTreeSet<Method>,
    pub(crate) required: u32,
}

impl MethodChoice {
    /// Every choice that the service knows: all sets of methods, each with one method required and with two.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let sets = (0..1_u32 << Method::ALL.len()).map(|bits| {
            let methods = Method::ALL.into_iter().enumerate();
            methods.filter(move |(index, _)| bits >> index & 1 == 1).map(|(_, method)| method).collect::<BTreeSet<_>>()
        });
        sets.flat_map(|allowed| [1, 2].map(|required| Self { allowed: allowed.clone(), required }))
    }
}

/// A policy with one choice of methods, as the tenant would have it.
#[derive(Clone, Debug)]
pub(crate) struct CandidatePolicy {
    pub(crate) choice: MethodChoice,
    /// What it has to say about the authentication methods policy, so that the methods are switched on and off where they act.
    pub(crate) converged: ConvergedPolicy,
    pub(crate) state: PolicyState,
    /// The codes of the errors about methods, on the first day and on the last date.
    pub(crate) errors: BTreeSet<&'static str>,
    /// The codes of the warnings about methods on the first day.
    pub(crate) warnings: BTreeSet<&'static str>,
    /// The numbers of the recommendations about methods in public benchmarks that it follows.
    pub(crate) benchmarks: BTreeSet<&'static str>,
}

/// The documents of a tenant.
pub(crate) type TenantDocuments = BTreeMap<Surface, Document>;

/// What candidates are made from: a policy, of which only the methods vary, and its tenant.
pub(crate) struct CandidateSource<'a> {
    pub(crate) desired: &'a Desired,
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) config: &'a ReviewConfig,
    /// The first day, and the dates ahead.
    pub(crate) dates: &'a [Date],
    /// The methods that the tenant has.
    pub(crate) live: MethodChoice,
    migration: Migration,
}

impl<'a> CandidateSource<'a> {
    /// # Errors
    /// When it is not known which methods the tenant has.
    pub(crate) fn new(
        desired: &'a Desired,
        snapshot: &'a Snapshot,
        config: &'a ReviewConfig,
        dates: &'a [Date],
    ) -> Result<Self, TenantError> {
        let migration = actual::migration(actual::converged(snapshot)?)?;
        let allowed = actual::known_methods(&actual::allowed_methods(snapshot)?)?;
        let Value::Number(required) = actual::document_value(&methods::REQUIRED, snapshot)? else {
            let message = format!("{} is no number", methods::REQUIRED.name);
            return Err(TenantError::new(TenantErrorKind::UnexpectedResponse, message));
        };
        Ok(Self { desired, snapshot, config, dates, live: MethodChoice { allowed, required }, migration })
    }

    /// The policy with these methods and everything else as it is, applied to the tenant as a snapshot has it; and the documents
    /// of the tenant then.
    pub(crate) fn candidate(&self, choice: MethodChoice, snapshot: &Snapshot) -> (CandidatePolicy, TenantDocuments) {
        let converged = self.converged(&choice);
        let desired = self.desired.with_methods(&choice.allowed, choice.required, converged);
        let (plan, findings) = build::build(&desired, snapshot);
        let documents = plan.documents_after();
        let mut candidate = CandidatePolicy {
            choice,
            converged,
            state: PolicyState::of(|surface| documents.get(&surface)),
            errors: BTreeSet::new(),
            warnings: BTreeSet::new(),
            benchmarks: BTreeSet::new(),
        };
        candidate.add(&findings, true);
        // Methods that have ended stay so: what is wrong on a date ahead is wrong on the last one.
        let last = self.dates.last().filter(|_| self.dates.len() > 1);
        for (index, date) in self.dates.first().into_iter().chain(last).enumerate() {
            let context = RuleContext::with_tenant(&desired, &plan.actual, &snapshot.facts);
            let results = run_rules(context, &self.config.on_date(*date));
            candidate.add(&results.findings, index == 0);
            if index == 0 {
                let waived = results.waived.iter().map(|waived| &waived.finding);
                let all = results.findings.iter().chain(&results.silenced).chain(waived);
                let found: BTreeSet<_> = all.map(|finding| finding.code).collect();
                let followed =
                    rules::ALL.iter().filter(|rule| is_about_methods(rule.code) && !found.contains(rule.code));
                candidate.benchmarks = followed.flat_map(|rule| rule.benchmark).copied().collect();
            }
        }
        (candidate, documents)
    }

    /// What a policy with these methods has to say about the authentication methods policy.
    fn converged(&self, choice: &MethodChoice) -> ConvergedPolicy {
        let written = self.desired.converged_policy;
        let switches_off = !choice.allowed.is_superset(&self.live.allowed);
        match self.migration {
            Migration::PreMigration => written,
            Migration::InProgress | Migration::Complete if switches_off => ConvergedPolicy::Manage,
            Migration::Complete if *choice != self.live => written.max(ConvergedPolicy::Extend),
            Migration::InProgress | Migration::Complete => written,
        }
    }
}

impl CandidatePolicy {
    fn add(&mut self, findings: &[Finding], warnings: bool) {
        for finding in findings.iter().filter(|finding| is_about_methods(finding.code)) {
            match finding.severity {
                Severity::Error => drop(self.errors.insert(finding.code)),
                Severity::Warning if warnings => drop(self.warnings.insert(finding.code)),
                Severity::Warning => {}
            }
        }
    }
}

/// Whether a finding is about methods: nothing else of a policy varies.
fn is_about_methods(code: &str) -> bool {
    let about = |rule: &rules::Rule| rule.about.iter().any(|name| name.starts_with("methods."));
    rules::find(code).map_or_else(|| code.starts_with("converged-"), about)
}
