//! What a rule is made of.

use crate::base::finding::{Finding, Severity};
use crate::review::rule_context::{RequiredFacts, RuleContext};

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Stable kebab-case code.
    pub code: &'static str,
    /// How much breaking it matters, where a repository does not say otherwise.
    pub severity: Severity,
    /// Whether the service itself refuses or ignores what breaks it. Nobody can waive or silence that.
    pub enforced: bool,
    /// What must be known before its silence means anything.
    pub needs: RequiredFacts,
    /// What it says, in a sentence.
    pub says: &'static str,
    /// Why, and what to do.
    pub help: &'static str,
    /// Where the fact comes from.
    pub source: &'static str,
    /// Recommendations of public benchmarks that say the same, by number only.
    pub benchmark: &'static [&'static str],
    /// The settings it judges; a finding points at the first of them that the policy manages.
    pub about: &'static [&'static str],
    /// Sections of a policy that break it; in a tenant without licence and directory on premises, where it is about those.
    pub broken: &'static str,
    /// The same, put right.
    pub fixed: &'static str,
    /// What is wrong, if anything.
    pub check: fn(&RuleContext<'_>) -> Option<Finding>,
}
