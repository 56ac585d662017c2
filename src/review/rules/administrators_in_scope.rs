//! Administrators are not asked to register for a reset that they may not use.

use crate::base::finding::{Finding, Severity};
use crate::base::value::Value;
use crate::catalog::{registration, scope};
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "administrators-in-scope",
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Administrators,
    says: "Administrators are not asked to register for a reset that they may not use.",
    help: "While administrators' own reset is off, an administrator in the scope is asked to register at sign-in and then cannot reset. Let administrators reset, or take them out of the group; with everybody in scope, they always are. Who is an administrator is read from the registration report, which is some hours old and needs Entra ID P1; a group of more than about 250,000 members is not read.",
    source: "Self-service password reset policies (concept-sspr-policy), Administrator reset policy differences",
    benchmark: &[],
    about: &[scope::ADMINISTRATORS.name, scope::GROUP.name, scope::USERS.name, registration::REQUIRED_AT_SIGN_IN.name],
    broken: "scope:\n  users: selected\n  group: SSPR-Pilot\n  administrators: false",
    fixed: "scope:\n  users: selected\n  group: SSPR-Pilot\n  administrators: true",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let managed = subject.manages(scope::ADMINISTRATORS.name) || subject.manages(scope::USERS.name);
    let off = managed && subject.value(scope::ADMINISTRATORS.name) == Some(&Value::Bool(false));
    let asked = subject.value(registration::REQUIRED_AT_SIGN_IN.name) != Some(&Value::Bool(false));
    let Some(Value::Text(users)) = subject.value(scope::USERS.name).filter(|_| off && asked) else { return None };
    let among = subject.facts().administrators_among.unwrap_or_default();
    let who = match (users.as_str(), among) {
        ("all", _) => "administrators are in the scope, as everybody is".to_owned(),
        ("selected", 1) => "1 administrator is in the scope's group".to_owned(),
        ("selected", among @ 2..) => format!("{among} administrators are in the scope's group"),
        _ => return None,
    };
    Some(
        Finding::warning(RULE.code, format!("{who}, and administrators cannot reset"))
            .at(subject.place(RULE.about), "asked to register for nothing")
            .hint("write `administrators: true`, or take administrators out of the group"),
    )
}
