//! The sections about people: the drawing, each moment of a forecast, departments, and readiness over time.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::person::answer::AnswerReason;
use crate::person::state::PersonState;
use crate::render::html::document::DocumentView;
use crate::render::html::fields::{count, first_moment, flag, list, text};
use crate::render::html::flows::PeopleFlows;
use crate::render::html::page::{grouped, plural};
use crate::render::html::readiness;
use crate::render::text::capital::capitalized;

/// Of how many tenants a page has sections of their own.
const MOST_TENANTS: usize = 12;

/// What a document says of the people of one tenant.
pub(super) struct PeopleView<'a> {
    pub(super) tenant: &'a str,
    pub(super) forecast: &'a Json,
    /// The same people by what they have in common; null where that was not asked.
    pub(super) by: &'a Json,
    /// How many are ready; null where it is not known.
    pub(super) readiness: &'a Json,
}

/// Adds the drawing of all tenants together.
pub(super) fn add_drawing(view: &mut DocumentView, people: &[PeopleView<'_>]) {
    let flows: Vec<_> = people.iter().map(|one| PeopleFlows::of(one.forecast)).collect();
    if let Some((values, drawing)) = PeopleFlows::sum(&flows).values(&format!("f{}", view.number)) {
        view.drawn("Who can reset before, after, and on the next date", "flows", values, drawing);
    }
}

/// Adds what is of one tenant alone: its moments, its departments and its readiness, for a few tenants.
pub(super) fn add_details(view: &mut DocumentView, people: &[PeopleView<'_>]) {
    let of = |one: &PeopleView<'_>| if people.len() > 1 { format!(": {}", one.tenant) } else { String::new() };
    let shown = || people.iter().take(MOST_TENANTS);
    for one in shown().filter(|one| list(one.forecast, "rows").len() > 1) {
        view.section(format!("Each date{}", of(one)), "moments", moments(one.forecast));
    }
    for one in shown().filter(|one| one.by.is_object()) {
        view.section(format!("By {}{}", text(one.by, "by"), of(one)), "values", values(one.forecast, one.by));
    }
    for (number, one) in shown().enumerate().filter(|(_, one)| one.readiness.is_object()) {
        let id = format!("r{}-{number}", view.number);
        let (values, drawing) = readiness::values(one.readiness, one.forecast, &id);
        view.drawn(format!("Readiness over time{}", of(one)), "readiness", values, drawing);
    }
    let left = people.len().saturating_sub(MOST_TENANTS);
    if left > 0 {
        view.more.push(format!(
            "Dates and departments are shown of {MOST_TENANTS} tenants; a page of one tenant (`--tenant`) has its own."
        ));
    }
}

/// The moment of a row in words.
pub(super) fn moment(forecast: &Json, row: &Json) -> String {
    let today = list(forecast, "rows").first().map(|first| text(first, "at"));
    match (today == Some(text(row, "at")), flag(row, "applied")) {
        (true, true) => "once applied".to_owned(),
        (true, false) if !flag(forecast, "past") => "today".to_owned(),
        (_, _) => text(row, "at").to_owned(),
    }
}

/// The first date after today on which people of some tenants fall out, with how many, in a sentence.
pub(super) fn first_loss(people: &[PeopleView<'_>]) -> Option<String> {
    let mut losses = BTreeMap::<&str, u64>::new();
    for one in people {
        let rows = list(one.forecast, "rows");
        let today = rows.first().map(|row| text(row, "at"));
        for row in rows.iter().filter(|row| today != Some(text(row, "at"))) {
            let of = |who: &str| row.get(who).map_or(0, |who| count(who, "lose"));
            *losses.entry(text(row, "at")).or_default() += of("people") + of("administrators");
        }
    }
    let (at, many) = losses.into_iter().find(|(_, many)| *many > 0)?;
    Some(format!("On {at} {}.", plural(many, "more person falls out", "more people fall out")))
}

fn moments(forecast: &Json) -> Json {
    let none = Json::Null;
    let rows = list(forecast, "rows").iter().enumerate().map(|(index, row)| {
        let people = row.get("people").unwrap_or(&none);
        let moved = |key: &str, sign: &str| match count(people, key) {
            0 => "0".to_owned(),
            many => format!("{sign}{}", grouped(many)),
        };
        let mut why: Vec<String> = list(row, "causes").iter().map(|cause| text(cause, "says").to_owned()).collect();
        why.extend(list(people, "reasons").iter().map(loss));
        let administrators = row.get("administrators").unwrap_or(&none);
        if count(administrators, "lose") > 0 {
            why.push(format!("{} lose it", plural(count(administrators, "lose"), "administrator", "administrators")));
        }
        let row_before = index.checked_sub(1).and_then(|before| list(forecast, "rows").get(before));
        let unclear = |row: Option<&Json>| row.and_then(|row| row.get("administrators")).map_or(0, unclear_of);
        let (open, open_before) = (unclear(Some(row)), unclear(row_before));
        if open > open_before {
            let who = plural(open - open_before, "administrator is unclear", "administrators are unclear");
            why.push(if index == 0 { who } else { format!("{who} from then on") });
        }
        let register = row.get("toRegister").unwrap_or(&none);
        let before = row_before.and_then(|row| row.get("toRegister"));
        why.extend(if before == Some(register) { Vec::new() } else { to_register(register) });
        json!({
            "moment": moment(forecast, row),
            "lose": if index == 0 { "–".to_owned() } else { moved("lose", "−") },
            "gain": if index == 0 { "–".to_owned() } else { moved("gain", "+") },
            "losing": count(people, "lose") > 0,
            "states": PersonState::ALL.map(|state| grouped(count(people, state.word()))),
            "why": why,
        })
    });
    json!({ "rows": rows.collect::<Vec<_>>() })
}

/// Of how many people of a moment it is not known whether they can reset.
fn unclear_of(people: &Json) -> u64 {
    count(people, PersonState::Unclear.word())
}

/// How many lose it for which reason.
fn loss(reason: &Json) -> String {
    let code = text(reason, "reason");
    let words = AnswerReason::ALL.iter().find(|reason| reason.code() == code).map_or(code, |reason| reason.words());
    let methods: Vec<_> = list(reason, "methods").iter().filter_map(Json::as_str).collect();
    let counts = if methods.len() == 1 { "counts" } else { "count" };
    let methods = match methods.len() {
        0 => String::new(),
        _ => format!(" ({} no longer {counts})", methods.join(" and ")),
    };
    let many = count(reason, "people");
    let lose = if many == 1 { "loses" } else { "lose" };
    format!("{} {lose} it because {words}{methods}", grouped(many))
}

/// What would have to be registered.
fn to_register(register: &Json) -> Vec<String> {
    let methods = |key: &str| {
        let served = register.get(key).and_then(Json::as_object).into_iter().flatten();
        let served =
            served.map(|(method, many)| format!("{method} for {}", grouped(many.as_u64().unwrap_or_default())));
        served.collect::<Vec<_>>().join(", ")
    };
    let lines = [("one", "one method more", "oneOf"), ("two", "two methods more", "twoOf")];
    let lines = lines.into_iter().filter(|(key, ..)| count(register, key) > 0);
    lines.map(|(key, words, of)| format!("{} need {words}: {}", grouped(count(register, key)), methods(of))).collect()
}

/// The people of a forecast by what they have in common, at its last moment.
fn values(forecast: &Json, by: &Json) -> Json {
    let today = list(forecast, "rows").first().map(|row| text(row, "at"));
    let applied = list(forecast, "rows").iter().position(|row| flag(row, "applied") && Some(text(row, "at")) == today);
    let rows = list(by, "values").iter().map(|value| {
        let none = Json::Null;
        let moments = list(value, "rows");
        let (first, last) = (moments.first().unwrap_or(&none), moments.last().unwrap_or(&none));
        let people = count(value, "people");
        let lose: u64 = moments.iter().map(|moment| count(moment, "lose")).sum();
        let width = |many: u64| (many.min(people) * 200 / people.max(1)).to_string();
        let name = match (value.get("value").and_then(Json::as_str), flag(value, "others")) {
            (Some(name), _) => name.to_owned(),
            (None, true) => "others, few people each".to_owned(),
            (None, false) => format!("no {}", text(by, "by")),
        };
        json!({
            "name": name,
            "people": grouped(people),
            "today": grouped(count(first, "able")),
            "applied": applied.map(|row| grouped(moments.get(row).map_or(0, |moment| count(moment, "able")))),
            "then": grouped(count(last, "able")),
            "lose": grouped(lose),
            "losing": lose > 0,
            "able": width(count(last, "able")),
            "lost": width(lose.min(people.saturating_sub(count(last, "able")))),
        })
    });
    let last = list(forecast, "rows").last().map(|row| moment(forecast, row)).unwrap_or_default();
    let last = if last.starts_with(|c: char| c.is_ascii_digit()) { format!("on {last}") } else { last };
    let by_words = capitalized(text(by, "by"));
    json!({ "by": by_words, "applied": applied.is_some(), "fewest": count(by, "fewest"), "first": first_moment(forecast), "last_heading": capitalized(&last), "last": last, "rows": rows.collect::<Vec<_>>() })
}
