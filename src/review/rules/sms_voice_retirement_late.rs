//! No method for global administrators and external people relies on texts and calls.

use crate::base::finding::{Finding, Severity};
use crate::catalog::calendar;
use crate::catalog::methods;
use crate::review::retirement;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: calendar::SMS_VOICE_LATE,
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Policy,
    says: "Global administrators and external people do not rely on texts and calls when Microsoft stops delivering them to everybody else.",
    help: "Microsoft delivers texts and calls to global administrators and external people until 2027-07-01, to all others until 2027-02-01. One source says so. From the earlier date on the phones that a policy allows are for these people alone; from the later date on it is an error if too few other methods are allowed.",
    source: "Microsoft Entra questions and answers on the end of SMS and voice, 2026-09-23; one copy, and an older one does not have the date",
    benchmark: &[],
    about: &[methods::ALLOWED.name],
    broken: "methods:\n  allowed: [mobileAppCode, email, mobilePhone]",
    fixed: "methods:\n  allowed: [mobileAppCode, email]",
    check,
};

/// Before phones end for most people, `sms-voice-retirement` says everything.
fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let (ended, _) = subject.date(calendar::SMS_VOICE)?;
    retirement::finding(subject, RULE.code).filter(|_| ended)
}
