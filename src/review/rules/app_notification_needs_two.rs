//! In the legacy policy, app notifications are usable only when two methods are required.

use crate::base::finding::{Finding, Severity};
use crate::catalog::methods;
use crate::policy::document::Method;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "app-notification-needs-two",
    severity: Severity::Error,
    enforced: true,
    needs: RequiredFacts::Migration,
    says: "Where the legacy policy decides, app notifications are allowed only with two required methods.",
    help: "With one method required the legacy policy offers only the code of the app. Allow `mobileAppCode` instead, or require two methods. In a tenant that has migrated to the authentication methods policy the limit is not documented, so the rule says nothing there.",
    source: "How it works: self-service password reset (concept-sspr-howitworks), Mobile app and SSPR",
    benchmark: &[],
    about: &[methods::ALLOWED.name, methods::REQUIRED.name],
    broken: "methods:\n  required: 1\n  allowed: [mobileAppNotification, email]",
    fixed: "methods:\n  required: 1\n  allowed: [mobileAppCode, email]",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let (required, allowed) = (subject.number(methods::REQUIRED.name)?, subject.methods()?);
    if subject.legacy_decides() != Some(true) {
        return None;
    }
    let code = Method::MobileAppCode;
    let code = if allowed.contains(&code) { "the code is allowed already" } else { "allow mobileAppCode instead" };
    let method = allowed.into_iter().find(|method| required < method.spec().offered_from)?;
    let word = method.word();
    // What the policy does not list, it cannot remove.
    let way_out = match subject.manages(methods::ALLOWED.name) {
        true => format!("remove {word}; {code}"),
        false => format!("write `required: 2`, or list the methods under `allowed`, without {word}"),
    };
    Some(
        Finding::error(RULE.code, format!("{word} is allowed, but is not offered while one method is required"))
            .at(subject.method_place(method), "notification needs two methods")
            .hint(way_out),
    )
}
