//! People who have not registered are asked to when they sign in.

use crate::base::finding::{Finding, Severity};
use crate::catalog::calendar::REGISTERED_ONLY;
use crate::catalog::registration;
use crate::review::retirement::with_place_of_date;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "registration-not-required",
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Policy,
    says: "People who have not registered are asked to when they sign in.",
    help: "Without that only volunteers register, and the others find out when they need a reset. Since 2026-11-09 only registered methods count: a phone number or an address that the directory has of somebody no longer resets a password. Nothing else asks people to register: the campaign of October 2026 asks those alone whose tenant requires registration at sign-in.",
    source: "How it works: self-service password reset (concept-sspr-howitworks), Require users to register when they sign in; MC1325414",
    benchmark: &["CIS M365 v7 5.2.4.3"],
    about: &[registration::REQUIRED_AT_SIGN_IN.name],
    broken: "registration:\n  requiredAtSignIn: false",
    fixed: "registration:\n  requiredAtSignIn: true",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    (subject.sets_switch(registration::REQUIRED_AT_SIGN_IN.name, false)).then(|| {
        let finding =
            Finding::warning(RULE.code, format!("registration.requiredAtSignIn is false: {}", state(subject)))
                .at(subject.place(RULE.about), "only volunteers register")
                .hint("write `requiredAtSignIn: true`");
        match subject.date(REGISTERED_ONLY) {
            Some((_, entry)) => with_place_of_date(subject, entry, finding),
            None => finding,
        }
    })
}

/// What that means for people on the day on which the rules run.
fn state(subject: &RuleContext<'_>) -> String {
    const PLAIN: &str = "who has not registered cannot reset, and is never asked to";
    let Some((only, entry)) = subject.date(REGISTERED_ONLY) else { return PLAIN.to_owned() };
    let words = subject.date_words(entry);
    if only {
        format!("since {words} only registered methods count, and nothing else asks people to register")
    } else {
        format!("{PLAIN}; from {words} on only registered methods count")
    }
}
