//! A policy that limits from where people register says from where.

use crate::base::finding::{Finding, Severity};
use crate::base::value::Value;
use crate::catalog::allowed_from;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "registration-without-locations",
    severity: Severity::Error,
    enforced: true,
    needs: RequiredFacts::Policy,
    says: "A policy that limits from where people register says from where.",
    help: "A Conditional Access policy that blocks everywhere but in no place at all would let nobody register, and whoever has not registered could not reset. Write `locations`, or `state: disabled`.",
    source: "Conditional Access for security information registration (policy-all-users-security-info-registration)",
    benchmark: &[],
    about: &[allowed_from::STATE.name],
    broken: "registration:\n  allowedFrom:\n    state: enforced",
    fixed: "registration:\n  allowedFrom:\n    locations: [allTrusted]\n    excludedGroups: [Break-glass accounts]\n    state: enforced",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let limits = matches!(subject.desired(allowed_from::STATE.name), Some(Value::Text(state)) if state != allowed_from::DISABLED);
    (limits && !subject.manages(allowed_from::LOCATIONS.name)).then(|| {
        Finding::error(RULE.code, "registration.allowedFrom limits from where people register, but names no locations")
            .at(subject.place(RULE.about), "limits to no place")
            .hint("write `locations: [allTrusted]` or the names of locations, or `state: disabled`")
    })
}
