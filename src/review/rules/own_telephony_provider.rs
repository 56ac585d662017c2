//! A telephony provider is only named where there can be one.

use crate::base::finding::{Finding, Severity};
use crate::catalog::calendar::{self, PHONES};
use crate::catalog::methods;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: calendar::OWN_PROVIDER,
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Policy,
    says: "A telephony provider of the tenant's own is only named where there can be one.",
    help: "`calendar` of `ssprctl.yaml` names a telephony provider for the tenant, and Microsoft takes such providers in the public cloud alone, since 2026-10-30. What the file says has no effect; the phones of the policy come from Microsoft.",
    source: "Phone providers: questions and answers, 2026-09-20; entra-docs concept-phone-providers, 2026-09-23",
    benchmark: &[],
    about: &[methods::ALLOWED.name],
    broken: "cloud: usGov\nmethods:\n  allowed: [mobileAppCode, email, mobilePhone]",
    fixed: "cloud: usGov\nmethods:\n  allowed: [mobileAppCode, email]",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let (today, calendar) = (subject.today()?, subject.calendar());
    let provider = calendar.provider.as_ref().filter(|_| calendar.provider_at(today).is_none())?;
    let listed = subject.allowed(PHONES);
    let (method, place) = listed.first()?;
    let why = match subject.date(RULE.code) {
        None => format!("which the cloud {} does not take", subject.policy().cloud.name()),
        Some((_, entry)) => format!("which Microsoft takes from {} on", subject.date_words(entry)),
    };
    let message = format!("ssprctl.yaml names a telephony provider for {}, {why}", method.word());
    let finding = Finding::warning(RULE.code, message)
        .at((*place).clone(), "not sent by it")
        .hint("leave `provider` out of `ssprctl.yaml`, or name there with `tenants` those that have one");
    Some(match &provider.place {
        Some(named) => finding.also(named.clone(), "names the provider"),
        None => finding,
    })
}
