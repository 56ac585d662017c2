//! What one event of the audit log says about one setting: whether it names the setting, and from which value to which it
//! changed it. Microsoft publishes few of the names and words, so whatever is not understood says nothing.

use std::collections::BTreeMap;

use crate::base::value::Value;
use crate::catalog;
use crate::catalog::setting::{Setting, ValueKind};
use crate::tenant::audit::AuditEvent;
use crate::tenant::surface::AuditActivity;

/// The two values that an event gives a setting; `None` where it gives none, or one in words that are not understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct LoggedChange {
    /// The value before the event.
    pub(crate) from: Option<Value>,
    /// The value after the event.
    pub(crate) to: Option<Value>,
}

impl LoggedChange {
    /// What an event says about the values of a setting.
    #[must_use]
    pub(crate) fn of(setting: &Setting, event: &AuditEvent) -> Self {
        // The activities about password writeback are named after what they do, and give no other value.
        if let Some(on) = switches_writeback(event) {
            return Self { from: Some(Value::Bool(!on)), to: Some(Value::Bool(on)) };
        }
        let named = || event.properties.iter().filter(|property| is_of(setting, property));
        Self {
            from: named().find_map(|property| parse(setting, event.old_values.get(property)?)),
            to: named().find_map(|property| parse(setting, event.new_values.get(property)?)),
        }
    }
}

/// One side of a logged change: the texts of the log, and the value that they stand for where they are understood.
#[derive(Clone, Debug)]
pub(crate) struct LoggedText {
    text: Vec<String>,
    /// The value; `None` where the texts are not understood.
    pub(crate) value: Option<Value>,
}

impl PartialEq for LoggedText {
    /// Whether both are the same value, or the same texts where one of them is not understood.
    fn eq(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Some(one), Some(other)) => one == other,
            (None, _) | (_, None) => self.text == other.text,
        }
    }
}

/// What an event says about a setting before and after it; `None` if it does not name the setting, or not both sides.
pub(crate) fn logged_texts(setting: &Setting, event: &AuditEvent) -> Option<(LoggedText, LoggedText)> {
    let LoggedChange { from, to } = LoggedChange::of(setting, event);
    let mut named: Vec<&String> = event.properties.iter().filter(|property| is_of(setting, property)).collect();
    named.sort();
    let texts = |values: &BTreeMap<String, String>| {
        let all = named.iter().map(|property| values.get(*property).cloned());
        all.collect::<Option<Vec<String>>>()
    };
    let is_said = |side: &Option<Value>, text: &[String]| side.is_some() || !text.is_empty();
    let (old, new) = (texts(&event.old_values)?, texts(&event.new_values)?);
    (is_said(&from, &old) && is_said(&to, &new))
        .then_some((LoggedText { text: old, value: from }, LoggedText { text: new, value: to }))
}

/// Whether an event names a setting: by a property, or because its activity concerns no other setting.
pub(crate) fn names(setting: &Setting, event: &AuditEvent) -> bool {
    switches_writeback(event).is_some() || event.properties.iter().any(|property| is_of(setting, property))
}

/// Whether an event did not change a setting: it names other settings only, and no property that this program does not
/// know, or it gives the setting the value that it had before.
pub(crate) fn leaves_alone(setting: &Setting, event: &AuditEvent) -> bool {
    if names(setting, event) {
        return switches_writeback(event).is_none() && repeats(setting, event);
    }
    let known = |property: &String| catalog::ALL.iter().any(|setting| is_of(setting, property));
    !event.properties.is_empty() && event.properties.iter().all(known)
}

/// Whether every property of a setting has the same text before and after an event. Texts that are not understood can be
/// compared with each other all the same.
fn repeats(setting: &Setting, event: &AuditEvent) -> bool {
    let same = |property: &String| match (event.old_values.get(property), event.new_values.get(property)) {
        (Some(old), Some(new)) => old == new,
        (None, _) | (_, None) => false,
    };
    event.properties.iter().filter(|property| is_of(setting, property)).all(same)
}

/// What the activity of an event made of password writeback; `None` for every other activity.
fn switches_writeback(event: &AuditEvent) -> Option<bool> {
    let activities = [(AuditActivity::ENABLE_WRITEBACK, true), (AuditActivity::DISABLE_WRITEBACK, false)];
    let begins = |start: &str| event.activity.get(..start.len()).is_some_and(|text| text.eq_ignore_ascii_case(start));
    activities.into_iter().find_map(|(activity, on)| begins(activity.name).then_some(on))
}

