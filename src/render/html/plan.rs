//! The page of `plan`.

use jiff::civil::Date;
use serde_json::{Value as Json, json};

use crate::render::html::changes::add_changes;
use crate::render::html::document::{
    DocumentView, TenantRow, add_tenants, errors_and_warnings, is_seen_in_part, seen_in_part, title_of, unreadable,
};
use crate::render::html::effects::add_effects;
use crate::render::html::exceptions::add_exceptions;
use crate::render::html::fields::{count, flag, list, text};
use crate::render::html::findings::{add_of_tenants, folded};
use crate::render::html::page::{grouped, plural};
use crate::render::html::people::{FirstLoss, PeopleView, add_details, add_drawing, first_loss};
use crate::render::html::unread::add_unread;
use crate::render::text::summary_lines::IN_SYNC_AS_READ;

/// The column of those who lose the reset in a tenant.
const LOSE: &str = "Lose it, with administrators";

pub(super) fn view(view: &mut DocumentView, document: &Json, today: Date) {
    let none = Json::Null;
    let summary = document.get("summary").unwrap_or(&none);
    let tenants = list(document, "tenants");
    let people = || tenants.iter().filter_map(|tenant| tenant.get("people"));
    let counts: Vec<_> = people().filter_map(|people| people.get("counts")).collect();
    let sum = |key: &str| counts.iter().map(|counts| count(counts, key)).sum::<u64>();
    let (lose, gain, able) = (sum("lose"), sum("gain"), sum("ableNow"));
    let administrators = sum("administratorsLose");
    let unclear = sum("unclear");
    let (changes, requests) = (count(summary, "toChange"), count(summary, "requests"));
    let refused = tenants.iter().filter(|tenant| tenant.get("error").is_none() && !flag(tenant, "applicable")).count();
    let unknown = people().filter(|people| people.get("error").is_some()).count();

    view.title = title_of("Plan", tenants);
    let gaining = if gain > 0 { format!("; {} gain it", grouped(gain)) } else { String::new() };
    let by_administrators = match administrators {
        0 => String::new(),
        many => format!(" and {}", plural(many, "administrator", "administrators")),
    };
    match (lose + administrators, counts.is_empty()) {
        (1.., _) if lose == 0 => {
            view.conclude(
                "bad",
                format!("{} the reset{gaining}.", plural(administrators, "administrator loses", "administrators lose")),
            );
        }
        (1.., _) => {
            let who = format!("{} of {} who can reset", grouped(lose), plural(able, "person", "people"));
            let verb = if lose + administrators == 1 { "loses" } else { "lose" };
            view.conclude("bad", format!("{who}{by_administrators} {verb} the reset{gaining}."));
        }
        (0, false) if unclear + unknown as u64 > 0 => {
            let tone = if unknown > 0 { "bad" } else { "warn" };
            view.conclude(
                tone,
                format!(
                    "Nobody is known to lose the reset{gaining}; of {} it is not known.",
                    plural(unclear, "person", "people")
                ),
            );
        }
        (0, false) => view.conclude("good", format!("Nobody loses the reset{gaining}.")),
        (0, true) if unknown > 0 => view.conclude("bad", "It is not known whom the plan affects."),
        (0, true) if people().next().is_some() => {
            view.conclude("good", "The plan changes nothing that decides who can reset.")
        }
        (0, true) if changes > 0 => {
            let tenants = plural(count(summary, "changing"), "tenant", "tenants");
            view.conclude("warn", format!("{} in {tenants}.", plural(changes, "setting changes", "settings change")));
            view.more.push("Whom that affects was not counted: `--impact` does.".to_owned());
        }
        (0, true) if tenants.iter().any(is_seen_in_part) => {
            view.conclude("warn", format!("No changes: {IN_SYNC_AS_READ}."))
        }
        (0, true) => view.conclude("good", "No changes."),
    }
    let details: Vec<_> = counted(tenants).collect();
    let first_loss = first_loss(&details);
    if let Some(FirstLoss { sentence, .. }) = &first_loss {
        if lose + administrators > 0 {
            view.more.push(sentence.clone());
        } else {
            view.conclude("bad", format!("{} {sentence}", view.sentence));
        }
    }
    if refused > 0 {
        view.tone = "bad";
        let errors =
            errors_and_warnings(count(summary, "errors"), 0).unwrap_or_else(|| "settings are unknown".to_owned());
        let of = if tenants.len() > 1 {
            format!(" of {}", plural(refused as u64, "tenant", "tenants"))
        } else {
            String::new()
        };
        view.more.push(format!("The plan{of} is refused: {errors}."));
    }
    if !counts.is_empty() && counts.len() < tenants.len() {
        let of = plural(tenants.len() as u64, "tenant", "tenants");
        view.more.push(format!("The people are those of {} of {of}: the others were not counted.", counts.len()));
    }
    let held = count(summary, "held");
    if held > 0 {
        view.more
            .push(format!("{} until enough people are ready.", plural(held, "setting is held", "settings are held")));
    }
    let new =
        list(document, "exceptions").iter().filter(|one| matches!(text(one, "change"), "new" | "widened")).count();
    if new > 0 {
        view.more.push(format!("{} new or widened.", plural(new as u64, "exception is", "exceptions are")));
    }
    view.more.extend(change_lines(document));
    view.more.extend(seen_in_part(tenants));
    if let Some(unreadable) = unreadable(tenants) {
        view.conclude_unread(unreadable, tenants);
    }

    if !counts.is_empty() {
        view.tile(able, "person can reset now", "people can reset now", "");
        view.tile(sum("ableThen"), "can once applied", "can once applied", "");
        view.tile(lose, "loses it", "lose it", "bad");
        view.tile_if_any(administrators, "administrator loses it", "administrators lose it", "bad");
        view.tile(gain, "gains it", "gain it", "good");
        if let Some(FirstLoss { at, many, .. }) = &first_loss {
            view.tile(*many, &format!("falls out on {at}"), &format!("fall out on {at}"), "bad");
        }
        view.tile_if_any(unclear, "is unclear", "are unclear", "warn");
        let administrators = sum("administratorsUnclear");
        view.tile_if_any(administrators, "administrator is unclear", "administrators are unclear", "warn");
    }
    view.tile(changes, "setting to change", "settings to change", "");
    view.tile_if_any(held, "setting held", "settings held", "warn");
    view.tile(requests, "request", "requests", "");
    view.tile(count(summary, "errors"), "error", "errors", "bad");
    view.tile_if_any(count(summary, "warnings"), "warning", "warnings", "warn");

    let has_rings = tenants.iter().any(|tenant| !text(tenant, "ring").is_empty());
    let columns = if has_rings { &["Tenant", "Ring", "Changes", LOSE][..] } else { &["Tenant", "Changes", LOSE] };
    add_tenants(view, columns, tenants, |tenant| {
        let counts = tenant.get("people").and_then(|people| people.get("counts")).unwrap_or(&none);
        let changes = list(tenant, "changes").len() as u64;
        let lose = count(counts, "lose") + count(counts, "administratorsLose");
        let (tone, state) = match (tenant.get("error"), flag(tenant, "applicable"), changes) {
            (Some(_), ..) => ("bad", ""),
            (None, false, _) => ("bad", "refused"),
            (None, true, 0) if !list(tenant, "held").is_empty() => ("warn", "held"),
            (None, true, 0) if is_seen_in_part(tenant) => ("warn", IN_SYNC_AS_READ),
            (None, true, 0) => ("good", "no changes"),
            (None, true, _) => ("warn", "changes"),
        };
        TenantRow {
            cells: [
                has_rings.then(|| text(tenant, "ring").to_owned()),
                Some(grouped(changes)),
                Some(if counts.is_null() { "–".to_owned() } else { grouped(lose) }),
            ]
            .into_iter()
            .flatten()
            .collect(),
            tone,
            state: state.to_owned(),
            message: String::new(),
            weight: lose * 1_000 + changes,
        }
    });
    add_drawing(view, &details);
    add_changes(view, "What changes", tenants, ["changes", "before", "after"]);
    add_changes(view, "Held until enough people are ready", tenants, ["held", "before", "after"]);
    add_unread(view, tenants);
    add_of_tenants(view, tenants, today);
    add_exceptions(view, document);
    if let Some(says) = document.get("ringsSay") {
        view.section("Rings, in the order of an apply", "lines", json!({ "lines": says }));
    }
    add_details(view, &details);
    add_effects(view, tenants);
}

