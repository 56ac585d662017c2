//! The link "Reset password" on the Windows sign-in screen: one custom configuration of Microsoft Intune, and the group that
//! gets it.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::base::ids::ObjectId;
use crate::base::value::Value;
use crate::catalog::scalar::in_section;
use crate::catalog::setting::{NoEffectReason, PortalPage, Setting, ValueKind};
use crate::tenant::device_configuration::{self, ADDRESSES, ASSIGNMENTS, MARK, SETTINGS, TYPE};
use crate::tenant::document::{DecodeError, Document, Patch};
use crate::tenant::managed_object;
use crate::tenant::surface::Surface;

const NAME: &str = "displayName";
const TYPE_KEY: &str = "@odata.type";
const GROUP_TARGET: &str = "#microsoft.graph.groupAssignmentTarget";
const SOURCE: &str = "Enable self-service password reset at the Windows sign-in screen (howto-sspr-windows); Microsoft Graph \
                      windows10CustomConfiguration";
/// Keys that the service adds to a setting and does not accept.
const READ_ONLY: [&str; 2] = ["isEncrypted", "secretReferenceValueId"];

/// Whether the sign-in screen shows the link.
pub(crate) static RESET_LINK: Setting = Setting {
    name: "windowsSignIn.resetLink",
    page: PortalPage::DeviceConfiguration,
    portal: "Devices, Windows, Configuration: Custom, OMA-URI Authentication/AllowAadPasswordReset",
    surface: Surface::DeviceConfiguration,
    keys: &[SETTINGS],
    kind: ValueKind::Switch,
    default: "false",
    needs: &[],
    source: SOURCE,
    audit_names: &[],
    audit: None,
    delay_minutes: None,
    off_value: Some(|| Value::Bool(false)),
    no_effect: &[NoEffectReason::LinkOff, NoEffectReason::NotAssigned],
    desired: |policy| in_section(&policy.windows_sign_in, |screen| &screen.reset_link, |on| Value::Bool(*on)),
    decode: decode_link,
    encode: |value, document| match value {
        Value::Bool(on) => encode_link(*on, document),
        _ => Vec::new(),
    },
};

/// The group whose devices, or whose members' devices, show the link.
pub(crate) static GROUP: Setting = Setting {
    name: "windowsSignIn.group",
    page: PortalPage::DeviceConfiguration,
    portal: "Assignments: Included groups",
    surface: Surface::DeviceConfiguration,
    keys: &[ASSIGNMENTS],
    kind: ValueKind::Group,
    default: "none",
    needs: &[RESET_LINK.name],
    source: SOURCE,
    audit_names: &[],
    audit: None,
    delay_minutes: None,
    off_value: None,
    no_effect: &[NoEffectReason::LinkOff, NoEffectReason::NotAssigned],
    desired: |policy| {
        let value = |group: &String| group.parse().map_or_else(|_| Value::GroupName(group.clone()), Value::Group);
        in_section(&policy.windows_sign_in, |screen| &screen.group, value)
    },
    decode: decode_group,
    encode: |value, _| match value {
        Value::Group(id) => vec![Patch { key: ASSIGNMENTS, value: json!([target(*id)]) }],
        Value::Unset => vec![Patch { key: ASSIGNMENTS, value: json!([]) }],
        _ => Vec::new(),
    },
};

fn target(group: ObjectId) -> Json {
    json!({ "target": { "@odata.type": GROUP_TARGET, "groupId": group } })
}

/// Whether the link is on. An unmanaged configuration, which is read only to be adopted, has a text instead, so that it always
/// differs from the desired value.
fn decode_link(document: &Document) -> Result<Value, DecodeError> {
    if !managed_object::exists(document) {
        return Ok(Value::Bool(false));
    }
    let settings = settings(document)?;
    let name = managed_object::name(document);
    if !name.contains(MARK) {
        return Ok(Value::Text(format!("as somebody else's configuration has it: {name}")));
    }
    let on = settings.iter().any(|setting| device_configuration::is_link(setting) && setting["value"] == json!(1));
    Ok(Value::Bool(on))
}

