//! The server that writes passwords back has a version that Microsoft still takes.

use crate::base::finding::{Finding, Severity};
use crate::catalog::{calendar, writeback};
use crate::review::retirement::with_place_of_date;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: calendar::CONNECT,
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Hybrid,
    says: "The server that writes passwords back has a version that Microsoft still takes.",
    help: "Entra Connect Sync below 2.5.79.0 no longer synchronises since 2026-09-30; that it writes no passwords back either is assumed. No API shows the version of the server: look at it there, then waive the rule with the version as the reason. Cloud Sync is not concerned.",
    source: "Microsoft Learn, harden-update-ad-fs-pingfederate; two copies agree on date and version",
    benchmark: &[],
    about: &[writeback::PASSWORDS.name],
    broken: "writeback:\n  passwords: true",
    fixed: "writeback:\n  passwords: false",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let (ended, entry) = subject.date(RULE.code)?;
    let wanted = subject.sets_switch(writeback::PASSWORDS.name, true);
    let may_be_old =
        subject.facts().hybrid.is_some_and(|hybrid| hybrid.synchronised && hybrid.writeback_up != Some(true));
    let words = subject.date_words(entry);
    let state = if ended { format!("no longer synchronises since {words}") } else { format!("stops on {words}") };
    (wanted && may_be_old).then(|| {
        let message = format!("passwords are written back, and Entra Connect Sync below 2.5.79.0 {state}");
        let finding = Finding::warning(RULE.code, message)
            .at(subject.place(RULE.about), "the version of the server is not known")
            .hint("look at the version on the server, then waive the rule with it as the reason; Cloud Sync is not concerned");
        with_place_of_date(subject, entry, finding)
    })
}
