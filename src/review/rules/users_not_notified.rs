//! People are notified when their password was reset.

use crate::base::finding::{Finding, Severity};
use crate::catalog::notifications;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "users-not-notified",
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Policy,
    says: "People are notified when their password was reset.",
    help: "The first to notice an unexpected reset is the person whose password was reset.",
    source: "How it works: self-service password reset (concept-sspr-howitworks), Notifications",
    benchmark: &["CIS M365 v7 5.2.4.4"],
    about: &[notifications::USERS.name],
    broken: "notifications:\n  users: false",
    fixed: "notifications:\n  users: true",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    (subject.sets_switch(notifications::USERS.name, false)).then(|| {
        Finding::warning(RULE.code, "notifications.users is false: nobody learns that their own password was reset")
            .at(subject.place(RULE.about), "nobody is notified")
            .hint("write `users: true`")
    })
}