fn settings(document: &Document) -> Result<Vec<Json>, DecodeError> {
    const EXPECTED: &str = "a list of settings that are not secret";
    let settings: Vec<Json> = document.get(SETTINGS, EXPECTED)?;
    // The service masks the values of secret settings, so sending them back would destroy them. Only beta says which
    // settings are secret; elsewhere the mask is the only sign.
    let masked = |value: &str| !value.is_empty() && value.chars().all(|mark| mark == '*');
    let secret =
        |setting: &Json| setting["isEncrypted"] == json!(true) || setting["value"].as_str().is_some_and(masked);
    if settings.iter().any(secret) {
        let found = "with a secret setting that somebody has added".to_owned();
        return Err(DecodeError { key: SETTINGS.to_owned(), found, expected: EXPECTED });
    }
    Ok(settings)
}

/// Off is the value 0. Deleting the configuration instead would leave the link on some devices.
fn encode_link(on: bool, document: &Document) -> Vec<Patch> {
    let mut found = false;
    let mut list: Vec<Json> = Vec::new();
    for setting in settings(document).unwrap_or_default() {
        if device_configuration::is_link(&setting) {
            found = true;
            list.push(link(on, setting["omaUri"].as_str().unwrap_or(ADDRESSES[0])));
        } else {
            list.push(without_read_only(setting));
        }
    }
    if !found {
        list.push(link(on, ADDRESSES[0]));
    }
    let mut patches = vec![Patch { key: SETTINGS, value: list.into() }];
    let name = managed_object::name(document);
    if !name.contains(MARK) {
        let name = if name.is_empty() { "Reset password at the Windows sign-in screen" } else { name.trim() };
        patches.push(Patch { key: NAME, value: json!(format!("{name} {MARK}")) });
    }
    if document.raw(TYPE_KEY).is_none() {
        patches.push(Patch { key: TYPE_KEY, value: json!(TYPE) });
    }
    patches
}

fn link(on: bool, address: &str) -> Json {
    json!({
        "@odata.type": "#microsoft.graph.omaSettingInteger",
        "displayName": "AllowAadPasswordReset",
        "description": null,
        "omaUri": address,
        "value": u8::from(on),
    })
}

fn without_read_only(mut setting: Json) -> Json {
    if let Json::Object(setting) = &mut setting {
        setting.retain(|key, _| !READ_ONLY.contains(&key.as_str()));
    }
    setting
}

/// The group of the only assignment. A policy cannot express any other assignments, so they are a set of words.
fn decode_group(document: &Document) -> Result<Value, DecodeError> {
    const EXPECTED: &str = "a list of assignments";
    if !managed_object::exists(document) {
        return Ok(Value::Unset);
    }
    let assignments: Vec<Json> = document.get(ASSIGNMENTS, EXPECTED)?;
    let group = |target: &Json| {
        let is_group = target["@odata.type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case(GROUP_TARGET));
        let id = target["groupId"].as_str().filter(|_| is_group)?;
        id.parse::<ObjectId>().ok()
    };
    let targets: Vec<_> = assignments.iter().map(|assignment| &assignment["target"]).collect();
    match targets.as_slice() {
        [] => return Ok(Value::Unset),
        [one] if group(one).is_some() => return Ok(group(one).map_or(Value::Unset, Value::Group)),
        _ => {}
    }
    let words = targets.into_iter().map(|target| match group(target) {
        Some(id) => id.to_string(),
        None => other(target),
    });
    Ok(Value::Set(words.collect::<BTreeSet<_>>()))
}

/// The kind of a target, such as `allDevicesAssignmentTarget`, with its group if it has one.
fn other(target: &Json) -> String {
    let kind = target["@odata.type"].as_str().unwrap_or("an unknown target").trim_start_matches("#microsoft.graph.");
    match target["groupId"].as_str() {
        Some(id) => format!("{kind} {}", id.to_ascii_lowercase()),
        None => kind.to_owned(),
    }
}
