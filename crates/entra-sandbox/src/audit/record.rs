//! The events that changes to policies leave in the audit log.

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::audit::event::{Actor, EventKind, Target, event};
use crate::methods::RESET_METHODS;
use crate::methods::policy::{MethodsPolicy, id_of};
use crate::state::raw_json::RawJson;
use crate::state::tenant::Tenant;

const MAX_EVENTS: usize = 10_000;

const PASSWORD_RESET: &str = "Self-service Password Management";
const SETTINGS: EventKind = EventKind {
    service: PASSWORD_RESET,
    activity: "Update SSPR Settings",
    category: "PolicyManagement",
    operation: "Update",
};
const WRITEBACK_ON: EventKind =
    EventKind { activity: "Enable password writeback for directory", category: "DirectoryManagement", ..SETTINGS };
const WRITEBACK_OFF: EventKind = EventKind { activity: "Disable password writeback for directory", ..WRITEBACK_ON };
const AUTHORIZATION: EventKind = EventKind {
    service: "Core Directory",
    activity: "Update authorization policy",
    category: "AuthorizationPolicy",
    operation: "Update",
};
const METHODS: EventKind = EventKind {
    service: "Authentication Methods",
    activity: "Authentication Methods Policy Update",
    category: "ApplicationManagement",
    operation: "Update",
};
const METHODS_RESET: EventKind = EventKind { activity: "Authentication Methods Policy Reset", ..METHODS };

const ACCESS: EventKind = EventKind {
    service: "Conditional Access",
    activity: "Update conditional access policy",
    category: "Policy",
    operation: "Update",
};
const ACCESS_ADDED: EventKind = EventKind { activity: "Add conditional access policy", operation: "Add", ..ACCESS };

/// Names of keys in the audit log that differ from those of the documents. A key that is not here has the name of the
/// document, because no other one is published.
const NAMES: [(&str, &str); 11] = [
    ("enablementType", "EnablementForUsers"),
    ("numberOfAuthenticationMethodsRequired", "NumberOfRequiredContactMethodsForUsers"),
    ("numberOfQuestionsToRegister", "NumberOfSecurityQuestionsToRegister"),
    ("numberOfQuestionsToReset", "NumberOfSecurityQuestionsToVerify"),
    ("registrationRequiredOnSignIn", "EnforcedRegistrationEnablementForUsers"),
    ("registrationReconfirmIntevalInDays", "EnforcedRegistrationIntervalInDaysForUsers"),
    ("notifyUsersOnPasswordReset", "NotifyUsersOfReset"),
    ("notifyOnAdminPasswordReset", "NotifyTenantAdminOfReset"),
    ("customizeHelpdeskLink", "CustomizeContactAdminLink"),
    ("customHelpdeskEmailOrUrl", "CustomContactAdminLink"),
    ("accountUnlockEnabled", "EnableAccountUnlock"),
];
/// The words for the scope, by the number in the document.
const SCOPES: [&str; 3] = ["None", "Selected", "All"];
/// The key whose switch is logged as yes or no.
const REGISTRATION: &str = "registrationRequiredOnSignIn";
/// The property of the directory's own events that lists the names of the others.
const INCLUDED: &str = "Included Updated Properties";

/// A property with its name and its values before and after.
type Change = (String, Option<String>, Option<String>);

/// Records how a tenant differs from its state before. `reset` says that a method was reset to its default.
pub(crate) fn record_changes(tenant: &mut Tenant, before: &Tenant, actor: &Actor, now: Timestamp, reset: bool) {
    let mut events: Vec<(EventKind, Target)> = Vec::new();
    let own = |name: &str, kind, changes| Target { id: None, name: Some(name.to_owned()), kind, changes };
    let mut settings = changed_settings(&before.password_reset, &tenant.password_reset);
    for (key, old, new) in changed_keys(&before.on_premises, &tenant.on_premises) {
        if key == "passwordWritebackSupported" {
            let kind = if new.as_deref() == Some("true") { WRITEBACK_ON } else { WRITEBACK_OFF };
            events.push((kind, own("Directory", "Directory", vec![(key, old, new)])));
        } else {
            settings.push(setting_change((key, old, new)));
        }
    }
    if !settings.is_empty() {
        events.push((SETTINGS, own("SSPR Policy", "Policy", settings)));
    }
    let authorization = changed_keys(&before.authorization, &tenant.authorization);
    if !authorization.is_empty() {
        events.push((AUTHORIZATION, own("Authorization Policy", "Policy", directory_changes(authorization))));
    }
    let methods = changed_configurations(&before.methods, &tenant.methods);
    if !methods.is_empty() {
        let kind = if reset { METHODS_RESET } else { METHODS };
        events.push((kind, own("Authentication Methods Policy", "Policy", methods)));
    }
    for (kind, target) in events {
        append(tenant, kind, actor, &target, now);
    }
}

/// Records every Conditional Access policy that differs, with its old and new text.
pub(crate) fn record_access_policies(tenant: &mut Tenant, before: &Tenant, actor: &Actor, now: Timestamp) {
    let changed: Vec<Value> =
        tenant.access_policies.iter().filter(|policy| !before.access_policies.contains(policy)).cloned().collect();
    for policy in changed {
        let old = before.access_policies.iter().find(|known| known["id"] == policy["id"]);
        let text = |key: &str| policy[key].as_str().map(str::to_owned);
        let change = ("ConditionalAccessPolicy".to_owned(), old.map(Value::to_string), Some(policy.to_string()));
        let target = Target { id: text("id"), name: text("displayName"), kind: "Policy", changes: vec![change] };
        append(tenant, if old.is_some() { ACCESS } else { ACCESS_ADDED }, actor, &target, now);
    }
}

