//! The document `PasswordResetPolicies`: how the service reads a body, and what it accepts.

use std::ops::RangeInclusive;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::methods::{RESET_METHODS, ResetMethod};
use crate::portal::questions;
use crate::state::raw_json::RawJson;
use crate::state::tenant::Tenant;

/// How the service reads a field of a body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FieldType {
    /// The only valid value is `"default"`.
    Constant,
    Number,
    Switch,
    Text,
    GroupIds,
    Questions,
    Strings,
    /// The value of the body is ignored.
    ReadOnly,
}

/// The fields that do not belong to a method. `Inteval` is the service's spelling.
const FIELDS: [(&str, FieldType); 17] = [
    ("objectId", FieldType::Constant),
    ("enablementType", FieldType::Number),
    ("numberOfAuthenticationMethodsRequired", FieldType::Number),
    ("numberOfQuestionsToRegister", FieldType::Number),
    ("numberOfQuestionsToReset", FieldType::Number),
    ("registrationRequiredOnSignIn", FieldType::Switch),
    ("registrationReconfirmIntevalInDays", FieldType::Number),
    ("skipRegistrationAllowed", FieldType::Switch),
    ("skipRegistrationMaxAllowedDays", FieldType::Number),
    ("customizeHelpdeskLink", FieldType::Switch),
    ("customHelpdeskEmailOrUrl", FieldType::Text),
    ("notifyUsersOnPasswordReset", FieldType::Switch),
    ("notifyOnAdminPasswordReset", FieldType::Switch),
    ("passwordResetEnabledGroupIds", FieldType::GroupIds),
    ("passwordResetEnabledGroupName", FieldType::ReadOnly),
    ("securityQuestions", FieldType::Questions),
    ("registrationConditionalAccessPolicies", FieldType::Strings),
];

const RANGES: [(&str, RangeInclusive<i64>); 6] = [
    ("enablementType", 0..=2),
    ("numberOfAuthenticationMethodsRequired", 1..=2),
    ("numberOfQuestionsToRegister", 3..=5),
    ("numberOfQuestionsToReset", 3..=5),
    ("registrationReconfirmIntevalInDays", 0..=730),
    ("skipRegistrationMaxAllowedDays", 1..=i32::MAX as i64),
];

/// How a field is read; `None` for a key that only newer services have.
fn field_type(key: &str) -> Option<FieldType> {
    let of_method = |method: &ResetMethod| match key {
        _ if key == method.enabled_key => Some(FieldType::Switch),
        _ if key == method.allowed_key => Some(FieldType::ReadOnly),
        _ => None,
    };
    let listed = FIELDS.iter().find(|(name, _)| *name == key).map(|(_, kind)| *kind);
    listed.or_else(|| RESET_METHODS.iter().find_map(of_method))
}

/// The document as the service returns it, with the group's name if it was requested.
#[must_use]
pub(crate) fn read(tenant: &Tenant, with_group_name: bool) -> String {
    let mut served = tenant.password_reset.clone();
    let group = group_ids(&served).into_iter().next().and_then(|id| tenant.group(id));
    let name = group.filter(|_| with_group_name).map_or("", |group| group.display_name.as_str());
    served.set("passwordResetEnabledGroupName", &json!(name));
    served.text()
}

/// Reads a body as the service's JSON binding does: keys in any casing, numbers and switches also as text, unknown keys
/// dropped. **A missing key becomes 0, false or empty**, because the document is replaced, not merged.
///
/// # Errors
/// The message of the service.
pub(crate) fn bind(body: &str, tenant: &Tenant) -> Result<RawJson, String> {
    let sent = RawJson::parse(body).map_err(|error| format!("The request body is not a valid policy: {error}"))?;
    let mut bound = RawJson::default();
    for (key, old) in tenant.password_reset.entries() {
        match (field_type(key), sent.find(key)) {
            (Some(FieldType::ReadOnly), _) => bound.set_text(key, old),
            (Some(FieldType::Constant), text) => {
                constant(key, text)?;
                bound.set_text(key, old);
            }
            (Some(FieldType::Questions), text) => bound.set(key, &questions::bind(text.unwrap_or("null"), old)?),
            (Some(kind), text) => bound.set(key, &decode(key, kind, text)?),
            // A newer service knows this key, so it stores the value as it was spelled.
            (None, Some(text)) => bound.set_text(key, text),
            (None, None) => bound.set(key, &default_like(old)),
        }
    }
    Ok(bound)
}

fn constant(key: &str, text: Option<&str>) -> Result<(), String> {
    match text {
        None | Some("null" | "\"default\"") => Ok(()),
        Some(other) => Err(format!("{key} is {other}, the only policy is \"default\".")),
    }
}

