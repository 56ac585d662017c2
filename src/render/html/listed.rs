//! The people of a file that `--people` has written.

use minijinja::context;
use minijinja::value::Serde;
use serde_json::{Value as Json, json};

use crate::person::answer::AnswerReason;
use crate::person::state::PersonState;
use crate::render::html::fields::{list, text};
use crate::render::html::flows::word;
use crate::render::html::page::{Markup, fill, grouped};

/// How many people a page lists.
const MOST_PEOPLE: usize = 1_000;

/// The section with the people of a file.
pub(super) fn markup(file: &Json) -> Markup {
    let people = list(file, "people");
    let rows = people.iter().take(MOST_PEOPLE).map(|person| {
        let code = text(person, "reason");
        let sets = list(person, "register").iter().filter_map(Json::as_array);
        let sets = sets.map(|set| set.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(" and "));
        json!({
            "name": text(person, "displayName"),
            "signIn": text(person, "userPrincipalName"),
            "tenant": text(person, "tenant"),
            "department": text(person, "department"),
            "today": state(text(person, "stateToday")),
            "date": if text(person, "date") == "onceApplied" { "once applied" } else { text(person, "date") },
            "then": state(text(person, "stateThen")),
            "reason": AnswerReason::ALL.iter().find(|reason| reason.code() == code).map_or(code, |reason| reason.words()),
            "register": sets.collect::<Vec<_>>().join(", or "),
        })
    });
    let rows: Vec<_> = rows.collect();
    let left = people.len().saturating_sub(MOST_PEOPLE) as u64;
    fill("people", context! { rows => minijinja::Value::from(Serde(rows)), left => (left > 0).then(|| grouped(left)) })
}

/// A state in few words; one that this version does not know as it is.
fn state(code: &str) -> &str {
    PersonState::ALL.iter().position(|known| known.word() == code).map_or(code, |state| word(state))
}
