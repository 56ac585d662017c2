//! A readiness is in the same section as a step.

use crate::base::finding::{Finding, Severity};
use crate::base::value::Value;
use crate::catalog::desired::StepCondition;
use crate::catalog::{methods, scope};
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "readiness-holds-nothing",
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Policy,
    says: "A `readiness` is in the same section as a step that it can hold.",
    help: "`readiness` holds `scope.users` where it lets more people reset, and `methods.required` where it goes up. There is nothing to hold, so that nobody is waited for, in a section of which the policy does not manage that setting, and in one with `users: none` or `required: 1`.",
    source: "docs/people.md",
    benchmark: &[],
    about: &[scope::USERS.name, methods::REQUIRED.name],
    broken: "methods:\n  required: 1\n  readiness: { able: 90% }",
    fixed: "methods:\n  required: 2\n  readiness: { able: 90% }",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let asks_nothing = |value: &Value| [Value::Text("none".to_owned()), Value::Number(1)].contains(value);
    let idle = |condition: &&StepCondition| {
        let mut managed = condition.settings.iter().filter_map(|setting| subject.desired(setting.name));
        managed.next().is_none_or(asks_nothing)
    };
    let StepCondition { settings, readiness: _, place } = subject.policy().conditions.iter().find(idle)?;
    let name = settings.first()?.name;
    let message = match subject.desired(name) {
        None => format!("this readiness holds nothing: the policy does not manage {name}"),
        Some(_) => format!("this readiness holds nothing: {name} asks nothing more of people"),
    };
    Some(
        Finding::warning(RULE.code, message)
            .at(place.clone(), "nobody is waited for")
            .hint(format!("write the step that is to wait in `{name}`, or leave `readiness` out")),
    )
}
