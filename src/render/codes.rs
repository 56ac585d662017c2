//! Every code that a finding can have, from whoever makes such findings: the one list behind `explain`, the pages in `docs/`
//! and the rules of reports.

use crate::base::finding::Severity;
use crate::policy::codes::{self, FindingCode};
use crate::policy::located_tests;
use crate::review::finding_codes::OF_PLANS;
use crate::review::rules::{self, Rule};
use crate::review::{config, rings, rollback};

/// What reports call a setting of a tenant that is not as its policy says.
pub(crate) const DRIFT: FindingCode = FindingCode {
    code: "drift",
    severity: Severity::Warning,
    means: "A tenant has another value than its policy says: somebody or something changed it.",
    fix: "`ssprctl apply` restores the policy; `ssprctl accept` writes the value of the tenant into the policy.",
    example: None,
};

/// A code that findings can have, with its explanation.
#[derive(Clone, Copy, Debug)]
pub struct CodeEntry {
    /// The code, in kebab case.
    pub(crate) code: &'static str,
    /// Its severity, where a repository does not say otherwise.
    pub(crate) severity: Severity,
    /// What it means, in a sentence or a few.
    pub means: &'static str,
    /// Why, and what to do.
    pub fix: &'static str,
    /// A piece of a file that has the problem.
    pub(crate) broken: Option<&'static str>,
    /// The rule, where one is behind it.
    pub(crate) rule: Option<&'static Rule>,
}

/// Every code that a finding can have, sorted.
#[must_use]
pub(crate) fn entries() -> Vec<CodeEntry> {
    let lists = [codes::CODES, rings::CODES, rollback::CODES, config::CODES, located_tests::CODES, &[DRIFT]];
    let plain = lists.into_iter().chain(OF_PLANS).flatten().map(|code| CodeEntry {
        code: code.code,
        severity: code.severity,
        means: code.means,
        fix: code.fix,
        broken: code.example,
        rule: None,
    });
    let rules = rules::ALL.iter().map(|rule| CodeEntry {
        code: rule.code,
        severity: rule.severity,
        means: rule.says,
        fix: rule.help,
        broken: Some(rule.broken),
        rule: Some(rule),
    });
    let mut entries: Vec<_> = plain.chain(rules).collect();
    entries.sort_unstable_by_key(|entry| entry.code);
    entries
}

/// The entry of one code.
#[must_use]
pub fn find(code: &str) -> Option<CodeEntry> {
    entries().into_iter().find(|entry| entry.code == code)
}

impl CodeEntry {
    /// Facts about it for a table: label and text.
    #[must_use]
    pub(crate) fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = vec![("severity", self.severity.name().to_owned())];
        let Some(rule) = self.rule else { return facts };
        facts.push(("waivable", if rule.enforced { "no: the service itself insists" } else { "yes" }.to_owned()));
        facts.push(("about", rule.about.join(", ")));
        facts.push(("source", rule.source.to_owned()));
        if !rule.benchmark.is_empty() {
            facts.push(("benchmark", rule.benchmark.join(", ")));
        }
        facts
    }
}
