//! At least as many methods are allowed as a reset requires.

use crate::base::finding::{Finding, Severity};
use crate::catalog::methods;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "not-enough-methods",
    severity: Severity::Error,
    enforced: true,
    needs: RequiredFacts::Policy,
    says: "At least as many methods are allowed as a reset requires.",
    help: "Nobody could ever reset otherwise. Allow more methods, or require fewer.",
    source: "How it works: self-service password reset (concept-sspr-howitworks)",
    benchmark: &[],
    about: &[methods::ALLOWED.name, methods::REQUIRED.name],
    broken: "methods:\n  required: 2\n  allowed: [email]",
    fixed: "methods:\n  required: 2\n  allowed: [email, mobilePhone]",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let (required, allowed) = (subject.number(methods::REQUIRED.name)?, subject.methods()?);
    (allowed.len() < required as usize).then(|| {
        let message = format!("methods.required is {required}, but methods.allowed has {}", allowed.len());
        Finding::error(RULE.code, message)
            .at(subject.place(RULE.about), "too few methods")
            .hint(format!("allow at least {required}, better one more, so that people can lose one"))
    })
}
