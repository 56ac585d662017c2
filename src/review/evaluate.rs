//! Runs the rules on a policy, by the configuration of its repository.

use crate::base::finding::Finding;
use crate::review::config::ReviewConfig;
use crate::review::rule_context::RuleContext;
use crate::review::rules;
use crate::review::waivers::{WaivedFinding, waive};

/// The results of the rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleResults {
    /// The findings that count, sorted by place.
    pub findings: Vec<Finding>,
    /// The findings that the policy waives, sorted by place.
    pub waived: Vec<WaivedFinding>,
    /// The findings of rules that the repository turns off, sorted by place.
    pub silenced: Vec<Finding>,
}

/// Runs all rules, applies the levels of the repository and the waivers of the policy, and adds the findings about waivers.
#[must_use]
pub fn run_rules(subject: RuleContext<'_>, config: &ReviewConfig) -> RuleResults {
    let calendar = config.calendar(&subject.policy().tenant, subject.policy().cloud);
    let subject = subject.on(config.today()).by_calendar(calendar);
    let (findings, mut silenced) = config.apply_levels(rules::check_all(&subject));
    let (findings, waived) = waive(findings, &subject, config.today());
    let (mut findings, more) = config.apply_levels(findings);
    silenced.extend(more);
    findings.sort();
    silenced.sort();
    RuleResults { findings, waived, silenced }
}
