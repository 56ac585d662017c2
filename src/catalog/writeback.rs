//! Password writeback to the on-premises directory: the portal's On-premises integration page.
//!
//! The service accepts one key in a request. A public client proved that `passwordWritebackSupported` switches writeback;
//! `enablementForTenant` seems to be a second name for it and is not written. That client sends the key in
//! another letter case than the service returns. This program uses the same two spellings, because only these are known to
//! work.

use crate::base::value::Value;
use crate::catalog::scalar::{decode_switch, encode_switch, in_section};
use crate::catalog::setting::{NoEffectReason, PortalPage, Setting, ValueKind};
use crate::tenant::surface::{AuditActivity, Surface};

const PASSWORDS_KEY: &str = "passwordWritebackSupported";
const PASSWORDS_SENT: &str = "passwordWriteBackSupported";
const UNLOCK_KEY: &str = "accountUnlockEnabled";
const SOURCE: &str = "Tutorial: enable password writeback (tutorial-enable-sspr-writeback)";

/// How a person switches the writeback client on, by the product that synchronises: no API does it. The cmdlets
/// are those of Microsoft's tutorials (tutorial-enable-sspr-writeback, tutorial-enable-cloud-sync-sspr-writeback).
pub(crate) const CLIENT_STEPS: [(&str, &str); 2] = [
    (
        "Entra Connect",
        "on its server, the wizard (Customize synchronization options, Optional features, Password writeback), or \
         `Set-ADSyncAADPasswordResetConfiguration -Connector \"TENANT.onmicrosoft.com - AAD\" -Enable $true`; \
         `Get-ADSyncConnector` lists the connectors",
    ),
    (
        "Cloud Sync",
        "on a server with the provisioning agent 1.1.977.0 or newer, after importing its module \
         Microsoft.CloudSync.Powershell.dll: `Set-AADCloudSyncPasswordWritebackConfiguration -Enable $true -Credential \
         $(Get-Credential)`",
    ),
];

/// Whether a new password is written to the on-premises directory.
pub(crate) static PASSWORDS: Setting = Setting {
    name: "writeback.passwords",
    page: PortalPage::OnPremisesIntegration,
    portal: "Write back passwords to your on-premises directory?",
    surface: Surface::OnPremisesPasswordReset,
    keys: &[PASSWORDS_KEY],
    kind: ValueKind::Switch,
    default: "",
    needs: &[],
    source: SOURCE,
    audit_names: &[],
    audit: Some(passwords_audit),
    delay_minutes: None,
    off_value: None,
    no_effect: &[NoEffectReason::NoWritebackLicence, NoEffectReason::NotSynchronised, NoEffectReason::NoClient],
    desired: |policy| in_section(&policy.writeback, |writeback| &writeback.passwords, |on| Value::Bool(*on)),
    decode: |document| decode_switch(document, PASSWORDS_KEY),
    encode: |value, _| encode_switch(value, PASSWORDS_SENT),
};

/// Whether people may unlock their account without a new password.
pub(crate) static UNLOCK_WITHOUT_RESET: Setting = Setting {
    name: "writeback.unlockWithoutReset",
    page: PortalPage::OnPremisesIntegration,
    portal: "Allow users to unlock accounts without resetting their password?",
    surface: Surface::OnPremisesPasswordReset,
    keys: &[UNLOCK_KEY],
    kind: ValueKind::Switch,
    default: "",
    needs: &[PASSWORDS.name],
    source: SOURCE,
    audit_names: &["EnableAccountUnlock"],
    audit: None,
    delay_minutes: None,
    off_value: None,
    no_effect: &[
        NoEffectReason::NoWritebackLicence,
        NoEffectReason::NotSynchronised,
        NoEffectReason::NoWriteback,
        NoEffectReason::NoClient,
    ],
    desired: |policy| in_section(&policy.writeback, |w| &w.unlock_without_reset, |on| Value::Bool(*on)),
    decode: |document| decode_switch(document, UNLOCK_KEY),
    encode: |value, _| encode_switch(value, UNLOCK_KEY),
};

/// Switching writeback has activities of its own; the portal logs `Update SSPR` as well.
fn passwords_audit(value: &Value) -> &'static [AuditActivity] {
    match value {
        Value::Bool(true) => &[AuditActivity::ENABLE_WRITEBACK, AuditActivity::UPDATE_SSPR],
        _ => &[AuditActivity::DISABLE_WRITEBACK, AuditActivity::UPDATE_SSPR],
    }
}
