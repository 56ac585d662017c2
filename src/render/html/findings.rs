//! Findings as frames of code, those that are accepted, and what is excepted from the rules.

use std::collections::HashMap;

use jiff::civil::Date;
use serde_json::{Value as Json, json};

use crate::render::html::document::DocumentView;
use crate::render::html::fields::{count, list, place, text};

/// Adds the findings of a document or of its tenants. One that several tenants share is there once.
pub(super) fn add_findings<'a>(
    view: &mut DocumentView,
    title: &str,
    owners: impl IntoIterator<Item = (&'a str, &'a [Json])>,
) {
    let mut found = shared(owners);
    found.sort_by_key(|(finding, _)| text(finding, "severity") != "error");
    if !found.is_empty() {
        let findings: Vec<_> = found.iter().map(|(finding, tenants)| finding_values(finding, tenants)).collect();
        view.section(title, "findings", json!({ "findings": findings }));
    }
}

fn finding_values(finding: &Json, tenants: &[&str]) -> Json {
    let (sign, tone) = if text(finding, "severity") == "error" { ("✖", "bad") } else { ("▲", "warn") };
    let also =
        list(finding, "also").iter().map(|also| json!({ "place": place(also), "message": text(also, "message") }));
    json!({
        "sign": sign,
        "tone": tone,
        "severity": text(finding, "severity"),
        "code": text(finding, "code"),
        "message": text(finding, "message"),
        "hint": text(finding, "hint"),
        "place": place(finding),
        "frame": frame(finding),
        "also": also.collect::<Vec<_>>(),
        "tenants": match tenants.len() {
            0..=1 => String::new(),
            2..=MOST_PLACES => folded(tenants),
            _ => format!("{}; the place is that of the first", folded(tenants)),
        },
    })
}

/// The line of a file with the place of a finding marked; `None` where no file holds it.
fn frame(finding: &Json) -> Option<Json> {
    let line: Vec<char> = text(finding, "lineText").chars().collect();
    let (from, to) =
        (count(finding, "column").saturating_sub(1) as usize, count(finding, "endColumn").saturating_sub(1) as usize);
    let is_one_line = count(finding, "line") == count(finding, "endLine");
    let to = if is_one_line { to.min(line.len()) } else { line.len() };
    let part = |from: usize, to: usize| line.get(from.min(to)..to).unwrap_or_default().iter().collect::<String>();
    (!line.is_empty()).then(|| {
        json!({
            "place": place(finding),
            "line": count(finding, "line"),
            "before": part(0, from.min(line.len())),
            "marked": part(from, to),
            "after": part(to.max(from), line.len()),
        })
    })
}

/// Adds the findings and the waivers of tenants.
pub(super) fn add_of_tenants(view: &mut DocumentView, tenants: &[Json], today: Date) {
    let of = |key: &'static str| tenants.iter().map(move |tenant| (text(tenant, "tenant"), list(tenant, key)));
    add_findings(view, "Findings", of("findings"));
    add_waivers(view, of("waived"), today);
}

/// The names of tenants as [`folded`], or `all 12 tenants` where they are all there are.
pub(super) fn folded_of(tenants: &[&str], all: usize) -> String {
    if tenants.len() == all && all > 2 { format!("all {all} tenants") } else { folded(tenants) }
}

/// The names of tenants, those beyond the eighth as their number.
pub(super) fn folded(tenants: &[&str]) -> String {
    const SHOWN: usize = 8;
    let shown = tenants.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    match tenants.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Adds the findings that are accepted for a while, with the days that are left. One that several tenants share is there once.
pub(super) fn add_waivers<'a>(
    view: &mut DocumentView,
    owners: impl IntoIterator<Item = (&'a str, &'a [Json])>,
    today: Date,
) {
    let found = shared(owners);
    let row = |(waived, tenants): &(&Json, Vec<&str>)| {
        let finding = waived.get("finding").unwrap_or(&Json::Null);
        let expires: Option<Date> = text(waived, "expires").parse().ok();
        let left = expires.and_then(|expires| today.until(expires).ok()).map(|span| span.get_days());
        json!({
            "code": text(finding, "code"),
            "message": text(finding, "message"),
            "place": place(finding),
            "reason": text(waived, "reason"),
            "owner": text(waived, "owner"),
            "expires": text(waived, "expires"),
            "days": left.map(|days| if days < 0 { "ended".to_owned() } else { days.to_string() }),
            "tone": if left.is_some_and(|days| days < 30) { "bad" } else { "" },
            "tenants": if tenants.len() > 1 { folded(tenants) } else { String::new() },
        })
    };
    if !found.is_empty() {
        view.section("Waivers", "waivers", json!({ "rows": found.iter().map(row).collect::<Vec<_>>() }));
    }
}

/// Of how many tenants each place is shown. Of more, findings and changes that differ in nothing but their place are there once.
pub(super) const MOST_PLACES: usize = 20;

/// What tenants have, each thing once with the tenants that have it, in the order in which it is first met.
pub(super) fn shared<'a>(owners: impl IntoIterator<Item = (&'a str, &'a [Json])>) -> Vec<(&'a Json, Vec<&'a str>)> {
    let mut found: Vec<(&Json, Vec<&str>)> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let owners: Vec<_> = owners.into_iter().collect();
    let words = ["code", "severity", "message", "hint"];
    for (tenant, items) in &owners {
        for item in *items {
            let next = found.len();
            let without_place = owners.len() > MOST_PLACES && item.get("code").is_some();
            let same = if without_place { words.map(|key| text(item, key)).join("\n") } else { item.to_string() };
            let index = *known.entry(same).or_insert(next);
            match found.get_mut(index) {
                Some((_, tenants)) => tenants.push(tenant),
                None => found.push((item, vec![tenant])),
            }
        }
    }
    found
}
