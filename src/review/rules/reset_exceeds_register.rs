//! No more questions are asked at a reset than people have registered.

use crate::base::finding::{Finding, Severity};
use crate::catalog::security_questions;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "reset-exceeds-register",
    severity: Severity::Error,
    enforced: true,
    needs: RequiredFacts::Policy,
    says: "No more questions are asked at a reset than people have registered.",
    help: "The service draws the questions of a reset from the registered ones. Lower `toReset` or raise `toRegister`.",
    source: "Microsoft Entra password management frequently asked questions (passwords-faq)",
    benchmark: &[],
    about: &[security_questions::TO_RESET.name, security_questions::TO_REGISTER.name],
    broken: "securityQuestions:\n  toRegister: 3\n  toReset: 5",
    fixed: "securityQuestions:\n  toRegister: 5\n  toReset: 3",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let register = subject.number(security_questions::TO_REGISTER.name)?;
    let reset = subject.number(security_questions::TO_RESET.name)?;
    let managed =
        subject.manages(security_questions::TO_RESET.name) || subject.manages(security_questions::TO_REGISTER.name);
    (managed && reset > register).then(|| {
        Finding::error(RULE.code, format!("toReset is {reset}, but people register only {register}"))
            .at(subject.place(RULE.about), "more than are registered")
            .hint(format!("write at most {register}, or raise toRegister"))
    })
}
