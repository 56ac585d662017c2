//! People are asked at least once a year whether what they registered is still right.

use crate::base::finding::{Finding, Severity};
use crate::base::value::Value;
use crate::catalog::registration;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

/// Days that may pass, at most.
const LONGEST: u32 = 365;

pub(super) static RULE: Rule = Rule {
    code: "reconfirm-too-long",
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Policy,
    says: "People are asked at least once a year whether what they registered is still right.",
    help: "Whoever changes phones every other year is asked too late. 180 days is the default of the service.",
    source: "How it works: self-service password reset (concept-sspr-howitworks), Set the number of days before users are asked to reconfirm",
    benchmark: &[],
    about: &[registration::RECONFIRM_AFTER_DAYS.name],
    broken: "registration:\n  reconfirmAfterDays: 730",
    fixed: "registration:\n  reconfirmAfterDays: 365",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let Some(Value::Number(days)) = subject.desired(registration::RECONFIRM_AFTER_DAYS.name) else { return None };
    (*days > LONGEST).then(|| {
        Finding::warning(RULE.code, format!("registration.reconfirmAfterDays is {days}, which is more than a year"))
            .at(subject.place(RULE.about), "asked too late")
            .hint(format!("write at most {LONGEST}, better 180"))
    })
}
