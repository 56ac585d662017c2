//! No more questions are asked at a reset than people have registered.

use crate::base::finding::{Finding, Severity};
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
    about: &["securityQuestions.toReset", "securityQuestions.toRegister"],
    broken: "securityQuestions:\n  toRegister: 3\n  toReset: 5",
    fixed: "securityQuestions:\n  toRegister: 5\n  toReset: 3",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let register = subject.number("securityQuestions.toRegister")?;
    let reset = subject.number("securityQuestions.toReset")?;
    let managed = subject.manages("securityQuestions.toReset") || subject.manages("securityQuestions.toRegister");
    (managed && reset > register).then(|| {
        Finding::error(RULE.code, format!("toReset is {reset}, but people register only {register}"))
            .at(subject.place(RULE.about), "more than are registered")
            .hint(format!("write at most {register}, or raise toRegister"))
    })
}
