//! In the legacy policy, Authenticator app methods never make up the required number alone, nor with only one other when two
//! are required.

use crate::base::finding::{Finding, Severity};
use crate::catalog::methods;
use crate::catalog::methods::APP;
use crate::policy::document::Method;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "app-method-alone",
    severity: Severity::Error,
    enforced: true,
    needs: RequiredFacts::Migration,
    says: "Where the legacy policy decides, methods of the Authenticator app are not alone, nor with only one other when two are required.",
    help: "The page of the legacy policy counts the app as one method and asks for as many other methods as a reset requires: one with `required: 1`, two with `required: 2`. No such refusal is known in a tenant that has migrated to the authentication methods policy, so the rule says nothing there, nor while the state of the migration is not known.",
    source: "How it works: self-service password reset (concept-sspr-howitworks), Mobile app and SSPR",
    benchmark: &[],
    about: &[methods::ALLOWED.name, methods::REQUIRED.name],
    broken: "methods:\n  required: 2\n  allowed: [mobileAppNotification, email]",
    fixed: "methods:\n  required: 2\n  allowed: [mobileAppNotification, email, mobilePhone]",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let (required, allowed) = (subject.number(methods::REQUIRED.name)?, subject.methods()?);
    if subject.legacy_decides() != Some(true) {
        return None;
    }
    let hint = match subject.addable(&allowed, &[Method::Email, Method::MobilePhone, Method::OfficePhone]).first() {
        Some(word) => format!("allow {word}"),
        None => "write `required: 1`, or complete the migration to the authentication methods policy".to_owned(),
    };
    let others = allowed.iter().filter(|method| method.spec().counts_as != APP).count();
    let has_app = others < allowed.len();
    (has_app && allowed.len() >= required as usize && others < required as usize).then(|| {
        let message = format!("the Authenticator app needs {required} more methods, but methods.allowed has {others}");
        Finding::error(RULE.code, message.replace("1 more methods", "1 more method"))
            .at(subject.place(RULE.about), "all methods of the app count as one")
            .hint(hint)
    })
}
