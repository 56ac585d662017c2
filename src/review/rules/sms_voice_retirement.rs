//! No method relies on texts and calls, which Microsoft stops delivering.

use jiff::civil::{Date, date};

use crate::base::cloud::Cloud;
use crate::base::finding::{Finding, Severity};
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

/// From this day on nothing is delivered to most people.
const END: Date = date(2027, 2, 1);
/// From this day on nothing is delivered to global administrators and external users either.
const LAST_END: Date = date(2027, 7, 1);

pub(super) static RULE: Rule = Rule {
    code: "sms-voice-retirement",
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Policy,
    says: "No method relies on texts and calls, which Microsoft stops delivering.",
    help: "Microsoft ends its own delivery of texts and calls on 2027-02-01, for global administrators and external users on 2027-07-01. Whoever has registered nothing else cannot reset from then on. Let people register `mobileAppCode` and `email` in time, then take the phones out. Nothing is announced for other clouds than the public one.",
    source: "Microsoft Entra questions and answers on the end of SMS and voice, 2026-09-23; the public cloud alone",
    benchmark: &[],
    about: &["methods.allowed"],
    broken: "methods:\n  allowed: [mobileAppCode, email, mobilePhone]",
    fixed: "methods:\n  allowed: [mobileAppCode, email]",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    if subject.policy().cloud != Cloud::Global {
        return None;
    }
    let relied_on = subject.allowed(&["mobilePhone", "officePhone"]);
    let today = subject.today()?;
    let (_, first) = relied_on.first()?;
    let names: Vec<_> = relied_on.iter().map(|(name, _)| *name).collect();
    let message = format!("methods.allowed has {}, which Microsoft {}", names.join(" and "), fate(today));
    let finding = Finding::warning(RULE.code, message)
        .at((*first).clone(), "relied on by this policy")
        .hint("allow mobileAppCode and email, or waive the rule with a reason and an expiry");
    Some(relied_on.iter().skip(1).fold(finding, |finding, (_, place)| finding.also((*place).clone(), "and this")))
}

/// What has become of texts and calls by a day.
fn fate(today: Date) -> String {
    if today < END {
        format!("stops delivering on {END}")
    } else if today < LAST_END {
        format!("stopped delivering on {END}; global administrators and external users have it until {LAST_END}")
    } else {
        format!("delivers to nobody since {LAST_END}")
    }
}
