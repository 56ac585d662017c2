//! Nobody signs in with a text message, which Microsoft ends.

use crate::base::finding::{Finding, Severity};
use crate::catalog::{calendar, methods};
use crate::review::retirement::with_place_of_date;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: calendar::SMS_SIGN_IN,
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::SmsSignIn,
    says: "Nobody signs in with a text message, which Microsoft ends.",
    help: "A text message as the first factor of signing in ends together with Microsoft's texts and calls, also where a provider of the tenant's own sends them. One source says so. Switch the use for sign-in off for every target of `Sms` in the authentication methods policy; targets that ssprctl adds have it off. It is about signing in: the number of methods for a reset does not depend on it.",
    source: "Phone providers: questions and answers, 2026-09-20; one copy",
    benchmark: &[],
    about: &[methods::ALLOWED.name],
    broken: "methods:\n  allowed: [mobileAppCode, email]",
    fixed: "methods:\n  required: 2",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let (ended, entry) = subject.date(RULE.code)?;
    let signs_in = subject.facts().sms_sign_in == Some(true) && subject.manages(methods::ALLOWED.name);
    let words = subject.date_words(entry);
    let state = if ended { format!("ended on {words}") } else { format!("ends on {words}") };
    signs_in.then(|| {
        let message = format!("a target of `Sms` lets people sign in with a text message, which {state}");
        let finding = Finding::warning(RULE.code, message)
            .at(subject.place(RULE.about), "the tenant's methods sign people in, too")
            .hint("switch off use for sign-in of every target of `Sms`, or waive the rule with a reason and an expiry");
        with_place_of_date(subject, entry, finding)
    })
}
