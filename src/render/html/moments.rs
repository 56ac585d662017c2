//! Each moment of a forecast: how many people are in which state, and why numbers move.

use serde_json::{Value as Json, json};

use crate::person::state::PersonState;
use crate::render::html::fields::{count, list, text};
use crate::render::html::page::grouped;
use crate::render::text::forecast::NOBODY_MOVES;

/// The moment of a row in words.
pub(super) fn moment(row: &Json) -> &str {
    let words = text(row, "moment");
    if words.is_empty() { text(row, "at") } else { words }
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
    let why = rows.iter().filter_map(|row| {
        let (first, rest) = list(row, "says").split_first()?;
        Some(match first.as_str() {
            Some(NOBODY_MOVES) => json!({ "title": format!("{}: {NOBODY_MOVES}", moment(row)), "lines": rest }),
            _ => json!({ "title": moment(row), "lines": row.get("says") }),
        })
    });
    json!({ "tables": tables, "why": why.collect::<Vec<_>>() })
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
            "moment": moment(row),
            "lose": moved("lose", "−"),
            "gain": moved("gain", "+"),
            "losing": count(counts, "lose") > 0,
            "gaining": count(counts, "gain") > 0,
            "states": PersonState::ALL.map(|state| grouped(count(counts, state.word()))),
        })
    });
    json!({ "label": label, "title": title, "rows": rows.collect::<Vec<_>>() })
}
