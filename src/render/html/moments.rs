//! Each moment of a forecast: how many people are in which state, and why numbers move.

use serde_json::{Value as Json, json};

use crate::person::answer::AnswerReason;
use crate::person::state::PersonState;
use crate::render::html::fields::{count, first_moment, flag, list, text};
use crate::render::html::page::{grouped, plural};
use crate::render::text::forecast::{ONE_MORE, TWO_MORE};

/// The moment of a row in words.
pub(super) fn moment(forecast: &Json, row: &Json) -> String {
    let today = list(forecast, "rows").first().map(|first| text(first, "at"));
    match (today == Some(text(row, "at")), flag(row, "applied")) {
        (true, true) => "once applied".to_owned(),
        (true, false) if !flag(forecast, "past") => "today".to_owned(),
        (_, _) => text(row, "at").to_owned(),
    }
}

/// What the template `moments` takes: a table of people, one of administrators where there are any, and why numbers move.
pub(super) fn values(forecast: &Json) -> Json {
    let rows = list(forecast, "rows");
    let has_administrators = rows
        .iter()
        .filter_map(|row| row.get("administrators"))
        .any(|counts| PersonState::ALL.iter().any(|state| count(counts, state.word()) > 0));
    let mut tables = vec![table(forecast, "people", "People at each date", "")];
    tables.extend(
        has_administrators.then(|| table(forecast, "administrators", "Administrators at each date", "Administrators")),
    );
    let why = rows.iter().enumerate().map(|(index, row)| {
        let before = index.checked_sub(1).and_then(|before| rows.get(before));
        let mut title = moment(forecast, row);
        if before.is_some() && !moves(forecast, index) {
            title.push_str(": nobody moves");
        }
        json!({ "title": title, "lines": why(forecast, index, row, before) })
    });
    let why: Vec<_> = why.collect();
    let explained = why.iter().any(|one| !list(one, "lines").is_empty());
    json!({ "tables": tables, "why": why, "explained": explained })
}

fn table(forecast: &Json, who: &str, label: &str, title: &str) -> Json {
    let none = Json::Null;
    let rows = list(forecast, "rows").iter().enumerate().map(|(index, row)| {
        let counts = row.get(who).unwrap_or(&none);
        let moved = |key: &str, sign: &str| match (index, count(counts, key)) {
            (0, _) => "–".to_owned(),
            (_, 0) => "0".to_owned(),
            (_, many) => format!("{sign}{}", grouped(many)),
        };
        json!({
            "moment": moment(forecast, row),
            "lose": moved("lose", "−"),
            "gain": moved("gain", "+"),
            "losing": count(counts, "lose") > 0,
            "gaining": count(counts, "gain") > 0,
            "states": PersonState::ALL.map(|state| grouped(count(counts, state.word()))),
        })
    });
    json!({ "label": label, "title": title, "rows": rows.collect::<Vec<_>>() })
}

/// Whether somebody goes from one state to another between a row and the one before it.
fn moves(forecast: &Json, index: usize) -> bool {
    let flows = list(forecast, "flows").iter().filter(|flow| count(flow, "row") == index as u64);
    flows.into_iter().any(|flow| text(flow, "before") != text(flow, "after"))
}

