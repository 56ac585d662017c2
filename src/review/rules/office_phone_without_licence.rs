//! Calls to the office phone are allowed only in a tenant with a paid subscription.

use crate::base::finding::{Finding, Severity};
use crate::catalog::methods;
use crate::policy::document::Method;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;
use crate::tenant::facts::ResetLicence;

pub(super) static RULE: Rule = Rule {
    code: "office-phone-without-licence",
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Licence,
    says: "Calls to the office phone are allowed only in a tenant with a paid subscription.",
    help: "Tenants on a free or trial subscription do not get calls, whatever the policy says.",
    source: "How it works: self-service password reset (concept-sspr-howitworks), Authentication methods",
    benchmark: &[],
    about: &[methods::ALLOWED.name],
    broken: "methods:\n  allowed: [mobileAppCode, email, officePhone]",
    fixed: "methods:\n  allowed: [mobileAppCode, email]",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let unlicensed = subject.facts().licence.is_some_and(|licence| licence.reset == ResetLicence::ChangeOnly);
    let (_, place) = subject.allowed(&[Method::OfficePhone]).pop().filter(|_| unlicensed)?;
    let finding = Finding::warning(RULE.code, "methods.allowed has officePhone, which needs a paid subscription")
        .at(place.clone(), "not offered in this tenant")
        .hint("remove officePhone, or buy a subscription that includes password reset");
    Some(finding)
}
