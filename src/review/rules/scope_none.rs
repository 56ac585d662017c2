//! Somebody may reset their own password.

use crate::base::finding::{Finding, Severity};
use crate::base::value::Value;
use crate::catalog::scope;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "scope-none",
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Policy,
    says: "Somebody may reset their own password.",
    help: "With `users: none` every forgotten password is a call to the helpdesk. Start with a pilot group: `users: selected`.",
    source: "Tutorial: enable self-service password reset (tutorial-enable-sspr)",
    benchmark: &["CIS M365 v7 5.2.4.1"],
    about: &[scope::USERS.name],
    broken: "scope:\n  users: none",
    fixed: "scope:\n  users: all",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    (matches!(subject.desired(scope::USERS.name), Some(Value::Text(users)) if users == "none")).then(|| {
        Finding::warning(RULE.code, "scope.users is `none`: nobody may reset their own password")
            .at(subject.place(RULE.about), "switched off for everybody")
            .hint("write `users: selected` with a pilot group, or `users: all`")
    })
}
