//! What a rule is made of.

use crate::base::finding::{Finding, Severity};
use crate::review::subject::Subject;

/// One rule.
pub struct Rule {
    /// Stable kebab-case code.
    pub code: &'static str,
    /// How much breaking it matters.
    pub severity: Severity,
    /// What it says, in a sentence.
    pub says: &'static str,
    /// Why, and what to do.
    pub help: &'static str,
    /// Where the fact comes from.
    pub source: &'static str,
    /// The settings it judges; a finding points at the first of them that the policy manages.
    pub about: &'static [&'static str],
    /// What is wrong, if anything.
    pub check: fn(&Subject<'_>) -> Option<Finding>,
}