/// Appends an event, and removes the oldest beyond [`MAX_EVENTS`].
pub(crate) fn append(tenant: &mut Tenant, kind: EventKind, actor: &Actor, target: &Target, now: Timestamp) {
    tenant.audit.push(event(kind, actor, target, Uuid::new_v4(), now));
    let surplus = tenant.audit.len().saturating_sub(MAX_EVENTS);
    tenant.audit.drain(..surplus);
}

/// A change of the password reset policy or of its on-premises part, in the words of the audit log.
fn setting_change((key, old, new): Change) -> Change {
    let name = NAMES.iter().find(|(wire, _)| *wire == key).map_or(key.as_str(), |(_, name)| *name).to_owned();
    let word = |text: String| setting_word(&key, text);
    (name, old.map(word), new.map(word))
}

/// The value of a key as the audit log has it: a word is JSON text, so that it has quotation marks of its own.
fn setting_word(key: &str, text: String) -> String {
    let word = match serde_json::from_str(&text) {
        Ok(Value::Bool(on)) if key == REGISTRATION => if on { "Yes" } else { "No" }.to_owned(),
        Ok(Value::Bool(on)) => if on { "True" } else { "False" }.to_owned(),
        Ok(Value::Number(number)) if key == "enablementType" => {
            let scope = number.as_u64().and_then(|number| SCOPES.get(usize::try_from(number).ok()?));
            scope.map_or_else(|| number.to_string(), |word| (*word).to_owned())
        }
        Ok(Value::Number(number)) => number.to_string(),
        Ok(Value::String(word)) => word,
        Ok(Value::Null | Value::Array(_) | Value::Object(_)) | Err(_) => return text,
    };
    Value::from(word).to_string()
}

/// Changes as the directory's own events have them: names begin with a capital, values are lists, and one more property has
/// the names of the others.
fn directory_changes(changes: Vec<Change>) -> Vec<Change> {
    let capital = |key: &str| {
        let (first, rest) = key.split_at_checked(1).unwrap_or((key, ""));
        format!("{}{rest}", first.to_uppercase())
    };
    let list = |text: Option<String>| Some(format!("[{}]", text.unwrap_or_default()));
    let mut all: Vec<Change> =
        changes.into_iter().map(|(key, old, new)| (capital(&key), list(old), list(new))).collect();
    let names: Vec<&str> = all.iter().map(|(name, ..)| name.as_str()).collect();
    all.push((INCLUDED.to_owned(), None, Some(Value::from(names.join(", ")).to_string())));
    all
}

/// The keys whose values differ.
fn changed_keys(old: &RawJson, new: &RawJson) -> Vec<Change> {
    let text = |raw: &RawJson, key: &str| raw.get(key).map(str::to_owned);
    let gone = old.entries().filter(|(key, _)| new.get(key).is_none());
    let keys = new.entries().chain(gone).map(|(key, _)| key);
    keys.filter(|key| old.get(key) != new.get(key))
        .map(|key| (key.to_owned(), text(old, key), text(new, key)))
        .collect()
}

fn changed_settings(old: &RawJson, new: &RawJson) -> Vec<Change> {
    let is_method = |key: &str| RESET_METHODS.iter().any(|method| method.enabled_key == key);
    let (flags, rest): (Vec<Change>, Vec<Change>) =
        changed_keys(old, new).into_iter().partition(|(key, ..)| is_method(key));
    let mut rest: Vec<Change> = rest.into_iter().map(setting_change).collect();
    if !flags.is_empty() {
        let selected = |policy: &RawJson| {
            let on = RESET_METHODS.iter().filter(|method| policy.read(method.enabled_key) == Some(true));
            let words: Vec<&str> = on.flat_map(|method| method.audit_words).copied().collect();
            let words = if words.is_empty() { "None".to_owned() } else { words.join(", ") };
            Some(Value::from(words).to_string())
        };
        rest.push(("SelectedContactMethodsForUsers".to_owned(), selected(old), selected(new)));
    }
    rest
}

/// The configurations that differ, each with the properties that do.
fn changed_configurations(old: &MethodsPolicy, new: &MethodsPolicy) -> Vec<Change> {
    let is_timestamp = |key: &str| key == "lastModifiedDateTime";
    let mut changes = changed_keys(&old.policy, &new.policy);
    changes.retain(|(key, ..)| !is_timestamp(key));
    let gone = old.configurations.iter().filter(|one| new.configuration(&id_of(one)).is_none());
    for id in new.configurations.iter().chain(gone).map(id_of) {
        let nothing = RawJson::default();
        let before = old.configuration(&id).unwrap_or(&nothing);
        let changed = changed_keys(before, new.configuration(&id).unwrap_or(&nothing));
        let side = |pick: fn(&Change) -> &Option<String>| {
            let mut shown = RawJson::default();
            for change in &changed {
                if let Some(text) = pick(change) {
                    shown.set_text(&change.0, text);
                }
            }
            Some(shown.text())
        };
        if !changed.is_empty() {
            changes.push((id, side(|change| &change.1), side(|change| &change.2)));
        }
    }
    changes
}