/// The people of the tenants for which they were counted.
fn counted(tenants: &[Json]) -> impl Iterator<Item = PeopleView<'_>> {
    let counts = |tenant| -> Option<(&Json, &Json)> {
        let tenant: &Json = tenant;
        Some((tenant, tenant.get("people")?.get("counts")?))
    };
    tenants.iter().filter_map(counts).filter_map(|(tenant, counts)| {
        Some(PeopleView {
            tenant: text(tenant, "tenant"),
            forecast: counts.get("forecast")?,
            by: counts.get("by").unwrap_or(&Json::Null),
            readiness: &Json::Null,
            impact: counts,
        })
    })
}

/// How many tenants the change since a commit touches, and which it leaves without a policy; nothing without `--changed-since`.
fn change_lines(document: &Json) -> Vec<String> {
    let Some(since) = document.get("changedSince") else { return Vec::new() };
    let (touched, all) = (count(since, "touched"), count(since, "tenants"));
    let named = text(since, "ref");
    let mut lines = vec![format!(
        "The change since `{named}` touches {} of {}.",
        grouped(touched),
        plural(all, "tenant", "tenants")
    )];
    let names: Vec<_> = list(since, "left").iter().filter_map(Json::as_str).collect();
    if !names.is_empty() {
        lines.push(format!("It leaves without a policy: {}.", folded(&names)));
    }
    lines
}
