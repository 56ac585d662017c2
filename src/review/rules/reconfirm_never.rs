//! People are asked now and then whether what they registered is still right.

use crate::base::finding::{Finding, Severity};
use crate::base::value::Value;
use crate::catalog::registration;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "reconfirm-never",
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Policy,
    says: "People are asked now and then whether what they registered is still right.",
    help: "Phones and addresses change. With 0 days nobody is ever asked, and the old number stays a way in.",
    source: "How it works: self-service password reset (concept-sspr-howitworks), Set the number of days before users are asked to reconfirm",
    benchmark: &["CIS M365 v7 5.2.4.3"],
    about: &[registration::RECONFIRM_AFTER_DAYS.name],
    broken: "registration:\n  reconfirmAfterDays: 0",
    fixed: "registration:\n  reconfirmAfterDays: 180",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    (subject.desired(registration::RECONFIRM_AFTER_DAYS.name) == Some(&Value::Number(0))).then(|| {
        Finding::warning(RULE.code, "registration.reconfirmAfterDays is 0, which means never")
            .at(subject.place(RULE.about), "never asked again")
            .hint("write a number of days, such as 180")
    })
}