fn is_of(setting: &Setting, property: &str) -> bool {
    let last = property.rsplit(['.', '/']).next().unwrap_or(property).trim();
    setting.audit_names.iter().chain(setting.keys).any(|name| name.eq_ignore_ascii_case(last))
}

/// The value that a text of the log stands for. Only switches, numbers and single words can be read: for lists and links no
/// published source says which word is which method, or how no link is written.
fn parse(setting: &Setting, text: &str) -> Option<Value> {
    let text = text.trim();
    match setting.kind {
        ValueKind::Switch => match text.to_ascii_lowercase().as_str() {
            "true" | "enabled" | "yes" | "1" => Some(Value::Bool(true)),
            "false" | "disabled" | "no" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        ValueKind::Number { .. } => text.parse().ok().map(Value::Number),
        ValueKind::Choice(words) => {
            words.iter().find(|word| word.eq_ignore_ascii_case(text)).map(|word| Value::Text((*word).to_owned()))
        }
        ValueKind::Words(_)
        | ValueKind::Questions
        | ValueKind::Group
        | ValueKind::Groups
        | ValueKind::Locations
        | ValueKind::Link => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::catalog::{methods, notifications, scope};
    use crate::tenant::audit::AuditResult;

    fn event(property: &str, old: Option<&str>, new: Option<&str>) -> AuditEvent {
        let values = |text: Option<&str>| text.map(|text| (property.to_owned(), text.to_owned())).into_iter().collect();
        AuditEvent {
            id: String::new(),
            at: Timestamp::UNIX_EPOCH,
            activity: "Update SSPR Settings".to_owned(),
            result: AuditResult::Success,
            actor: None,
            properties: vec![property.to_owned()],
            old_values: values(old),
            new_values: values(new),
            targets: Vec::new(),
        }
    }

    /// Words that nobody knows say nothing.
    #[test]
    fn an_event_gives_the_values_that_its_words_mean() {
        let switch = |text, expected: Option<bool>| {
            (&notifications::USERS, "NotifyUsersOfReset", text, expected.map(Value::Bool))
        };
        let number = |text, expected: Option<u32>| {
            (&methods::REQUIRED, "NumberOfRequiredContactMethodsForUsers", text, expected.map(Value::Number))
        };
        let users = |text, expected: Option<&str>| {
            (&scope::USERS, "EnablementForUsers", text, expected.map(|word| Value::Text(word.to_owned())))
        };
        for (setting, property, text, expected) in [
            switch("true", Some(true)),
            switch("False", Some(false)),
            switch("Disabled", Some(false)),
            switch("Yes", Some(true)),
            switch("NotifyEverybody", None),
            number("2", Some(2)),
            number(" 1 ", Some(1)),
            number("one", None),
            users("All", Some("all")),
            users("Selected", Some("selected")),
            users("2", None),
        ] {
            let new = LoggedChange::of(setting, &event(property, None, Some(text)));
            assert_eq!(new, LoggedChange { from: None, to: expected.clone() }, "{text}");
            let old = LoggedChange::of(setting, &event(property, Some(text), None));
            assert_eq!(old, LoggedChange { from: expected, to: None }, "{text}");
        }
    }

    #[test]
    fn an_event_that_repeats_the_value_leaves_the_setting_alone() {
        let event = |old, new| event("SelectedContactMethodsForUsers", old, new);
        assert!(leaves_alone(&methods::ALLOWED, &event(Some("[\"Email\"]"), Some("[\"Email\"]"))));
        assert!(!leaves_alone(&methods::ALLOWED, &event(Some("[\"Email\"]"), Some("[]"))));
        assert!(!leaves_alone(&methods::ALLOWED, &event(None, None)), "nothing is said");
        assert!(leaves_alone(&notifications::USERS, &event(None, None)), "another setting");
    }

    /// A value counts only if its property is among those that the event changed: whole policies are logged with all keys.
    #[test]
    fn a_key_that_did_not_change_gives_no_value() {
        let mut whole = event("NotifyUsersOfReset", Some("true"), Some("false"));
        whole.properties = vec!["Policy".to_owned()];
        assert_eq!(LoggedChange::of(&notifications::USERS, &whole), LoggedChange::default());
        whole.new_values = BTreeMap::new();
        assert!(!names(&notifications::USERS, &whole));
    }
}
