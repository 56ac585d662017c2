//! A policy that allows security questions says how many are registered, how many are asked, and which.

use crate::base::finding::{Finding, Severity};
use crate::catalog::{methods, security_questions};
use crate::policy::document::Method;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "questions-without-counts",
    severity: Severity::Error,
    enforced: true,
    needs: RequiredFacts::Policy,
    says: "A policy that allows security questions says how many are registered, how many are asked, and which.",
    help: "Give `securityQuestions.toRegister`, `toReset` and `questions`, so that nothing hangs on what the tenant happened to have.",
    source: "Security questions authentication method (concept-authentication-security-questions)",
    benchmark: &[],
    about: &[methods::ALLOWED.name],
    broken: "methods:\n  allowed: [email, securityQuestions]",
    fixed: "methods:\n  allowed: [email, mobileAppCode]",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let allowed = subject.manages(methods::ALLOWED.name) && subject.methods()?.contains(&Method::SecurityQuestions);
    let needed =
        [security_questions::TO_REGISTER.name, security_questions::TO_RESET.name, security_questions::QUESTIONS.name];
    let missing: Vec<_> = needed.into_iter().filter(|name| subject.value(name).is_none()).collect();
    (allowed && !missing.is_empty()).then(|| {
        Finding::error(RULE.code, format!("securityQuestions are allowed, but {} is not given", missing.join(", ")))
            .at(subject.method_place(Method::SecurityQuestions), "questions allowed here")
            .hint("add what is missing, or remove securityQuestions from methods.allowed")
    })
}
