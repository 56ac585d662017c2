//! The type of a rule.

use crate::base::finding::{Finding, Severity};
use crate::review::rule_context::{RequiredFacts, RuleContext};

/// One rule about the settings of a policy.
#[derive(Debug)]
pub struct Rule {
    /// The code in kebab case, which never changes.
    pub code: &'static str,
    /// The severity of its findings, unless a repository sets another.
    pub severity: Severity,
    /// Whether the service itself refuses or ignores what breaks the rule. Such a rule can be neither waived nor turned off.
    pub enforced: bool,
    /// What must be known so that its silence means that nothing is wrong.
    pub needs: RequiredFacts,
    /// The rule in one sentence.
    pub(crate) says: &'static str,
    /// Why the rule exists, and what to do about a finding.
    pub(crate) help: &'static str,
    /// The documentation that states the fact behind the rule.
    pub(crate) source: &'static str,
    /// The numbers of the recommendations in public benchmarks that ask for the same.
    pub benchmark: &'static [&'static str],
    /// The settings that it checks. A finding has the place of the first one that the policy manages.
    pub about: &'static [&'static str],
    /// Sections of a policy that break the rule, in a tenant without licences and without an on-premises directory.
    pub broken: &'static str,
    /// The same sections, fixed.
    pub fixed: &'static str,
    /// Checks the rule; `None` if nothing is wrong.
    pub(crate) check: fn(&RuleContext<'_>) -> Option<Finding>,
}
