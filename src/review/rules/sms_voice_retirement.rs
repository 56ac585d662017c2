//! No method relies on texts and calls, which Microsoft stops delivering.

use jiff::civil::Date;

use crate::base::cloud::Cloud;
use crate::base::finding::{Finding, Severity};
use crate::catalog::methods;
use crate::catalog::methods::Retirement;
use crate::policy::document::Method;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "sms-voice-retirement",
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Policy,
    says: "No method relies on texts and calls, which Microsoft stops delivering.",
    help: "Microsoft ends its own delivery of texts and calls on 2027-02-01, for global administrators and external users on 2027-07-01. Whoever has registered nothing else cannot reset from then on. Let people register `mobileAppCode` and `email` in time, then remove the phones. Nothing is announced for other clouds than the public one.",
    source: "Microsoft Entra questions and answers on the end of SMS and voice, 2026-09-23; the public cloud alone",
    benchmark: &[],
    about: &[methods::ALLOWED.name],
    broken: "methods:\n  allowed: [mobileAppCode, email, mobilePhone]",
    fixed: "methods:\n  allowed: [mobileAppCode, email]",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    if subject.policy().cloud != Cloud::Global {
        return None;
    }
    let retiring: Vec<_> = Method::ALL.into_iter().filter(|method| method.spec().retirement.is_some()).collect();
    let relied_on = subject.allowed(&retiring);
    let today = subject.today()?;
    let (method, first) = relied_on.first()?;
    let state = delivery(method.spec().retirement?, today);
    let names: Vec<_> = relied_on.iter().map(|(method, _)| method.word()).collect();
    let message = format!("methods.allowed has {}, which Microsoft {state}", names.join(" and "));
    let finding = Finding::warning(RULE.code, message)
        .at((*first).clone(), "relied on by this policy")
        .hint("allow mobileAppCode and email, or waive the rule with a reason and an expiry");
    Some(relied_on.iter().skip(1).fold(finding, |finding, (_, place)| finding.also((*place).clone(), "and this")))
}

/// Whether Microsoft delivers texts and calls on `today`, as the end of a sentence.
fn delivery(retirement: Retirement, today: Date) -> String {
    let Retirement { most_users, all_users } = retirement;
    if today < most_users {
        format!("stops delivering on {most_users}")
    } else if today < all_users {
        format!(
            "stopped delivering on {most_users}; global administrators and external users have it until {all_users}"
        )
    } else {
        format!("delivers to nobody since {all_users}")
    }
}
