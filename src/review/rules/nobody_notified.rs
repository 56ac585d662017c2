//! Administrators are notified when another administrator resets a password of their own.

use crate::base::finding::{Finding, Severity};
use crate::catalog::notifications;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "nobody-notified",
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Policy,
    says: "Administrators are notified when another administrator resets a password of their own.",
    help: "The account of an administrator is worth the most to a thief; the others are the first who can do something.",
    source: "How it works: self-service password reset (concept-sspr-howitworks), Notifications",
    benchmark: &["CIS M365 v7 5.2.4.5"],
    about: &[notifications::ADMINISTRATORS.name],
    broken: "notifications:\n  administrators: false",
    fixed: "notifications:\n  administrators: true",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    (subject.sets_switch(notifications::ADMINISTRATORS.name, false)).then(|| {
        Finding::warning(
            RULE.code,
            "notifications.administrators is false: nobody learns that an administrator reset a password",
        )
        .at(subject.place(RULE.about), "nobody is notified")
        .hint("write `administrators: true`")
    })
}
