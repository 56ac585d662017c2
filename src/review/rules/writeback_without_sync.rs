//! Passwords are written back only where there is a directory on premises.

use crate::base::finding::{Finding, Severity};
use crate::catalog::writeback;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "writeback-without-sync",
    severity: Severity::Error,
    enforced: false,
    needs: RequiredFacts::Hybrid,
    says: "Passwords are written back only where there is a directory on premises.",
    help: "The tenant is not synchronised from anywhere, so there is nothing to write back to. Set up Entra Connect or Cloud Sync first.",
    source: "How does self-service password reset writeback work (concept-sspr-writeback)",
    benchmark: &[],
    about: &[writeback::PASSWORDS.name, writeback::UNLOCK_WITHOUT_RESET.name],
    broken: "writeback:\n  passwords: true",
    fixed: "writeback:\n  passwords: false",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let wanted = RULE.about.iter().copied().find(|name| subject.sets_switch(name, true))?;
    let missing = subject.facts().hybrid.is_some_and(|hybrid| !hybrid.synchronised);
    missing.then(|| {
        Finding::error(
            RULE.code,
            format!("{wanted} is true, but the tenant is not synchronised from a directory on premises"),
        )
        .at(subject.place(&[wanted]), "nothing to write back to")
        .hint("set up Entra Connect or Cloud Sync first, or leave the section out")
    })
}
