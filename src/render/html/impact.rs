//! The people whom the plan of one tenant affects, as far as its table of dates does not say it.

use serde_json::Value as Json;

use crate::render::html::fields::{count, flag, list, text};
use crate::render::html::moments::unclear_lines;
use crate::render::html::page::{grouped, plural};

/// The lines about the people of one tenant.
pub(super) fn lines(counts: &Json) -> Vec<String> {
    let of = |key: &str| count(counts, key);
    let many = |key: &str, one: &str, several: &str| (of(key) > 0).then(|| plural(of(key), one, several));
    let none = Json::Null;
    let rows = list(counts.get("forecast").unwrap_or(&none), "rows");
    let applied = if rows.is_empty() || rows.iter().any(|row| flag(row, "applied")) { "once applied" } else { "" };
    let once =
        [applied, text(counts, "at")].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(", on ");
    let once = if applied.is_empty() { format!("on {once}") } else { once };
    let everybody = plural(of("people"), "person", "people");
    let mut lines = vec![format!(
        "of {everybody}, {} can reset now and {} {once}",
        grouped(of("ableNow")),
        grouped(of("ableThen"))
    )];
    let codes: Vec<_> = list(counts, "notCounted").iter().filter_map(Json::as_str).collect();
    if !codes.is_empty() {
        let codes = codes.join(", ");
        lines.push(format!("the policy is not counted, as it names something that the tenant does not have: {codes}"));
    }
    lines.extend(many(
        "loseWithoutPlan",
        "of them loses it by that date without the plan, too",
        "of them lose it by that date without the plan, too",
    ));
    if counts.get("forecast").is_none() {
        lines.extend(many(
            "short",
            "may reset then, and has registered too few methods",
            "may reset then, with too few methods registered",
        ));
        lines.extend(many(
            "unregistered",
            "may reset then, and has registered no method that counts",
            "may reset then, with no method registered that counts",
        ));
    }
    lines.extend(many("unclear", "is unclear, now or then", "are unclear, now or then"));
    lines.extend(unclear_lines(counts, "unclearReasons"));
    lines.extend(many(
        "ableNowUnclearThen",
        "of them can reset now, and may lose it",
        "of them can reset now, and may lose it",
    ));
    let synchronised = counts.get("synchronised").unwrap_or(&none);
    if count(synchronised, "cannotReset") > 0 {
        let who = plural(count(synchronised, "cannotReset"), "is in scope and cannot", "are in scope and cannot");
        lines.push(format!("{who} reset then: {}", text(synchronised, "why")));
    }
    if count(synchronised, "unclear") > 0 {
        let who = plural(count(synchronised, "unclear"), "is in scope", "are in scope");
        lines.push(format!("{who}, and whether writeback works is not known"));
    }
    lines.extend(many(
        "administratorsLose",
        "administrator can reset now, and cannot then",
        "administrators can reset now, and cannot then",
    ));
    lines.extend(many(
        "administratorsEnabled",
        "administrator may reset then, with enough methods registered",
        "administrators may reset then, with enough methods registered",
    ));
    lines.extend(many("administratorsUnclear", "administrator is unclear", "administrators are unclear"));
    let administrators = unclear_lines(counts, "administratorsUnclearReasons");
    lines.extend(administrators.into_iter().map(|line| format!("administrators: {line}")));
    lines.extend(many(
        "external",
        "more has an account in another tenant, which decides about them",
        "more have an account in another tenant, which decides about them",
    ));
    lines
}
