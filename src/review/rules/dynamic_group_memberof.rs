//! No group has its members by a rule about the members of other groups, which Microsoft no longer evaluates.

use crate::base::finding::{Finding, Severity};
use crate::base::value::Value;
use crate::catalog::{allowed_from, calendar, methods, scope, windows_sign_in};
use crate::review::retirement::with_place_of_date;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;
use crate::tenant::group::FrozenGroup;

pub(super) static RULE: Rule = Rule {
    code: calendar::MEMBER_OF,
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Groups,
    says: "No group of a policy has its members by a rule with `memberOf`, which Microsoft no longer evaluates.",
    help: "Since 2026-11-03 a dynamic group whose rule uses `memberOf` keeps the members that it had: who joins is not in it, and who leaves stays. Put another group in its place. The rule looks at the groups that the policy names. Where it names one, `drift` and a controller that only reports look at those of the methods that it allows as well. Reading the rule of a group takes `GroupMember.Read.All`, and without it nothing is said.",
    source: "Four public copies or more; the date was moved once",
    benchmark: &[],
    about: &[scope::GROUP.name, windows_sign_in::GROUP.name, allowed_from::EXCLUDED_GROUPS.name, methods::ALLOWED.name],
    broken: "scope:\n  users: selected\n  group: SSPR-Pilot",
    fixed: "scope:\n  users: all",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let (ended, entry) = subject.date(RULE.code)?;
    let frozen = subject.facts().frozen_groups.as_deref().unwrap_or_default();
    let named: Vec<_> = frozen.iter().take(5).map(words).collect();
    let words = subject.date_words(entry);
    let state =
        if ended { format!("has not changed since {words}") } else { format!("stays as it is from {words} on") };
    let managed = RULE.about.iter().any(|name| subject.desired(name).is_some_and(|value| *value != Value::Unset));
    (managed && !named.is_empty()).then(|| {
        let message = format!("who is in {} {state}: its rule uses `memberOf`", named.join(" and in "));
        let finding = Finding::warning(RULE.code, message)
            .at(subject.place(RULE.about), "the members are frozen")
            .hint("put a group in its place whose members are assigned, or whose rule does not use `memberOf`");
        with_place_of_date(subject, entry, finding)
    })
}

fn words(group: &FrozenGroup) -> String {
    match group.of {
        None => format!("the group {}", group.name),
        Some(method) => format!("the group {} of `{method}`", group.name),
    }
}
