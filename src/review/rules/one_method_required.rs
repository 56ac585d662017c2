//! A reset takes two methods.

use crate::base::finding::{Finding, Severity};
use crate::base::value::Value;
use crate::catalog::methods;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "one-method-required",
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Policy,
    says: "A reset takes two methods.",
    help: "With one method, whoever gets hold of a phone or a mailbox takes the account over. Before you go from 1 to 2, let people register a second method: whoever has only one cannot reset until then.",
    source: "How it works: self-service password reset (concept-sspr-howitworks)",
    benchmark: &["CIS M365 v7 5.2.4.2"],
    about: &[methods::REQUIRED.name],
    broken: "methods:\n  required: 1",
    fixed: "methods:\n  required: 2",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    (subject.desired(methods::REQUIRED.name) == Some(&Value::Number(1))).then(|| {
        Finding::warning(
            RULE.code,
            "methods.required is 1: one lost phone or mailbox is enough to take an account over",
        )
        .at(subject.place(RULE.about), "one method is enough")
        .hint("write `required: 2` once people have registered a second method")
    })
}
