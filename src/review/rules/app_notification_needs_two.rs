//! App notifications are usable only when two methods are required.

use crate::base::finding::{Finding, Severity};
use crate::catalog::methods;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "app-notification-needs-two",
    severity: Severity::Error,
    enforced: true,
    needs: RequiredFacts::Policy,
    says: "App notifications are usable only when two methods are required.",
    help: "With one method required the service offers only the code of the app. Require two methods, or allow `mobileAppCode` instead.",
    source: "How it works: self-service password reset (concept-sspr-howitworks), Mobile app and SSPR",
    benchmark: &[],
    about: &[methods::ALLOWED.name, methods::REQUIRED.name],
    broken: "methods:\n  required: 1\n  allowed: [mobileAppNotification, email]",
    fixed: "methods:\n  required: 1\n  allowed: [mobileAppCode, email]",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let (required, allowed) = (subject.number(methods::REQUIRED.name)?, subject.methods()?);
    let method = allowed.into_iter().find(|method| required < method.spec().offered_from)?;
    let word = method.word();
    Some(
        Finding::error(RULE.code, format!("{word} is allowed, but is not offered while one method is required"))
            .at(subject.method_place(method), "notification needs two methods")
            .hint(format!("write `required: 2`, or allow mobileAppCode instead of {word}")),
    )
}
