//! Passwords are written back only in a tenant whose licences permit it.

use crate::base::finding::{Finding, Severity};
use crate::catalog::writeback;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "writeback-without-licence",
    severity: Severity::Error,
    enforced: false,
    needs: RequiredFacts::Licence,
    says: "Passwords are written back only in a tenant whose licences permit it.",
    help: "Writeback and unlocking need Microsoft 365 Business Premium, or Entra ID P1 or P2.",
    source: "Licensing requirements for self-service password reset (concept-sspr-licensing)",
    benchmark: &[],
    about: &[writeback::PASSWORDS.name, writeback::UNLOCK_WITHOUT_RESET.name],
    broken: "writeback:\n  passwords: true",
    fixed: "writeback:\n  passwords: false",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let wanted = RULE.about.iter().copied().find(|name| subject.sets_switch(name, true))?;
    let missing = subject.facts().licence.is_some_and(|licence| !licence.writeback);
    missing.then(|| {
        Finding::error(RULE.code, format!("{wanted} is true, but no licence of the tenant permits writeback"))
            .at(subject.place(&[wanted]), "not permitted")
            .hint("buy Microsoft 365 Business Premium, or Entra ID P1 or P2; until then leave the section out")
    })
}
