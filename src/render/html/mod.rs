//! What `--format html` and `report` write: one page without a script, made from the JSON documents of one or more results. The
//! page of a saved document is that of the run itself.
//!
//! To add a command: its file with a function that makes a [`DocumentView`] of its document, and a line in `fill_view`.

mod apply;
mod changes;
mod common_drift;
mod document;
mod drift;
mod effects;
mod exceptions;
mod fields;
mod findings;
mod flows;
mod forecast;
mod listed;
mod moments;
pub(crate) mod page;
mod people;
mod plan;
mod readiness;
mod show;
pub(crate) mod timeline;
pub(crate) mod trend;
mod unread;
mod validate;

use jiff::civil::Date;
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde_json::{Value as Json, json};

use crate::base::digest::hash_json;
use crate::render::html::document::DocumentView;
use crate::render::html::fields::{list, text, to_the_second};
use crate::render::html::page::{Markup, fill, page, plural};
use crate::render::text::capital::capitalized;
use crate::render::text::embedded::{EMBEDDED, with_sandbox};

/// How many files the evidence shows; more are in a fold.
const MOST_FILES: usize = 8;

/// The page of the document of one run. Days are counted from `today`.
#[must_use]
pub(crate) fn result(document: &str, today: Date) -> String {
    // A document of this program is always JSON.
    let document: Json = serde_json::from_str(document).unwrap_or_default();
    report(&[document], None, today)
}

/// The page of several documents, in their order, and of a file of people.
#[must_use]
pub(crate) fn report(documents: &[Json], people: Option<&Json>, today: Date) -> String {
    let views = documents.iter().enumerate().filter_map(|(number, document)| {
        let mut view = DocumentView { number, ..DocumentView::default() };
        fill_view(&mut view, document, today).then_some(view)
    });
    let views: Vec<_> = views.collect();
    let title = title(&views);
    let alone = views.len() == 1;
    let embedded = documents.iter().filter(|document| is_embedded(document)).count();
    let sandbox = match (embedded, documents.len()) {
        (0, _) => None,
        (some, all) if some == all => Some(format!("{}.", capitalized(EMBEDDED))),
        (some, all) => Some(format!("{some} of these {all} results: {EMBEDDED}.")),
    };
    let parts = views.into_iter().map(|view| {
        let is_embedded = documents.get(view.number).is_some_and(is_embedded);
        let Markup(part) = view.markup(alone);
        Value::from_safe_string(if is_embedded { with_sandbox(&part).into_owned() } else { part })
    });
    let parts: Vec<_> = parts.collect();
    let documents: Vec<_> = documents.iter().map(evidence).collect();
    let body = fill(
        "report",
        context! {
            title => title.as_str(),
            today => today.to_string(),
            sandbox,
            parts => parts,
            people => people.map(|people| Value::from(listed::markup(people))),
            documents => Value::from(Serde(documents)),
            version => env!("CARGO_PKG_VERSION"),
        },
    );
    page(&title, body)
}

/// Whether a document is the result of a run against embedded tenants.
fn is_embedded(document: &Json) -> bool {
    document.get("sandbox").and_then(Json::as_bool) == Some(true)
}

/// The title of a page: that of its document, or what its documents are.
fn title(views: &[DocumentView]) -> String {
    if let [one] = views {
        return one.title.clone();
    }
    let mut kinds: Vec<String> = Vec::new();
    for kind in views.iter().filter_map(|view| view.title.split(' ').next()) {
        let kind = if kinds.is_empty() { kind.to_owned() } else { kind.to_lowercase() };
        if !kinds.iter().any(|known| known.eq_ignore_ascii_case(&kind)) {
            kinds.push(kind);
        }
    }
    kinds.join(", ")
}

/// Fills what a page shows of a document; `false` for one of a command without a page.
fn fill_view(view: &mut DocumentView, document: &Json, today: Date) -> bool {
    match text(document, "command") {
        "validate" => validate::view(view, document, today),
        "plan" => plan::view(view, document, today),
        "apply" => apply::view(view, document, today),
        "drift" => drift::view(view, document, today),
        "show" => show::view(view, document, today),
        "forecast" => forecast::view(view, document),
        _ => return false,
    }
    true
}

/// By what a result can be known again, and how old what it rests on is.
fn evidence(document: &Json) -> Json {
    let tenants = list(document, "tenants");
    let times = |key: &'static str| tenants.iter().map(move |tenant| text(tenant, key)).filter(|at| !at.is_empty());
    let people = tenants.iter().filter_map(|tenant| tenant.get("people")?.get("counts"));
    let reports = tenants
        .iter()
        .chain(people)
        .chain(document.get("registration"))
        .map(|of| text(of, "oldest"))
        .filter(|at| !at.is_empty());
    // The document of `show` is about one tenant.
    let of_document = Some(text(document, "readAt")).filter(|at| !at.is_empty());
    let against = document.get("against").map(|against| {
        let checked = against.get("signatureChecked").and_then(Json::as_bool) == Some(true);
        let checked = if checked { "its signature was checked" } else { "its signature was not checked" };
        format!("a snapshot of {}; {checked}", to_the_second(text(against, "takenAt")))
    });
    let policies = list(document, "policies").len();
    let folded = (policies > MOST_FILES).then(|| plural(policies as u64, "file", "files"));
    json!({
        "command": text(document, "command"),
        "exit": document.get("exitCode"),
        "tenants": is_embedded(document).then_some(EMBEDDED),
        "digest": hash_json(document),
        "read": times("readAt").chain(of_document).min().map(to_the_second),
        "report": reports.min().map(to_the_second),
        "against": against,
        "policies": document.get("policies"),
        "folded": folded,
        "commit": document.get("changedSince").map(|since| text(since, "commit")),
    })
}
