//! What a public snapshot says of a document: never more than the public policy says already.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// What replaces a text that no policy says. No policy can say it.
const REDACTED: &str = "(redacted)";

/// Which part of a document's required keys a public snapshot shows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Publication {
    /// Nothing, because the objects of this surface are the tenant's own affair.
    No,
    /// All of them, as they are.
    Whole,
    /// All of them; these, which no plan needs, as `null`.
    Without(&'static [&'static str]),
    /// All of them, each value as this function returns it for the key and the value.
    By(fn(&str, Value, &PublicFacts) -> Value),
}

/// What anybody knows of a tenant who has its public policy.
#[derive(Clone, Debug, Default)]
pub(crate) struct PublicFacts {
    /// The address or link for help that the policy sets.
    pub(crate) helpdesk_link: Option<String>,
    /// The questions of its own that the policy sets.
    pub(crate) questions: BTreeSet<String>,
    /// The ids, in lower case, of the targets that a policy may name: everybody, the groups that policies name, and
    /// the tenant's own scope.
    pub(crate) targets: BTreeSet<String>,
}

impl Publication {
    /// What the snapshot says under a key; `None` where the surface is not published.
    #[must_use]
    pub(crate) fn publish(self, key: &str, value: Value, facts: &PublicFacts) -> Option<Value> {
        match self {
            Self::No => None,
            Self::Whole => Some(value),
            Self::Without(keys) => Some(if keys.contains(&key) { Value::Null } else { value }),
            Self::By(publish) => Some(publish(key, value, facts)),
        }
    }
}

/// The password reset policy, without the texts that only the tenant knows.
pub(crate) fn password_reset(key: &str, value: Value, facts: &PublicFacts) -> Value {
    match key {
        "passwordResetEnabledGroupName" => json!(""),
        "registrationConditionalAccessPolicies" => json!([]),
        "customHelpdeskEmailOrUrl" => helpdesk_link(value, facts),
        "securityQuestions" => questions(&value, facts),
        _ => value,
    }
}

/// An address for help may be a person's own, so it is published only where the policy sets the same.
fn helpdesk_link(value: Value, facts: &PublicFacts) -> Value {
    match value.as_str() {
        Some(address) if address.is_empty() || facts.helpdesk_link.as_deref() == Some(address) => value,
        Some(_) | None => json!(REDACTED),
    }
}

/// Questions that an organisation wrote are published only where the policy sets them; ids of questions never are.
fn questions(value: &Value, facts: &PublicFacts) -> Value {
    let list = value.as_array().into_iter().flatten().enumerate().map(|(index, question)| {
        let text = question.get("questionText").and_then(Value::as_str).unwrap_or_default();
        let custom = question.get("isCustomQuestion").and_then(Value::as_bool).unwrap_or(true);
        let is_private = custom && !facts.questions.contains(text);
        let text = if is_private { format!("{REDACTED} {}", index + 1) } else { text.to_owned() };
        json!({ "questionText": text, "isCustomQuestion": custom })
    });
    list.collect()
}

/// The id in place of targets that are not published.
const HIDDEN_TARGET: &str = "00000000-0000-0000-0000-000000000000";

/// The keys of a method configuration that decide about password reset, and of its targets only those that
/// a policy may name.
pub(crate) fn method_configuration(_: &str, value: Value, facts: &PublicFacts) -> Value {
    const PUBLISHED: [&str; 5] = ["@odata.type", "id", "state", "isOfficePhoneAllowed", "isSoftwareOathEnabled"];
    let Value::Object(whole) = value else { return value };
    let is_public = |target: &&Value| {
        target.get("id").and_then(Value::as_str).is_some_and(|id| facts.targets.contains(&id.to_ascii_lowercase()))
    };
    let all = || whole.get("includeTargets").and_then(Value::as_array).into_iter().flatten();
    let shown = |target: &Value| json!({ "targetType": target.get("targetType"), "id": target.get("id") });
    let mut targets: Vec<Value> = all().filter(is_public).map(shown).collect();
    // A list that is empty would say that the method is for nobody.
    if targets.is_empty() && all().next().is_some() {
        targets.push(json!({ "targetType": "group", "id": HIDDEN_TARGET }));
    }
    let mut published: Map<String, Value> =
        whole.into_iter().filter(|(key, _)| PUBLISHED.contains(&key.as_str())).collect();
    published.insert("includeTargets".to_owned(), targets.into());
    published.into()
}
