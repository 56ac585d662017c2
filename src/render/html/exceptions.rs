//! What the repository, its policies and the caller of a run except from rules and limits.

use serde_json::{Value as Json, json};

use crate::render::html::document::DocumentView;
use crate::render::html::fields::{count, list, place, text};

/// Adds the exceptions of a document. A waiver is left out where it accepts a finding and is as it was: the section of waivers
/// has it, with the days left.
pub(super) fn add_exceptions(view: &mut DocumentView, document: &Json) {
    let is_shown = |one: &&Json| {
        let is_waiver = text(one, "kind") == "waiver" && count(one, "findings") > 0;
        !is_waiver || !change(one).is_empty()
    };
    let row = |one: &Json| json!({ "change": change(one), "message": text(one, "message"), "place": place(one) });
    let rows: Vec<_> = list(document, "exceptions").iter().filter(is_shown).map(row).collect();
    if !rows.is_empty() {
        view.section("Exceptions", "exceptions", json!({ "rows": rows }));
    }
}

/// How an exception compares with the base of a change; empty where it is as it was, and where there is no base.
fn change(exception: &Json) -> String {
    match (text(exception, "change"), text(exception, "was")) {
        ("new", _) => "new".to_owned(),
        ("widened", "") => "widened".to_owned(),
        ("widened", was) => format!("widened, was {was}"),
        _ => String::new(),
    }
}