/// What moves the numbers of a row, and what would have to be registered then.
fn why(forecast: &Json, index: usize, row: &Json, before: Option<&Json>) -> Vec<String> {
    let none = Json::Null;
    let mut lines: Vec<String> = list(row, "causes").iter().map(|cause| text(cause, "says").to_owned()).collect();
    let no_longer = by_method(row.get("noLongerCounts").unwrap_or(&none));
    if !no_longer.is_empty() {
        lines.push(format!("registered, and no longer counts: {no_longer}"));
    }
    for (key, who, is_administrator) in [("people", "", false), ("administrators", "administrators: ", true)] {
        let counts = row.get(key).unwrap_or(&none);
        lines.extend(list(counts, "reasons").iter().map(|reason| format!("{who}{}", loss(reason))));
        if count(counts, "gain") > 0 {
            lines.push(format!("{who}{} it", plural(count(counts, "gain"), "gains", "gain")));
        }
        let opened = list(forecast, "flows").iter().find(|flow| {
            let from_to = (text(flow, "before"), text(flow, "after"));
            count(flow, "row") == index as u64
                && flag(flow, "administrators") == is_administrator
                && from_to == (PersonState::Able.word(), PersonState::Unclear.word())
        });
        if let Some(flow) = opened {
            let many = plural(count(flow, "people"), "could reset, and is", "could reset, and are");
            lines.push(format!("{who}{many} unclear from then on"));
        }
        let unclear_before = before.map(|before| unclear_of(before.get(key).unwrap_or(&none)));
        if unclear_before != Some(unclear_of(counts)) {
            lines.extend(unclear_lines(counts, "unclearReasons").into_iter().map(|line| format!("{who}{line}")));
        }
    }
    let people = row.get("people").unwrap_or(&none);
    let [lose, gain, lose_since, gain_since] =
        ["lose", "gain", "loseSinceToday", "gainSinceToday"].map(|key| count(people, key));
    if lose + gain > 0 && (lose, gain) != (lose_since, gain_since) {
        let first = first_moment(forecast);
        let (lose, gain) = (plural(lose_since, "loses it", "lose it"), plural(gain_since, "gains it", "gain it"));
        lines.push(format!("against {}: {lose}, {gain}", first.trim_start_matches("on ")));
    }
    let without = |row: &Json| row.get("ableWithoutPlan").and_then(Json::as_u64);
    if let Some(able) = without(row).filter(|able| before.is_some_and(|before| without(before) != Some(*able))) {
        lines.push(format!("without the plan: {} can reset then", grouped(able)));
    }
    let register = row.get("toRegister").unwrap_or(&none);
    if before.and_then(|row| row.get("toRegister")) != Some(register) {
        lines.extend(to_register(register));
    }
    lines
}

/// Of how many people of a moment it is not known whether they can reset.
fn unclear_of(people: &Json) -> u64 {
    count(people, PersonState::Unclear.word())
}

/// How many are unclear for which reason, the most first.
pub(super) fn unclear_lines(counts: &Json, key: &str) -> Vec<String> {
    let reasons = counts.get(key).and_then(Json::as_object).into_iter().flatten();
    let mut reasons: Vec<_> = reasons.map(|(code, many)| (many.as_u64().unwrap_or_default(), code.as_str())).collect();
    reasons.sort_by_key(|(many, code)| (std::cmp::Reverse(*many), *code));
    let line = |(many, code): (u64, &str)| format!("{} unclear because {}", grouped(many), reason_words(code));
    reasons.into_iter().map(line).collect()
}

/// A reason in words; one that this version does not know as it is.
fn reason_words(code: &str) -> &str {
    AnswerReason::ALL.iter().find(|reason| reason.code() == code).map_or(code, |reason| reason.words())
}

/// How many lose it for which reason.
fn loss(reason: &Json) -> String {
    let methods: Vec<_> = list(reason, "methods").iter().filter_map(Json::as_str).collect();
    let counts = if methods.len() == 1 { "counts" } else { "count" };
    let methods = match methods.len() {
        0 => String::new(),
        _ => format!(" ({} no longer {counts})", methods.join(" and ")),
    };
    let many = plural(count(reason, "people"), "loses it", "lose it");
    format!("{many} because {}{methods}", reason_words(text(reason, "reason")))
}

/// `email for 12, mobilePhone for 3`
fn by_method(methods: &Json) -> String {
    let methods = methods.as_object().into_iter().flatten();
    let methods = methods.map(|(method, many)| format!("{method} for {}", grouped(many.as_u64().unwrap_or_default())));
    methods.collect::<Vec<_>>().join(", ")
}

/// What would have to be registered.
fn to_register(register: &Json) -> Vec<String> {
    let lines = [("one", ONE_MORE, "oneOf"), ("two", TWO_MORE, "twoOf")];
    let lines = lines.into_iter().filter(|(key, ..)| count(register, key) > 0);
    let mut lines: Vec<_> = lines
        .map(|(key, words, of)| {
            let needs = plural(count(register, key), "needs", "need");
            format!("{needs} {words}: {}", by_method(register.get(of).unwrap_or(&Json::Null)))
        })
        .collect();
    let neither = count(register, "neither");
    if neither > 0 {
        lines.push(format!("{} may reset, and no two methods let them do it for certain", grouped(neither)));
    }
    lines
}
