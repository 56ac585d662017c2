//! Who is notified of a reset: the portal's Notifications page.

use crate::base::value::Value;
use crate::catalog::scalar::{decode_switch, encode_switch, in_section};
use crate::catalog::setting::{NoEffectReason, PortalPage, Setting, ValueKind};
use crate::tenant::surface::Surface;

const USERS_KEY: &str = "notifyUsersOnPasswordReset";
const ADMINISTRATORS_KEY: &str = "notifyOnAdminPasswordReset";

/// Whether people are notified when their own password is reset.
pub(crate) static USERS: Setting = Setting {
    name: "notifications.users",
    page: PortalPage::Notifications,
    portal: "Notify users on password resets?",
    surface: Surface::PasswordReset,
    keys: &[USERS_KEY],
    kind: ValueKind::Switch,
    default: "true",
    needs: &[],
    source: "How it works: self-service password reset (concept-sspr-howitworks)",
    audit_names: &["NotifyUsersOfReset"],
    audit: None,
    delay_minutes: None,
    off_value: None,
    no_effect: &[],
    desired: |policy| in_section(&policy.notifications, |n| &n.users, |on| Value::Bool(*on)),
    decode: |document| decode_switch(document, USERS_KEY),
    encode: |value, _| encode_switch(value, USERS_KEY),
};

/// Whether all global administrators are notified when an administrator resets their own password.
pub(crate) static ADMINISTRATORS: Setting = Setting {
    name: "notifications.administrators",
    page: PortalPage::Notifications,
    portal: "Notify all admins when other admins reset their password?",
    surface: Surface::PasswordReset,
    keys: &[ADMINISTRATORS_KEY],
    kind: ValueKind::Switch,
    default: "false",
    needs: &[],
    source: "How it works: self-service password reset (concept-sspr-howitworks)",
    audit_names: &["NotifyTenantAdminOfReset"],
    audit: None,
    delay_minutes: None,
    off_value: None,
    no_effect: &[NoEffectReason::NoAdministrators],
    desired: |policy| in_section(&policy.notifications, |n| &n.administrators, |on| Value::Bool(*on)),
    decode: |document| decode_switch(document, ADMINISTRATORS_KEY),
    encode: |value, _| encode_switch(value, ADMINISTRATORS_KEY),
};
