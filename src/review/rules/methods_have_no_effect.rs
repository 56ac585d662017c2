//! Methods are switched where the tenant decides about them.

use crate::base::finding::{Finding, Severity};
use crate::review::rules::rule::Rule;
use crate::review::subject::{Needs, Subject};
use crate::tenant::circumstances::Migration;

/// The methods that have moved; security questions have not.
const MOVED: &[&str] = &["mobileAppNotification", "mobileAppCode", "email", "mobilePhone", "officePhone"];

pub(super) static RULE: Rule = Rule {
    code: "methods-have-no-effect",
    severity: Severity::Warning,
    enforced: false,
    needs: Needs::Migration,
    says: "Methods are switched where the tenant decides about them.",
    help: "A tenant that has completed its migration decides about methods in the authentication methods policy. What the old policy says about them is kept and ignored; security questions alone still count there.",
    source: "Manage authentication methods (concept-authentication-methods-manage), policyMigrationState",
    benchmark: &[],
    about: &["methods.allowed"],
    broken: "methods:\n  allowed: [mobileAppCode, email]",
    fixed: "securityQuestions:\n  toReset: 3",
    check,
};

fn check(subject: &Subject<'_>) -> Option<Finding> {
    let first = subject.allowed(MOVED).into_iter().next();
    let (_, place) = first.filter(|_| subject.circumstances().migration == Some(Migration::Complete))?;
    let message =
        "methods.allowed has no effect: this tenant decides about methods in the authentication methods policy";
    let finding = Finding::warning(RULE.code, message)
        .at(place.clone(), "ignored by the service")
        .hint("switch methods in the authentication methods policy, and take methods.allowed out");
    Some(finding)
}
