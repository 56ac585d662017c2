//! Passwords are written back by a client on a server, which only a person can switch on.

use crate::base::finding::{Finding, Severity};
use crate::catalog::writeback;
use crate::catalog::writeback::CLIENT_STEPS;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "writeback-client-missing",
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Hybrid,
    says: "Passwords are written back by a client that a person switches on, on a server.",
    help: "The portal says that no writeback client is connected, so nothing is written back whatever the policy says. With \
           Entra Connect: on its server, the wizard (Customize synchronization options, Optional features, Password writeback), \
           or `Set-ADSyncAADPasswordResetConfiguration -Connector \"TENANT.onmicrosoft.com - AAD\" -Enable $true`. With Cloud \
           Sync: on a server with the provisioning agent 1.1.977.0 or newer, \
           `Set-AADCloudSyncPasswordWritebackConfiguration -Enable $true -Credential $(Get-Credential)`.",
    source: "Tutorials: enable password writeback (tutorial-enable-sspr-writeback, tutorial-enable-cloud-sync-sspr-writeback)",
    benchmark: &[],
    about: &[writeback::PASSWORDS.name, writeback::UNLOCK_WITHOUT_RESET.name],
    broken: "writeback:\n  passwords: true",
    fixed: "writeback:\n  passwords: false",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let wanted = RULE.about.iter().copied().find(|name| subject.sets_switch(name, true))?;
    let missing =
        subject.facts().hybrid.is_some_and(|hybrid| hybrid.synchronised && hybrid.writeback_up == Some(false));
    let steps = CLIENT_STEPS.map(|(which, step)| format!("with {which}: {step}"));
    missing.then(|| {
        Finding::warning(RULE.code, format!("{wanted} is true, but no writeback client is connected to the tenant"))
            .at(subject.place(&[wanted]), "nothing writes back")
            .hint(steps.join("; "))
    })
}