fn decode(key: &str, kind: FieldType, text: Option<&str>) -> Result<Value, String> {
    let wrong = || format!("The value {} is not valid for {key}.", text.unwrap_or("null"));
    let value: Option<Value> = text.and_then(|text| serde_json::from_str(text).ok());
    let decoded = match (kind, value) {
        (FieldType::Number, None) => json!(0),
        (FieldType::Number, Some(Value::Number(number))) => json!(number.as_i64().ok_or_else(wrong)?),
        (FieldType::Number, Some(Value::String(text))) => json!(text.trim().parse::<i64>().map_err(|_| wrong())?),
        (FieldType::Switch, None) => json!(false),
        (FieldType::Switch, Some(Value::Bool(on))) => json!(on),
        (FieldType::Switch, Some(Value::Number(number))) => json!(number.as_i64().ok_or_else(wrong)? != 0),
        (FieldType::Switch, Some(Value::String(text))) => {
            json!(text.trim().to_ascii_lowercase().parse::<bool>().map_err(|_| wrong())?)
        }
        (FieldType::Text, None | Some(Value::Null)) => json!(""),
        (FieldType::Text, Some(Value::String(text))) => json!(text),
        (FieldType::GroupIds | FieldType::Strings, None | Some(Value::Null)) => json!([]),
        (FieldType::GroupIds, Some(Value::Array(ids))) => {
            let ids: Option<Vec<Uuid>> = ids.iter().map(|id| Uuid::parse_str(id.as_str()?).ok()).collect();
            json!(ids.ok_or_else(wrong)?)
        }
        (FieldType::Strings, Some(Value::Array(items))) if items.iter().all(Value::is_string) => json!(items),
        _ => return Err(wrong()),
    };
    Ok(decoded)
}

/// The default of a missing value, by the type of the present one.
fn default_like(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(Value::Bool(_)) => json!(false),
        Ok(Value::Number(_)) => json!(0),
        Ok(Value::String(_)) => json!(""),
        Ok(Value::Array(_)) => json!([]),
        _ => Value::Null,
    }
}

/// The rules of the service. `without_count_check` skips those about the number of methods, as the query option
/// `byPassMethodCountCheck=true` of the portal does.
///
/// # Errors
/// The message of the first broken rule. Microsoft documents the rules; that this endpoint enforces them is assumed.
pub(crate) fn check(policy: &RawJson, tenant: &Tenant, without_count_check: bool) -> Result<(), String> {
    for (key, range) in RANGES {
        let value = number(policy, key);
        if !range.contains(&value) {
            return Err(format!("The value {value} is not valid for {key}: {} to {}.", range.start(), range.end()));
        }
    }
    if !without_count_check {
        check_methods(policy)?;
    }
    check_questions(policy)?;
    check_group(policy, tenant)?;
    check_helpdesk(policy)
}

fn check_methods(policy: &RawJson) -> Result<(), String> {
    let (app, other): (Vec<&ResetMethod>, Vec<&ResetMethod>) =
        RESET_METHODS.iter().filter(|method| switch(policy, method.enabled_key)).partition(|method| method.app);
    let (app, other) = (app.len(), other.len());
    let required = usize::try_from(number(policy, "numberOfAuthenticationMethodsRequired")).unwrap_or(usize::MAX);
    if app + other < required {
        return Err(format!("{required} authentication methods are required, but {} are enabled.", app + other));
    }
    if app > 0 && other < required {
        return Err(format!("The mobile app needs {required} other authentication methods, but {other} are enabled."));
    }
    Ok(())
}

fn check_questions(policy: &RawJson) -> Result<(), String> {
    let (register, reset) = (number(policy, "numberOfQuestionsToRegister"), number(policy, "numberOfQuestionsToReset"));
    if reset > register {
        return Err(format!("{reset} questions to reset are more than the {register} to register."));
    }
    let selected = policy.read::<Vec<Value>>("securityQuestions").map_or(0, |questions| questions.len());
    if switch(policy, "securityQuestionsOptionEnabled") && i64::try_from(selected).is_ok_and(|have| have < register) {
        return Err(format!("{register} questions are to be registered, but {selected} are selected."));
    }
    Ok(())
}

fn check_group(policy: &RawJson, tenant: &Tenant) -> Result<(), String> {
    let ids = group_ids(policy);
    let selected = number(policy, "enablementType") == 1;
    match ids.as_slice() {
        [] if selected => Err("A group is required when password reset is enabled for selected users.".to_owned()),
        [] => Ok(()),
        [id] => match tenant.group(*id) {
            Some(group) if group.security_enabled => Ok(()),
            Some(group) => Err(format!("The group '{}' is not security-enabled.", group.display_name)),
            None => Err(format!("The group '{id}' does not exist.")),
        },
        more => Err(format!("{} groups are given, one is allowed.", more.len())),
    }
}

fn check_helpdesk(policy: &RawJson) -> Result<(), String> {
    let link: String = policy.read("customHelpdeskEmailOrUrl").unwrap_or_default();
    if !switch(policy, "customizeHelpdeskLink") || is_link(&link) {
        return Ok(());
    }
    Err(format!("'{link}' is neither an e-mail address nor a web address."))
}

/// Whether a helpdesk link is an e-mail address or an http or https address.
fn is_link(link: &str) -> bool {
    let web = url::Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let mail = link.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty() && domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.')
    });
    let clean = !link.contains(|c: char| c.is_whitespace() || c.is_control());
    clean && (web || (mail && !link.contains(['/', ':', '<', '>']) && link.matches('@').count() == 1))
}

/// The groups in scope, without the zero id.
fn group_ids(policy: &RawJson) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = policy.read("passwordResetEnabledGroupIds").unwrap_or_default();
    ids.retain(|id| !id.is_nil());
    ids
}

fn number(policy: &RawJson, key: &str) -> i64 {
    policy.read(key).unwrap_or_default()
}

fn switch(policy: &RawJson, key: &str) -> bool {
    policy.read(key).unwrap_or_default()
}
