//! No method relies on texts and calls, which Microsoft stops delivering.

use crate::base::finding::{Finding, Severity};
use crate::catalog::calendar;
use crate::catalog::methods;
use crate::review::retirement;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: calendar::SMS_VOICE,
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Policy,
    says: "No method relies on texts and calls, which Microsoft stops delivering.",
    help: "Microsoft ends its own delivery of texts and calls on 2027-02-01, for global administrators and external users on 2027-07-01. Whoever has registered nothing else cannot reset from then on. Let people register `mobileAppCode` and `email` in time, then remove the phones. From that day on it is an error if too few other methods are allowed. Nothing is announced for other clouds than the public one. Where a telephony provider of the tenant's own sends texts or calls, say so in `calendar` of `ssprctl.yaml` (docs/calendar.md).",
    source: "Microsoft Entra questions and answers on the end of SMS and voice, 2026-09-23; the public cloud alone",
    benchmark: &[],
    about: &[methods::ALLOWED.name],
    broken: "methods:\n  allowed: [mobileAppCode, email, mobilePhone]",
    fixed: "methods:\n  allowed: [mobileAppCode, email]",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    retirement::finding(subject, RULE.code)
}
