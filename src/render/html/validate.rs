//! The page of `validate`.

use jiff::civil::Date;
use serde_json::Value as Json;

use crate::render::html::document::{DocumentView, errors_and_warnings};
use crate::render::html::exceptions::add_exceptions;
use crate::render::html::fields::{count, list};
use crate::render::html::findings::{add_findings, add_waivers};
use crate::render::html::page::plural;

pub(super) fn view(view: &mut DocumentView, document: &Json, today: Date) {
    let summary = document.get("summary").unwrap_or(document);
    let (errors, warnings) = (count(summary, "errors"), count(summary, "warnings"));
    let (files, tenants) = (count(summary, "files"), count(summary, "tenants"));
    let found = errors_and_warnings(errors, warnings);
    let (tone, sentence) = match (errors, found) {
        (0, None) => ("good", "The policies are valid.".to_owned()),
        (0, Some(found)) => ("warn", format!("The policies are valid, with {found}.")),
        (_, found) => ("bad", format!("The policies are invalid: {}.", found.unwrap_or_default())),
    };
    view.title = format!("Check of {}", plural(files, "file", "files"));
    view.conclude(tone, sentence);
    if errors > 0 {
        view.more.push("Nothing is planned or applied with them.".to_owned());
    }
    view.tile(tenants, "tenant with a valid policy", "tenants with a valid policy", "");
    view.tile(errors, "error", "errors", "bad");
    view.tile(warnings, "warning", "warnings", "warn");
    view.tile_if_any(count(summary, "waived"), "finding waived", "findings waived", "");
    add_findings(view, "Findings", [("", list(document, "findings"))]);
    add_waivers(view, [("", list(document, "waived"))], today);
    add_exceptions(view, document);
}
