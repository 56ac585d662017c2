//! The page of `validate`.

use jiff::civil::Date;
use serde_json::Value as Json;

use crate::render::html::document::{DocumentView, Tile, errors_and_warnings};
use crate::render::html::fields::{count, list};
use crate::render::html::findings::add_findings;
use crate::render::html::page::plural;

pub(super) fn view(document: &Json, _: Date) -> DocumentView {
    let summary = document.get("summary").unwrap_or(document);
    let (errors, warnings) = (count(summary, "errors"), count(summary, "warnings"));
    let (files, tenants) = (count(summary, "files"), count(summary, "tenants"));
    let found = errors_and_warnings(errors, warnings);
    let (tone, sentence) = match (errors, found) {
        (0, None) => ("good", "The policies are valid.".to_owned()),
        (0, Some(found)) => ("warn", format!("The policies are valid, with {found}.")),
        (_, found) => ("bad", format!("The policies are invalid: {}.", found.unwrap_or_default())),
    };
    let more = if errors > 0 { vec!["Nothing is planned or applied with them.".to_owned()] } else { Vec::new() };
    let mut view = DocumentView {
        title: format!("Check of {}", plural(files, "file", "files")),
        tone,
        sentence,
        more,
        tiles: vec![
            Tile::new(tenants, "tenant with a valid policy", "tenants with a valid policy", ""),
            Tile::new(errors, "error", "errors", "bad"),
            Tile::new(warnings, "warning", "warnings", "warn"),
            Tile::new(count(summary, "waived"), "finding waived", "findings waived", ""),
        ],
        sections: Vec::new(),
    };
    add_findings(&mut view, "Findings", [("", list(document, "findings"))]);
    view
}
