//! People who cannot help themselves find help.

use crate::base::finding::{Finding, Severity};
use crate::base::value::Value;
use crate::catalog::helpdesk;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "no-helpdesk-link",
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Policy,
    says: "People who cannot help themselves find help.",
    help: "Without a link of your own, \"Contact your administrator\" sends mail to every administrator of the tenant.",
    source: "Customize self-service password reset (howto-sspr-customization)",
    benchmark: &[],
    about: &[helpdesk::LINK.name],
    broken: "helpdesk:\n  link: none",
    fixed: "helpdesk:\n  link: https://help.contoso.com/password",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    (subject.desired(helpdesk::LINK.name) == Some(&Value::Unset)).then(|| {
        Finding::warning(RULE.code, "helpdesk.link is `none`: who cannot reset writes to every administrator")
            .at(subject.place(RULE.about), "no way to help")
            .hint("write the address of a page or a mailbox")
    })
}
