//! What the events of the audit log show that `conformance --write` has caused. A rule returns whether they comply, or why they
//! do not show it.

use serde_json::Value;

use crate::conformance::answers::Answers;
use crate::conformance::rules::Complies;
use crate::conformance::state::{AssumptionState, LOST};
use crate::tenant::surface::Surface;

const NONE: &str = "the audit log does not show it yet";
const RESET: &str = "Update SSPR Settings";
/// The words of `SelectedContactMethodsForUsers`.
const METHODS: [&str; 7] =
    ["None", "MobileAppNotification", "MobileAppCode", "Email", "MobileSMS", "MobileCall", "OfficeCall"];
const QUESTIONS: &str = "SecurityQuestions";

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// The events of an activity.
fn of_activity<'a>(events: &'a [Value], activity: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| text(event, "activityDisplayName") == activity).collect()
}

/// The values of a property in some events: JSON texts inside of texts, decoded once.
fn values(events: &[&Value], property: &str) -> Vec<Value> {
    let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    let targets = events.iter().flat_map(|event| list(event, "targetResources"));
    let properties = targets.flat_map(|target| list(&target, "modifiedProperties"));
    let named = properties.filter(|one| text(one, "displayName") == property);
    let texts = named.flat_map(|one| [one["oldValue"].clone(), one["newValue"].clone()]);
    texts.filter_map(|value| serde_json::from_str(value.as_str()?).ok()).collect()
}

/// Whether all values of a property are words that comply; none of them at all shows nothing.
fn all_words(events: &[&Value], property: &str, complies: fn(&str) -> bool) -> Complies {
    let values = values(events, property);
    if values.is_empty() {
        return Err(NONE);
    }
    Ok(values.iter().all(|value| value.as_str().is_some_and(complies)))
}

pub(super) fn reset_words(answers: &Answers) -> Complies {
    let events = of_activity(answers.events()?, RESET);
    let switch = all_words(&events, "NotifyUsersOfReset", |word| matches!(word, "True" | "False"))?;
    let yes = all_words(&events, "EnforcedRegistrationEnablementForUsers", |word| matches!(word, "Yes" | "No"))?;
    let number = all_words(&events, "EnforcedRegistrationIntervalInDaysForUsers", |word| word.parse::<u32>().is_ok())?;
    Ok(switch && yes && number)
}

/// Whether every word for a method is known; that each belongs to its method takes a policy that allows them all.
pub(super) fn reset_methods(answers: &Answers) -> Complies {
    let events = of_activity(answers.events()?, RESET);
    let values = values(&events, "SelectedContactMethodsForUsers");
    let words: Vec<&str> = values.iter().filter_map(Value::as_str).flat_map(|words| words.split(", ")).collect();
    if words.is_empty() {
        return Err(NONE);
    }
    if words.iter().any(|word| !METHODS.contains(word) && *word != QUESTIONS) {
        return Ok(false);
    }
    let all = METHODS.iter().all(|word| words.contains(word));
    if all { Ok(true) } else { Err("the policy does not allow every method") }
}

pub(super) fn writeback(answers: &Answers) -> Complies {
    let about = |event: &&Value| text(event, "activityDisplayName").contains("writeback");
    let events: Vec<&Value> = answers.events()?.iter().filter(about).collect();
    if events.is_empty() {
        return Err(NONE);
    }
    let names = ["Enable password writeback for directory", "Disable password writeback for directory"];
    Ok(events.iter().all(|event| {
        names.contains(&text(event, "activityDisplayName")) && text(event, "category") == "DirectoryManagement"
    }))
}

/// Whether a changed method is a property with its id, and has the changed keys alone.
pub(super) fn method_properties(answers: &Answers) -> Complies {
    let events = of_activity(answers.events()?, "Authentication Methods Policy Update");
    if events.is_empty() {
        return Err(NONE);
    }
    let values = values(&events, "SoftwareOath");
    let changed = |value: &Value| {
        let keys = value.as_object().map(|keys| keys.keys().all(|key| matches!(&**key, "state" | "excludeTargets")));
        keys.unwrap_or_default()
    };
    Ok(!values.is_empty() && values.iter().all(changed))
}

/// Whether ids are a prefix, the correlation id, five digits and a number.
pub(super) fn ids(answers: &Answers) -> Complies {
    let events = answers.events()?;
    if events.is_empty() {
        return Err(NONE);
    }
    Ok(events.iter().all(|event| {
        let middle = format!("_{}_", text(event, "correlationId"));
        text(event, "id").split_once(&middle).and_then(|(_, rest)| rest.split_once('_')).is_some_and(
            |(place, number)| {
                place.len() == 5
                    && place.chars().all(|digit| digit.is_ascii_hexdigit())
                    && !number.is_empty()
                    && number.chars().all(|digit| digit.is_ascii_digit())
            },
        )
    }))
}

pub(super) fn correlation(answers: &Answers) -> Complies {
    let events = answers.events()?;
    if events.is_empty() {
        return Err(NONE);
    }
    let sent = &answers.written()?.requests;
    Ok(!events.iter().any(|event| sent.iter().any(|id| id.eq_ignore_ascii_case(text(event, "correlationId")))))
}

/// Whether every write that changed the password reset policy has its event at once, and no other write has one.
pub(super) fn at_once(answers: &Answers) -> Complies {
    let events = of_activity(answers.events()?, RESET).into_iter();
    let own = events.filter(|event| !values(&[event], "EnforcedRegistrationIntervalInDaysForUsers").is_empty());
    if answers.written()?.results.iter().any(|one| one.state == AssumptionState::NotSeen(LOST)) {
        return Err(LOST);
    }
    let changes = answers.written()?.changes.get(&Surface::PasswordReset).copied().unwrap_or_default();
    if changes == 0 {
        return Err("no write was accepted");
    }
    Ok(own.count() == changes)
}
