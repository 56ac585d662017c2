//! At least as many methods are allowed as a reset requires.

use crate::base::finding::{Finding, Severity};
use crate::catalog::methods;
use crate::policy::document::Method;
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

/// The methods to add, the best first.
const ADVISED: [Method; 4] = [Method::Email, Method::MobileAppCode, Method::MobilePhone, Method::OfficePhone];

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let (required, allowed) = (subject.number(methods::REQUIRED.name)?, subject.methods()?);
    (allowed.len() < required as usize).then(|| {
        let message = format!("methods.required is {required}, but methods.allowed has {}", allowed.len());
        Finding::error(RULE.code, message).at(subject.place(RULE.about), "too few methods").hint(
            match subject.addable(&allowed, &ADVISED).first() {
                Some(word) => format!("allow {word}"),
                None => "write `required: 1`".to_owned(),
            },
        )
    })
}
