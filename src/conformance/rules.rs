//! Assumptions that shapes cannot express: orders, spellings, and what two answers say together. A rule returns whether the
//! answers comply, or why they do not show it.

use serde_json::Value;

use crate::conformance::answers::Answers;
use crate::conformance::fields::POLICY_FIELDS;
use crate::conformance::probe::Probe;
use crate::conformance::shape;

/// Whether the answers comply, or why they do not show it.
pub(super) type Complies = Result<bool, &'static str>;

/// The keys of an error of the portal, in the service's order.
const ERROR_KEYS: [&str; 8] =
    ["ClassName", "Message", "Data", "HResult", "XMsServerRequestId", "Source", "HttpStatusCode", "ClientData"];
/// Why a tenant does not show what concerns the group in scope.
const NO_GROUP: &str = "the scope is not a group";
const NOT_UNDERSTOOD: &str = "the answer is not understood";

fn keys(document: &Value) -> Vec<&str> {
    document.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect()
}

pub(super) fn field_order(answers: &Answers) -> Complies {
    let policy = answers.document(Probe::Policy)?;
    let fields: Vec<&str> = shape::entries(POLICY_FIELDS).map(|(field, ..)| field).collect();
    let present: Vec<&str> = keys(policy).into_iter().filter(|key| fields.contains(key)).collect();
    Ok(present == fields.into_iter().filter(|field| present.contains(field)).collect::<Vec<_>>())
}

/// Whether there is no white space outside of texts.
pub(super) fn compact(answers: &Answers) -> Complies {
    answers.document(Probe::Policy)?;
    let (mut inside, mut escaped) = (false, false);
    for sign in answers.get(Probe::Policy)?.answer.text.chars() {
        match sign {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' => inside = !inside,
            sign if sign.is_whitespace() && !inside => return Ok(false),
            _ => {}
        }
    }
    Ok(true)
}

/// The ids of the groups in scope, if the scope is a group.
fn groups(policy: &Value) -> Result<Vec<&str>, &'static str> {
    if policy["enablementType"].as_i64() != Some(1) {
        return Err(NO_GROUP);
    }
    let ids = policy["passwordResetEnabledGroupIds"].as_array().ok_or(NOT_UNDERSTOOD)?;
    Ok(ids.iter().filter_map(Value::as_str).collect())
}

pub(super) fn one_group(answers: &Answers) -> Complies {
    Ok(groups(answers.document(Probe::Policy)?)?.len() == 1)
}

pub(super) fn lower_case_ids(answers: &Answers) -> Complies {
    let ids = groups(answers.document(Probe::Policy)?)?;
    if !ids.iter().any(|id| id.contains(|sign: char| sign.is_ascii_alphabetic())) {
        return Err("no id of a group has a letter");
    }
    Ok(ids.iter().all(|id| **id == id.to_ascii_lowercase()))
}

pub(super) fn group_name(answers: &Answers) -> Complies {
    let (plain, named) = (answers.document(Probe::Policy)?, answers.document(Probe::PolicyWithGroupName)?);
    groups(plain)?;
    let name = |policy: &Value| policy["passwordResetEnabledGroupName"].as_str().map(str::is_empty);
    Ok((name(plain), name(named)) == (Some(true), Some(false)))
}

pub(super) fn error_keys(answers: &Answers) -> Complies {
    let refused = answers.get(Probe::PolicyWithoutId)?;
    match (refused.answer.status, &refused.body) {
        (200..=299, _) => Err("the service accepted the request"),
        (_, Some(body)) => Ok(keys(body) == ERROR_KEYS),
        (_, None) => Ok(false),
    }
}

/// Whether a request without a token is answered with a page.
pub(super) fn page_without_token(answers: &Answers) -> Complies {
    let refused = answers.get(Probe::PolicyWithoutToken)?;
    Ok(refused.answer.status == 401 && refused.body.is_none())
}

/// Whether beta has the configuration of hardware tokens and v1.0 does not.
pub(super) fn hardware_tokens(answers: &Answers) -> Complies {
    let has = |probe| {
        let methods =
            answers.document(probe)?["authenticationMethodConfigurations"].as_array().ok_or(NOT_UNDERSTOOD)?;
        Ok::<_, &'static str>(methods.iter().any(|one| one["id"].as_str() == Some("HardwareOath")))
    };
    Ok((has(Probe::Methods)?, has(Probe::MethodsBeta)?) == (false, true))
}

/// Whether the values of the events about password reset are JSON inside of texts.
pub(super) fn audit_json(answers: &Answers) -> Complies {
    let events = answers.document(Probe::AuditOfReset)?["value"].as_array().ok_or(NOT_UNDERSTOOD)?;
    let below = |value: &'static str, of: &Value| of[value].as_array().cloned().unwrap_or_default();
    let targets = events.iter().flat_map(|event| below("targetResources", event));
    let changes = targets.flat_map(|target| below("modifiedProperties", &target));
    let values: Vec<Value> =
        changes.flat_map(|change| [change["oldValue"].clone(), change["newValue"].clone()]).collect();
    let mut texts = values.iter().filter_map(Value::as_str).peekable();
    texts.peek().ok_or("the tenant has none")?;
    Ok(texts.all(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()))
}
