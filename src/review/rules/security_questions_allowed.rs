//! Security questions are no method.

use crate::base::finding::{Finding, Severity};
use crate::catalog::methods;
use crate::policy::document::Method;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "security-questions-allowed",
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Policy,
    says: "Security questions are no method.",
    help: "Answers are found out, guessed, shared and reused. Allow `mobileAppCode` and `email` instead. Administrators can never use questions anyway.",
    source: "Security questions authentication method (concept-authentication-security-questions)",
    benchmark: &[],
    about: &[methods::ALLOWED.name],
    broken: "methods:\n  allowed: [mobileAppCode, email, securityQuestions]",
    fixed: "methods:\n  allowed: [mobileAppCode, email]",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let (_, place) = subject.allowed(&[Method::SecurityQuestions]).pop()?;
    let allowed = subject.methods().unwrap_or_default();
    let hint = match subject.addable(&allowed, &[Method::MobileAppCode, Method::Email]).as_slice() {
        [] => "remove securityQuestions".to_owned(),
        better => format!("allow {} instead of securityQuestions", better.join(" and ")),
    };
    let finding = Finding::warning(RULE.code, "methods.allowed has securityQuestions, whose answers can be found out")
        .at(place.clone(), "easily answered by others")
        .hint(hint);
    Some(finding)
}
