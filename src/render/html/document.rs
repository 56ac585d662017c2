//! The parts of a page about one document, in their order.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use minijinja::value::Serde;
use minijinja::{Value, context};
use serde_json::{Value as Json, json};

use crate::render::html::fields::{count, list, text};
use crate::render::html::page::{Markup, fill, grouped, plural};

/// How many tenants the table shows; the others are in a fold, so that what is below the table is found.
const MOST_OPEN: usize = 25;
/// From so many tenants on, those that are well are in the fold, too.
const FOLD_FROM: usize = 10;

/// What a page shows of one document.
#[derive(Default)]
pub(super) struct DocumentView {
    /// The number of the document on its page, which makes ids unique.
    pub(super) number: usize,
    /// What the document is, with what it is about.
    pub(super) title: String,
    /// How the consequence is marked: `good`, `warn`, `bad`, or nothing.
    pub(super) tone: &'static str,
    /// The consequence, in one sentence.
    pub(super) sentence: String,
    /// What else the reader has to know first, in sentences.
    pub(super) more: Vec<String>,
    pub(super) tiles: Vec<Tile>,
    pub(super) sections: Vec<Section>,
}

/// One number with what it counts.
pub(super) struct Tile {
    number: String,
    label: String,
    tone: &'static str,
}

/// A part of a page below a heading.
pub(super) struct Section {
    title: String,
    /// The name of its template.
    template: &'static str,
    values: Json,
    drawing: Markup,
}

impl DocumentView {
    /// Sets the consequence and how it is marked.
    pub(super) fn conclude(&mut self, tone: &'static str, sentence: impl Into<String>) {
        (self.tone, self.sentence) = (tone, sentence.into());
    }

    /// Says that tenants could not be read, first where none could.
    pub(super) fn conclude_unread(&mut self, unread: String, tenants: &[Json]) {
        self.tone = "bad";
        if tenants.iter().all(|tenant| tenant.get("error").is_some()) {
            self.sentence = unread;
            self.more.clear();
        } else {
            self.more.push(unread);
        }
    }

    /// Adds a number; it is marked where it is not zero.
    pub(super) fn tile(&mut self, number: u64, one: &str, many: &str, tone: &'static str) {
        let label = if number == 1 { one } else { many };
        let tone = if number == 0 { "" } else { tone };
        self.tiles.push(Tile { number: grouped(number), label: label.to_owned(), tone });
    }

    /// Adds a number that says nothing where it is zero.
    pub(super) fn tile_if_any(&mut self, number: u64, one: &str, many: &str, tone: &'static str) {
        if number > 0 {
            self.tile(number, one, many, tone);
        }
    }

    pub(super) fn section(&mut self, title: impl Into<String>, template: &'static str, values: Json) {
        self.drawn(title, template, values, Markup::default());
    }

    /// Adds a section with a drawing.
    pub(super) fn drawn(&mut self, title: impl Into<String>, template: &'static str, values: Json, drawing: Markup) {
        self.sections.push(Section { title: title.into(), template, values, drawing });
    }

    /// The part of a page about the document; the page has no other document where this one is `alone`.
    pub(super) fn markup(self, alone: bool) -> Markup {
        let Self { number: _, title, tone, sentence, more, tiles, sections } = self;
        let tile = |Tile { number, label, tone }: Tile| context! { number, label, tone };
        let section = |Section { title, template, values, drawing }: Section| {
            let body = fill(template, context! { drawing => Value::from(drawing), ..Value::from(Serde(values)) });
            context! { title, body => Value::from(body) }
        };
        fill(
            "document",
            context! {
                heading => (!alone).then_some(title),
                level => if alone { 2 } else { 3 },
                tone,
                sentence,
                more,
                tiles => tiles.into_iter().map(tile).collect::<Vec<_>>(),
                sections => sections.into_iter().map(section).collect::<Vec<_>>(),
            },
        )
    }
}

/// `Plan of contoso.onmicrosoft.com`, or `Plan of 3 tenants`.
pub(super) fn title_of(what: &str, tenants: &[Json]) -> String {
    match tenants {
        [one] => format!("{what} of {}", text(one, "tenant")),
        several => format!("{what} of {}", plural(several.len() as u64, "tenant", "tenants")),
    }
}

/// The sentence about tenants that could not be read; nothing where all could.
pub(super) fn unreadable(tenants: &[Json]) -> Option<String> {
    let errors: Vec<_> = tenants.iter().filter_map(|tenant| tenant.get("error")).collect();
    match (errors.as_slice(), tenants.len()) {
        ([], _) => None,
        ([why], 1) => Some(format!("The tenant could not be read: {}.", text(why, "message"))),
        (errors, _) => Some(format!("{} could not be read.", plural(errors.len() as u64, "tenant", "tenants"))),
    }
}

/// Whether a part of a tenant was not looked at, or a fact about it could not be read.
pub(super) fn is_seen_in_part(tenant: &Json) -> bool {
    ["unread", "skipped"].iter().any(|key| !list(tenant, key).is_empty())
}

