//! A scope of selected users needs the group whose members are meant.

use crate::base::finding::{Finding, Severity};
use crate::base::value::Value;
use crate::catalog::scope;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "selected-without-group",
    severity: Severity::Error,
    enforced: true,
    needs: RequiredFacts::Policy,
    says: "A scope of selected users needs the group whose members are meant.",
    help: "Without a group the service enables nobody. Name one security group in `scope.group`, by display name or object id.",
    source: "Tutorial: enable self-service password reset (tutorial-enable-sspr)",
    benchmark: &[],
    about: &[scope::USERS.name],
    broken: "scope:\n  users: selected",
    fixed: "scope:\n  users: selected\n  group: SSPR-Pilot",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let selected = matches!(subject.value(scope::USERS.name), Some(Value::Text(users)) if users == "selected");
    let groupless = matches!(subject.value(scope::GROUP.name), None | Some(Value::Unset));
    (selected && groupless && subject.manages(scope::USERS.name)).then(|| {
        Finding::error(RULE.code, "scope.users is `selected`, but there is no scope.group")
            .at(subject.place(RULE.about), "selected, but who?")
            .hint("add `group:` with the name or object id of one security group")
    })
}
