//! Somebody can still register when the places do not work.

use crate::base::finding::{Finding, Severity};
use crate::base::value::Value;
use crate::catalog::allowed_from;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "registration-without-break-glass",
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Policy,
    says: "Where registering is limited to places, a group of emergency accounts is left out of it.",
    help: "A wrong address range, or a line that is down, would otherwise lock everybody out of registering, including those who could fix it. Name the group of the emergency accounts in `excludedGroups`.",
    source: "Conditional Access for security information registration (policy-all-users-security-info-registration), user exclusions",
    benchmark: &[],
    about: &[allowed_from::EXCLUDED_GROUPS.name, allowed_from::STATE.name, allowed_from::LOCATIONS.name],
    broken: "registration:\n  allowedFrom:\n    locations: [allTrusted]\n    state: enforced",
    fixed: "registration:\n  allowedFrom:\n    locations: [allTrusted]\n    excludedGroups: [Break-glass accounts]\n    state: enforced",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let managed = RULE.about.iter().any(|name| subject.manages(name));
    let enforced =
        matches!(subject.value(allowed_from::STATE.name), Some(Value::Text(state)) if state == allowed_from::ENFORCED);
    let none = match subject.value(allowed_from::EXCLUDED_GROUPS.name) {
        Some(Value::Groups(groups)) => groups.is_empty(),
        Some(Value::GroupNames(groups)) => groups.is_empty(),
        // Without the tenant nobody knows whom it leaves out already.
        _ => subject.manages(allowed_from::STATE.name),
    };
    (managed && enforced && none).then(|| {
        Finding::warning(RULE.code, "registration.allowedFrom is enforced and leaves out no group for emergencies")
            .at(subject.place(RULE.about), "for everybody")
            .hint("name the group of the emergency accounts in `excludedGroups`")
    })
}