/// The sentences about settings that were not looked at, and about tenants of which something could not be read.
pub(super) fn seen_in_part(tenants: &[Json]) -> Vec<String> {
    let all = |key: &'static str| tenants.iter().flat_map(move |tenant| list(tenant, key));
    let skipped: BTreeSet<_> = all("skipped").filter_map(Json::as_str).collect();
    let skipped = skipped.into_iter().collect::<Vec<_>>().join(", ");
    let skipped = (!skipped.is_empty()).then(|| format!("Not looked at, because of --surfaces: {skipped}."));
    // The people whom a plan could not count are in the documents of plans alone.
    let people_unread = |tenant: &Json| {
        let people = tenant.get("people").unwrap_or(&Json::Null);
        let counts = people.get("counts").unwrap_or(&Json::Null);
        let unclear = count(counts, "unclear") + count(counts, "administratorsUnclear");
        people.get("error").is_some() || (unclear > 0 && !list(counts, "unread").is_empty())
    };
    let in_part =
        |tenant: &&Json| ["unread", "unknown"].iter().any(|key| !list(tenant, key).is_empty()) || people_unread(tenant);
    let many = tenants.iter().filter(in_part).count() as u64;
    let settings = all("unknown").map(|one| text(one, "setting"));
    let facts: BTreeSet<_> = all("unread").map(|fact| text(fact, "what")).chain(settings).collect();
    let facts = facts.into_iter().collect::<Vec<_>>().join(", ");
    let facts = if facts.is_empty() { facts } else { format!(": {facts}") };
    let unread = (many > 0).then(|| format!("{} could not be read in full{facts}.", plural(many, "tenant", "tenants")));
    skipped.into_iter().chain(unread).collect()
}

/// What is known of one tenant, as a row of the template `tenants`.
pub(super) struct TenantRow {
    pub(super) cells: Vec<String>,
    /// `good`, `warn`, `bad`, or nothing.
    pub(super) tone: &'static str,
    pub(super) state: String,
    pub(super) message: String,
    /// Rows with a greater weight come first.
    pub(super) weight: u64,
}

/// Adds the table of several tenants.
pub(super) fn add_tenants(
    view: &mut DocumentView,
    columns: &[&str],
    tenants: &[Json],
    row: impl Fn(&Json) -> TenantRow,
) {
    if tenants.len() < 2 {
        return;
    }
    let mut rows: Vec<_> = tenants.iter().map(|tenant| (tenant, row(tenant))).collect();
    rows.sort_by_key(|(_, row)| Reverse(row.weight));
    let rows = rows.into_iter().map(|(tenant, TenantRow { cells, tone, state, message, weight: _ })| {
        let (sign, tone, state, message) = match tenant.get("error") {
            Some(why) if state.is_empty() => ("?", "bad", "could not be read".to_owned(), text(why, "message").to_owned()),
            _ => (sign_of(tone), tone, state, message),
        };
        json!({ "tenant": text(tenant, "tenant"), "cells": cells, "sign": sign, "tone": tone, "state": state, "message": message })
    });
    let mut rows: Vec<_> = rows.collect();
    let is_well = |row: &Json| text(row, "tone") == "good";
    let notable = if rows.len() < FOLD_FROM { rows.len() } else { rows.iter().filter(|row| !is_well(row)).count() };
    if rows.len() >= FOLD_FROM {
        rows.sort_by_key(is_well);
    }
    let rest = rows.split_off(notable.min(MOST_OPEN));
    let states: BTreeSet<_> = rest.iter().map(|row| text(row, "state")).collect();
    let state = states.first().filter(|_| states.len() == 1).map(|state| format!(": {state}")).unwrap_or_default();
    let more = if rows.is_empty() { "" } else { "more " };
    let (one, many) = (format!("{more}tenant"), format!("{more}tenants"));
    let folded = format!("{}{state}", plural(rest.len() as u64, &one, &many));
    let parts = [(rows, None, "Tenants"), (rest, Some(folded), "More tenants")];
    let parts = parts.into_iter().filter(|(rows, ..)| !rows.is_empty());
    let parts = parts.map(|(rows, folded, label)| json!({ "rows": rows, "folded": folded, "label": label }));
    view.section("Tenants", "tenants", json!({ "columns": columns, "parts": parts.collect::<Vec<_>>() }));
}

/// The sign of a tone, for those who do not see its colour.
pub(super) fn sign_of(tone: &str) -> &'static str {
    match tone {
        "bad" => "✖",
        "warn" => "▲",
        "good" => "✔",
        _ => "–",
    }
}

/// `1 error and 2 warnings`, or `nothing`.
pub(super) fn errors_and_warnings(errors: u64, warnings: u64) -> Option<String> {
    let parts = [(errors, "error", "errors"), (warnings, "warning", "warnings")];
    let parts: Vec<_> =
        parts.iter().filter(|(many, ..)| *many > 0).map(|(many, one, several)| plural(*many, one, several)).collect();
    (!parts.is_empty()).then(|| parts.join(" and "))
}
