//! The helpdesk link is an http or https address, an e-mail address, or `none`.

use url::Url;

use crate::base::finding::{Finding, Severity};
use crate::base::value::Value;
use crate::catalog::helpdesk;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "helpdesk-link-invalid",
    severity: Severity::Error,
    enforced: true,
    needs: RequiredFacts::Policy,
    says: "The helpdesk link is an http or https address, an e-mail address, or `none`.",
    help: "Anything else would lead people nowhere.",
    source: "Customize self-service password reset (howto-sspr-customization)",
    benchmark: &[],
    about: &[helpdesk::LINK.name],
    broken: "helpdesk:\n  link: helpdesk@192.0.2.1",
    fixed: "helpdesk:\n  link: helpdesk@contoso.com",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let Some(Value::Text(link)) = subject.value(helpdesk::LINK.name) else { return None };
    // Parsers of addresses take some of them; what shows the link may act on them.
    if subject.manages(helpdesk::LINK.name) && link.contains(char::is_control) {
        let finding = Finding::error(RULE.code, "helpdesk.link has a control character")
            .at(subject.place(RULE.about), "no address has one")
            .hint("write the address again by hand, on one line");
        return Some(finding);
    }
    let usable = is_web_address(link) || is_mail_address(link);
    (subject.manages(helpdesk::LINK.name) && !usable).then(|| {
        Finding::error(RULE.code, "helpdesk.link is neither an http or https address nor an e-mail address")
            .at(subject.place(RULE.about), "leads nowhere")
            .hint("write an address such as https://help.contoso.com/password or helpdesk@contoso.com, or `none`")
    })
}

fn is_web_address(link: &str) -> bool {
    Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn is_mail_address(link: &str) -> bool {
    // The part behind the @ must be a host; what is before it is the mail server's business.
    link.rsplit_once('@').is_some_and(|(mailbox, host)| {
        !mailbox.is_empty()
            && host.contains('.')
            && url::Host::parse(host).is_ok_and(|host| matches!(host, url::Host::Domain(_)))
    })
}
