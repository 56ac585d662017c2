//! People who have not registered are asked to when they sign in.

use crate::base::finding::{Finding, Severity};
use crate::catalog::registration;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "registration-not-required",
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Policy,
    says: "People who have not registered are asked to when they sign in.",
    help: "Without that only volunteers register, and the others find out when they need a reset.",
    source: "How it works: self-service password reset (concept-sspr-howitworks), Require users to register when they sign in",
    benchmark: &["CIS M365 v7 5.2.4.3"],
    about: &[registration::REQUIRED_AT_SIGN_IN.name],
    broken: "registration:\n  requiredAtSignIn: false",
    fixed: "registration:\n  requiredAtSignIn: true",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    (subject.sets_switch(registration::REQUIRED_AT_SIGN_IN.name, false)).then(|| {
        Finding::warning(
            RULE.code,
            "registration.requiredAtSignIn is false: who has not registered cannot reset, and is never asked to",
        )
        .at(subject.place(RULE.about), "only volunteers register")
        .hint("write `requiredAtSignIn: true`")
    })
}
