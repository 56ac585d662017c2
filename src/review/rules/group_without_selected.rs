//! A group is named exactly when the scope is selected users.

use crate::base::finding::{Finding, Severity};
use crate::base::value::Value;
use crate::catalog::scope;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "group-without-selected",
    severity: Severity::Error,
    enforced: true,
    needs: RequiredFacts::Policy,
    says: "A group is named exactly when the scope is selected users.",
    help: "With any other scope the service ignores the group. Write `users: selected`, or leave the group out.",
    source: "Tutorial: enable self-service password reset (tutorial-enable-sspr)",
    benchmark: &[],
    about: &[scope::GROUP.name],
    broken: "scope:\n  users: all\n  group: SSPR-Pilot",
    fixed: "scope:\n  users: all",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let named = matches!(subject.value(scope::GROUP.name), Some(Value::Group(_) | Value::GroupName(_)));
    let users = match subject.value(scope::USERS.name) {
        Some(Value::Text(users)) => users.as_str(),
        _ => "not given",
    };
    (named && subject.manages(scope::GROUP.name) && users != "selected").then(|| {
        Finding::error(RULE.code, format!("scope.group is given, but scope.users is {users}"))
            .at(subject.place(RULE.about), "has no effect")
            .hint("write `users: selected`, or leave `group` out")
    })
}
