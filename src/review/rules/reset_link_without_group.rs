//! The link on the Windows sign-in screen goes to a group.

use crate::base::finding::{Finding, Severity};
use crate::catalog::windows_sign_in;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "reset-link-without-group",
    severity: Severity::Error,
    enforced: true,
    needs: RequiredFacts::Policy,
    says: "The reset link on the Windows sign-in screen is given to a group.",
    help: "Intune gives a configuration that is assigned to nobody to nobody. Name the group of the devices, or of their users, in `group`.",
    source: "Enable self-service password reset at the Windows sign-in screen (howto-sspr-windows)",
    benchmark: &[],
    about: &[windows_sign_in::RESET_LINK.name],
    broken: "windowsSignIn:\n  resetLink: true",
    fixed: "windowsSignIn:\n  resetLink: true\n  group: Windows devices",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let shown = subject.sets_switch(windows_sign_in::RESET_LINK.name, true);
    (shown && !subject.manages(windows_sign_in::GROUP.name)).then(|| {
        Finding::error(RULE.code, "windowsSignIn.resetLink is true, but no group gets it")
            .at(subject.place(RULE.about), "for nobody")
            .hint("name the group of the devices, or of their users, in `windowsSignIn.group`")
    })
}
