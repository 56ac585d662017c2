//! The sections about people: the drawing, each moment of a forecast, departments, and readiness over time.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::render::html::document::DocumentView;
use crate::render::html::fields::{count, first_moment, flag, list, text};
use crate::render::html::flows::PeopleFlows;
use crate::render::html::moments::{self, moment};
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
    /// What else a plan says of them; null for a forecast.
    pub(super) impact: &'a Json,
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
    for one in shown().filter(|one| !list(one.impact, "says").is_empty()) {
        let lines = json!({ "lines": with_reasons(list(one.impact, "says")) });
        view.section(format!("People whom the plan affects{}", of(one)), "lines", lines);
    }
    for one in shown().filter(|one| list(one.forecast, "rows").len() > 1) {
        view.section(format!("Each date{}", of(one)), "moments", moments::values(one.forecast));
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

/// Sentences, each followed by those that are below it, which begin with two spaces.
fn with_reasons(says: &[Json]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for said in says.iter().filter_map(Json::as_str) {
        match (said.strip_prefix("  "), lines.last_mut()) {
            (Some(reason), Some(line)) => line.push_str(&format!("; {reason}")),
            (_, _) => lines.push(said.trim_start().to_owned()),
        }
    }
    lines
}

/// The first date after today on which people of some tenants fall out.
pub(super) struct FirstLoss {
    pub(super) at: String,
    /// How many fall out then, administrators included.
    pub(super) many: u64,
    /// The same in a sentence.
    pub(super) sentence: String,
}

/// The first date after today on which people of some tenants fall out; `None` where nobody surely does.
pub(super) fn first_loss(people: &[PeopleView<'_>]) -> Option<FirstLoss> {
    let mut losses = BTreeMap::<&str, u64>::new();
    let mut once_applied = 0;
    for one in people {
        let rows = list(one.forecast, "rows");
        let today = rows.first().map(|row| text(row, "at"));
        for row in rows {
            let of = |who: &str| row.get(who).map_or(0, |who| count(who, "lose"));
            let lose = of("people") + of("administrators");
            match today == Some(text(row, "at")) {
                true => once_applied += lose,
                false => *losses.entry(text(row, "at")).or_default() += lose,
            }
        }
    }
    let (at, many) = losses.into_iter().find(|(_, many)| *many > 0)?;
    let who = match once_applied {
        0 => plural(many, "person falls out", "people fall out"),
        _ => plural(many, "more person falls out", "more people fall out"),
    };
    Some(FirstLoss { at: at.to_owned(), many, sentence: format!("On {at} {who}.") })
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
    let last = list(forecast, "rows").last().map(|row| moment(row).to_owned()).unwrap_or_default();
    let last = if last.starts_with(|c: char| c.is_ascii_digit()) { format!("on {last}") } else { last };
    let by_words = capitalized(text(by, "by"));
    json!({ "by": by_words, "applied": applied.is_some(), "fewest": count(by, "fewest"), "first": first_moment(forecast), "last_heading": capitalized(&last), "last": last, "rows": rows.collect::<Vec<_>>() })
}
