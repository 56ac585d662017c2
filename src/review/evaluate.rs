//! Everything that is to be told about a policy, by the standards of its repository.

use crate::base::finding::Finding;
use crate::review::config::ReviewConfig;
use crate::review::rule_context::RuleContext;
use crate::review::rules;
use crate::review::waivers::{WaivedFinding, waive};

/// What is to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleResults {
    /// What counts, sorted by place.
    pub findings: Vec<Finding>,
    /// What is accepted for a while, sorted by place.
    pub waived: Vec<WaivedFinding>,
}

/// Judges a policy: its rules, weighed by the repository, without what is waived, and its waivers.
#[must_use]
pub fn run_rules(subject: RuleContext<'_>, standards: &ReviewConfig) -> RuleResults {
    let subject = subject.on(standards.today());
    let findings = standards.apply_levels(rules::judge(&subject));
    let (findings, waived) = waive(findings, &subject, standards.today());
    let mut findings = standards.apply_levels(findings);
    findings.sort();
    RuleResults { findings, waived }
}
