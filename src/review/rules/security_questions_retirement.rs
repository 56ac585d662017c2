//! No method relies on security questions, which Microsoft ends.

use crate::base::finding::{Finding, Severity};
use crate::catalog::calendar;
use crate::catalog::methods;
use crate::review::retirement;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: calendar::QUESTIONS,
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Policy,
    says: "No method relies on security questions, which Microsoft ends.",
    help: "Security questions stop resetting passwords in March 2027; the day is not published. Let people register `mobileAppCode` and `email` in time, then remove the questions. From April on it is an error if too few other methods are allowed.",
    source: "MC1234564, published 2026-02-18; three copies agree on the month",
    benchmark: &[],
    about: &[methods::ALLOWED.name],
    broken: "methods:\n  allowed: [mobileAppCode, email, securityQuestions]",
    fixed: "methods:\n  allowed: [mobileAppCode, email]",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    retirement::finding(subject, RULE.code)
}
